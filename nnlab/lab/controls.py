"""The two controls before any score: each detector is silent on clean code, and catches its own example."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from nnlab.errors import ControlFailed
from nnlab.lab.detector import Detector, Probe
from nnlab.lab.engine.content import own_files
from nnlab.lab.engine.memory import Memory
from nnlab.lab.engine.plan import Reach
from nnlab.lab.engine.store import Store
from nnlab.lab.fault import Fault
from nnlab.lab.judge import CleanRun, judge, run_clean
from nnlab.lab.runner import Ended, Job
from nnlab.lab.runner import run as run_jobs
from nnlab.lab.suites import marked
from nnlab.lab.verdict import Judgement, Verdict

#: Told of each step: what was done, and how many of how many steps are done.
Progress = Callable[[str, int, int], None]

#: A cell may take this much longer than the detector takes on clean code, and never less than the floor.
SLOWDOWN, FLOOR = 20.0, 10.0

#: So many probes run on clean code in one process.
CHUNK = 40


@dataclass
class Lab:
    """Detectors whose controls have passed: their probes, and what each probe reaches on clean code.

    With a store, what earlier runs have recorded there is not run again, unless all has to be `fresh`.
    """

    detectors: Sequence[Detector]
    workers: int
    progress: Progress
    store: Store | None = None
    fresh: bool = False
    memory: Memory | None = None
    probes: dict[str, Sequence[Probe]] = field(default_factory=dict)
    runs: dict[str, list[CleanRun]] = field(default_factory=dict)

    def check_controls(self) -> None:
        """Each detector must be silent on clean code and catch its own example. Raises ControlFailed."""
        self.check_silent()
        self.check_examples()

    def check_silent(self) -> None:
        """The first control, in which is noted what each probe reaches."""
        self.probes = {d.name: d.probes() for d in self.detectors}
        if self.store:
            self.memory = Memory(self.store, self.detectors, self.fresh)
        known = {name: self._known(name) for name in self.probes}
        new = [(name, i) for name, runs in known.items() for i, run in enumerate(runs) if run is None]
        new.sort(key=lambda entry: self.probes[entry[0]][entry[1]].subject)  # probes of one subject share their stages
        chunks = [new[i : i + CHUNK] for i in range(0, len(new), CHUNK)]
        jobs = [
            Job(number, partial(run_clean, [self.probes[name][i] for name, i in chunk], [0], record=True), 600.0)
            for number, chunk in enumerate(chunks)
        ]
        with marked(own_files() if jobs else {}):
            for ended in self.run(jobs, "silent on clean code"):
                chunk = chunks[cast(int, ended.key)]
                for (name, i), run in zip(chunk, self._silent(chunk, ended), strict=True):
                    known[name][i] = run
                self._keep(chunk, known)
        self.runs = {name: [run for run in runs if run is not None] for name, runs in known.items()}
        self.reach = Reach(self.probes, self.runs)

    def check_examples(self) -> None:
        """The second control."""
        examples = {d.name: d.example for d in self.detectors if self._example(d) is None}
        jobs = [
            Job(name, partial(judge, example, self.reaching(example, name)), self.limit(name))
            for name, example in examples.items()
        ]
        for ended in self.run(jobs, "catches its example"):
            name, judgement = str(ended.key), judgement_of(ended)
            self._catches(name, judgement)
            if self.memory:
                key = self.memory.cell_key(examples[name], name, self.reach)
                self.memory.store.add_verdicts({key: judgement})

    def limit(self, detector: str) -> float:
        """How many seconds a detector may take on one fault."""
        return max(FLOOR, SLOWDOWN * sum(run.seconds for run in self.runs[detector]))

    def reaching(self, fault: Fault, detector: str) -> list[Probe]:
        """The probes that execute a target of the fault, cheapest first."""
        return [ready.probe for ready in self.reach.of(fault, detector)]

    def executed(self) -> frozenset[str]:
        """Every function that any probe executes on clean code."""
        return frozenset[str]().union(*(run.functions for runs in self.runs.values() for run in runs))

    def run(self, jobs: list[Job], doing: str) -> Iterator[Ended]:
        """Run the jobs, tell of the progress of what they are `doing`, and yield each as it ends."""
        for done, ended in enumerate(run_jobs(jobs, self.workers), start=1):
            self.progress(doing, done, len(jobs))
            yield ended

    def _known(self, name: str) -> list[CleanRun | None]:
        """The recording of each probe, as far as there is one."""
        return [self.memory.recording(name, probe) if self.memory else None for probe in self.probes[name]]

    def _example(self, detector: Detector) -> Judgement | None:
        """The kill of its example by a detector, if it is known."""
        if self.memory is None or self.fresh:
            return None
        key = self.memory.cell_key(detector.example, detector.name, self.reach)
        found = self.memory.store.verdicts([key]).get(key)
        return found if found and found.verdict is Verdict.KILLED else None

    def _keep(self, chunk: Sequence[tuple[str, int]], known: Mapping[str, Sequence[CleanRun | None]]) -> None:
        """Let the store remember what was recorded of these probes."""
        if self.memory is None:
            return
        for name in dict.fromkeys(name for name, _ in chunk):
            some = [(self.probes[name][i], run) for other, i in chunk if other == name and (run := known[name][i])]
            self.memory.keep_recordings(name, some)

    def _silent(self, chunk: Sequence[tuple[str, int]], ended: Ended) -> list[CleanRun]:
        """The clean runs of some probes. Raises ControlFailed if one was not silent."""
        if ended.timeout or ended.died:
            names = ", ".join(dict.fromkeys(name for name, _ in chunk))
            raise ControlFailed(f"{names} fails on clean code: {ended.died or 'it does not end'}; mend the detector")
        runs: list[CleanRun] = ended.value
        for (name, _), run in zip(chunk, runs, strict=True):
            if run.alarm:
                raise ControlFailed(
                    f"{name} raises an alarm on clean code, at {run.subject}: {run.alarm.splitlines()[0]}; "
                    f"mend the code or the detector before any score"
                )
        return runs

    def _catches(self, detector: str, judgement: Judgement) -> None:
        if judgement.verdict is not Verdict.KILLED:
            raise ControlFailed(
                f"{detector} does not kill its own blatant example ({judgement.verdict}"
                f"{': ' + judgement.evidence if judgement.evidence else ''}); mend the detector before any score"
            )


def judgement_of(ended: Ended) -> Judgement:
    """What the end of a process that judged a cell says."""
    if ended.timeout:
        return Judgement(Verdict.TIMEOUT, evidence=f"did not end in {ended.seconds:.0f} s", seconds=ended.seconds)
    if ended.died:
        return Judgement(Verdict.CRASHED, evidence=ended.died, seconds=ended.seconds)
    judgement: Judgement = ended.value
    return judgement
