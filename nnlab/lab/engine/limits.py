"""How much time, memory and output a fault may take."""

import contextlib
import faulthandler
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Limits:
    """What a probe may take on faulty code; times in seconds, sizes in bytes.

    A probe may use `slowdown` times the processor time of its clean run and never less than `cpu`; once a fault has
    run out of time, `again` instead of `cpu` for its other probes, and `budget` for all of them. What no signal handler
    can interrupt is killed after the same multiple, and no less than `wall`, on the clock. `memory` is counted from
    what the process has before the fault.
    """

    slowdown: float = 20.0
    cpu: float = 0.5
    again: float = 0.02
    budget: float = 5.0
    wall: float = 10.0
    memory: int = 1 << 30
    output: int = 1 << 26

    def on_the_clock(self, clean: float) -> float:
        return max(self.wall, self.slowdown * clean)


class OutOfTime(BaseException):
    """A probe has used up its processor time. No `except Exception` in the code under test catches it."""


def limited(run: Callable[[], R], seconds: float) -> R:
    """Run, for so many seconds of processor time. Raises OutOfTime.

    The signal repeats, in case the code under test swallows the exception.
    """
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)
        return run()
    finally:
        _stop_timer()


def _stop_timer() -> None:
    """However often the signal comes meanwhile."""
    while True:
        try:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            return
        except OutOfTime:
            continue


def _out_of_time(number: int, frame: FrameType | None) -> None:
    raise OutOfTime


def restrict(limits: Limits) -> None:
    """Limit this process, which runs faulty code from now on: memory, output, signals, warnings."""
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, _out_of_time)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  # closed by the end of the process
    warnings.simplefilter("ignore")
    _lower(resource.RLIMIT_AS, address_space() + limits.memory)
    _lower(resource.RLIMIT_FSIZE, limits.output)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(what: int, size: int) -> None:
    _, most = resource.getrlimit(what)
    resource.setrlimit(what, (size if most == resource.RLIM_INFINITY else min(size, most), most))


def close_files(*kept: int) -> None:
    """Close what was inherited, but for the standard three and these: faulty code could write into it."""
    for descriptor in _inherited():
        if descriptor > 2 and descriptor not in kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _inherited() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208  # they are numbers, not paths
    except OSError:
        return list(range(3, 1024))


def address_space() -> int:
    """Bytes of address space of this process; far too many where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # after every batch
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 46


def clock() -> float:
    """Processor seconds of this process."""
    return time.process_time()
