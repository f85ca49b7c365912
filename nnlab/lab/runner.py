"""Running many small jobs, each in a forked process of its own, with a time limit and without leaks."""

import os
import pickle
import selectors
import signal
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nnlab.lab.engine.limits import close_files


@dataclass(frozen=True)
class Job:
    """Something to run: `work()` in a child process, for at most `limit` seconds."""

    key: Hashable
    work: Callable[[], Any]
    limit: float


@dataclass(frozen=True)
class Ended:
    """How a job ended: with a `value`, or `timeout`, or having `died` of what the string says."""

    key: Hashable
    value: Any = None
    timeout: bool = False
    died: str = ""
    seconds: float = 0.0


@dataclass
class _Child:
    job: Job
    pid: int
    pipe: int
    started: float
    received: bytearray


def run(jobs: Sequence[Job], workers: int) -> Iterator[Ended]:
    """Run all jobs, `workers` at a time, and yield each as it ends. On any exception all children are killed."""
    waiting = list(reversed(jobs))
    running: dict[int, _Child] = {}
    selector = selectors.DefaultSelector()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                child = _start(waiting.pop())
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            now = time.monotonic()
            patience = min(child.started + child.job.limit - now for child in running.values())
            for key, _ in selector.select(max(0.0, patience)):
                child = running[key.fd]
                chunk = os.read(child.pipe, 1 << 16)
                child.received += chunk
                if not chunk:
                    yield _finish(running.pop(key.fd), selector)
            now = time.monotonic()
            for child in [c for c in running.values() if now >= c.started + c.job.limit]:
                os.kill(child.pid, signal.SIGKILL)
                _finish(running.pop(child.pipe), selector)
                yield Ended(child.job.key, timeout=True, seconds=now - child.started)
    finally:
        for child in running.values():
            os.kill(child.pid, signal.SIGKILL)
            _finish(child, selector)
        selector.close()


def _start(job: Job) -> _Child:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _child(job, writing)
    os.close(writing)
    return _Child(job, pid, reading, time.monotonic(), bytearray())


def _child(job: Job, writing: int) -> None:
    """Run the job and leave, whatever happens; what it prints is thrown away."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        close_files(writing)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  # closed by the end of the process
        try:
            answer = (True, job.work())
        except BaseException as error:
            answer = (False, f"{type(error).__name__}: {error}")
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
        status = 0
    finally:
        os._exit(status)


def _finish(child: _Child, selector: selectors.BaseSelector) -> Ended:
    selector.unregister(child.pipe)
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    seconds = time.monotonic() - child.started
    try:
        fine, value = pickle.loads(bytes(child.received))
    except (EOFError, pickle.UnpicklingError):
        code = os.waitstatus_to_exitcode(status)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        return Ended(child.job.key, died=f"the process died with {how}", seconds=seconds)
    if not fine:
        return Ended(child.job.key, died=value, seconds=seconds)
    return Ended(child.job.key, value=value, seconds=seconds)
