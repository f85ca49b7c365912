"""The generator over the whole language: programs depend on the seed alone, reach everything, and end."""

from collections import Counter
from hashlib import sha256
from random import Random

import pytest

import riscv
from riscv import random_programs
from riscv.outcome import PROGRAM_ERRORS

TEXTS = [random_programs.program(Random(seed)) for seed in range(150)]


def test_a_seed_gives_the_same_program_in_every_version():
    # A seed in a report must still mean the same program later; a change of the generator changes this on purpose.
    texts = [random_programs.program(Random(seed)) for seed in range(150)]
    assert texts == TEXTS
    assert sha256("".join(texts).encode()).hexdigest()[:16] == "e15991ab60de1813"


def test_programs_end_and_only_daring_ones_in_an_error():
    kinds = Counter()
    for seed, text in enumerate(TEXTS):
        outcome = riscv.interpret(text, 20_000)
        daring = random_programs.Programs(Random(seed)).daring
        kinds[outcome.trap.kind if outcome.trap else None] += 1
        assert outcome.trap is None or (daring and outcome.trap.kind in PROGRAM_ERRORS), (seed, outcome.trap)
    assert kinds[None] > 120
    assert kinds["type-error"] > 5


@pytest.mark.slow
def test_every_error_is_reached():
    kinds = {
        outcome.trap.kind
        for seed in range(800)
        if random_programs.Programs(Random(seed)).daring
        and (outcome := riscv.interpret(random_programs.program(Random(seed)), 20_000)).trap
    }
    assert kinds == set(PROGRAM_ERRORS)


def test_programs_use_every_construct():
    text = "".join(TEXTS)
    words = ["let f", "let g", "while (", "do {", "for (c", "if (", "} else {", "puts(", "set v", "return ", "break"]
    words += ["continue", " && ", " || ", "!", "~", " ? ", "fn(p", "(if (", "len(", "first(", "last(", "push(", "rest("]
    words += [
        " >>> ",
        " >> ",
        " << ",
        " & ",
        " | ",
        " ^ ",
        " % ",
        " / ",
        "true",
        "false",
        "null",
        '"ab"',
        "{}",
        '"k": ',
    ]
    words += ["f1(2", "[0]", "== ", "!= ", "x71"[:1], "& 0x7fffffff) % len(", "p10) {"]
    assert [word for word in words if word not in text] == []


def test_inner_blocks_hide_names():
    assert any(text.count(f"let v{number} = ") > 1 for text in TEXTS for number in range(1, 30))
