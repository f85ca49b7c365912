"""Which functions a probe executes, and which suites of them."""

import sys
import types
from collections.abc import Callable
from typing import Any, TypeVar

from nnlab.lab.fault import Constant, Fault
from nnlab.lab.suites import entered

R = TypeVar("R")


def reached(run: Callable[[], object]) -> frozenset[str]:
    """The functions, as module:Qual.name, that are called while `run` runs."""
    return recorded(run)[0]


def recorded(run: Callable[[], object]) -> tuple[frozenset[str], int]:
    """The functions, as module:Qual.name, that are called while `run` runs, and the number of calls, without C's."""
    recorder = Recorder()
    recorder.record(run)
    return recorder.functions, recorder.calls


class Recorder:
    """A trace function that notes each function that is called, and counts the calls.

    It is told of nothing else, neither of lines nor of what is written in C, which would take twice the time.
    """

    def __init__(self) -> None:
        self.codes: dict[types.CodeType, str] = {}
        #: The suites that were entered; none where the code is not marked.
        self.suites: set[str] = set()
        self.calls = 0
        #: Processor time that was saved since something had been recorded before.
        self.saved = 0.0

    def __call__(self, frame: types.FrameType, event: str, argument: Any) -> None:
        self.calls += 1
        if frame.f_code not in self.codes:
            self.codes[frame.f_code] = frame.f_globals.get("__name__", "")

    def record(self, run: Callable[[], R]) -> R:
        """Note what is called while `run` runs."""
        before, suites = sys.gettrace(), entered()
        earlier = frozenset(suites)
        suites.clear()
        sys.settrace(self)
        try:
            return run()
        finally:
            sys.settrace(before)
            self.suites |= suites
            suites |= earlier

    def include(self, other: "Recorder") -> None:
        """Note also what another one has noted."""
        self.codes.update(other.codes)
        self.suites |= other.suites
        self.calls += other.calls

    @property
    def functions(self) -> frozenset[str]:
        """The functions, as module:Qual.name, and the suites, with their number behind an @."""
        return frozenset(self.suites).union(f"{module}:{code.co_qualname}" for code, module in self.codes.items())


def reaches(functions: frozenset[str], fault: Fault) -> bool:
    """Whether any target of the fault was executed; a constant counts as soon as any code of its module was."""
    modules = {name.partition(":")[0] for name in functions}
    return any(
        edit.target.partition(":")[0] in modules if isinstance(edit, Constant) else edit.target in functions
        for edit in fault.edits
    )
