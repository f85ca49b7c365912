"""A pytest plugin for mutmut's workers: ends a mutant's endless loop after the time of the test it hangs in.

mutmut's own limit is a multiple of the time of *all* tests that reach the function, which is a minute for a lexer.
The limit counts processor time, so a busy machine does not turn a survivor into a timeout.
"""

import os
import signal
from collections.abc import Generator
from types import FrameType

import pytest
from mutmut.state import state

MUTMUT_TIMEOUT = 36
FLOOR_SECONDS = 1.0
FACTOR = 10.0


def expire(_signal: int, _frame: FrameType | None) -> None:
    """Leave at once: a test that catches every exception must not catch this."""
    os._exit(MUTMUT_TIMEOUT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run one test against the clock, if a mutant is under test."""
    if "__mutmut_" not in os.environ.get("MUTANT_UNDER_TEST", ""):
        return (yield)
    measured = state().duration_by_test.get(item.nodeid, 0.0)
    signal.signal(signal.SIGPROF, expire)
    signal.setitimer(signal.ITIMER_PROF, FLOOR_SECONDS + FACTOR * measured)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
