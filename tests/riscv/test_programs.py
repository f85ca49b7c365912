"""The corpus and generated programs: interpreter, emulator and stated values agree, and no monitor complains."""

from random import Random

import pytest

import riscv
from riscv import generate, programs

CORPUS = programs.load()


@pytest.mark.parametrize(("name", "text"), CORPUS, ids=[name for name, _ in CORPUS])
def test_a_corpus_program_prints_what_it_says(name, text):
    expected = programs.expected_output(text)
    assert expected, name
    interpreted = riscv.interpret(text, 10_000)
    assert (interpreted.output, interpreted.trap) == (expected, None)
    emulated = riscv.run_program(riscv.compile_source(text, name), step_limit=30_000)
    assert (emulated.output, emulated.trap, emulated.violations) == (expected, None, ())


def test_the_corpus_is_complete_and_sorted():
    assert programs.load() == CORPUS
    names = [name for name, _ in CORPUS]
    assert len(names) == 24
    assert names == sorted(names)
    assert {"early_return_in_loop", "spilled_locals", "top_level_and_function"} < set(names)


def test_the_whole_corpus_is_short():
    assert sum(riscv.interpret(text, 10_000).steps for _, text in CORPUS) < 25_000


def test_expected_output_reads_the_arrows_in_order():
    assert programs.expected_output("puts(1, 2) // => 1 2\nlet a = 3 // no arrow\nputs(a) // => 3") == ("1", "2", "3")


@pytest.mark.parametrize("seed", range(12))
def test_a_generated_program_means_the_same_everywhere(seed):
    text = generate.program(Random(seed))
    interpreted = riscv.interpret(text, 30_000)
    emulated = riscv.run_program(riscv.compile_source(text), step_limit=100_000)
    assert interpreted.trap is None
    assert (emulated.output, emulated.trap, emulated.violations) == (interpreted.output, None, ())
    assert interpreted.output
