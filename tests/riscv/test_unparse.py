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
