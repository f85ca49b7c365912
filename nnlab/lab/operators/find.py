"""Operator faults by id and glob; `apply.py`, and with it libcst, is imported only where they have to be made."""

import fnmatch
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from nnlab.errors import FaultError, UsageError
from nnlab.lab.fault import Fault
from nnlab.lab.made import Made
from nnlab.lab.source import file_of, modules_below

PREFIX = "operator:"
#: Packages, each with the modules in it that are left out.
Packages = Mapping[str, Collection[str]]


def operator_fault(id: str, packages: Packages, made: Made | None = None) -> Fault:
    """The fault with this id. Raises UsageError where there is none."""
    module = id.removeprefix(PREFIX).partition(":")[2].partition(":")[0]
    if not any(_is_operated(module, package, left_out) for package, left_out in packages.items()):
        raise UsageError(
            f"there is no fault {id!r}: {module!r} has no operator faults; see `nnlab list faults operator`"
        )
    known = {fault.id: fault for fault in _faults(module, id, made or Made())}
    if id not in known:
        raise UsageError(f"there is no fault {id!r}; see `nnlab list faults 'operator:*:{module}:*'`")
    return known[id]


def operator_faults(packages: Packages, wish: str = "*", made: Made | None = None) -> list[Fault]:
    """All operator faults of the packages whose ids match the glob. Raises FaultError for a module that is missing."""
    made, inside, found = made or Made(), _modules_in(wish), []
    for package, left_out in packages.items():
        modules = modules_below(package)
        if unknown := [name for name in left_out if f"{package}.{name}" not in modules]:
            raise FaultError(f"package {package} has no module {unknown[0]!r} to leave out; mend OPERATED")
        for module in modules:
            if _is_operated(module, package, left_out) and fnmatch.fnmatchcase(module, inside):
                found += [f for f in _faults(module, wish, made) if fnmatch.fnmatchcase(f.id, wish)]
    return found


def source_of(module: str) -> Path:
    """The source file of a module. Raises FaultError where there is none."""
    file = file_of(module)
    if file is None:
        raise FaultError(f"there is no Python source of module {module!r}; check its name")
    return file


def _faults(module: str, wish: str, made: Made) -> list[Fault]:
    """The faults of a module, or at least those that match: all if they are kept, or if any of them might match."""
    files = [source_of(module)]
    kept = made.kept("operator", module, files)
    if kept is not None:
        return kept
    from nnlab.lab.operators.apply import discover_operators, faults_of

    if fnmatch.fnmatchcase(f"{PREFIX}any:{module}:Any.function:1", wish):
        return made.faults("operator", module, files, lambda: list(faults_of(module, discover_operators())))
    return list(faults_of(module, discover_operators(), wish))


def _modules_in(wish: str) -> str:
    """A glob of the only modules in which an id can match the glob `wish`, as far as its text alone tells.

    Where it has the four colons of an id, or where its third part is the dotted name of a module, that part tells it.
    """
    parts = wish.split(":")
    if len(parts) < 4 or "[" in wish:
        return "*"
    names = parts[2].split(".")
    is_module = len(names) > 1 and all(name.isidentifier() for name in names) and file_of(parts[2]) is not None
    return parts[2] if len(parts) == 5 or is_module else "*"


def _is_operated(module: str, package: str, left_out: Iterable[str]) -> bool:
    return _is_below(module, package) and not any(_is_below(module, f"{package}.{name}") for name in left_out)


def _is_below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
