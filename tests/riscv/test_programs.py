"""The corpus and generated programs: interpreter, emulator and stated values agree, and no monitor complains."""

from pathlib import Path
from random import Random

import pytest

import riscv
from riscv import generate, programs, random_programs
from riscv.outcome import PROGRAM_ERRORS

CORPUS = programs.load()
MONITORS = ("abi", "frame", "memory")


@pytest.mark.parametrize(("name", "text"), CORPUS, ids=[name for name, _ in CORPUS])
def test_the_interpreter_prints_what_a_corpus_program_says(name, text):
    expected = programs.expected_output(text)
    interpreted = riscv.interpret(text, 10_000, name)
    kind = interpreted.trap.kind if interpreted.trap else None
    assert (interpreted.output, kind) == (expected, programs.expected_trap(text)), interpreted.trap
    assert expected or kind, "a program without an expectation says nothing"


@pytest.mark.parametrize(("name", "text"), CORPUS, ids=[name for name, _ in CORPUS])
def test_a_compiled_corpus_program_prints_what_it_says_and_ends_in_its_trap(name, text):
    expected = programs.expected_output(text), programs.expected_trap(text), ()
    for level in (0, 1):
        emulated = riscv.run_program(riscv.compile_source(text, name, level, check=True), MONITORS, 200_000)
        kind = emulated.trap.kind if emulated.trap else None
        assert (emulated.output, kind, emulated.violations) == expected, level


def test_the_corpus_is_complete_and_sorted():
    assert programs.load() == CORPUS
    names = [name for name, _ in CORPUS]
    assert len(set(names)) == len(names) == 120
    assert [name.partition("-")[0] for name in names] == sorted(name.partition("-")[0] for name in names)
    assert {"early_return_over_calls", "spilled_over_calls", "top_level_and_function", "errors-plus-null"} < set(names)


def test_the_whole_corpus_is_short():
    assert sum(riscv.interpret(text, 10_000).steps for _, text in CORPUS) < 32_000


def test_a_file_may_hold_several_programs():
    text = "// about both\n// --- one\nputs(1)\n// --- two words\nputs(2)\nputs(3)\n"
    assert programs.split("f", text) == [
        ("f-one", "// about both\nputs(1)\n"),
        ("f-two words", "// about both\nputs(2)\nputs(3)\n"),
    ]
    assert programs.split("f", "puts(1) // --- no\n") == [("f", "puts(1) // --- no\n")]


def test_a_line_and_a_trap_can_be_expected():
    text = "puts(1) // -> a  b \nputs(2) // ->\nputs(3) // => 1 2\n// !! some-trap"
    assert programs.expected_output(text) == ("a  b ", "", "1", "2")
    assert programs.expected_trap(text) == "some-trap"
    assert programs.expected_trap("puts(1) // => 1") is None


def test_expected_output_reads_the_arrows_in_order():
    assert programs.expected_output("puts(1, 2) // => 1 2\nlet a = 3 // no arrow\nputs(a) // => 3") == ("1", "2", "3")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(120))
@pytest.mark.parametrize("generator", [generate, random_programs], ids=["integers", "everything"])
def test_a_generated_program_means_the_same_everywhere(generator, seed):
    text = generator.program(Random(seed))
    interpreted = riscv.interpret(text, 300_000)
    kind = interpreted.trap.kind if interpreted.trap else None
    assert kind in (None, *PROGRAM_ERRORS)
    assert interpreted.output or kind
    for level in (0, 1):
        program = riscv.compile_source(text, level=level, check=True)
        emulated = riscv.run_program(program, MONITORS, 1_000_000)
        found = emulated.trap.kind if emulated.trap else None
        assert (emulated.output, found, emulated.violations) == (interpreted.output, kind, ()), level


@pytest.mark.parametrize(
    ("page", "printed"), [("README.md", ("21", "7")), ("LANGUAGE.md", ("42", "[1, two, {three: 3}]"))]
)
def test_the_example_of_a_page_prints_what_its_comment_says(page, printed):
    blocks = (Path(riscv.__file__).parent / page).read_text("utf-8").split("```")[1::2]
    (text,) = [block for block in blocks if block.startswith("\n") and "let " in block]
    assert riscv.interpret(text).output == printed
