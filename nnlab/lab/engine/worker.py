"""A worker: a forked process that judges batches of faults in place, for as long as nothing has changed in it."""

import contextlib
import ctypes
import gc
import mmap
import os
import pickle
import signal
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from nnlab.errors import FaultError
from nnlab.lab.engine.bench import Bench
from nnlab.lab.engine.cell import Ready
from nnlab.lab.engine.limits import close_files, restrict
from nnlab.lab.engine.plan import Batch, Task
from nnlab.lab.engine.row import Order, Row, first_kill, judge_row
from nnlab.lab.verdict import Verdict

_HEAD = struct.Struct("<Q")
_BOARD = struct.Struct("<qdd")


class Board:
    """A piece of memory shared with the parent: at which task the worker is, since when, and how long it may take."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, mmap.PAGESIZE)
        self.task = -1
        self.write(0.0)

    def write(self, seconds: float) -> None:
        _BOARD.pack_into(self.memory, 0, self.task, time.monotonic(), seconds)

    def read(self) -> tuple[int, float, float]:
        """The number of the task in its batch, or -1; when its probe began; its limit on the clock."""
        task, since, seconds = _BOARD.unpack_from(self.memory, 0)
        return task, since, seconds


@dataclass(frozen=True)
class Report:
    """What became of a batch: its rows; or a leak, and then no row of it may be trusted; or why a fault is refused."""

    rows: Mapping[str, Row]
    leak: str = ""
    refused: FaultError | None = None
    grown: bool = False


def serve(bench: Bench, tasks: int, reports: int, board: Board) -> NoReturn:
    """Judge batches from one pipe and report to the other, until it is closed or this process is no longer clean."""
    own = os.getpid()
    try:
        os.setpgid(0, 0)
        _die_with_parent()
        close_files(tasks, reports)
        restrict(bench.limits)
        gc.freeze()
        bench.watch.start()
        while (batch := receive(tasks)) is not None:
            report = judge_batch(bench, batch, board)
            if os.getpid() != own:  # the code under test has forked
                break
            board.task = -1
            board.write(0.0)
            send(reports, report)
            if report.leak or report.grown:
                break
    finally:
        os._exit(0)


def judge_batch(bench: Bench, batch: Batch, board: Board) -> Report:
    """Every task in turn, then a look at what they have left behind; at once where something is suspicious."""
    rows: dict[str, Row] = {}
    orders: dict[object, Order] = {}
    for number, task in enumerate(batch.tasks):
        board.task = number
        try:
            rows[task.fault] = _judge(bench, task, orders, board)
        except FaultError as error:
            return Report(rows, refused=error)
        if _out_of_memory(rows[task.fault]):
            return Report({}, leak=f"{task.fault} ran out of memory")
        if bench.watch.suspicion() or _timed_out(rows[task.fault]):
            break
    leak = bench.watch.leak()
    if leak:
        return Report({}, leak=leak)
    return Report(rows, grown=bench.watch.has_grown)


def _judge(bench: Bench, task: Task, orders: dict[object, Order], board: Board) -> Row:
    fault = bench.faults[task.fault]
    alike = bench.reach.places(fault), task.detectors
    if alike not in orders:
        orders[alike] = Order.of({name: bench.reach.of(fault, name) for name in task.detectors})

    def begin(ready: Ready) -> None:
        board.write(bench.limits.on_the_clock(ready.seconds))

    board.write(bench.limits.wall)
    judge = first_kill if bench.first_kill else judge_row
    return judge(fault, orders[alike], bench.limits, begin)


def _out_of_memory(row: Row) -> bool:
    """What was left over by the faults before may have been what was missing."""
    return any(j.verdict is Verdict.CRASHED and j.evidence.startswith("MemoryError") for j in row.values())


def _timed_out(row: Row) -> bool:
    """The exception came at any point of the code under test."""
    return any(j.verdict is Verdict.TIMEOUT for j in row.values())


def send(pipe: int, thing: object) -> None:
    """Write one object to a pipe."""
    data = pickle.dumps(thing)
    data = _HEAD.pack(len(data)) + data
    while data:
        data = data[os.write(pipe, data) :]


def receive(pipe: int) -> Any:
    """Read one object from a pipe; None at its end."""
    head = _exactly(pipe, _HEAD.size)
    return pickle.loads(_exactly(pipe, _HEAD.unpack(head)[0])) if head else None


def _exactly(pipe: int, size: int) -> bytes:
    """So many bytes, or none at the end of the pipe."""
    data = b""
    while len(data) < size:
        chunk = os.read(pipe, size - len(data))
        if not chunk:
            return b""
        data += chunk
    return data


def taken(buffer: bytearray) -> Any:
    """Take one whole object off the front of what was received so far; None if there is none. Raises ValueError."""
    if len(buffer) < _HEAD.size:
        return None
    size = _HEAD.unpack_from(buffer)[0]
    if size > 1 << 32:
        raise ValueError("no worker writes this much")
    if len(buffer) < _HEAD.size + size:
        return None
    data = bytes(buffer[_HEAD.size : _HEAD.size + size])
    del buffer[: _HEAD.size + size]
    return pickle.loads(data)


def _die_with_parent() -> None:
    """On Linux the system ends this process with its parent, however that ends; elsewhere the pipe's end does."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
