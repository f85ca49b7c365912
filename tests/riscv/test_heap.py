"""What is in the heap at the end of a program, the same at both levels."""

import pytest

import riscv
from riscv import heap, programs
from riscv.ir import kinds
from riscv.memory import RODATA_BASE


def run(text, level, **options):
    return heap.run(riscv.compile_source(text, level=level).image, **options)


@pytest.mark.parametrize("level", [0, 1])
def test_the_heap_holds_what_was_made_in_order(level):
    outcome, words = run('let a = [5, true]; puts(a); let s = "x" + a[1]', level)
    assert outcome.output == ("[5, true]",)
    assert outcome.trap.kind == "type-error"
    assert words == (2, 5, kinds.INTEGER, 1, kinds.BOOLEAN)


@pytest.mark.parametrize("level", [0, 1])
def test_a_function_in_the_heap_is_its_label(level):
    text = "let n = 3; let f = fn(x) { x + n }; let fs = [f]; puts(fs[0](4))"
    outcome, words = run(text, level)
    assert outcome.output == ("7",)
    assert words[:2] == ("f.1", 1)
    assert 3 in words[2:]


def test_a_program_without_a_heap_has_nothing_in_it():
    assert run("puts(1)", 1) == (riscv.run_program(riscv.compile_source("puts(1)")), ())
    assert all(isinstance(word, int) and word < RODATA_BASE + 99 for word in run("puts([7])", 0)[1])


def test_monitors_and_a_limit_can_be_set():
    assert run("while (1) { }", 1, step_limit=9)[0].steps == 9
    assert run("puts(1)", 1, step_limit=10**6)[0].trap is None
    with pytest.raises(ValueError, match="unknown monitor 'none'"):
        run("puts(1)", 1, monitors=("none",))


@pytest.mark.parametrize(("name", "text"), programs.load(), ids=[name for name, _ in programs.load()])
def test_both_levels_leave_the_same_heap(name, text):
    assert run(text, 0)[1] == run(text, 1)[1]
