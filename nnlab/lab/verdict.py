"""What one detector says of one fault."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """killed: the detector's own assertion failed; crashed: the code raised; unreached: no probe runs the target."""

    KILLED = "killed"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    UNREACHED = "unreached"

    @property
    def detected(self) -> bool:
        return self in (Verdict.KILLED, Verdict.CRASHED, Verdict.TIMEOUT)


@dataclass(frozen=True)
class Judgement:
    """A verdict with its evidence: the probe that gave it and what that probe said."""

    verdict: Verdict
    probe: str = ""
    evidence: str = ""
    seconds: float = 0.0
