"""The reference interpreter where the corpus does not reach: limits, traps and the count of steps."""

import contextlib
import sys

import pytest

import riscv
from riscv.recursion import FRAMES, Room


def test_steps_are_evaluated_expressions():
    assert riscv.interpret("") == riscv.Outcome((), None, (), 0)
    assert riscv.interpret("1 + 2") == riscv.Outcome((), None, (), 3)
    assert riscv.interpret("puts(-4, 1 && 0)") == riscv.Outcome(("-4", "false"), None, (), 6)


def test_the_step_limit_stops_an_endless_loop_and_keeps_the_output():
    outcome = riscv.interpret("puts(1); while (true) { }", 100)
    assert outcome.output == ("1",)
    assert outcome.trap == riscv.Trap("step-limit", None, "step-limit: stopped after 100 steps")
    assert outcome.steps == 100


def test_a_program_of_exactly_the_limit_ends():
    assert riscv.interpret("1 + 2", 3).trap is None
    assert riscv.interpret("1 + 2", 2).trap is not None
    assert riscv.interpret("while (1) { }", -1).steps == 0


def test_an_endless_loop_of_endless_calls_overflows_the_stack_first():
    outcome = riscv.interpret("let f = fn() { while (true) { f() } }; f()", 10_000)
    assert outcome.trap.kind == "stack-overflow"


COUNT_DOWN = "let f = fn(n) { if (n == 1) { return 0 } return 1 + f(n - 1) }; "


def test_500_calls_deep_is_allowed_and_501_is_a_stack_overflow():
    assert riscv.interpret(COUNT_DOWN + "puts(f(500)); puts(f(500))", 10_000).output == ("499", "499")
    assert riscv.interpret(COUNT_DOWN + "f(400); f(501)", 20_000).trap.kind == "stack-overflow"
    outcome = riscv.interpret(COUNT_DOWN + "puts(f(501))", 10_000)
    message = "stack-overflow: 'f' is called more than 500 calls deep"
    assert outcome.trap == riscv.Trap("stack-overflow", None, message)
    assert outcome.output == ()


def test_deep_calls_of_deep_expressions_are_a_stack_overflow_too():
    body = "if (1) { " * 25 + "return " + "-(" * 25 + "f()" + ")" * 25 + " }" * 25
    outcome = riscv.interpret(f"let f = fn() {{ {body} }}; f()", 100_000)
    message = "stack-overflow: calls and expressions are nested too deeply"
    assert outcome.trap == riscv.Trap("stack-overflow", None, message)


@pytest.mark.parametrize("text", ["1", COUNT_DOWN + "f(501)", "1 +", "x"])
def test_pythons_recursion_limit_is_put_back(text):
    before = sys.getrecursionlimit()
    with contextlib.suppress(riscv.LanguageError):
        riscv.interpret(text, 10_000)
    assert sys.getrecursionlimit() == before


def test_there_is_room_for_12000_calls():
    with Room():
        assert sys.getrecursionlimit() == FRAMES == 12_000


def test_variables_of_a_call_are_its_own():
    text = "let f = fn(n) { let v = n; if (n > 0) { f(n - 1) } puts(v) }; f(2)"
    assert riscv.interpret(text, 100).output == ("0", "1", "2")


def test_a_trap_shows_the_place():
    outcome = riscv.interpret("let f = fn(x) {\n    x + null\n};\nputs(f(1))", name="p.monkey")
    message = (
        "type-error: p.monkey:2: '+' takes two integers or two strings, not integer and null\n      x + null\n        ^"
    )
    assert outcome.trap == riscv.Trap("type-error", None, message)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("puts(1 + -null)", 9),
        ("puts([1][5])", 8),
        ("let a = [1]; set a[5] = 2", 18),
        ("let f = 1; puts(f(2))", 16),
        ("let f = fn() { }; puts(f()())", 23),
        ("for (x in 5) { }", 5),
        ("puts(len(5))", 5),
        ("{1: 2, null: 3}", 7),
        ("1 + 2 < true", 6),
    ],
)
def test_the_caret_of_a_trap_stands_under_what_failed(text, column):
    assert riscv.interpret(text).trap.message.splitlines()[-1] == "  " + " " * column + "^"


