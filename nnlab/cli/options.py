"""What several commands share."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.errors import UsageError
from nnlab.lab.catalog import did_you_mean, discover_detectors
from nnlab.lab.detector import Detector

if TYPE_CHECKING:
    from nnlab.lab.ledger import Change

Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes; one for each core by default.")
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for standard output.")
]
Ledger = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        help="Equivalent faults; by default `ledger` of [tool.nnlab] in pyproject.toml, or tests/equivalents.toml.",
    ),
]
SELECTION = (
    "Faults, separated by commas: ids, globs, groups, origins (catalog, operator, graded), or pattern:, package:, "
    "layer:, origin: with a name; a+b is what is both, not:a takes away."
)
Detectors = Annotated[
    str | None,
    typer.Option("--detectors", "-d", metavar="NAMES", help="Detectors, comma-separated; all but peers by default."),
]


def read_ledger(place: str | None) -> "Mapping[Change, str]":
    """The ledger that was asked for, or the one of the project in this folder; empty if it has none."""
    from nnlab.lab.ledger import read

    file = ledger_file(place)
    return {} if file is None else read(file)


def ledger_file(place: str | None) -> Path | None:
    """Where the ledger is: as asked for, as pyproject.toml says, or in its usual place; None if there is none."""
    if place is not None:
        return Path(place)
    project, usual = Path("pyproject.toml"), Path("tests/equivalents.toml")
    try:
        settings = tomllib.loads(project.read_text(encoding="utf-8")) if project.exists() else {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"pyproject.toml is not TOML ({error}); mend it, or name the ledger with --ledger") from None
    if named := settings.get("tool", {}).get("nnlab", {}).get("ledger"):
        return Path(named)
    return usual if usual.exists() else None


def workers(jobs: int | None) -> int:
    """As many worker processes as were asked for, or as there are cores for this process."""
    if jobs is not None:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(names: str | None) -> list[Detector]:
    """The detectors with these names, or all but peers: weak ones first. Raises UsageError."""
    if names is None:
        return list(discover_detectors().values())
    every = discover_detectors(peers=True)
    for name in names.split(","):
        if name not in every:
            raise UsageError(f"there is no detector {name!r}; {did_you_mean(name, every, 'nnlab list detectors')}")
    return [usable(every[name]) for name in every if name in names.split(",")]


def usable(detector: Detector) -> Detector:
    """The detector, if the package that it needs is installed. Raises UsageError."""
    if not detector.installed:
        raise UsageError(
            f"detector {detector.name!r} needs {detector.needs}, which is not installed; "
            f"run `pip install 'nnlab[peers]'`, or scripts/nnlab with NNLAB_EXTRAS=peers"
        )
    return detector


StoreFile = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", envvar="NNLAB_STORE", help="What earlier runs found; .nnlab/store.db."),
]


def store_file(place: Path | None = None) -> Path:
    """The store that was named, here or in the environment, or the one in the working directory."""
    return place or Path(os.environ.get("NNLAB_STORE") or Path(".nnlab", "store.db"))


def made_folder(store: Path | None = None) -> Path:
    """Where generated faults are kept for the next command: beside the store."""
    return store_file(store).parent / "made"
