"""The score: both controls, then every detector on every fault."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from nnlab.errors import ControlFailed
from nnlab.lab.detector import Detector, Probe
from nnlab.lab.fault import Fault
from nnlab.lab.inject import injected
from nnlab.lab.judge import CleanRun, judge, run_clean
from nnlab.lab.matrix import Coverage, together
from nnlab.lab.reach import reaches
from nnlab.lab.runner import Ended, Job
from nnlab.lab.runner import run as run_jobs
from nnlab.lab.verdict import Judgement, Verdict

#: Told of each step: what was done, and how many of how many steps are done.
Progress = Callable[[str, int, int], None]

#: A cell may take this much longer than the detector takes on clean code, and never less than the floor.
SLOWDOWN, FLOOR = 20.0, 10.0

#: So many probes run on clean code in one process.
CHUNK = 40


@dataclass
class Lab:
    """Detectors whose controls have passed: their probes, and what each probe reaches on clean code."""

    detectors: Sequence[Detector]
    workers: int
    progress: Progress
    probes: dict[str, Sequence[Probe]] = field(default_factory=dict)
    reach: dict[str, list[CleanRun]] = field(default_factory=dict)

    def check_controls(self) -> None:
        """Each detector must be silent on clean code and catch its own example. Raises ControlFailed."""
        self.check_silent()
        self.check_examples()

    def check_silent(self) -> None:
        """The first control, in which is noted what each probe reaches."""
        self.probes = {d.name: d.probes() for d in self.detectors}
        jobs = [
            Job((name, start), partial(run_clean, probes[start : start + CHUNK], [0], record=True), 600.0)
            for name, probes in self.probes.items()
            for start in range(0, len(probes), CHUNK)
        ]
        runs = {ended.key: self._silent(ended) for ended in self.run(jobs, "silent on clean code")}
        self.reach = {name: [] for name in self.probes}
        for job in jobs:
            name, _ = cast(tuple[str, int], job.key)
            self.reach[name] += runs[job.key]

    def check_examples(self) -> None:
        """The second control."""
        examples = [
            Job(d.name, partial(judge, d.example, self.reaching(d.example, d.name)), self.limit(d.name))
            for d in self.detectors
        ]
        for ended in self.run(examples, "catches its example"):
            self._catches(ended)

    def judge_all(self, faults: Sequence[Fault]) -> dict[str, dict[str, Judgement]]:
        """The kill matrix: a row for each fault, a judgement for each detector."""
        cells = [(fault, d.name) for fault in faults for d in self.detectors]
        rows: dict[str, dict[str, Judgement]] = {fault.id: {} for fault in faults}
        jobs = []
        for fault, name in cells:
            probes = self.reaching(fault, name)
            rows[fault.id][name] = Judgement(Verdict.UNREACHED)
            if probes:
                jobs.append(Job((fault.id, name), partial(judge, fault, probes), self.limit(name)))
        for ended in self.run(jobs, "judged"):
            fault_id, detector = cast(tuple[str, str], ended.key)
            rows[fault_id][detector] = _judgement(ended)
        return rows

    def limit(self, detector: str) -> float:
        """How many seconds a detector may take on one fault."""
        return max(FLOOR, SLOWDOWN * sum(run.seconds for run in self.reach[detector]))

    def reaching(self, fault: Fault, detector: str) -> list[Probe]:
        """The probes that execute a target of the fault, cheapest first."""
        runs = zip(self.probes[detector], self.reach[detector], strict=True)
        found = [(clean.seconds, i, probe) for i, (probe, clean) in enumerate(runs) if reaches(clean.functions, fault)]
        return [probe for _, _, probe in sorted(found, key=lambda entry: entry[:2])]

    def run(self, jobs: list[Job], doing: str) -> list[Ended]:
        """Run the jobs and tell of the progress of what they are `doing`."""
        done = []
        for ended in run_jobs(jobs, self.workers):
            done.append(ended)
            self.progress(doing, len(done), len(jobs))
        return done

    def _silent(self, ended: Ended) -> list[CleanRun]:
        name, _ = cast(tuple[str, int], ended.key)
        if ended.timeout or ended.died:
            raise ControlFailed(f"{name} fails on clean code: {ended.died or 'it does not end'}; mend the detector")
        runs: list[CleanRun] = ended.value
        if alarms := [run for run in runs if run.alarm]:
            first = alarms[0]
            raise ControlFailed(
                f"{name} raises an alarm on clean code, at {first.subject}: {first.alarm.splitlines()[0]}; "
                f"mend the code or the detector before any score"
            )
        return runs

    def _catches(self, ended: Ended) -> None:
        judgement = _judgement(ended)
        if judgement.verdict is not Verdict.KILLED:
            raise ControlFailed(
                f"{ended.key} does not kill its own blatant example ({judgement.verdict}"
                f"{': ' + judgement.evidence if judgement.evidence else ''}); mend the detector before any score"
            )


def _judgement(ended: Ended) -> Judgement:
    if ended.timeout:
        return Judgement(Verdict.TIMEOUT, evidence=f"did not end in {ended.seconds:.0f} s", seconds=ended.seconds)
    if ended.died:
        return Judgement(Verdict.CRASHED, evidence=ended.died, seconds=ended.seconds)
    judgement: Judgement = ended.value
    return judgement


@dataclass(frozen=True)
class Score:
    """A kill matrix with its faults, detectors and time; `equivalents` are the reasons of the faults not counted."""

    faults: Sequence[Fault]
    detectors: Sequence[Detector]
    rows: Mapping[str, Mapping[str, Judgement]]
    seconds: float
    equivalents: Mapping[str, str] = field(default_factory=dict)

    @property
    def counted(self) -> list[Fault]:
        """The faults that are in the coverage: all but the equivalent ones."""
        return [fault for fault in self.faults if fault.id not in self.equivalents]

    @property
    def judges(self) -> list[str]:
        """The detectors whose kills count: the strong ones, or all if only weak ones were asked for."""
        return [d.name for d in self.detectors if not d.weak] or [d.name for d in self.detectors]

    def verdict(self, fault: Fault) -> Verdict:
        return together(self.rows[fault.id], self.judges)

    def coverage(self, detector: str) -> Coverage:
        return Coverage.of(self.rows[fault.id][detector].verdict for fault in self.counted)

    def total(self) -> Coverage:
        return Coverage.of(self.verdict(fault) for fault in self.counted)


def score(faults: Sequence[Fault], detectors: Sequence[Detector], workers: int, progress: Progress) -> Score:
    """Check that every fault applies, run both controls, then fill the matrix. Raises FaultError, ControlFailed."""
    started = time.perf_counter()
    for fault in [*faults, *(detector.example for detector in detectors)]:
        with injected(fault):
            pass
    lab = Lab(detectors, workers, progress)
    lab.check_controls()
    rows = lab.judge_all(faults)
    return Score(faults, detectors, rows, time.perf_counter() - started)
