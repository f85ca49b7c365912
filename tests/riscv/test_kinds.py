"""Inference: which kinds the variables, results and elements of small programs can have."""

from collections import defaultdict
from random import Random

import pytest

import riscv
from riscv import programs, random_programs
from riscv.errors import Source
from riscv.ir import lower
from riscv.ir.kinds import ANY, Facts, Inference, infer, returns
from riscv.resolver import resolve

LETTERS = "ibsahnf"  # integer, boolean, string, array, hash, null, function


def letters(kinds):
    return "".join(LETTERS[kind] for kind in sorted(kinds))


def facts(text, entered=()):
    """Kinds by the names of variables (of the last that has the name) and functions, as letters."""
    resolved = resolve(Source("test", text))
    found = infer(resolved, frozenset(entered))
    named = {}
    for node, local in resolved.locals.items():
        if hasattr(node, "name") and local.function is None:
            named[node.name] = letters(found.locals[local])
    named |= {f"{node.name}()": letters(found.results[node]) for node in resolved.frames if node}
    return named, {node.name for node in found.values}


def kinds(text, name="x", entered=()):
    return facts(text, entered)[0][name]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "i"),
        ("true", "b"),
        ('"a"', "s"),
        ("[]", "a"),
        ("{}", "h"),
        ("null", "n"),
        ("fn() { }", "f"),
        ("-1", "i"),
        ("~1", "i"),
        ("!1", "b"),
        ("1 - 2", "i"),
        ("1 < 2", "b"),
        ("1 <= 2", "b"),
        ("1 > 2", "b"),
        ("1 >= 2", "b"),
        ("1 == 2", "b"),
        ("1 != 2", "b"),
        ("1 && 2", "b"),
        ("1 || 2", "b"),
        ("1 + 2", "i"),
        ('"a" + "b"', "s"),
        ("1 + null", ""),
        ("true ? 1 : null", "in"),
        ("if (1) { [] }", "an"),
        ("puts(1)", "n"),
        ("len([])", "i"),
        ("first([])", "n"),
        ("last([1])", "in"),
        ("rest([])", "an"),
        ("push([], true)", "a"),
        ("[1][0]", "i"),
        ("[][0]", ""),
        ('["a"][0]', "s"),
        ('"a"[0]', "s"),
        ("{1: true}[2]", "bn"),
        ("{}[2]", "n"),
        ("5[0]", ""),
        ("(1 ? [2] : {})[true]", "in"),
        ('(1 ? [2] : "a")[0]', "is"),
        ('(1 ? "a" : {})[0]', "sn"),
        ("fn(a) { a }(3)", "i"),
        ("fn(a) { }(3)", "n"),
        ("[fn(a) { a }][0](3)", "ibsahnf"),
        ("null(3)", "ibsahnf"),
    ],
)
def test_an_expression_has_these_kinds(expression, expected):
    # A function behind let would be a declaration.
    text = f"let x = 0 ? {expression} : {expression};" if expression.startswith("fn() ") else f"let x = {expression};"
    assert kinds(text) == expected


def test_a_variable_has_the_kinds_of_all_that_is_put_into_it():
    assert kinds("let x = 1; if (x) { set x = null } while (x) { set x = true; let y = x }", "y") == "ibn"


def test_a_sum_in_a_loop_is_an_integer():
    assert kinds("let x = 0; while (x < 9) { set x = x + 1 }") == "i"
    assert kinds('let x = 0; do { set x = x + "a" } while (x)') == "i"
    assert kinds('let x = 0; let y = "a"; do { set x = x + y; set y = x } while (x)', "y") == "is"


def test_elements_of_all_arrays_and_hashes_share_their_kinds():
    assert kinds("let a = [1]; let b = [null]; let x = a[0]") == "in"
    assert kinds("let a = [1]; push([], true); let x = a[0]") == "ib"
    assert kinds('let a = [1]; set a[0] = "s"; let x = a[0]') == "is"
    assert kinds("let a = [1]; let h = {true: {}}; let x = a[0]") == "ih"
    assert kinds("let x = [[1]][0][0]") == "ia"


