"""One cell of the kill matrix: the probes of one detector on one fault, whose code is in place already."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nnlab.lab.detector import Detected, Probe
from nnlab.lab.engine.limits import Limits, OutOfTime, clock, limited
from nnlab.lab.matrix import BEST_FIRST
from nnlab.lab.verdict import Judgement, Verdict

#: Evidence is cut off here.
EVIDENCE = 1500
#: ... and is this where finding it out would take longer than the kill.
UNSAID = "it differs; `nnlab inject` says where"
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
        seconds = self.seconds(ready)
        try:
            limited(partial(ready.probe.run, 0), seconds)
        except OutOfTime:
            self.tried = True
            self.spent += seconds
            raise

    def said(self, error: AssertionError, ready: Ready) -> str:
        """The evidence, which may have to be found out, within the same time again."""
        try:
            return limited(partial(str, error), self.seconds(ready))
        except (Exception, OutOfTime) as another:
            return f"{type(error).__name__}, and {type(another).__name__} while asked for evidence"

    def seconds(self, ready: Ready) -> float:
        """How long the probe may take."""
        limits = self.limits
        return max(limits.again if self.tried else limits.cpu, limits.slowdown * ready.seconds)

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


def ask(ready: Ready, patience: Patience, brief: bool = False) -> Finding:
    """Run one probe; if `brief`, evidence that would have to be found out is not asked for."""
    name = ready.probe.subject
    try:
        patience.run(ready)
    except OutOfTime:
        return Finding(Verdict.TIMEOUT, ready.place, name, "did not end in time")
    except AssertionError as error:
        unsaid = brief and isinstance(error, Detected) and any(map(callable, error.args))
        return Finding(Verdict.KILLED, ready.place, name, UNSAID if unsaid else patience.said(error, ready)[:EVIDENCE])
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


def summary(error: BaseException) -> str:
    """The exception with the place where it was raised."""
    frames = list(traceback.walk_tb(error.__traceback__))
    place = f" (in {frames[-1][0].f_code.co_name}, line {frames[-1][1]})" if frames else ""
    try:
        return f"{type(error).__name__}: {error}{place}"
    except Exception:
        return f"{type(error).__name__}{place}"
