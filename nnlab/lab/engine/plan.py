"""What there is to do: which detectors are asked about which fault, in batches that any worker can take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nnlab.lab.detector import Probe
from nnlab.lab.engine.cell import Ready
from nnlab.lab.fault import Constant, Fault
from nnlab.lab.judge import CleanRun

#: About so many faults are judged by one worker before its state is looked at, which takes as long as ten faults.
BATCH = 48


@dataclass(frozen=True)
class Task:
    """A fault and the detectors that shall judge it, by name: a few words, whoever does it."""

    fault: str
    detectors: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Tasks, those whose faults change the same targets one after the other: the same probes reach them."""

    tasks: tuple[Task, ...]


def batches(tasks: Iterable[Task], faults: Mapping[str, Fault], size: int = BATCH) -> list[Batch]:
    """The tasks by target, in the order of the first of each; `size` at most of one target, and few more in all."""
    groups: dict[tuple[str, ...], list[Task]] = {}
    for task in tasks:
        groups.setdefault(faults[task.fault].targets, []).append(task)
    found: list[list[Task]] = [[]]
    for chunk in (group[i : i + size] for group in groups.values() for i in range(0, len(group), size)):
        if len(found[-1]) >= size or len(found[-1]) + len(chunk) > 2 * size or len(chunk) == size:
            found.append([])
        found[-1] += chunk
    return [Batch(tuple(some)) for some in found if some]


class Reach:
    """The probes of each detector with their clean runs, and which of them reach a fault."""

    def __init__(self, probes: Mapping[str, Sequence[Probe]], runs: Mapping[str, Sequence[CleanRun]]) -> None:
        self.probes, self.runs = probes, runs
        #: For each detector, which of its probes execute exactly these functions, by number.
        self._alike: dict[str, dict[frozenset[str], list[int]]] = {name: {} for name in probes}
        self._known: dict[tuple[object, str], list[Ready]] = {}
        for name, every in runs.items():
            for i, run in enumerate(every):
                self._alike[name].setdefault(run.functions, []).append(i)
        #: The modules of these functions.
        self._modules: dict[frozenset[str], frozenset[str]] = {}

    def of(self, fault: Fault, detector: str) -> list[Ready]:
        """The probes that execute a target of the fault, cheapest first; any code of its module, for a constant.

        Cheap are few calls of functions, not little time: every run then takes the same order.
        """
        key = _words(fault), detector
        if key not in self._known:
            probes, runs = self.probes[detector], self.runs[detector]
            order = enumerate(self.numbers(fault, detector))
            self._known[key] = [Ready(probes[i], runs[i].seconds, runs[i].calls, place) for place, i in order]
        return self._known[key]

    def numbers(self, fault: Fault, detector: str) -> list[int]:
        """The numbers of these probes among all of the detector."""
        functions, modules = _words(fault)
        alike = self._alike[detector].items()
        found = [i for executed, some in alike if not functions.isdisjoint(executed) for i in some]
        if modules:
            found += [i for executed, some in alike if not modules.isdisjoint(self._modules_of(executed)) for i in some]
        runs = self.runs[detector]
        return sorted(set(found), key=lambda i: (runs[i].calls, i))

    def _modules_of(self, executed: frozenset[str]) -> frozenset[str]:
        if executed not in self._modules:
            self._modules[executed] = frozenset(function.partition(":")[0] for function in executed)
        return self._modules[executed]


def _words(fault: Fault) -> tuple[frozenset[str], frozenset[str]]:
    """The functions that it changes, and the modules in which it changes constants."""
    constants = frozenset(edit.target.partition(":")[0] for edit in fault.edits if isinstance(edit, Constant))
    return frozenset(edit.target for edit in fault.edits if not isinstance(edit, Constant)), constants