def test_output_is_text_in_utf_8():
    assert riscv.interpret(r'puts("\xc3", "\xa9", "\xc3" + "\xa9", "a\n", "")').output == ("�", "�", "é", "a", "", "")
    assert riscv.interpret('puts("")').output == ("",)
    assert riscv.interpret('puts("", "\\n")').output == ("", "", "")


OUT_OF_MEMORY = [
    'let s = "ab"; while (true) { set s = s + s }',
    "let a = [1]; while (true) { for (x in a) { set a = push(a, x) } }",
    "let a = [0]; while (true) { set a[0] = [a] }",
    "let a = 0; while (true) { set a = fn() { a } }",
    "let h = {}; let i = 0; while (true) { set i = i + 1; set h[i] = i }",
    'let s = "0123456789abcdef"; set s = s + s + s + s + s + s + s; while (true) { puts(s) }',
    "let a = [1, 1, 1, 1, 1, 1, 1, 1]; let f = fn(a) { [a, a, a, a, a, a, a, a] }; puts(f(f(f(f(f(f(f(f(a)))))))))",
    "let a = [{}, {}, {}, {}]; while (true) { set a = [a] }",
    "while (true) { for (x in [1, 2, 3]) { {1: x} } }",
]


def test_integers_need_no_memory(monkeypatch):
    monkeypatch.setattr("riscv.interpreter.MEMORY", 0)
    assert riscv.interpret("let a = 1 + 2 == 3; if (a) { -a }").trap.kind == "type-error"


@pytest.mark.parametrize("text", OUT_OF_MEMORY)
def test_memory_ends_in_a_trap(text, monkeypatch):
    monkeypatch.setattr("riscv.interpreter.MEMORY", 2**16)
    assert riscv.interpret(text).trap.kind == "out-of-memory"


def test_a_string_may_have_65536_bytes_and_no_more():
    text = 'let s = "a"; let i = 0; while (i < 16) { set s = s + s; set i = i + 1 } puts(len(s));'
    assert riscv.interpret(text).output == ("65536",)
    outcome = riscv.interpret(text + 'puts(len(s + "b"))')
    assert outcome.output == ("65536",)
    message = "out-of-memory: an array or a string of more than 65536 elements"
    assert outcome.trap == riscv.Trap("out-of-memory", None, message)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("[1, 2, 3]", 64 + 24),
        ('"ab" + "c"', 64 + 24),
        ("{1: 2}", 64 + 8),
        ("fn() { 1 }", 64),
        ("let a = 1; let b = 2; fn() { a + b }", 64 + 16),
        ("let f = fn() { f }", 64 + 8),
        ("let h = {}; set h[1] = 1; set h[1] = 2; set h[2] = 2", 3 * 64),
        ("let a = [1]; set a[0] = 2", 64 + 8),
        ("push([1], 2)", 64 + 8 + 64 + 16),
        ("rest([1])", 64 + 8 + 64),
        ("first([1]) + last([2]) + len([3])", 3 * 72),
        ('for (x in "abc") { x }', 64 + 24),
        ("puts(12, true)", 10 + 9 + 12 + 9),
        ("puts([7])", 72 + 9 + 8 + 9 + 9 + 9),
    ],
)
def test_a_program_may_use_exactly_so_much_memory(text, size, monkeypatch):
    monkeypatch.setattr("riscv.interpreter.MEMORY", size)
    assert riscv.interpret(text).trap is None
    monkeypatch.setattr("riscv.interpreter.MEMORY", size - 1)
    outcome = riscv.interpret(text)
    message = f"out-of-memory: the program has used {size - 1} bytes"
    assert outcome.trap == riscv.Trap("out-of-memory", None, message)
