"""The shrinker: what is left is small, still fails, and was never a program with a mistake."""

from random import Random

import pytest

import riscv
from riscv import random_programs
from riscv.shrink import shrink, without


def kind(text):
    """The kind of trap that a program ends in."""
    trap = riscv.interpret(text, 20_000).trap
    return trap and trap.kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let a = 1; let b = a + 2; puts(b); puts(a * [b][7]); puts(3)", "[][0];\n"),
        ("if (0) { 2 } else { puts([0][1]) }", "[][0];\n"),
        ('for (x in [1, 2]) { while (true) { let h = {"a": [][x]}; break } }', "[][0];\n"),
        (
            "if (1) { let f = fn() { }; do { if (7) { break } } while (0); [[f], 5][len([f]) - 1][2] }",
            "[][0];\n",
        ),
    ],
)
def test_an_index_error_shrinks_to_itself(text, expected):
    shrunk = shrink(text, lambda candidate: kind(candidate) == "index-error")
    assert (shrunk, kind(shrunk)) == (expected, "index-error")


def test_what_a_program_prints_can_be_kept():
    text = "let a = [1, 2, 3]; let f = fn(x) { for (y in a) { puts(y + x) } }; f(10); puts(len(a) > 2 ? 99 : 1); f(20)"
    assert shrink(text, lambda candidate: "99" in riscv.interpret(candidate).output) == "puts(99);\n"


def test_parts_that_belong_together_stay():
    text = "let a = 5; let b = 6; let c = a + 1; puts(b); puts(c)"
    shrunk = shrink(text, lambda candidate: "let c" in candidate and "6" in riscv.interpret(candidate).output)
    assert "let c" in shrunk
    assert len(shrunk) < len(text)


def test_keys_and_values_shrink_and_an_else_is_left_out():
    shrunk = shrink(
        'puts({1 + 2: [3, 4], "k": 5})',
        lambda candidate: "{" in candidate and "3: " in "".join(riscv.interpret(candidate).output),
    )
    assert shrunk == "puts({(1 + 2): 0});\n"
    shrunk = shrink(
        "if (7) { puts(1) } else { 2 }", lambda text: "if" in text and riscv.interpret(text).output == ("1",)
    )
    assert shrunk == "if (1) {\n    puts(1);\n};\n"


def test_a_program_that_cannot_be_smaller_stays_as_it_is():
    assert shrink("puts(1)", lambda text: text == "puts(1)") == "puts(1)"
    assert shrink("puts (1 )  ;", lambda text: riscv.interpret(text).output == ("1",)) == "puts(1);\n"


def test_a_candidate_with_a_mistake_is_none():
    def fails(text):
        return riscv.interpret(text).output == ("3",)

    assert shrink("let a = 3; puts(1 + 1 ? a : 4)", fails) in ("let a = 3;\nputs(a);\n", "puts(3);\n")


def test_runs_are_left_out_before_single_items():
    assert list(without((1, 2, 3, 4))) == [(), (3, 4), (1, 2), (2, 3, 4), (1, 3, 4), (1, 2, 4), (1, 2, 3)]
    assert list(without(())) == []


def test_random_programs_shrink():
    seeds = [seed for seed in range(60) if kind(random_programs.program(Random(seed))) == "type-error"][:2]
    assert seeds
    for seed in seeds:
        shrunk = shrink(random_programs.program(Random(seed)), lambda text: kind(text) == "type-error")
        assert kind(shrunk) == "type-error"
        assert len(shrunk) < 25


def everything(text):
    """All texts that are tried for a text, none of which fails."""
    tried = []

    def fails(candidate):
        tried.append(candidate)
        return len(tried) == 1

    shrink(text, fails)
    return tried


@pytest.mark.parametrize(
    ("text", "tried"),
    [
        ("a(1)", ["a(1);\n", "", "a;\n", "1;\n", "0;\n", "a();\n", "0(1);\n", "1(1);\n", "a(0);\n"]),
        ("7", ["7;\n", "", "0;\n", "1;\n"]),
        ("if (2) { b } else { c }", ["", "2;\n", "b;\n", "c;\n"]),
        ("for (x in y) { }", ["", "y;\n", "for (x in 0) { };\n", "for (x in 1) { };\n"]),
        ("{2: 33}", ["", "2;\n", "33;\n", "{};\n", "{0: 33};\n", "{1: 33};\n", "{2: 0};\n", "{2: 1};\n"]),
        ("let f = fn(a) { b }", ["", "fn(a) {\n    return b;\n};\n", "let f = fn() {\n    return b;\n};\n"]),
        ("set a[b] = 2", ["", "a;\n", "b;\n", "2;\n", "set a[0] = 2;\n", "set a[b] = 0;\n"]),
        ("long1 + 2", ["", "0;\n", "1;\n", "null;\n", "long1;\n", "2;\n", "(0 + 2);\n", "(long1 + 0);\n"]),
        ("1; f(2); 3", ["1;\nf(0);\n3;\n", "1;\n2;\n3;\n", "1;\nf();\n3;\n"]),
        ("1; if (2) { 4 } 3", ["1;\n4;\n3;\n", "1;\n2;\n3;\n"]),
        ("1; 2; 3", ["1;\n2;\n3;\n", "", "2;\n3;\n", "1;\n3;\n", "1;\n2;\n"]),
    ],
)
def test_everything_that_is_smaller_in_one_place_is_tried(text, tried):
    assert set(tried) <= set(everything(text))
    assert all((len(other), other) < (len(everything(text)[0]), everything(text)[0]) for other in everything(text)[1:])


def test_a_text_that_is_no_program_is_refused():
    with pytest.raises(riscv.LanguageError, match=r"^shrink:1: expected an expression"):
        shrink("1 +", lambda text: True)
