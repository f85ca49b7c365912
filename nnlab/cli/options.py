"""What several commands share."""

import os
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
    typer.Option("--detectors", "-d", metavar="NAMES", help="Detectors, separated by commas; all by default."),
]


def workers(jobs: int | None) -> int:
    """As many worker processes as were asked for, or as there are cores for this process."""
    if jobs is not None:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(names: str | None) -> list[Detector]:
    """The detectors with these names, or all: weak ones first. Raises UsageError."""
    every = discover_detectors()
    if names is None:
        return list(every.values())
    for name in names.split(","):
        if name not in every:
            raise UsageError(f"there is no detector {name!r}; {did_you_mean(name, every, 'nnlab list detectors')}")
    return [every[name] for name in every if name in names.split(",")]
