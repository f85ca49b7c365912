"""What several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from nnlab.errors import UsageError
from nnlab.lab.catalog import did_you_mean, discover_detectors
from nnlab.lab.detector import Detector

Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes; one for each core by default.")
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for standard output.")
]
Detectors = Annotated[
    str | None,
    typer.Option("--detectors", "-d", metavar="NAMES", help="Detectors, comma-separated; all but peers by default."),
]


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


def store_file(place: Path | None) -> Path:
    """The store that was named, or the one in the working directory."""
    return place or Path(".nnlab") / "store.db"
