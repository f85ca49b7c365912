"""Filling the kill matrix: what is known is taken, what is not is judged, what is judged is kept."""

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from nnlab.lab.detector import Detector
from nnlab.lab.engine.bench import Bench, modules_of, watched
from nnlab.lab.engine.isolated import judge_isolated
from nnlab.lab.engine.kit import Kit
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.local import judge_here
from nnlab.lab.engine.memory import Memory
from nnlab.lab.engine.plan import CALLS, Batch, Reach, Task, batches
from nnlab.lab.engine.row import Row
from nnlab.lab.fault import Fault
from nnlab.lab.verdict import Judgement, Verdict

#: Verdicts are written at least this often, in seconds: so much is lost when this process is killed.
FLUSH = 1.0


@dataclass(frozen=True)
class Asked:
    """How a matrix is to be filled."""

    workers: int
    limits: Limits
    first_kill: bool = False
    isolated: bool = False
    deadline: float = float("inf")
    cluster: str | None = None


@dataclass
class Filling:
    """A matrix while it is being filled. `rows` has a row for each fault whose judgement is complete."""

    faults: Mapping[str, Fault]
    detectors: Sequence[Detector]
    reach: Reach
    asked: Asked
    memory: Memory | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    #: The cells that were judged rather than known.
    judged: set[tuple[str, str]] = field(default_factory=set)
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _pending: dict[str, Row] = field(default_factory=dict)
    _unwritten: dict[str, Row] = field(default_factory=dict)
    _flushed: float = 0.0

    def fill(self, done: Callable[[int], None]) -> None:
        """Judge every fault; `done` is told how many are complete. Raises FaultError if one does not apply."""
        with nothing_is_garbage():
            todo = self._unknown()
        if self.rows:
            done(len(self.rows))
        try:
            for rows in self._judge(todo):
                self._take(rows)
                done(len(self.rows))
        finally:
            self._flush()

    def _unknown(self) -> list[Batch]:
        """The batches of what is not known."""
        tasks, known = [], {}
        self.reach.expect(self.faults.values())
        for fault in self.faults.values():
            reaching = tuple(d.name for d in self.detectors if self.reach.of(fault, d.name))
            tasks.append(Task(fault.id, reaching))
            if self.memory:
                self._keys[fault.id] = self.memory.row_keys(fault, reaching, self.reach, self.asked.first_kill)
        if self.memory:
            known = self.memory.known(self._keys)
        every = batches(tasks, self.faults, weight=self._weight)
        return [left for batch in every if (left := self._left(batch, known)).tasks]

    def _weight(self, task: Task) -> int:
        """As how many faults this one counts in a batch: a first kill, that of one, seldom needs many probes."""
        if self.asked.first_kill:
            return 1
        return 1 + self.reach.calls(self.faults[task.fault], task.detectors) // CALLS

    def _left(self, batch: Batch, known: Mapping[str, Row]) -> Batch:
        """The batch without what is known."""
        left = [self._left_of(task, known.get(task.fault, {})) for task in batch.tasks]
        for task in batch.tasks:
            self.rows[task.fault] = known.get(task.fault, {})
        for task in filter(None, left):
            self._pending[task.fault] = self.rows.pop(task.fault)
        return Batch(tuple(filter(None, left)))

    def _left_of(self, task: Task, known: Row) -> Task | None:
        names = tuple(name for name in task.detectors if name not in known)
        if self.asked.first_kill and any(judgement.verdict.detected for judgement in known.values()):
            names = ()
        return Task(task.fault, names) if names else None

    def _judge(self, todo: Sequence[Batch]) -> Iterator[Mapping[str, Row]]:
        if not todo:
            return
        asked = self.asked
        if asked.cluster is None:
            yield from judge_here(self.bench, todo, asked.workers, asked.deadline, asked.isolated)
            return
        from nnlab.lab.engine.cluster import judge_on  # half a second, and an extra

        modules = modules_of(self.faults.values())
        kit = Kit.of(self.detectors, self.reach, modules, asked.limits, asked.first_kill, asked.isolated)
        yield from judge_on(asked.cluster, kit, self.faults, todo, asked.deadline)

    @cached_property
    def bench(self) -> Bench:
        """What the workers are forked with."""
        with nothing_is_garbage():
            watch = watched(modules_of(self.faults.values()), self.detectors, self.reach)
        return Bench(self.faults, self.reach, self.asked.limits, watch, self.asked.first_kill)

    def _take(self, rows: Mapping[str, Row]) -> None:
        for fault, row in rows.items():
            self.judged |= {(fault, name) for name in row}
            known = self._pending.pop(fault, {})
            self.rows[fault] = known | row
        if self.memory:
            self._unwritten.update(rows)
            if time.monotonic() - self._flushed > FLUSH:
                self._flush()

    def _flush(self) -> None:
        if self.memory and self._unwritten:
            self.memory.keep(self._keys, self._unwritten)
            self._unwritten.clear()
        self._flushed = time.monotonic()

    def keys(self) -> dict[str, dict[str, str]]:
        """The keys in the store of every verdict in the rows, by fault and detector."""
        return {fault: {name: self._keys[fault][name] for name in row} for fault, row in self.rows.items()}

    def audit(self, count: int, seed: int) -> list[str]:
        """Judge so many random cells again, each in a process of its own; those whose verdict differs, in words."""
        cells = sorted((fault, name) for fault, row in self.rows.items() for name in row)
        chosen = random.Random(seed).sample(cells, min(count, len(cells)))
        tasks = [Task(fault, (name,)) for fault, name in chosen]
        found = []
        for fault, name, again in judge_isolated(self.bench, tasks, self.asked.workers):
            was = self.rows[fault][name]
            same = was.verdict == again.verdict
            if self.asked.first_kill:  # which probe is first decides between an assertion and a crash
                same = was.verdict.detected == again.verdict.detected
            if not same:
                found.append(f"{fault} before {name}: {was.verdict}, but {again.verdict} in a process of its own")
        return sorted(found)


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Many objects are made in here, and all of them are kept: to look for garbage meanwhile would take longer."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def whole_row(detectors: Sequence[Detector], row: Mapping[str, Judgement], first_kill: bool) -> Row:
    """The row with `unreached` for the detectors that reach nothing; of a first kill, what was judged."""
    unreached = Judgement(Verdict.UNREACHED)
    if first_kill and row:
        return dict(row)
    return {d.name: row.get(d.name, unreached) for d in detectors}
