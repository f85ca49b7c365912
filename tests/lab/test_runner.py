"""Jobs run in processes of their own: whatever one of them does, the others and their results stay."""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from nnlab.lab.runner import Ended, Job, run


def one(work: Callable[[], Any], limit: float = 20.0) -> Ended:
    (ended,) = run([Job("key", work, limit)], 1)
    return ended


def test_a_job_gives_its_value() -> None:
    assert one(lambda: {"a": (1, 2.5)}).value == {"a": (1, 2.5)}


def test_a_large_value_does_not_block_the_pipe() -> None:
    assert len(one(lambda: b"x" * 10_000_000).value) == 10_000_000


def test_every_job_ends_once_whatever_the_number_of_workers() -> None:
    for workers in (1, 2, 5):
        ended = list(run([Job(i, lambda i=i: i * i, 20.0) for i in range(7)], workers))  # type: ignore[misc]
        assert {e.key: e.value for e in ended} == {i: i * i for i in range(7)}


def test_an_exception_is_reported_with_its_type() -> None:
    def fail() -> None:
        raise ZeroDivisionError("by zero")

    assert one(fail).died == "ZeroDivisionError: by zero"


def _exit() -> None:
    os._exit(7)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _leave() -> None:
    sys.exit(3)


def _recurse() -> None:
    _recurse()


def _unpicklable() -> object:
    return lambda: None


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (_exit, "the process died with exit status 7"),
        (_kill, "the process died with signal SIGKILL"),
        (_leave, "SystemExit: 3"),
        (_recurse, "RecursionError: maximum recursion depth exceeded"),
        (_unpicklable, "the process died with exit status 1"),
    ],
)
def test_a_job_that_dies_says_how(work: Callable[[], Any], said: str) -> None:
    assert one(work).died == said


@pytest.mark.slow
def test_endless_and_stopped_jobs_end_at_their_limit_and_leave_no_process() -> None:
    def endless() -> None:
        while True:
            pass

    def stopped() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    jobs = [Job("endless", endless, 0.3), Job("stopped", stopped, 0.3), Job("fine", lambda: 1, 20.0)]
    ended = {e.key: e for e in run(jobs, 2)}
    assert ended["endless"].timeout
    assert ended["stopped"].timeout
    assert ended["fine"].value == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_a_job_prints_or_closes_is_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> str:
        print("noise")
        os.close(1)
        sys.stderr.write("noise")
        return "done"

    assert one(noisy).value == "done"
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_leaving_early_kills_what_still_runs() -> None:
    started = time.monotonic()
    for ended in run([Job("quick", lambda: 1, 60.0), Job("slow", lambda: time.sleep(60), 60.0)], 2):
        assert ended.key == "quick"
        break
    assert time.monotonic() - started < 30
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
