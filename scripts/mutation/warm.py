"""Tests every mutant in a pytest session that was collected once, before the fork.

mutmut's worker calls `pytest.main`, which configures itself and collects the tests anew for each mutant: most of the
time of a mutant that its first test kills. Only the workers change; statistics, clean run and forced failure do not.
"""

import contextlib
import io
import os
from collections.abc import Iterable
from itertools import pairwise

import pytest
from _pytest.config import _prepareconfig
from mutmut.runners.harness import PytestRunner
from mutmut.utils.file_utils import change_cwd
from mutmut.workers.isolation import ForkRunner

KILLED_BY_ERROR = 3  # pytest's code for an internal error
# mutmut spells a test id with other than ASCII characters, or with a backslash, in its own way. Such a test cannot be
# found again, and that must not look like a kill: mutmut calls this code suspicious, which counts as a survivor.
UNKNOWN_TEST = 35


class WarmRunner(PytestRunner):
    """mutmut's runner, with the tests at hand."""

    def __init__(self) -> None:
        super().__init__()
        # The long traceback would parse the mutated file, thousands of lines, for every failure.
        arguments = ["--rootdir=.", "--tb=native", "-x", "-q", "-s", *self._pytest_add_cli_args_test_selection]
        with change_cwd("mutants"), contextlib.redirect_stdout(io.StringIO()):
            config = _prepareconfig([*arguments, *self._pytest_add_cli_args])
            config._do_configure()
            self.session = pytest.Session.from_config(config)
            config.hook.pytest_sessionstart(session=self.session)
            config.hook.pytest_collection(session=self.session)
        self.items = {item.nodeid: item for item in self.session.items}

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Run the tests until one fails; the exit code is pytest's."""
        os.chdir("mutants")  # for good: this process ends with the mutant
        wanted = list(tests)
        if not all(name in self.items for name in wanted):
            return UNKNOWN_TEST
        chosen = [self.items[name] for name in wanted]
        try:
            for item, following in pairwise([*chosen, None]):
                assert item is not None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.session.testsfailed:
                    return int(pytest.ExitCode.TESTS_FAILED)
        except BaseException:  # pytest.exit, KeyboardInterrupt: it must not reach mutmut's own code in this process
            return KILLED_BY_ERROR
        return int(pytest.ExitCode.OK)


def install() -> None:
    """Make mutmut's workers use it: the tests are collected when the first of them is about to start."""
    startup = ForkRunner.startup

    def warm_startup(self: ForkRunner) -> None:
        self.test_runner = WarmRunner()
        startup(self)

    ForkRunner.startup = warm_startup  # type: ignore[method-assign]
