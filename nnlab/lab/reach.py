"""Which functions a probe executes."""

import sys
import types
from collections.abc import Callable
from typing import Any

from nnlab.lab.fault import Constant, Fault


def reached(run: Callable[[], object]) -> frozenset[str]:
    """The functions, as module:Qual.name, that are called while `run` runs."""
    return recorded(run)[0]


def recorded(run: Callable[[], object]) -> tuple[frozenset[str], int]:
    """The functions, as module:Qual.name, that are called while `run` runs, and the number of calls, C's included."""
    codes: dict[types.CodeType, str] = {}
    calls = 0

    def note(frame: types.FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")
        if event == "call" and frame.f_code not in codes:
            codes[frame.f_code] = frame.f_globals.get("__name__", "")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return frozenset(f"{module}:{code.co_qualname}" for code, module in codes.items()), calls


def reaches(functions: frozenset[str], fault: Fault) -> bool:
    """Whether any target of the fault was executed; a constant counts as soon as any code of its module was."""
    modules = {name.partition(":")[0] for name in functions}
    return any(
        edit.target.partition(":")[0] in modules if isinstance(edit, Constant) else edit.target in functions
        for edit in fault.edits
    )
