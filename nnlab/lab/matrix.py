"""The kill matrix, faults × detectors → verdict, and the detection coverage that follows from it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from nnlab.lab.verdict import Judgement, Verdict


@dataclass(frozen=True)
class Coverage:
    """How many faults there are by verdict, and the share detected with its 95 % Wilson interval."""

    killed: int
    crashed: int
    timeout: int
    survived: int
    unreached: int

    @property
    def total(self) -> int:
        return self.killed + self.crashed + self.timeout + self.survived + self.unreached

    @property
    def detected(self) -> int:
        return self.killed + self.crashed + self.timeout

    @property
    def rate(self) -> float | None:
        """The share of all faults that was detected; None where there is no fault."""
        return self.detected / self.total if self.total else None

    @property
    def ci95(self) -> tuple[float, float] | None:
        return wilson(self.detected, self.total) if self.total else None

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Coverage":
        every = list(verdicts)
        return cls(*(every.count(verdict) for verdict in Verdict))


BEST_FIRST = (Verdict.KILLED, Verdict.CRASHED, Verdict.TIMEOUT, Verdict.SURVIVED, Verdict.UNREACHED)


def together(row: Mapping[str, Judgement], detectors: Collection[str]) -> Verdict:
    """The verdict of several detectors as one: killed if any of them killed it, and so on down."""
    return min((row[name].verdict for name in detectors if name in row), key=BEST_FIRST.index)


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share k / n. Source: Wilson, 1927: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    z = 1.959963984540054
    p = k / n
    middle = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
