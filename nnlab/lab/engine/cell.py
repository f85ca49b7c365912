"""One cell of the kill matrix: the probes of one detector on one fault, whose code is in place already."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nnlab.lab.detector import Probe
from nnlab.lab.engine.limits import Limits, OutOfTime, clock, limited
from nnlab.lab.matrix import BEST_FIRST
from nnlab.lab.verdict import Judgement, Verdict

#: Evidence is cut off here.
EVIDENCE = 1500
#: At most so many more probes, spread evenly over the rest, are asked behind one that raised or did not end: an
#: assertion says more. It is more than the faults of the catalog need to be killed by assertion.
MORE = 12


@dataclass(frozen=True)
class Ready:
    """A probe, the seconds and calls of its clean run, and its place among those of its detector, cheapest first."""

    probe: Probe
    seconds: float
    calls: int
    place: int


@dataclass
class Patience:
    """The time that is left for one fault."""

    limits: Limits
    spent: float = 0.0
    tried: bool = False

    def run(self, ready: Ready) -> None:
        """Run the probe within its time. Raises OutOfTime, or what the probe raises."""
        limits = self.limits
        seconds = max(limits.again if self.tried else limits.cpu, limits.slowdown * ready.seconds)
        try:
            limited(partial(ready.probe.run, 0), seconds)
        except OutOfTime:
            self.tried = True
            self.spent += seconds
            raise

    @property
    def over(self) -> bool:
        return self.spent >= self.limits.budget


@dataclass(frozen=True)
class Finding:
    """What one probe found, and its place."""

    verdict: Verdict
    place: int
    probe: str
    evidence: str

    @property
    def rank(self) -> tuple[int, int]:
        """The best verdict first (killed, crashed, timeout, survived), then the earliest place."""
        return BEST_FIRST.index(self.verdict), self.place


NOTHING = Finding(Verdict.SURVIVED, -1, "", "")


def ask(ready: Ready, patience: Patience) -> Finding:
    """Run one probe."""
    name = ready.probe.subject
    try:
        patience.run(ready)
    except OutOfTime:
        return Finding(Verdict.TIMEOUT, ready.place, name, "did not end in time")
    except AssertionError as error:
        return Finding(Verdict.KILLED, ready.place, name, _said(error)[:EVIDENCE])
    except BaseException as error:
        return Finding(Verdict.CRASHED, ready.place, name, summary(error)[:EVIDENCE])
    return Finding(Verdict.SURVIVED, ready.place, "", "")


def judge_cell(
    order: Sequence[Ready],
    patience: Patience,
    begin: Callable[[Ready], None],
    best: Finding = NOTHING,
) -> tuple[Judgement, Finding]:
    """The verdict of a detector: that of its first probe that notices the fault, cheapest first.

    `MORE` probes behind one that raises or does not end may still assert; their verdict is killed, then crashed, then
    timeout. `begin` is told of each probe before it runs; `best` is what probes that are not among these have found.
    """
    started = clock()
    for ready in order:
        if not _says_more(ready.place, best, order[-1].place):
            continue
        begin(ready)
        best = min(best, ask(ready, patience), key=lambda finding: finding.rank)
        if best.verdict is Verdict.KILLED or patience.over:
            break
    return Judgement(best.verdict, best.probe, best.evidence, clock() - started), best


def _says_more(place: int, best: Finding, last: int) -> bool:
    """Whether to ask the probe at a place: all until one notices the fault, then each so-and-so-many-th."""
    return not best.verdict.detected or (place - best.place) % -(-(last - best.place) // MORE) == 0


def _said(error: AssertionError) -> str:
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def summary(error: BaseException) -> str:
    """The exception with the place where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" (in {frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    try:
        return f"{type(error).__name__}: {error}{place}"
    except Exception:
        return f"{type(error).__name__}{place}"
