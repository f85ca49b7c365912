"""The corpus and generated programs: interpreter, emulator and stated values agree, and no monitor complains."""

from random import Random

import pytest

import riscv
from riscv import generate, programs

CORPUS = programs.load()
MONITORS = ("abi", "frame", "memory")


@pytest.mark.parametrize(("name", "text"), CORPUS, ids=[name for name, _ in CORPUS])
def test_a_corpus_program_prints_what_it_says(name, text):
    expected = programs.expected_output(text)
    assert expected, name
    interpreted = riscv.interpret(text, 10_000)
    assert (interpreted.output, interpreted.trap) == (expected, None)
    for level in (0, 1):
        program = riscv.compile_source(text, name, level, check=True)
        emulated = riscv.run_program(program, MONITORS, 30_000)
        assert (emulated.output, emulated.trap, emulated.violations) == (expected, None, ()), level


def test_the_corpus_is_complete_and_sorted():
    assert programs.load() == CORPUS
    names = [name for name, _ in CORPUS]
    assert len(names) == 26
    assert names == sorted(names)
    assert {
        "early_return_in_loop",
        "early_return_over_calls",
        "spilled_locals",
        "spilled_over_calls",
        "top_level_and_function",
    } < set(names)


def test_the_whole_corpus_is_short():
    assert sum(riscv.interpret(text, 10_000).steps for _, text in CORPUS) < 25_000


def test_expected_output_reads_the_arrows_in_order():
    assert programs.expected_output("puts(1, 2) // => 1 2\nlet a = 3 // no arrow\nputs(a) // => 3") == ("1", "2", "3")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(120))
def test_a_generated_program_means_the_same_everywhere(seed):
    text = generate.program(Random(seed))
    interpreted = riscv.interpret(text, 300_000)
    assert interpreted.trap is None
    assert interpreted.output
    for level in (0, 1):
        program = riscv.compile_source(text, level=level, check=True)
        emulated = riscv.run_program(program, MONITORS, 1_000_000)
        assert (emulated.output, emulated.trap, emulated.violations) == (interpreted.output, None, ()), level
