"""One detector's judgement of one fault, and what its probes reach on clean code."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nnlab.lab.detector import Probe
from nnlab.lab.engine.cell import summary
from nnlab.lab.fault import Fault
from nnlab.lab.inject import injected
from nnlab.lab.reach import Recorder
from nnlab.lab.verdict import Judgement, Verdict


@dataclass(frozen=True)
class CleanRun:
    """What one probe did on clean code: its alarm if it raised one, the functions it executed, the calls it took."""

    subject: str
    seed: int
    alarm: str
    functions: frozenset[str]
    seconds: float
    calls: int = 0


def judge(fault: Fault, probes: Iterable[Probe], seed: int = 0) -> Judgement:
    """Run the probes on the faulty code until one detects it; a crash counts only if no assertion fails."""
    started = time.perf_counter()
    crash: tuple[str, str] | None = None
    with injected(fault), np.errstate(all="ignore"):
        for probe in probes:
            try:
                probe.run(seed)
            except AssertionError as error:
                return Judgement(Verdict.KILLED, probe.subject, str(error), time.perf_counter() - started)
            except Exception as error:
                crash = crash or (probe.subject, summary(error))
    seconds = time.perf_counter() - started
    if crash:
        return Judgement(Verdict.CRASHED, *crash, seconds)
    return Judgement(Verdict.SURVIVED, seconds=seconds)


def run_clean(probes: Sequence[Probe], seeds: Iterable[int], record: bool = False) -> list[CleanRun]:
    """Run the probes on clean code for every seed; with `record`, note which functions each executes.

    A probe for which all seeds are the same runs for seed 0 alone.
    """
    runs = []
    for seed in seeds:
        for probe in probes:
            if seed != 0 and not probe.seeded:
                continue
            started = time.process_time()
            alarm, recorder = "", Recorder()
            try:
                if record:
                    recorder.record(partial(probe.run, seed))
                else:
                    probe.run(seed)
            except Exception as error:
                alarm = summary(error)
            seconds = time.process_time() - started + recorder.saved
            runs.append(CleanRun(probe.subject, seed, alarm, recorder.functions, seconds, recorder.calls))
    return runs
