"""The sensitivity of detectors: the share of graded faults that each still notices, by the size of the error."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import cast

from nnlab.lab.controls import Lab, Progress
from nnlab.lab.detector import Detector, Probe
from nnlab.lab.fault import Fault
from nnlab.lab.graded import GradedTerm
from nnlab.lab.judge import judge
from nnlab.lab.matrix import wilson
from nnlab.lab.runner import Job
from nnlab.lab.verdict import Verdict

#: The share that has to be noticed for an error of that size to count as seen.
POWER = 0.95

#: The faults of one term, largest first.
Row = Sequence[Fault]

#: A detector's name and a fault's id.
Cell = tuple[str, str]

#: What each subject executes, by its name; a probe whose subject is not in it may reach anything.
Reach = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Share:
    """How many of `total` faults of one size were noticed."""

    delta: float
    detected: int
    total: int

    @property
    def rate(self) -> float:
        return self.detected / self.total

    @property
    def ci95(self) -> tuple[float, float]:
        return wilson(self.detected, self.total)


@dataclass(frozen=True)
class Smallest:
    """The smallest size that is noticed with a given power, None where not even the largest is.

    Estimated as the smallest tested delta from which on all larger ones have a share of at least `power`. `certain`
    asks that of the lower ends of the shares' 95 % intervals, `possible` of the upper ends.
    """

    delta: float | None
    certain: float | None
    possible: float | None


@dataclass(frozen=True)
class Sensitivity:
    """For each detector and term the verdicts on the faults of all sizes, largest first."""

    terms: Sequence[GradedTerm]
    deltas: Sequence[float]
    detectors: Sequence[Detector]
    verdicts: Mapping[str, Mapping[str, Sequence[Verdict]]]
    seconds: float

    def shares(self, detector: str) -> list[Share]:
        rows = self.verdicts[detector].values()
        return [Share(d, sum(row[i].detected for row in rows), len(self.terms)) for i, d in enumerate(self.deltas)]

    def smallest(self, detector: str, power: float = POWER) -> Smallest:
        shares = self.shares(detector)
        ends = [(share.rate, *share.ci95) for share in shares]
        estimates = [_last(self.deltas, [end[i] >= power for end in ends]) for i in range(3)]
        return Smallest(*estimates)


def _last(deltas: Sequence[float], seen: Sequence[bool]) -> float | None:
    """The last delta before the first that is not seen."""
    count = next((i for i, one in enumerate(seen) if not one), len(seen))
    return deltas[count - 1] if count else None


def sensitivity(
    terms: Sequence[GradedTerm],
    deltas: Sequence[float],
    detectors: Sequence[Detector],
    reach: Reach,
    subjects: Collection[str],
    workers: int,
    progress: Progress,
    misses: int = 2,
) -> Sensitivity:
    """Run both controls, then the probes of `subjects` on each term scaled by each 1 + delta. Raises ControlFailed.

    Probes whose subject is not in `reach` run as well. Those that by `reach` execute none of the terms are left out,
    from the controls too. A detector that has missed a term at `misses` sizes in a row, largest first, is taken to miss
    it at all smaller ones.
    """
    started = time.perf_counter()
    sizes = sorted(deltas, reverse=True)
    targets = frozenset(term.target for term in terms)
    chosen = {subject: functions if subject in subjects else frozenset() for subject, functions in reach.items()}
    lab = Lab([_narrowed(detector, targets, chosen) for detector in detectors], workers, progress)
    lab.check_silent()
    Lab([_for_example(detector, reach) for detector in detectors], workers, progress).check_controls()
    faults = {term.id: [term.fault(delta) for delta in sizes] for term in terms}
    verdicts = _judge(lab, list(faults.values()), misses)
    table = {
        detector.name: {id: [verdicts[detector.name, fault.id] for fault in row] for id, row in faults.items()}
        for detector in detectors
    }
    return Sensitivity(terms, sizes, detectors, table, time.perf_counter() - started)


def _narrowed(detector: Detector, targets: frozenset[str], reach: Reach) -> Detector:
    """The detector with those probes alone that may reach a target."""
    return replace(
        detector,
        probes=lambda: [probe for probe in detector.probes() if targets & reach.get(probe.subject, targets)],
    )


def _for_example(detector: Detector, reach: Reach) -> Detector:
    """The detector with one probe, which may reach its example: enough for the second control."""
    narrow = _narrowed(detector, frozenset(detector.example.targets), reach)
    return replace(narrow, probes=lambda: narrow.probes()[:1])


def _judge(lab: Lab, rows: Sequence[Row], misses: int) -> dict[Cell, Verdict]:
    """The verdict of each detector on each fault, where the faults of a row differ in size alone.

    One process judges all rows of one target, since a peer's first call in a process is slow; where that process
    dies or does not end, each of its faults gets a process of its own.
    """
    verdicts = {(d.name, fault.id): Verdict.UNREACHED for d in lab.detectors for row in rows for fault in row}
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row[0].targets)]
    cells = {(d.name, group[0][0].id): group for group in groups for d in lab.detectors}
    alone: dict[Cell, list[Row]] = {}
    for ended in lab.run(_jobs(lab, cells, misses), "judged"):
        key = cast(Cell, ended.key)
        faults = [fault for row in cells[key] for fault in row]
        if ended.value is None:
            alone |= {(key[0], fault.id): [[fault]] for fault in faults}
        else:
            verdicts |= {(key[0], fault.id): verdict for fault, verdict in zip(faults, ended.value, strict=True)}
    for ended in lab.run(_jobs(lab, alone, misses), "judged alone"):
        lost = Verdict.TIMEOUT if ended.timeout else Verdict.CRASHED
        verdicts[cast(Cell, ended.key)] = ended.value[0] if ended.value else lost
    return verdicts


def _jobs(lab: Lab, cells: Mapping[Cell, Sequence[Row]], misses: int) -> list[Job]:
    """A job for each cell whose detector has probes that reach it."""
    found = [(key, rows, lab.reaching(rows[0][0], key[0])) for key, rows in cells.items()]
    return [
        Job(key, partial(_judge_rows, rows, probes, misses), lab.limit(key[0]) * sum(map(len, rows)))
        for key, rows, probes in found
        if probes
    ]


def _judge_rows(rows: Sequence[Row], probes: Sequence[Probe], misses: int) -> list[Verdict]:
    """The verdicts on all rows; in each, what follows so many misses is a miss."""
    verdicts = []
    for row in rows:
        missed = 0
        for fault in row:
            verdict = judge(fault, probes).verdict if missed < misses else Verdict.SURVIVED
            missed = 0 if verdict.detected else missed + 1
            verdicts.append(verdict)
    return verdicts
