"""Register allocation: where values are, and that none is in the way of another."""

from random import Random

import pytest

from riscv.backend.allocate import ALL, allocate, collect
from riscv.backend.places import Slot
from riscv.ir.liveness import backwards, live_out
from tests.riscv.written import function


def places(source, registers=ALL):
    """Where the values v0, v1, ... of a function are, in the order they stand."""
    f = function(source)
    found = allocate(f, registers)
    order = [*f.params]
    for block in f.blocks:
        for value in [*block.params, *(value for i in block.code for value in i.results)]:
            if value not in order:
                order.append(value)
    return [found[value] for value in order]


def test_values_go_where_they_come_from_and_where_they_are_wanted():
    assert places("entry0(v0, v1):\nreturn v0") == ["a0", "a1"]
    assert places("entry0(v0, v1):\nv2 = add v0, v1\nreturn v2") == ["a0", "a1", "a0"]
    assert places("entry0():\nv0 = li 1\nv1 = li 2\nv2 = call g, v1, v0\nreturn v2") == ["a1", "a0", "a0"]
    assert places(
        "entry0():\nv0 = li 1\nv1 = add v0, v0\nv2 = add v1, v0\nbeq v1, v2, a1(), a1()\na1():\nreturn 0"
    ) == [
        "t3",
        "t4",
        "t3",
    ]


def test_what_is_needed_behind_a_call_is_in_a_saved_register():
    assert places("entry0(v0, v1):\nv2 = call g, v1\nv3 = add v0, v2\nreturn v3") == ["s0", "a0", "a0", "a0"]
    assert places("entry0(v0, v1):\necall 1, v1\nreturn v0") == ["t3", "a0"]
    assert places("entry0(v0, v1):\nv2, v3 = callr v1, v0\nv4 = add v0, v3\nreturn v4") == [
        "s0",
        "t3",
        "a0",
        "a1",
        "a0",
    ]


def test_a_loops_variable_stays_in_its_register():
    assert places("""
        entry0(v0):
            jump test2(v0)
        body1():
            v1 = addi v2, 1
            jump test2(v1)
        test2(v2):
            bne v2, 0, body1(), end3()
        end3():
            return 0
    """) == ["a0", "a0", "a0"]


def test_copies_share_a_register_where_the_first_ends():
    assert places("entry0(v0):\nv1 = copy v0\nv2 = add v1, v1\nreturn v2") == ["a0", "a0", "a0"]
    assert places("entry0(v0):\nv1 = copy v0\nv2 = add v1, v0\nreturn v2") == ["a0", "t3", "a0"]


def test_the_value_that_is_read_least_moves_to_the_frame():
    source = "entry0(v0, v1, v2):\nv3 = add v0, v1\nv4 = add v0, v3\nv5 = add v4, v2\nv6 = add v5, v1\nreturn v6"
    assert places(source, ["a0", "a1"]) == ["a0", "a1", Slot(0), Slot(1), "a0", "a0", "a0"]
    in_loop = """
        entry0(v0, v1):
            jump test2(9)
        body1():
            v2 = addi v3, -1
            v4 = add v2, v0
            jump test2(v4)
        test2(v3):
            bne v3, 0, body1(), end3()
        end3():
            v5 = add v1, v1
            v6 = add v5, v1
            return v6
    """
    assert places(in_loop, ["a0", "a1"])[:2] == ["a0", Slot(0)]


def test_a_value_costs_its_places_weighed_by_their_loops():
    f = function("""
        entry0(v0, v1):
            v2 = add v0, v0
            jump outer1(v2)
        outer1(v3):
            jump inner2(v3)
        inner2(v4):
            v5 = add v4, v1
            bne v5, 0, inner2(v5), back3()
        back3():
            bne v0, v1, outer1(v5), end4()
        end4():
            return v1
    """)
    cost = collect(f).cost
    values = [*f.params, f.blocks[0].code[0].results[0], *f.blocks[1].params, *f.blocks[2].params]
    values.append(f.blocks[2].code[0].results[0])
    assert [cost[value] for value in values] == [1 + 2 + 10, 1 + 100 + 10 + 1, 2, 10 + 10, 200, 300 + 10]


def test_with_no_registers_all_is_in_the_frame_and_words_are_used_again():
    source = "entry0(v0, v1):\nv2 = add v0, v1\nv3 = add v2, v0\nv4 = add v3, v3\nreturn v4"
    assert places(source, ()) == [Slot(0), Slot(1), Slot(1), Slot(0), Slot(0)]


def test_what_nothing_reads_still_has_a_place_of_its_own():
    assert places("entry0(v0, v1, v2):\nreturn 0", ()) == [Slot(0), Slot(1), Slot(2)]
    assert places("entry0():\nv0 = li 1\nv1 = li 2\nreturn v1", ()) == [Slot(0), Slot(0)]


@pytest.mark.parametrize("seed", range(20))
def test_values_that_are_needed_at_once_are_in_different_places(seed):
    random = Random(seed)
    names = ["v0", "v1"]
    code = []
    for n in range(2, 40):
        code.append(f"v{n} = add {random.choice(names[-12:])}, {random.choice(names)}")
        names.append(f"v{n}")
    source = "entry0(v0, v1):\n" + "\n".join(code) + f"\nreturn {names[-1]}"
    f = function(source)
    found = allocate(f, ["a0", "t3", "s0"])
    for instruction, live in backwards(f.blocks[0], dict(live_out(f)[f.blocks[0]])):
        needed = {*live, *instruction.results}
        assert len({found[value] for value in needed}) == len(needed)
