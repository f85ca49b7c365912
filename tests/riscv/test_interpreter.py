"""The reference interpreter where the corpus does not reach: limits, traps and the count of steps."""

import sys

import pytest

import riscv


def test_steps_are_evaluated_expressions():
    assert riscv.interpret("") == riscv.Outcome((), None, (), 0)
    assert riscv.interpret("1 + 2") == riscv.Outcome((), None, (), 3)
    assert riscv.interpret("puts(-4, 1 && 0)") == riscv.Outcome(("-4", "0"), None, (), 6)


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


@pytest.mark.parametrize("text", ["1", COUNT_DOWN + "f(501)"])
def test_pythons_recursion_limit_is_put_back(text):
    before = sys.getrecursionlimit()
    riscv.interpret(text, 10_000)
    assert sys.getrecursionlimit() == before


def test_variables_of_a_call_are_its_own():
    text = "let f = fn(n) { let v = n; if (n > 0) { f(n - 1) } puts(v) }; f(2)"
    assert riscv.interpret(text, 100).output == ("0", "1", "2")
