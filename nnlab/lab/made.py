"""Made faults are kept: one file for each origin and module, which holds while nothing that they depend on changes.

Making is a matter of milliseconds a fault and of tens of thousands of faults; reading is a matter of microseconds. A
file begins with a digest of its body together with everything that the faults depend on, so that one comparison
recognises a change, a damaged file and a foreign one: the faults are then made anew. The body is compressed JSON.
"""

import contextlib
import hashlib
import json
import os
import sys
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nnlab.lab.fault import Cited, Edit, Fault, Rewrite

#: What makes the faults of an origin: the distributions that it uses, and its own files, as globs beside this one.
MAKERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mutmut": (
        ("libcst", "mutmut"),
        ("made.py", "mutmut.py", "mutants.py", "digest.py", "fault.py", "rewrite.py", "source.py"),
    ),
    "operator": (
        ("libcst",),
        ("made.py", "operators/*.py", "anchor.py", "catalog.py", "digest.py", "fault.py", "source.py"),
    ),
}
_DIGEST = hashlib.sha256().digest_size


class Made:
    """The faults that are kept in a folder; without a folder none are, and all are made whenever they are asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._read: dict[tuple[str, str], tuple[bytes, list[Fault]]] = {}
        self._maker = cache(_maker)

    def faults(self, origin: str, module: str, files: Sequence[Path], make: Callable[[], list[Fault]]) -> list[Fault]:
        """All faults of an origin in a module: those kept, or else those made now, which depend on the text of `files`.

        A folder that cannot be written to is no error.
        """
        if self.folder is None:
            return make()
        if (known := self.kept(origin, module, files)) is not None:
            return known
        key = self._key(origin, module, files)
        faults = make()
        if key == self._key(origin, module, files):  # no file was saved meanwhile
            self._read[origin, module] = key, faults
            body = zlib.compress(_packed(faults), 1)
            _replace(self._file(origin, module), _digest([key, body]) + body)
        return faults

    def kept(self, origin: str, module: str, files: Sequence[Path]) -> list[Fault] | None:
        """All faults of an origin in a module, in the order in which they were made; None if they are not kept."""
        if self.folder is None:
            return None
        key = self._key(origin, module, files)
        known, faults = self._read.get((origin, module), (b"", []))
        if known != key:
            whole = _text(self._file(origin, module))
            body = whole[_DIGEST:]
            if whole[:_DIGEST] != _digest([key, body]):
                return None
            faults = _unpacked(zlib.decompress(body))
            self._read[origin, module] = key, faults
        return faults

    def _file(self, origin: str, module: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{origin}-{module}.z"

    def _key(self, origin: str, module: str, files: Sequence[Path]) -> bytes:
        """A digest of everything that the faults depend on."""
        texts = (part for file in files for part in (os.fsencode(file), _text(file)))
        return _digest([self._maker(origin), module.encode(), *texts])


def _maker(origin: str) -> bytes:
    """A digest of what makes the faults of an origin; Python is part of it, as it says which bytecode is the same."""
    distributions, globs = MAKERS[origin]
    python = f"{sys.version} {sys.flags.optimize}"
    files = [file for glob in globs for file in sorted(Path(__file__).parent.glob(glob))]
    versions = [f"{name} {version(name)}" for name in distributions]
    return _digest([origin.encode(), python.encode(), *(v.encode() for v in versions), *map(_text, files)])


def _digest(parts: Iterable[bytes]) -> bytes:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _text(file: Path) -> bytes:
    """What a file holds; nothing if it is not there or cannot be read."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _replace(file: Path, content: bytes) -> None:
    """Give the file this content at once, for whoever reads it meanwhile; where that cannot be, leave it."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()


def _packed(faults: Sequence[Fault]) -> bytes:
    """Faults of one edit each as JSON: what many have in common is there once, and of a faulty text what differs."""
    commons: dict[tuple[Any, ...], int] = {}
    places: dict[tuple[Any, ...], int] = {}
    rows = []
    for f in faults:
        (edit,) = f.edits
        assert isinstance(edit, Edit | Rewrite)
        cited = f.source.title, f.source.place, f.source.url
        common = f.pattern, cited, f.why, f.symptom, f.killed_by, f.survives, tuple(sorted(f.groups)), f.origin
        line, imports = (edit.line, edit.imports) if isinstance(edit, Rewrite) else (0, ())
        place = edit.target, line, edit.correct, imports
        numbers = commons.setdefault(common, len(commons)), places.setdefault(place, len(places))
        rows.append((f.id, f.title, f.alias, *numbers, *_difference(edit.correct, edit.faulty)))
    return json.dumps([list(commons), list(places), rows], separators=(",", ":")).encode()


def _unpacked(data: bytes) -> list[Fault]:
    commons, places, rows = json.loads(data)
    commons = [(p, Cited(*cited), (*texts, frozenset(groups), origin)) for p, cited, *texts, groups, origin in commons]
    places = [(target, line, correct, tuple(imports)) for target, line, correct, imports in places]
    faults = []
    for id, title, alias, common, place, head, middle, tail in rows:
        target, line, correct, imports = places[place]
        faulty = f"{correct[:head]}{middle}{correct[len(correct) - tail :]}"
        edit = Rewrite(target, line, correct, faulty, imports) if line else Edit(target, correct, faulty)
        pattern, source, rest = commons[common]
        faults.append(Fault(id, title, pattern, source, (edit,), *(*rest, alias)))
    return faults


def _difference(one: str, other: str) -> tuple[int, str, int]:
    """How many characters two texts have in common at their beginnings, what the other has then, and how many after."""
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    return head, other[head : len(other) - tail], tail


def _common(one: str, other: str) -> int:
    return bisect_left(range(min(len(one), len(other))), True, key=lambda i: one[: i + 1] != other[: i + 1])
