"""What the detector `stated` asks of limits: how many steps a program takes, what values weigh, how deep it calls."""

import sys
from collections.abc import Callable, Mapping
from functools import partial

from nnlab.detectors.subjects import require
from riscv.errors import Source
from riscv.interpreter import MAX_CALLS, MEMORY, OBJECT, Interpreter, interpret
from riscv.resolver import resolve

#: A program and how many expressions it evaluates.
STEPS: Mapping[str, int] = {
    "puts(1)": 2,
    "let a = 1 + 2; set a = -a": 5,
    "let a = [1, 2]; set a[0] = 7": 6,
    "let f = fn(x) { return x }; f(5)": 4,
    "0 && 1; 1 && 2; 1 ? 2 : 3": 8,
}
#: A program, how many objects it makes, and how many elements, captures or bytes they have together.
WEIGHTS: Mapping[str, tuple[int, int]] = {
    "[1, 2, 3]": (1, 3),
    '"ab" + "c"': (1, 3),
    "{1: 2, 3: 4}": (1, 2),
    "push([1, 2], 3)": (2, 5),
    "let f = fn() { 1 }": (1, 0),
    "let x = 1; let y = 2; let f = fn() { x + y }": (1, 2),
    "let x = 1; let f = [fn() { x }]": (2, 2),
    "let h = {}; set h[1] = 2; set h[3] = 4; set h[1] = 5": (3, 0),
    "let a = [1]; set a[0] = 2": (1, 1),
    "for (x in [1, 2]) { }": (2, 4),
}


def _takes_steps(text: str, steps: int, seed: int) -> None:
    """Exactly so many are enough."""
    ended, stopped = interpret(text, steps), interpret(text, steps - 1)
    require(ended.trap is None, f"{text}: expected {steps} steps to be enough, got {ended.trap and ended.trap.message}")
    require(ended.steps == steps, f"{text}: expected {steps} steps, got {ended.steps}")
    kind = stopped.trap.kind if stopped.trap else "no trap"
    require(kind == "step-limit", f"{text} in {steps - 1} steps: expected step-limit, got {kind}")


def _weighs(text: str, objects: int, elements: int, seed: int) -> None:
    interpreter = Interpreter(resolve(Source("<weights>", text)), 100)
    interpreter.block(interpreter.resolved.program.body, {})
    got, expected = MEMORY - interpreter.memory, OBJECT * objects + 8 * elements
    require(got == expected, f"{text}: expected {expected} bytes, got {got}")


def _weighs_output(seed: int) -> None:
    """Every byte that is printed counts, since it is kept; the more of it, the less is left."""
    left = []
    for text in ('puts("")', 'puts("a")', 'puts("abc")'):
        interpreter = Interpreter(resolve(Source("<output>", text)), 100)
        interpreter.block(interpreter.resolved.program.body, {})
        left.append(interpreter.memory)
    require(left[0] < MEMORY, "an empty line: expected it to count, it does not")
    require((left[0] - left[1], left[0] - left[2]) == (1, 3), f"lines of 0, 1 and 3 bytes: {left} bytes are left")


def _calls_as_deep(seed: int) -> None:
    """Calls that are over do not count."""
    source = (
        "let f = fn(n) {{ if (n == 0) {{ return 0 }} let below = f(n - 1); return below + 1 }}; puts(f({0}), f({0}))"
    )
    deepest = interpret(source.format(MAX_CALLS - 1))
    require(deepest.output == (str(MAX_CALLS - 1),) * 2, f"{MAX_CALLS} calls: expected them to run, got {deepest.trap}")
    beyond = interpret(source.format(MAX_CALLS)).trap
    kind = beyond.kind if beyond else "no trap"
    require(kind == "stack-overflow", f"{MAX_CALLS + 1} calls: expected stack-overflow, got {kind}")


def _ends_in_nested_blocks(seed: int) -> None:
    """Python's stack may end before the calls do, and that is a stack-overflow, too."""
    deep = "if (n) { " * 29 + "set r = " + "(0 + " * 29 + "f(n - 1)" + ")" * 29 + " }" * 29
    got = interpret(f"let f = fn(n) {{ let r = 0; {deep} return r }}; puts(f(499))")
    kind = got.trap.kind if got.trap else "no trap"
    require(kind == "stack-overflow", f"500 calls through 29 blocks: expected stack-overflow, got {kind}")


def _leaves_the_recursion_limit(seed: int) -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 1)
    interpret("puts(1)")
    after = sys.getrecursionlimit()
    sys.setrecursionlimit(before)
    require(after == before + 1, f"recursion limit: expected {before + 1}, got {after}")


BUDGETS: Mapping[str, Callable[[int], None]] = {
    **{f"steps of {text}": partial(_takes_steps, text, steps) for text, steps in STEPS.items()},
    **{f"weight of {text}": partial(_weighs, text, *weight) for text, weight in WEIGHTS.items()},
    "weight of output": _weighs_output,
    "recursion limit afterwards": _leaves_the_recursion_limit,
    "depth of calls": _calls_as_deep,
    "depth of calls in blocks": _ends_in_nested_blocks,
}
