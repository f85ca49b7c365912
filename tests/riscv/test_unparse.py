"""Tree to text: what is written, and that reading it again gives the same program."""

from random import Random

import pytest

import riscv
from riscv import programs, random_programs
from riscv.errors import Source
from riscv.parser import parse
from riscv.unparse import unparse


def again(text):
    """A text, parsed and written."""
    return unparse(parse(Source("test", text)).body)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("1 + 2 * -a; !b || c && ~d", "(1 + (2 * (-a)));\n((!b) || (c && (~d)));\n"),
        ("0xffffffff; 0x80000000; true; false; null", "0xffffffff;\n0x80000000;\ntrue;\nfalse;\nnull;\n"),
        (r'"a\n\"\\\x7f~ "', '"a\\x0a\\"\\\\\\x7f~ ";\n'),
        ("[1, [], {}][2]; {1: 2, a: {}}", "[1, [], {}][2];\n{1: 2, a: {}};\n"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e));\n"),
        ("let a = 1; set a = 2; set a[1][2] = 3", "let a = 1;\nset a = 2;\nset a[1][2] = 3;\n"),
        ("f(1)(2, 3)[4]", "f(1)(2, 3)[4];\n"),
        (
            "while (a) { break } do { continue } while (b)",
            "while (a) {\n    break;\n};\ndo {\n    continue;\n} while (b);\n",
        ),
        ("for (x in a) { }", "for (x in a) { };\n"),
        ("if (a) { 1 } else { }", "if (a) {\n    1;\n} else { };\n"),
        ("if (a) { } else if (b) { } else { 1; 2 }", "if (a) { } else if (b) { } else {\n    1;\n    2;\n};\n"),
        ("let f = fn() { }; let g = fn(a, b) { a }", "let f = fn() { };\nlet g = fn(a, b) {\n    return a;\n};\n"),
        (
            "if (a) { let f = fn() { } let g = fn() { [fn(x) { x }] } }",
            "if (a) {\n    let f = fn() { };\n    let g = fn() {\n        return [fn(x) {\n            return x;\n"
            "        }];\n    };\n};\n",
        ),
    ],
)
def test_a_tree_is_written_as_text(text, written):
    assert again(text) == written
    assert again(written) == written


@pytest.mark.parametrize(("name", "text"), programs.load(), ids=[name for name, _ in programs.load()])
def test_a_corpus_program_that_is_written_again_means_the_same(name, text):
    written = again(text)
    assert again(written) == written
    before, after = riscv.interpret(text, 10_000), riscv.interpret(written, 10_000)
    assert (before.output, before.trap and before.trap.kind) == (after.output, after.trap and after.trap.kind)


@pytest.mark.parametrize("seed", range(10))
def test_a_random_program_that_is_written_again_means_the_same(seed):
    text = random_programs.program(Random(seed))
    assert again(again(text)) == again(text)
    assert riscv.interpret(text).output == riscv.interpret(again(text)).output


# F stands for a function, whose lines are indented below the statement that it is a part of.
WITH_FUNCTIONS = [
    ("F; F", "F;\n    F"),
    ("let b = [F]", "let b = [F]"),
    ("let f = F let g = F", "let f = F;\n    let g = F"),
    ("set a = F", "set a = F"),
    ("set a[F][F] = F", "set a[F][F] = F"),
    ("if (F) { } else if (F) { }", "if (F) { } else if (F) { }"),
    ("while (F) { }", "while (F) { }"),
    ("do { } while (F)", "do { } while (F)"),
    ("for (x in F) { }", "for (x in F) { }"),
    ("[F, F]; {F: F}", "[F, F];\n    {F: F}"),
    ("-F; F + F; F && F", "(-F);\n    (F + F);\n    (F && F)"),
    ("F ? F : F", "(F ? F : F)"),
    ("F[F]; F(F)", "F[F];\n    F(F)"),
]


@pytest.mark.parametrize(("text", "written"), WITH_FUNCTIONS)
def test_functions_in_expressions_are_indented_as_their_statement(text, written):
    function, lines = "fn() { return 1 }", "fn() {\n        return 1;\n    }"
    text = f"if (1) {{ {text.replace('F', function)} }}"
    assert again(text) == f"if (1) {{\n    {written.replace('F', lines)};\n}};\n"


def test_blocks_in_blocks_are_indented():
    text = (
        "if (1) { while (2) { 3 } do { 4 } while (5); for (x in 6) { 7 } if (8) { 9 } else if (10) { 11 } else { 12 } }"
    )
    assert again(text).splitlines() == [
        "if (1) {",
        "    while (2) {",
        "        3;",
        "    };",
        "    do {",
        "        4;",
        "    } while (5);",
        "    for (x in 6) {",
        "        7;",
        "    };",
        "    if (8) {",
        "        9;",
        "    } else if (10) {",
        "        11;",
        "    } else {",
        "        12;",
        "    };",
        "};",
    ]


def test_a_return_holds_a_function_too():
    assert again("fn() { return fn() { 1 } }") == "fn() {\n    return fn() {\n        return 1;\n    };\n};\n"
