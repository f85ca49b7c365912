"""The parent's side of the workers: hands out batches, replaces a worker that dies, hangs or is no longer clean."""

import contextlib
import os
import pickle
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nnlab.lab.engine.bench import Bench
from nnlab.lab.engine.plan import Batch, Task
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.worker import Board, Report, send, serve, taken

#: How often the workers are looked at, in seconds.
PULSE = 0.1


@dataclass
class _Worker:
    pid: int
    tasks: int
    reports: int
    board: Board
    batch: Batch
    received: bytearray = field(default_factory=bytearray)

    @property
    def hangs(self) -> bool:
        """Whether the probe it is at has had its time on the clock."""
        task, since, seconds = self.board.read()
        return task >= 0 and time.monotonic() > since + seconds


@dataclass
class Pool:
    """Workers that judge batches; a task whose fault harms its worker is set apart, for a process of its own."""

    bench: Bench
    size: int
    deadline: float = float("inf")
    waiting: deque[Batch] = field(default_factory=deque)
    apart: list[Task] = field(default_factory=list)
    _busy: dict[int, _Worker] = field(default_factory=dict)
    _idle: list[_Worker] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def judge(self, batches: Sequence[Batch]) -> Iterator[dict[str, Row]]:
        """Yield rows as they come, until all tasks are judged or set apart, or the deadline has passed."""
        self.waiting.extend(batches)
        try:
            while (self.waiting or self._busy) and time.monotonic() < self.deadline:
                while self.waiting and len(self._busy) < self.size:
                    self._hand_out(self.waiting.popleft())
                for key, _ in self._selector.select(PULSE):
                    if rows := self._hear(self._busy[key.fd]):
                        yield rows
                for worker in [w for w in self._busy.values() if w.hangs]:
                    self._lost(worker)
        finally:
            for worker in [*self._busy.values(), *self._idle]:
                self._end(worker)
            self._selector.close()

    def _hand_out(self, batch: Batch) -> None:
        worker = self._idle.pop() if self._idle else self._fork(batch)
        worker.batch = batch
        worker.board.task = -1
        worker.board.write(0.0)
        self._busy[worker.reports] = worker
        self._selector.register(worker.reports, selectors.EVENT_READ)
        with contextlib.suppress(BrokenPipeError):  # it died while it was idle: the end of its reports says so
            send(worker.tasks, batch)

    def _fork(self, batch: Batch) -> _Worker:
        board = Board()
        tasks, give = os.pipe()
        hear, reports = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            serve(self.bench, tasks, reports, board)
        os.close(tasks)
        os.close(reports)
        with contextlib.suppress(OSError):  # the child does so too; whoever comes first
            os.setpgid(pid, pid)
        return _Worker(pid, give, hear, board, batch)

    def _hear(self, worker: _Worker) -> dict[str, Row]:
        """Read what a worker has to say; the rows, once its report is complete."""
        chunk = os.read(worker.reports, 1 << 16)
        worker.received += chunk
        try:
            report = taken(worker.received)
        except (ValueError, EOFError, ImportError, AttributeError, pickle.UnpicklingError):
            report, chunk = None, b""  # the code under test has written into the pipe
        if isinstance(report, Report):
            return self._done(worker, report)
        if not chunk:
            self._lost(worker)
        return {}

    def _done(self, worker: _Worker, report: Report) -> dict[str, Row]:
        if report.refused:
            raise report.refused
        self._busy.pop(worker.reports)
        self._selector.unregister(worker.reports)
        if report.leak or report.grown:
            self._end(worker)
        else:
            self._idle.append(worker)
        missing = [task for task in worker.batch.tasks if task.fault not in report.rows]
        if report.leak:
            self._judge_singly(missing)
        elif missing:
            self.waiting.appendleft(Batch(tuple(missing)))
        return dict(report.rows)

    def _judge_singly(self, tasks: Sequence[Task]) -> None:
        """Find the one that leaks; a single task that leaks is set apart."""
        if len(tasks) == 1:
            self.apart.extend(tasks)
        else:
            self.waiting.extendleft(Batch((task,)) for task in reversed(tasks))

    def _lost(self, worker: _Worker) -> None:
        """The worker is dead, or has to be killed: its task is set apart, the others of its batch begin again."""
        at, _, _ = worker.board.read()
        self._busy.pop(worker.reports)
        self._selector.unregister(worker.reports)
        self._end(worker)
        tasks = list(worker.batch.tasks)
        if 0 <= at < len(tasks):
            self.apart.append(tasks.pop(at))
            self.waiting.extendleft(Batch((task,)) for task in reversed(tasks))
        else:
            self._judge_singly(tasks)

    def _end(self, worker: _Worker) -> None:
        """Kill the worker with all that its faults have started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        os.close(worker.tasks)
        os.close(worker.reports)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(worker.pid, 0)
