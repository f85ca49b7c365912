"""Strength reduction: what becomes of operations with constants, and that they give the same numbers."""

from random import Random

import pytest

from riscv import int32
from riscv.ir.nodes import Program, Value, text
from riscv.optimize import optimize, simplify
from riscv.optimize.strength import power, reduce_strength
from tests.riscv.passes import WORDS, after, meaning
from tests.riscv.written import function, lines

BRANCHES = "then1():\nreturn 1\nelse2():\nreturn 2"


@pytest.mark.parametrize("number", [*range(-9, 10), 16, 31, 32, 33, 1 << 30, -(1 << 31), (1 << 31) - 1, 1000])
def test_power_knows_the_powers_of_two(number):
    assert power(number) == {2: 1, 4: 2, 8: 3, 16: 4, 32: 5, 1 << 30: 30}.get(number, 0)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("mul v0, 8", "v1 = sll v0, 3"),
        ("mul v0, -1", "v1 = sub 0, v0"),
        ("mul v0, 9", "v2 = sll v0, 3\nv1 = add v2, v0"),
        ("mul v0, 7", "v2 = sll v0, 3\nv1 = sub v2, v0"),
        ("mul v0, 3", "v2 = sll v0, 1\nv1 = add v2, v0"),
        ("mul v0, 10", "v1 = mul v0, 10"),
        ("mul v0, v0", "v1 = mul v0, v0"),
        ("div v0, -1", "v1 = sub 0, v0"),
        ("div v0, 2", "v2 = srl v0, 31\nv3 = add v2, v0\nv1 = sra v3, 1"),
        ("div v0, 8", "v2 = sra v0, 31\nv3 = srl v2, 29\nv4 = add v3, v0\nv1 = sra v4, 3"),
        ("div v0, 10", "v1 = div v0, 10"),
        ("rem v0, 8", "v2 = sra v0, 31\nv3 = srl v2, 29\nv4 = add v3, v0\nv5 = and v4, -8\nv1 = sub v0, v5"),
        ("rem v0, 2", "v2 = srl v0, 31\nv3 = add v2, v0\nv4 = and v3, -2\nv1 = sub v0, v4"),
        ("rem v0, 10", "v1 = rem v0, 10"),
        ("sub v0, 8", "v1 = add v0, -8"),
    ],
)
def test_strength_is_reduced(code, expected):
    def change(f):
        reduce_strength(f)
        simplify(f)

    found = after(f"entry0(v0):\nv1 = {code}\nreturn v1", change)
    assert found == text(function(f"entry0(v0):\n{expected}\nreturn v1")).splitlines()


@pytest.mark.parametrize("number", [1, 2, -1, 3, 4, 5, 6, 7, 8, 9, 12, 64, 1 << 30, (1 << 31) - 1, -(1 << 31)])
@pytest.mark.parametrize("op", ["mul", "div", "rem"])
def test_reduced_strength_gives_the_same_numbers(op, number):
    f = function(f"entry0(v0):\nv1 = {op} v0, {number}\nreturn v1")
    reduce_strength(f)
    random = Random(number)
    for word in [*WORDS, *(int32.wrap(random.getrandbits(32)) for _ in range(50))]:
        assert run(f.blocks[0].code, {f.params[0]: word}) == meaning(op, word, number)


def run(code, values):
    """What straight code returns."""
    for instruction in code:
        args = [values[arg] if isinstance(arg, Value) else arg for arg in instruction.args]
        if instruction.op == "return":
            return args[0]
        values[instruction.results[0]] = args[0] if instruction.op == "copy" else meaning(instruction.op, *args)
    raise AssertionError


@pytest.mark.parametrize(("test", "expected"), [("beq v1, 0", "beq v2, 0"), ("bne v1, 0", "bne v2, 0")])
def test_a_remainder_that_is_compared_with_0_is_a_mask(test, expected):
    source = f"entry0(v0):\nv1 = rem v0, 8\n{test}, then1(), else2()\n{BRANCHES}"
    wanted = f"entry0(v0):\nv2 = and v0, 7\n{expected}, then1(), else2()\n{BRANCHES}"
    assert optimized(source) == text(function(wanted)).splitlines()
    value = optimized("entry0(v0):\nv1 = rem v0, 8\nv2 = sltu v1, 1\nreturn v2")
    assert value == lines("entry0(v0):\nv1 = and v0, 7\nv2 = sltu v1, 1\nreturn v2")


@pytest.mark.parametrize(
    "code",
    [
        "v1 = rem v0, 10\nbeq v1, 0",
        "v1 = rem v0, v0\nbeq v1, 0",
        "v1 = rem v0, 10\nblt v1, 0",
        "v1 = div v0, 10\nbeq v1, 0",
        "v1 = copy v0\nbeq v0, 0",
    ],
)
def test_other_tests_of_remainders_stay(code):
    source = f"entry0(v0):\n{code}, then1(), else2()\n{BRANCHES}"
    assert after(source, reduce_strength) == lines(source)


def test_a_remainder_compared_with_another_number_keeps_its_sign():
    found = optimized(f"entry0(v0):\nv1 = rem v0, 8\nbeq v1, 1, then1(), else2()\n{BRANCHES}")
    assert "    v4 = and v3, -8" in found


def optimized(source):
    return after(source, lambda f: optimize(Program([f])))
