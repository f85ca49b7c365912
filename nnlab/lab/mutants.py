"""mutmut's mutants by name: what an id, an alias or a glob asks for. How they are made: `mutmut.py`.

That file and all of mutmut, which take half a second to import, are left alone where the mutants are kept.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.lab.fault import Fault
from nnlab.lab.made import Made
from nnlab.lab.source import file_of, modules_below

PREFIX = "mutmut:"
#: Where mutmut's configuration may be.
CONFIGURATIONS = ("pyproject.toml", "setup.cfg")


def mutant(id: str, made: Made | None = None) -> Fault:
    """The mutant with this id or alias. Raises UsageError where there is none."""
    module = module_of(id)
    if not all(part.isidentifier() for part in module.split(".")) or file_of(module) is None:
        raise UsageError(f"there is no mutant {id!r}: no module is called {module!r}; write it as nnlab list does")
    every = mutants_in(module, made or Made())
    for fault in every:
        if id in (fault.id, fault.alias):
            return fault
    function = _function_in(id)
    near = [fault.alias for fault in every if function in map(_function_in, (fault.id, fault.alias))]
    known = f"that function has {near[0]} to {near[-1]}" if near else "mutmut does not mutate that function"
    raise UsageError(f"there is no mutant {id!r} in the source as it is now; {known}")


def mutants(packages: Sequence[str], wish: str = f"{PREFIX}*", made: Made | None = None) -> list[Fault]:
    """The mutants whose id or alias matches the glob: of the package that it begins with, or else of `packages`."""
    head = re.split(r"[*?\[]", wish)[0]
    top, separator, _ = re.split(r"([./:]|$)", head.removeprefix(PREFIX), maxsplit=1)
    if separator:
        packages = [top] if top.isidentifier() and file_of(top) else []
    found: dict[str, Fault] = {}
    made = made or Made()
    for module in (module for package in packages for module in modules_below(package)):
        stems = f"{PREFIX}{path_of(module)}:", f"{module}.x"
        if any(stem.startswith(head) or head.startswith(stem) for stem in stems):
            every = mutants_in(module, made)
            matching = (f for f in every if fnmatchcase(f.alias, wish) or fnmatchcase(f.id, wish))
            found.update((fault.id, fault) for fault in matching)
    return list(found.values())


def mutants_in(module: str, made: Made) -> list[Fault]:
    """Every mutant of a module, kept or made."""
    root, _ = rooted(module)
    files = [source_of(module), *(root / name for name in CONFIGURATIONS)]
    return made.faults("mutmut", module, files, partial(_make, module))


def _make(module: str) -> list[Fault]:
    from nnlab.lab.mutmut import mutants_of

    return mutants_of(module)


def source_of(module: str) -> Path:
    """The source file of a module. Raises UsageError where there is none."""
    file = file_of(module)
    if file is None:
        raise UsageError(f"there is no Python source of module {module!r}; check its name")
    return file.resolve()


def path_of(module: str) -> str:
    """The file of a module from its top package on: nnlab/nn/norm.py."""
    file = source_of(module)
    return "/".join(file.parts[-module.count(".") - (2 if file.name == "__init__.py" else 1) :])


def rooted(module: str) -> tuple[Path, Path]:
    """The folder in which mutmut would run, and the file of a module from there on."""
    path = path_of(module)
    root = source_of(module).parents[path.count("/")]
    return (root.parent, Path("src", path)) if root.name == "src" else (root, Path(path))


def module_of(id: str) -> str:
    """The module that the id or alias of a mutant names."""
    if id.startswith(PREFIX):
        path = id.removeprefix(PREFIX).partition(":")[0]
        return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    mangled = re.match(r"(.*)\.x[_ǁ]", id)
    return mangled[1] if mangled else id.rpartition(".")[0] or id


def _function_in(id: str) -> str:
    """What an id or alias says of the function: without the number, and an alias without the line."""
    if id.startswith(PREFIX):
        return ":".join(id.split(":")[3:-1])
    return id.partition("__mutmut_")[0]
