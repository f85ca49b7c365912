"""The options of nnlab score, each with its help."""

from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option, echo

from nnlab.cli.options import SELECTION
from nnlab.errors import UsageError

if TYPE_CHECKING:
    from nnlab.lab.fault import Fault


class Isolation(StrEnum):
    """Where a fault is judged: in a worker that judges many, or in a process for each detector."""

    WORKER = "worker"
    PROCESS = "process"


_WHICH = f"{SELECTION} With --import-mutmut: what it judged, by default."
Faults = Annotated[str | None, Option("--faults", "-f", metavar="SELECTION", help=_WHICH)]
Imported = Annotated[
    str | None, Option("--import-mutmut", metavar="DIR", help="Results of `mutmut run`, as one more detector: pytest.")
]
FailUnder = Annotated[
    float, Option("--fail-under", min=0, max=100, metavar="PERCENT", help="Least coverage for exit status 0.")
]
FailOnNewSurvivor = Annotated[
    bool, Option("--fail-on-new-survivor", help="Fail only if a fault survives that no earlier run knew to survive.")
]
Since = Annotated[str | None, Option("--since", metavar="REV", help="Only faults of functions changed since REV.")]
Shard = Annotated[str | None, Option("--shard", metavar="K/N", help="Part K of N of the faults.")]
Sample = Annotated[int | None, Option("--sample", metavar="N", min=1, help="N random faults.")]
Seed = Annotated[int, Option("--seed", metavar="S", min=0, help="Draws --sample and --audit.")]
FirstKill = Annotated[bool, Option("--first-kill", help="Only until the first strong detector notices a fault.")]
Isolated = Annotated[Isolation, Option("--isolation", help="process: a new one for every verdict, which is slow.")]
Audit = Annotated[
    int, Option("--audit", metavar="N", min=0, help="Judge N random verdicts again, in new processes; they must agree.")
]
TimeBudget = Annotated[float | None, Option("--time-budget", metavar="SECONDS", min=0, help="End after so long.")]
Cluster = Annotated[
    str | None, Option("--cluster", metavar="ADDRESS|local:N", help="Judge on a Dask cluster, or N worker processes.")
]
Fresh = Annotated[bool, Option("--fresh", help="Judge everything anew, whatever the store knows.")]


def cluster(address: str | None) -> str | None:
    """The address, if it can be one and what it takes is installed. Raises UsageError."""
    if address is None:
        return None
    if find_spec("distributed") is None:
        raise UsageError(
            "--cluster needs distributed, which is not installed; run `pip install 'nnlab[cluster]'`, "
            "or scripts/nnlab with NNLAB_EXTRAS=cluster"
        )
    kind, _, count = address.partition(":")
    if kind == "local" and not (count.isdecimal() and int(count) > 0):
        raise UsageError(f"a cluster on this machine is written local:N with N >= 1, not {address!r}")
    return address


def part(faults: "list[Fault]", since: str | None, shard: str | None, sample: int | None, seed: int) -> "list[Fault]":
    """The faults that are asked for, of those selected. Ends the command where nothing has changed since a revision."""
    from nnlab.lab.engine import subset

    if since:
        faults = subset.since(faults, since)
        if not faults:
            echo(f"no function that a fault targets differs from {since}: nothing to score", err=True)
            raise Exit()
    faults = subset.shard(faults, shard) if shard else faults
    return subset.sample(faults, sample, seed) if sample else faults
