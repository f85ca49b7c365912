"""Filling the kill matrix: what is known is taken, what is not is judged, what is judged is kept."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nnlab.lab.detector import Detector
from nnlab.lab.engine.isolated import judge_isolated
from nnlab.lab.engine.leaks import Watch
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.memory import Memory
from nnlab.lab.engine.plan import Batch, Reach, Task, batches
from nnlab.lab.engine.pool import Pool
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.worker import Bench
from nnlab.lab.fault import Fault
from nnlab.lab.verdict import Judgement, Verdict

#: Verdicts are written at least this often, in seconds: so much is lost when this process is killed.
FLUSH = 1.0
#: The state of these is not that of the code under test.
_ASIDE = ("nnlab.lab", "nnlab.cli", "nnlab.report")


@dataclass(frozen=True)
class Asked:
    """How a matrix is to be filled."""

    workers: int
    limits: Limits
    first_kill: bool = False
    isolated: bool = False
    deadline: float = float("inf")


@dataclass
class Filling:
    """A matrix while it is being filled. `rows` has a row for each fault whose judgement is complete."""

    faults: Mapping[str, Fault]
    detectors: Sequence[Detector]
    reach: Reach
    asked: Asked
    memory: Memory | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    #: The cells that were judged rather than known, and how many workers had to be replaced.
    judged: set[tuple[str, str]] = field(default_factory=set)
    replaced: int = 0
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _pending: dict[str, Row] = field(default_factory=dict)
    _unwritten: dict[str, Row] = field(default_factory=dict)
    _flushed: float = 0.0

    def fill(self, done: Callable[[int], None]) -> None:
        """Judge every fault; `done` is told how many are complete. Raises FaultError if one does not apply."""
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
        for fault in self.faults.values():
            reaching = tuple(d.name for d in self.detectors if self.reach.of(fault, d.name))
            tasks.append(Task(fault.id, reaching))
            if self.memory:
                self._keys[fault.id] = self.memory.row_keys(fault, reaching, self.reach, self.asked.first_kill)
        if self.memory:
            known = self.memory.known(self._keys)
        return [left for batch in batches(tasks, self.faults) if (left := self._left(batch, known)).tasks]

    def _left(self, batch: Batch, known: Mapping[str, Row]) -> Batch:
        """The batch without what is known; of a first kill all or nothing, since the order depends on the batch."""
        left = [self._left_of(task, known.get(task.fault, {})) for task in batch.tasks]
        if self.asked.first_kill and any(left):
            self.rows.update((task.fault, {}) for task in batch.tasks if not task.detectors)  # which nothing reaches
            return Batch(tuple(task for task in batch.tasks if task.detectors))
        for task in batch.tasks:
            self.rows.setdefault(task.fault, {}).update(known.get(task.fault, {}))
        for task in filter(None, left):
            self._pending[task.fault] = self.rows.pop(task.fault)
        return Batch(tuple(filter(None, left)))

    def _left_of(self, task: Task, known: Row) -> Task | None:
        names = tuple(name for name in task.detectors if name not in known)
        if self.asked.first_kill and any(judgement.verdict.detected for judgement in known.values()):
            names = ()
        return Task(task.fault, names) if names else None

    def _judge(self, todo: Sequence[Batch]) -> Iterator[Mapping[str, Row]]:
        tasks = [task for batch in todo for task in batch.tasks]
        if not tasks:
            return
        bench = self.bench
        if not self.asked.isolated:
            pool = Pool(bench, min(self.asked.workers, len(todo)), self.asked.deadline)
            yield from pool.judge(todo)
            tasks, self.replaced = pool.apart, pool.replaced
        if time.monotonic() < self.asked.deadline:
            yield from self._apart(bench, tasks)

    def _apart(self, bench: Bench, tasks: Sequence[Task]) -> Iterator[Mapping[str, Row]]:
        """Each cell in a process of its own; a row is complete with its last cell."""
        rows: dict[str, Row] = {}
        wanted = {task.fault: set(task.detectors) for task in tasks}
        for fault, name, judgement in judge_isolated(bench, tasks, self.asked.workers):
            row = rows.setdefault(fault, {})
            row[name] = judgement
            if set(row) == wanted[fault]:
                yield {fault: self._first(row) if self.asked.first_kill else row}
            if time.monotonic() > self.asked.deadline:
                return

    def _first(self, row: Row) -> Row:
        """The first detector that notices the fault, alone; all of them, if none does."""
        found = next((d.name for d in self.detectors if d.name in row and row[d.name].verdict.detected), None)
        return row if found is None else {found: row[found]}

    @cached_property
    def bench(self) -> Bench:
        """What the workers are forked with."""
        targets = [target for fault in self.faults.values() for target in fault.targets]
        packages = {target.partition(".")[0].partition(":")[0] for target in targets}
        packages |= {(d.probes.__module__ or "").partition(".")[0] for d in self.detectors}
        watch = Watch(packages, list(self.reach.probes.values()), _ASIDE)
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


def whole_row(detectors: Sequence[Detector], row: Mapping[str, Judgement], first_kill: bool) -> Row:
    """The row with `unreached` for the detectors that reach nothing; of a first kill, what was judged."""
    unreached = Judgement(Verdict.UNREACHED)
    if first_kill and row:
        return dict(row)
    return {d.name: row.get(d.name, unreached) for d in detectors}
