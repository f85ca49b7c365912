"""What there is to do: which detectors are asked about which fault, in batches that any worker can take."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nnlab.lab.detector import Probe
from nnlab.lab.engine.cell import Ready
from nnlab.lab.fault import Change, Constant, Fault, Rewrite
from nnlab.lab.judge import CleanRun
from nnlab.lab.suites import suite_of

#: About so many faults are judged by one worker before its state is looked at, which takes as long as ten faults.
BATCH = 48
#: A fault whose probes make so many calls on clean code, about a fifteenth of a second, counts as two, and so on: no
#: worker shall end long after the others.
CALLS = 40_000


@dataclass(frozen=True)
class Task:
    """A fault and the detectors that shall judge it, by name: a few words, whoever does it."""

    fault: str
    detectors: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Tasks, those whose faults change the same targets one after the other: the same probes reach them."""

    tasks: tuple[Task, ...]


def batches(
    tasks: Iterable[Task],
    faults: Mapping[str, Fault],
    size: int = BATCH,
    weight: Callable[[Task], int] = lambda task: 1,
) -> list[Batch]:
    """The tasks by target, in the order of the first of each; a `size` at most of one target, and few more in all.

    `weight` says as how many tasks one counts; all of one target count as its first.
    """
    groups: dict[tuple[str, ...], list[Task]] = {}
    for task in tasks:
        groups.setdefault(faults[task.fault].targets, []).append(task)
    found: list[list[Task]] = [[]]
    full = 0
    for group in groups.values():
        each = min(weight(group[0]), size)
        for i in range(0, len(group), size // each):
            chunk = group[i : i + size // each]
            load = each * len(chunk)
            if full >= size or full + load > 2 * size or load + each > size:
                found.append([])
                full = 0
            found[-1] += chunk
            full += load
    return [Batch(tuple(some)) for some in found if some]


class Reach:
    """The probes of each detector with their clean runs, and which of them reach a fault."""

    def __init__(self, probes: Mapping[str, Sequence[Probe]], runs: Mapping[str, Sequence[CleanRun]]) -> None:
        self.probes, self.runs = probes, runs
        #: For each detector, which of its probes execute exactly these functions, by number.
        self._alike: dict[str, dict[frozenset[str], list[int]]] = {name: {} for name in probes}
        self._known: dict[tuple[Places, str], list[Ready]] = {}
        self._places: dict[str, Places] = {}
        for name, every in runs.items():
            for i, run in enumerate(every):
                self._alike[name].setdefault(run.functions, []).append(i)
        #: Those of them that execute one function or module.
        self._holding: dict[tuple[str, str], list[tuple[frozenset[str], list[int]]]] = {}
        #: The modules of the functions.
        self._modules: dict[frozenset[str], frozenset[str]] = {}

    def expect(self, faults: Iterable[Fault]) -> None:
        """Find what reaches the functions that these change, all at once: by the thousand that is much faster."""
        places = frozenset[tuple[str, str]]().union(*map(self.places, faults))
        targets = {target for target, _ in places if ":" in target}
        for detector, alike in self._alike.items():
            holding = {target: list[tuple[frozenset[str], list[int]]]() for target in targets}
            for executed, some in alike.items():
                for target in targets & executed:
                    holding[target].append((executed, some))
            self._holding |= {(detector, target): inside for target, inside in holding.items()}

    def of(self, fault: Fault, detector: str) -> list[Ready]:
        """The probes that execute what the fault changes, cheapest first; any code of its module, for a constant.

        Cheap are few calls of functions, not little time: every run then takes the same order.
        """
        key = self.places(fault), detector
        if key not in self._known:
            probes, runs = self.probes[detector], self.runs[detector]
            order = enumerate(self.numbers(fault, detector))
            self._known[key] = [Ready(probes[i], runs[i].seconds, runs[i].calls, place) for place, i in order]
        return self._known[key]

    def calls(self, fault: Fault, detectors: Iterable[str]) -> int:
        """How many calls of functions all probes make that reach a fault, on clean code."""
        return sum(ready.calls for name in detectors for ready in self.of(fault, name))

    def numbers(self, fault: Fault, detector: str) -> list[int]:
        """The numbers of these probes among all of the detector."""
        found = {i for target, suite in self.places(fault) for i in self._executing(detector, target, suite)}
        runs = self.runs[detector]
        return sorted(found, key=lambda i: (runs[i].calls, i))

    def places(self, fault: Fault) -> "Places":
        """What a fault changes: faults that change the same places are reached by the same probes."""
        if fault.id not in self._places:
            self._places[fault.id] = frozenset(map(_place, fault.edits))
        return self._places[fault.id]

    def _executing(self, detector: str, target: str, suite: str) -> Iterator[int]:
        """The probes that execute a function, or any of a module, and enter its suite where that is known of them."""
        if (detector, target) not in self._holding:
            alike = self._alike[detector].items()
            inside = [(executed, some) for executed, some in alike if target in self._names_in(executed, target)]
            self._holding[detector, target] = inside
        for executed, some in self._holding[detector, target]:
            if not suite or suite in executed or f"{target}@0" not in executed:
                yield from some

    def _names_in(self, executed: frozenset[str], target: str) -> frozenset[str]:
        """The functions themselves, or for a target that is a module their modules."""
        if ":" in target:
            return executed
        if executed not in self._modules:
            self._modules[executed] = frozenset(function.partition(":")[0] for function in executed)
        return self._modules[executed]


#: A function and the suite in it that a fault changes, "" for all of it; or a module in which it changes a constant.
Places = frozenset[tuple[str, str]]


def _place(edit: Change) -> tuple[str, str]:
    if isinstance(edit, Constant):
        return edit.target.partition(":")[0], ""
    return edit.target, suite_of(edit) if isinstance(edit, Rewrite) else ""
