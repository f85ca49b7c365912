"""Judging on this machine: in workers, and in processes of their own what cannot be judged there."""

import time
from collections.abc import Iterator, Sequence

from nnlab.lab.engine.bench import Bench
from nnlab.lab.engine.isolated import judge_isolated
from nnlab.lab.engine.plan import Batch, Task
from nnlab.lab.engine.pool import Pool
from nnlab.lab.engine.row import Row


def judge_here(
    bench: Bench, todo: Sequence[Batch], workers: int, deadline: float = float("inf"), isolated: bool = False
) -> Iterator[dict[str, Row]]:
    """Yield rows as they come, until all are judged or the deadline has passed. Raises FaultError."""
    tasks = [task for batch in todo for task in batch.tasks]
    if not isolated:
        pool = Pool(bench, min(workers, len(todo)), deadline)
        yield from pool.judge(todo)
        tasks = pool.apart
    if time.monotonic() < deadline:
        yield from _apart(bench, tasks, workers, deadline)


def _apart(bench: Bench, tasks: Sequence[Task], workers: int, deadline: float) -> Iterator[dict[str, Row]]:
    """Each cell in a process of its own; a row is complete with its last cell."""
    rows: dict[str, Row] = {}
    wanted = {task.fault: set(task.detectors) for task in tasks}
    for fault, name, judgement in judge_isolated(bench, tasks, workers):
        row = rows.setdefault(fault, {})
        row[name] = judgement
        if set(row) == wanted[fault]:
            yield {fault: _first(bench, row) if bench.first_kill else row}
        if time.monotonic() > deadline:
            return


def _first(bench: Bench, row: Row) -> Row:
    """The first detector that notices the fault, alone; all of them, if none does."""
    found = next((name for name in bench.reach.probes if name in row and row[name].verdict.detected), None)
    return row if found is None else {found: row[found]}
