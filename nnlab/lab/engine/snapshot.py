"""The shortcut of a run before which nothing at all has changed: no probe is made, no function compared.

One digest stands for everything that a score may depend on, file by file and so more than any verdict does: what is
asked, every file of the packages that are asked about or imported, Python, and what is installed. A complete run keeps
under it which verdict each cell has. Where the digest is another one, each verdict is looked up by its own key.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nnlab.lab.detector import Detector
from nnlab.lab.engine.content import data_digest, digest_of, environment, is_installed
from nnlab.lab.engine.fit import plain_edit
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.store import Store
from nnlab.lab.fault import Fault, Replacement

#: Packages of more bytes are not read as a whole: comparing what was executed is quicker then.
LARGEST = 1 << 28
#: The files of a store: SQLite's own.
_STORE = ("", "-wal", "-shm", "-journal")
_METADATA = (".dist-info", ".egg-info", ".egg-link")


@dataclass(frozen=True)
class Snapshot:
    """The place of a run's verdicts in the store: `files` is the digest of the packages, `key` of everything."""

    store: Store
    faults: Sequence[Fault]
    packages: frozenset[str]
    files: str
    key: str

    @classmethod
    def of(
        cls, store: Store, faults: Sequence[Fault], detectors: Sequence[Detector], first_kill: bool, limits: Limits
    ) -> "Snapshot | None":
        """To be made before anything is run; None where the files that a score depends on cannot be told."""
        packages = frozenset(_packages(faults, detectors))
        files = _files(packages, store.file)
        if files is None:
            return None
        peers = sorted({d.needs for d in detectors if d.needs})
        judges = [(d.name, data_digest(d.probes), [plain_edit(edit) for edit in d.example.edits]) for d in detectors]
        asked = [(fault.id, [plain_edit(edit) for edit in fault.edits]) for fault in faults]
        python = environment(peers), sys.flags.optimize, sys.warnoptions, sys.path, list(_distributions())
        return cls(store, faults, packages, files, digest_of(files, python, first_kill, repr(limits), judges, asked))

    def rows(self) -> dict[str, Row] | None:
        """The judgements by fault and detector, if a complete run has kept them all."""
        kept = self.store.snapshot(self.key)
        if kept is None or set(kept) != {fault.id for fault in self.faults}:
            return None
        known = self.store.verdicts(key for row in kept.values() for key in row.values())
        if any(key not in known for row in kept.values() for key in row.values()):
            return None
        return {id: {name: known[key] for name, key in row.items()} for id, row in kept.items()}

    def keep(self, keys: Mapping[str, Mapping[str, str]], executed: Iterable[str]) -> None:
        """Keep the keys of a complete run's verdicts, by fault and detector.

        Not if a file has changed since the run began, nor if code was `executed` of which no file was known then.
        """
        unknown = {name.partition(":")[0].partition(".")[0] for name in executed} - set(sys.modules)
        if not any(map(_is_own, unknown)) and _files(self.packages, self.store.file) == self.files:
            self.store.add_snapshot(self.key, keys)


def _packages(faults: Iterable[Fault], detectors: Iterable[Detector]) -> Iterator[str]:
    """The packages that faults and detectors are from, and ours, which detectors share, wherever they are installed."""
    yield from ("nnlab", "riscv")
    modules = [_made_by(d.probes).__module__ for d in detectors]
    for edit in (edit for owner in (*faults, *(d.example for d in detectors)) for edit in owner.edits):
        modules.append(edit.target.partition(":")[0])
        if isinstance(edit, Replacement):
            modules.append(edit.function.__module__)
    yield from {module.partition(".")[0] for module in modules}


def _made_by(probes: Any) -> Any:
    return _made_by(probes.func) if isinstance(probes, partial) else probes


def _files(packages: Iterable[str], store: Path) -> str | None:
    """The digest of every file of these packages, and of all else that is imported and not installed; not the store.

    None for a module that is in no package, since it may read any file beside it, and for too many bytes.
    """
    places = {package: _folders(package) for package in packages}
    if not all(places.values()):
        return None
    for name, module in sys.modules.copy().items():
        package, file = name.partition(".")[0], getattr(module, "__file__", None)
        if package not in places and file and not is_installed(file):
            folders = _folders(package)
            places |= {package: folders} if folders else {name: [file]}
    try:
        return _digest(((name, place) for name in sorted(places) for place in places[name]), store)
    except OSError:
        return None


def _digest(places: Iterable[tuple[str, str]], store: Path) -> str | None:
    """One digest of the names and contents of all files at these places; None for too many bytes."""
    digest, left = hashlib.sha256(), LARGEST
    for name, place in places:
        for file in _below(place, store) if Path(place).is_dir() else [place]:
            with open(file, "rb", buffering=0) as opened:  # noqa: PTH123  # a thousand files in a moment
                content = opened.read()
            digest.update(json.dumps([name, file, len(content)]).encode())
            digest.update(content)
            left -= len(content)
            if left < 0:
                return None
    return digest.hexdigest()


def _folders(package: str) -> list[str]:
    """Where the files of a top-level package are; it is not imported for that. Empty for a module alone."""
    if package in sys.modules:
        return list(dict.fromkeys(getattr(sys.modules[package], "__path__", [])))
    spec = find_spec(package) if package else None
    return list(spec.submodule_search_locations or []) if spec else []


def _is_own(module: str) -> bool:
    """Whether there is a top-level module or package of this name that is not installed."""
    spec = find_spec(module) if module.isidentifier() else None
    places = [*(spec.submodule_search_locations or []), spec.origin or ""] if spec and spec.has_location else []
    return any(place and not is_installed(place) for place in places)


def _below(folder: str, store: Path) -> Iterator[str]:
    """The files below a folder, in order; not what Python, tools and this store keep there."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    aside = {store.name + end for end in _STORE} if store.parent.samefile(folder) else set[str]()
    for entry in found:
        if entry.is_dir():
            if entry.name != "__pycache__" and not entry.name.startswith("."):
                yield from _below(entry.path, store)
        elif entry.is_file() and entry.name not in aside:
            yield entry.path


def _distributions() -> Iterator[str]:
    """The names and versions of everything that is installed, as the folders of their metadata are called."""
    for folder in sys.path:
        with suppress(OSError):
            yield from sorted(name for name in os.listdir(folder or ".") if name.endswith(_METADATA))  # noqa: PTH208
