"""A detector is a named kind of check: a set of probes, one for each subject it applies to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from nnlab.lab.fault import Fault


class Detected(AssertionError):
    """A detector's own assertion failed; the message is the evidence, or a function that finds it out when asked.

    To find out what is wrong may take longer than to see that something is.
    """

    def __str__(self) -> str:
        evidence = self.args[0] if self.args else ""
        return str(evidence() if callable(evidence) else evidence)


@dataclass(frozen=True)
class Probe:
    """One check of one subject: `run(seed)` returns on correct code and raises Detected on a fault it sees.

    `seeded` is False where every seed would do the same.
    """

    subject: str
    run: Callable[[int], None]
    seeded: bool = True


@dataclass(frozen=True)
class Detector:
    """A named kind of check. `example` is a blatant fault that it must catch; `weak` ones are for comparison.

    `probes()` is called on clean code. Every probe draws from generators of its own, seeded by its argument. A
    detector that `needs` a package from the extra `peers` is another project's check: it runs when it is asked for.
    """

    name: str
    summary: str
    probes: Callable[[], Sequence[Probe]]
    example: Fault
    weak: bool = False
    needs: str = ""

    @property
    def installed(self) -> bool:
        """Whether the package that it needs is there; it is not imported."""
        return not self.needs or find_spec(self.needs) is not None
