"""What a worker judges with: probes with what they reach, limits, and the state that must not change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nnlab.lab.detector import Detector
from nnlab.lab.engine.leaks import Watch
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.plan import Reach
from nnlab.lab.fault import Fault

#: The state of these is not that of the code under test.
_ASIDE = ("nnlab.lab", "nnlab.cli", "nnlab.report")


@dataclass(frozen=True)
class Bench:
    """Everything that a worker needs, ready before it is forked."""

    faults: Mapping[str, Fault]
    reach: Reach
    limits: Limits
    watch: Watch
    first_kill: bool = False


def modules_of(faults: Iterable[Fault]) -> list[str]:
    """The modules that the faults change, by name."""
    return sorted({target.partition(":")[0] for fault in faults for target in fault.targets})


def watched(modules: Iterable[str], detectors: Sequence[Detector], reach: Reach) -> Watch:
    """The state of everything imported from the packages of these modules and of the detectors."""
    packages = {module.partition(".")[0] for module in modules}
    packages |= {(d.probes.__module__ or "").partition(".")[0] for d in detectors}
    return Watch(packages, list(reach.probes.values()), _ASIDE)
