"""What the detector `codegen` expects of the step before optimisation: the intermediate representation of functions.

At -O1 the optimiser takes away what was built in vain, at -O0 nothing does. As in `codegen`, what is written here is
what must be done, worked out by hand: any line more is a question whose answer was known.
"""

from collections.abc import Callable, Mapping
from functools import partial

from nnlab.detectors.subjects import require
from riscv.errors import Source
from riscv.ir.kinds import INTEGER, infer
from riscv.ir.lower import lower
from riscv.ir.nodes import text
from riscv.resolver import resolve

#: A function f, its calls, and its intermediate representation.
LOWERED: Mapping[str, tuple[str, str, str]] = {
    "an element whose kind is known is one word": (
        "fn(a, i) { return a[i] }",
        "f([1], 0)",
        "entry0(v0, v1):; v2 = lw v0, 0; bgeu v1, v2, fail2(), then1(); "
        "then1():; v3 = mul v1, 8; v4 = add v0, v3; v5 = lw v4, 4; return v5; "
        "fail2():; trap 1002, 1",
    ),
    "an element of any kind is two words": (
        "fn(a, i) { return a[i] }",
        "f([1, null], 0)",
        "entry0(v0, v1):; v2 = lw v0, 0; bgeu v1, v2, fail2(), then1(); "
        "then1():; v3 = mul v1, 8; v4 = add v0, v3; v5 = lw v4, 4; v6 = lw v4, 8; return v5, v6; "
        "fail2():; trap 1002, 1",
    ),
    "a loop has no parameter for what it leaves alone": (
        "fn(a, n) { let k = 3; while (n) { set n = n - k } return a }",
        "f(1, 6)",
        "entry0(v0, v1):; jump test2(v1); body1():; v2 = sub v3, 3; jump test2(v2); "
        "test2(v3):; bne v3, 0, body1(), end3(); end3():; return v0",
    ),
    "a tag that both ways bring is known": (
        "fn(a) { set a = 1; if (a) { } return a == 3 }",
        "f(null)",
        "entry0(v0, v1):; bne 1, 0, then1(), else2(); then1():; jump end3(); else2():; jump end3(); "
        "end3():; v2 = xor 1, 3; v3 = sltu v2, 1; return v3",
    ),
    "tags that are the same are not compared": (
        "fn(a, b) { return a == b }",
        "f(1, 2)",
        "entry0(v0, v1):; v2 = xor v0, v1; v3 = sltu v2, 1; return v3",
    ),
    "all that is equal if its words are is compared at once": (
        "fn(a, b) { return a == b }",
        "f(1, null); f(true, {}); f([], []); f({}, true); f(null, 1)",
        "entry0(v0, v1, v2, v3):; v4 = xor v0, v2; v5 = xor v1, v3; v6 = or v4, v5; v7 = sltu v6, 1; return v7",
    ),
    "what has a length in any case is not asked": (
        "fn(a) { return len(a) }",
        'f("a"); f([]); f({})',
        "entry0(v0, v1):; v2 = lw v0, 0; return v2",
    ),
    "what can only be joined is not asked whether it can be added": (
        "fn(a, b) { return a + b }",
        'f("a", "b"); f(null, "b")',
        "entry0(v0, v1, v2):; bne v1, 2, fail2(), then1(); "
        "then1():; v3 = call runtime.concat.1, v0, v2; return v3; fail2():; trap 1001, 1",
    ),
}


def _is_lowered(function: str, calls: str, expected: str, seed: int) -> None:
    program = lower(resolve(Source("<lowered>", f"let f = {function}; {calls}")))
    lines = (text(found) for found in program.functions if found.label.startswith("f."))
    got = "; ".join(line.strip() for line in next(lines, "nothing").splitlines())
    require(got == expected, f"{function}: expected {expected}, got {got}")


def _knows_what_enters(seed: int) -> None:
    """A function that is entered from outside is given what comes from there."""
    resolved = resolve(Source("<entered>", "let f = fn(x) { return x }"))
    got = [sorted(kinds) for kinds in infer(resolved, frozenset({INTEGER})).results.values()]
    require(got == [[INTEGER]], f"what a function gives that is entered with integers: expected integers, got {got}")


REPRESENTATIONS: Mapping[str, Callable[[int], None]] = {
    **{f"lowered: {name}": partial(_is_lowered, *row) for name, row in LOWERED.items()},
    "what enters from outside": _knows_what_enters,
}