def test_for_goes_through_elements_letters_and_keys():
    assert kinds("for (x in [1]) { }") == "i"
    assert kinds('for (x in "a") { }') == "s"
    assert kinds("for (x in {1: null}) { }") == "ibs"
    assert kinds("for (x in 1 ? [null] : {}) { }") == "ibsn"
    assert kinds("for (y in [1]) { let x = y }") == "i"
    assert kinds('for (x in 1 ? [null] : "a") { }') == "sn"


def test_a_parameter_has_the_kinds_of_the_arguments_of_all_calls():
    assert facts("let f = fn(x, y) { x }; f(1, null); f(true, null)") == ({"x": "ib", "y": "n", "f()": "ib"}, set())
    assert facts("let f = fn(x) { x }")[0] == {"x": "", "f()": ""}


def test_recursion_gives_what_it_gives_without_recursion():
    assert facts("let f = fn(k) { if (k <= 1) { return k }; return f(k - 1) + f(k - 2) }; f(20)")[0] == {
        "k": "i",
        "f()": "i",
    }
    assert facts("let f = fn() { f() }; f()")[0] == {"f()": ""}


def test_a_function_that_is_used_as_a_value_takes_anything():
    assert facts("let f = fn(x) { x }; let g = fn() { f }; g") == (
        {"x": "ibsahnf", "f()": "ibsahnf", "g()": "f"},
        {"f", "g"},
    )
    assert facts("puts(fn(x) { 1 })") == ({"x": "ibsahnf", "fn()": "i"}, {"fn"})


def test_a_function_that_is_only_called_is_no_value():
    assert facts("let f = fn(x) { x }; let g = fn() { f(1) }; g(); fn(z) { z }(true)") == (
        {"x": "i", "z": "b", "f()": "i", "g()": "i", "fn()": "b"},
        set(),
    )


def test_functions_of_the_top_level_may_be_entered_from_outside():
    text = "let f = fn(x) { let g = fn(y) { y }; x }"
    assert facts(text, {0, 5})[0] == {"x": "in", "y": "", "g()": "", "f()": "in"}


def test_a_captured_variable_has_its_kinds_inside():
    assert kinds("let v = 1; let f = fn() { let g = fn() { v }; g() }; set v = null; f()", "f()") == "in"


def test_statements_that_never_run_count():
    assert kinds("let x = 1; let f = fn() { return 1; return null }; f(); if (false) { set x = true }", "f()") == "in"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "n"),
        ("1", "i"),
        ("return 1", "i"),
        ("if (1) { return 1 }", "in"),
        ("if (1) { return 1 } else { return true }", "ib"),
        ("if (1) { return 1 } else { puts() } let a = 1", "in"),
        ("if (1) { if (2) { return 1 } else { return 2 } } else { return true; puts() } let a = 1", "ib"),
        ("if (1) { puts() } else { return 1 } let a = 1", "in"),
        ("while (true) { return 1 }", "in"),
        ("return 1; let a = 2", "i"),
        ("return", "n"),
    ],
)
def test_a_function_whose_end_may_be_reached_may_give_null(body, expected):
    assert kinds(f"let f = fn() {{ {body} }}; f()", "f()") == expected


def test_a_block_returns_if_one_of_its_statements_does():
    body = resolve(Source("test", "let f = fn() { return 1; puts() }")).program.body[0].functions[0].body
    assert returns(body)
    assert not returns(())


def coarse(resolved, entered=frozenset()):
    """Facts as if variables, results and elements could be of any kind; the runtime keeps its own."""
    inference = Inference(resolved, entered)
    if not entered:
        inference.elements = ANY
        inference.facts = Facts(locals=defaultdict(lambda: ANY), results=defaultdict(lambda: ANY))
    return inference.settle()


PROGRAMS = [*programs.load()[::3], *((str(seed), random_programs.program(Random(seed))) for seed in range(20))]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), PROGRAMS, ids=[name for name, _ in PROGRAMS])
def test_a_program_means_the_same_if_little_is_known(monkeypatch, name, text):
    monkeypatch.setattr(lower, "infer", coarse)
    expected = riscv.interpret(text, 20_000)
    for level in (0, 1):
        program = riscv.compile_source(text, name, level, check=True)
        outcome = riscv.run_program(program, ("abi", "frame", "memory"), 1_000_000)
        kinds_ = [found.trap and found.trap.kind for found in (expected, outcome)]
        assert (outcome.output, kinds_[1], outcome.violations) == (expected.output, kinds_[0], ())
