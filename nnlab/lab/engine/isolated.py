"""The slow way, which is the yardstick: each fault before each detector in a process of its own."""

import mmap
import pickle
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from nnlab.errors import FaultError
from nnlab.lab.engine.bench import Bench
from nnlab.lab.engine.cell import NOTHING, Finding, Patience, Ready, judge_cell
from nnlab.lab.engine.limits import restrict
from nnlab.lab.engine.plan import Task
from nnlab.lab.inject import injected
from nnlab.lab.runner import Ended, Job, run
from nnlab.lab.verdict import Judgement, Verdict

_SLOT = struct.Struct("<qI")
_SIZE = 8192
#: A fault may end or block its process so often in one cell; its other probes are not asked then.
DEATHS = 200
#: ... and so often have to be killed on the clock.
HANGS = 2


@dataclass
class _Cell:
    """What is known of a cell so far. `memory` is shared with the process that judges it: no pipe to close."""

    fault: str
    detector: str
    probes: Sequence[Ready]
    memory: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, _SIZE))
    best: Finding = NOTHING
    asked: int = 0
    deaths: int = 0
    hangs: int = 0
    seconds: float = 0.0

    @property
    def limit(self) -> float:
        return sum(ready.seconds for ready in self.probes[self.asked :])

    @property
    def over(self) -> bool:
        enough = self.deaths >= DEATHS or self.hangs >= HANGS
        return self.best.verdict is Verdict.KILLED or enough or self.asked >= len(self.probes)

    @property
    def judgement(self) -> Judgement:
        return Judgement(self.best.verdict, self.best.probe, self.best.evidence, self.seconds)

    def note(self, found: Finding) -> None:
        self.best = min(self.best, found, key=lambda finding: finding.rank)


def judge_isolated(bench: Bench, tasks: Sequence[Task], workers: int) -> Iterator[tuple[str, str, Judgement]]:
    """Yield fault, detector and judgement for every cell of the tasks.

    Where a probe ends its process, that is what the probe has found (`crashed`), and the next one gets a new process;
    likewise where a process has to be killed (`timeout`).
    """
    todo = [
        _Cell(task.fault, name, bench.reach.of(bench.faults[task.fault], name))
        for task in tasks
        for name in task.detectors
    ]
    while todo:
        again: list[_Cell] = []
        by_key = {(cell.fault, cell.detector): cell for cell in todo}
        jobs = [_job(bench, cell) for cell in todo]
        for ended in run(jobs, workers):
            cell = by_key.pop(ended.key)  # type: ignore[call-overload]
            _read(cell, ended)
            if cell.over:
                cell.memory.close()
                yield cell.fault, cell.detector, cell.judgement
            else:
                again.append(cell)
        todo = again


def _job(bench: Bench, cell: _Cell) -> Job:
    return Job((cell.fault, cell.detector), lambda: _judge(bench, cell), bench.limits.on_the_clock(cell.limit))


def _judge(bench: Bench, cell: _Cell) -> None:
    """In the process: judge what is left of the cell, and leave the result in the shared memory."""
    restrict(bench.limits)

    def begin(ready: Ready) -> None:
        _SLOT.pack_into(cell.memory, 0, ready.place, 0)

    try:
        with injected(bench.faults[cell.fault]), np.errstate(all="ignore"):
            judgement, best = judge_cell(cell.probes[cell.asked :], Patience(bench.limits), begin, cell.best)
        answer = pickle.dumps((judgement.seconds, best))
    except FaultError as error:
        answer = pickle.dumps(error)
    cell.memory[_SLOT.size : _SLOT.size + len(answer)] = answer
    _SLOT.pack_into(cell.memory, 0, len(cell.probes), len(answer))


def _read(cell: _Cell, ended: Ended) -> None:
    """Take the result of a process, or, if it left none, what its end says of the probe it was at."""
    asked, size = _SLOT.unpack_from(cell.memory, 0)
    if size:
        answer = pickle.loads(cell.memory[_SLOT.size : _SLOT.size + size])
        if isinstance(answer, FaultError):
            raise answer
        seconds, best = answer
        cell.seconds += seconds
        cell.note(best)
        cell.asked = len(cell.probes)
        return
    cell.seconds += ended.seconds
    ready = cell.probes[asked]
    if ended.timeout:
        cell.hangs += 1
        verdict, said = Verdict.TIMEOUT, f"did not end in {ended.seconds:.0f} s"
    else:
        cell.deaths += 1
        verdict, said = Verdict.CRASHED, ended.died
    cell.note(Finding(verdict, ready.place, ready.probe.subject, said))
    cell.asked = asked + 1
