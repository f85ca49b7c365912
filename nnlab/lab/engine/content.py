"""What a verdict depends on, as digests: code, data and environment. A verdict is known while none of them changes.

A function's digest covers its own code and every constant, class attribute and class that it mentions by name, in
whatever module under test they stand, and what those mention in turn. Matching by name is coarse, but it forgets
nothing that is not looked up by a computed string.
"""

import functools
import hashlib
import json
import platform
import sys
import sysconfig
import types
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from nnlab.lab import digest
from nnlab.lab.engine.index import Index, Named, index_of
from nnlab.lab.fault import Fault, Replacement, Rewrite
from nnlab.lab.source import fingerprint, locate

#: Raised whenever the same code may get another verdict from this engine.
ENGINE = 3
#: json.dumps would make an encoder for each call.
_ENCODED = json.JSONEncoder(default=str).encode
#: Modules that decide what is run and shown, but not what a probe finds.
_ASIDE = ("nnlab.cli", "nnlab.report", "nnlab.lab", "faults")


def digest_of(*parts: object) -> str:
    """One digest of several plain values."""
    return hashlib.sha256(_ENCODED(parts).encode()).hexdigest()[:32]


def environment(packages: Iterable[str] = ()) -> str:
    """Interpreter, machine and the versions of numpy and of what peers need."""
    return digest_of(ENGINE, sys.version, platform.machine(), np.__version__, [_version(name) for name in packages])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


class _Numbers(dict[str, int]):
    """For each function a number of 128 bits that stands for its name and digest; 0 for one of another's package."""

    def __init__(self, digest: Callable[[str], str]) -> None:
        self.digest = digest

    def __missing__(self, name: str) -> int:
        found = self.digest(name)
        self[name] = int(digest_of(name, found), 16) if found else 0
        return self[name]


class Contents:
    """The digests of the functions of this process's modules, as they stand in their files."""

    def __init__(self, indexes: Mapping[str, Index] | None = None) -> None:
        """`indexes` of module texts by their digests, as an earlier run has left them."""
        self.indexes = dict(indexes or {})
        self.modules: dict[str, Index] = {}
        self.named: dict[str, list[Named]] = {}
        self._numbers = _Numbers(self.function)
        self._targets: dict[str, str] = {}
        self._closed: dict[str, frozenset[str]] = {}
        for name, file in own_files().items():
            self._read(name, file)

    def _read(self, name: str, file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8")
        except OSError:
            return
        key = digest_of(text)
        if key not in self.indexes:
            self.indexes[key] = index_of(text)
        self.modules[name] = index = self.indexes[key]
        for word, found in index.named.items():
            self.named.setdefault(word, []).extend(found)

    def function(self, name: str) -> str:
        """The digest of a function module:Qual.name, or of one with that suite; "" for one of another's package."""
        module, _, qualname = name.partition("@")[0].partition(":")
        index = self.modules.get(module)
        if index is None:
            return ""
        found = index.functions.get(qualname.partition(".<locals>")[0])
        if found is None:  # a lambda of the module, or a method that a dataclass has made
            return index.residue
        return digest_of(found.digest, sorted(self._mentioned(found.mentions)))

    def _mentioned(self, words: Iterable[str]) -> set[str]:
        return set[str]().union(*(self._closure(word) for word in words if word in self.named))

    def _closure(self, word: str) -> frozenset[str]:
        """The digests of all that is called so, and of what that mentions."""
        if word not in self._closed:
            todo, seen, found = [word], {word}, set()
            while todo:
                for named in self.named.get(todo.pop(), ()):
                    found.add(named.digest)
                    new = [other for other in named.mentions if other in self.named and other not in seen]
                    seen.update(new)
                    todo += new
            self._closed[word] = frozenset(found)
        return self._closed[word]

    def functions(self, names: Iterable[str]) -> str:
        """One digest of several functions: the sum of a number for each, since thousands of sets share most of them."""
        return f"{sum(map(self._numbers.__getitem__, names)):x}"

    def fault(self, fault: Fault) -> str:
        """The digest of a fault: its edits, and the targets that they are made for."""
        return digest_of([self._edit(edit) for edit in fault.edits])

    def _edit(self, edit: Any) -> object:
        if isinstance(edit, Replacement):
            return "Replacement", edit.target, edit.fingerprint, repr(digest.content(edit.function.__code__))
        if isinstance(edit, Rewrite):
            return "Rewrite", edit.target, edit.correct, edit.faulty
        if edit.target not in self._targets:
            self._targets[edit.target] = fingerprint(locate(edit.target).text, edit.target)
        return type(edit).__name__, edit.target, self._targets[edit.target], edit.correct, edit.faulty


def own_files() -> dict[str, Path]:
    """The source files of the imported modules that are under test or tests."""
    files = ((name, _own_file(name, module)) for name, module in sorted(sys.modules.items()))
    return {name: file for name, file in files if file is not None}


def _own_file(name: str, module: object) -> Path | None:
    """The source file of a module that is under test or tests: none of the standard library, none that is installed."""
    file = getattr(module, "__file__", None)
    if not file or not file.endswith(".py") or any(name == a or name.startswith(f"{a}.") for a in _ASIDE):
        return None
    if name.partition(".")[0] not in ("nnlab", "riscv") and is_installed(file):
        return None
    return Path(file)


def is_installed(file: str) -> bool:
    """Whether a file is the standard library's or an installed package's."""
    return file.startswith(_installed())


@functools.lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    return tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def data_digest(thing: object, seen: dict[int, str] | None = None) -> str:
    """The digest of what a probe holds: arguments, closures, arrays, instances; functions and classes by name."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return seen[id(thing)]
    seen[id(thing)] = "itself"
    result = digest_of(_data(thing, lambda part: data_digest(part, seen)))
    seen[id(thing)] = result
    return result


def _data(thing: Any, inner: Callable[[object], str]) -> object:
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
    match thing:
        case None | bool() | int() | float() | complex() | str() | bytes():
            return kind, repr(thing)
        case tuple() | list():
            return kind, [inner(part) for part in thing]
        case set() | frozenset():
            return kind, sorted(inner(part) for part in thing)
        case dict():
            return kind, [(inner(key), inner(value)) for key, value in thing.items()]
        case np.ndarray():
            return kind, str(thing.dtype), thing.shape, hashlib.sha256(thing.tobytes()).hexdigest()
        case functools.partial():
            return kind, inner(thing.func), inner(thing.args), inner(thing.keywords)
        case types.FunctionType():
            cells = [inner(_content(cell)) for cell in thing.__closure__ or ()]
            return kind, thing.__module__, thing.__qualname__, cells, inner(thing.__defaults__)
        case types.MethodType():
            return kind, inner(thing.__func__), inner(thing.__self__)
        case type():
            return kind, [(f"{base.__module__}.{base.__qualname__}", _methods(base)) for base in thing.__mro__]
        case np.random.Generator():
            return kind, str(thing.bit_generator.state)
    if hasattr(thing, "__dict__"):
        return kind, [(key, inner(value)) for key, value in sorted(vars(thing).items())]
    return kind, "" if " at 0x" in repr(thing) else repr(thing)


def _methods(kind: type) -> list[str]:
    """The names of a class's own methods: one more, and another class's may not be executed any more."""
    methods = (property, staticmethod, classmethod)
    return sorted(name for name, value in vars(kind).items() if callable(value) or isinstance(value, methods))


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty"
