"""Instruction selection and shrink-wrapping: functions before and after."""

import pytest

from riscv.backend.select import select
from riscv.backend.wrap import framed, split_at_door
from riscv.ir.nodes import text
from tests.riscv.passes import after
from tests.riscv.written import function, lines


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("add v0, 5", "v1 = addi v0, 5"),
        ("add 5, v0", "v1 = addi v0, 5"),
        ("add v0, 2047", "v1 = addi v0, 2047"),
        ("add v0, 2048", "v1 = add v0, 2048"),
        ("add v0, -2048", "v1 = addi v0, -2048"),
        ("add v0, -2049", "v1 = add v0, -2049"),
        ("sub v0, 2048", "v1 = addi v0, -2048"),
        ("sub v0, -2048", "v1 = add v0, 2048"),
        ("sub v0, -2147483648", "v1 = add v0, -2147483648"),
        ("sub 5, v0", "v1 = sub 5, v0"),
        ("sub 0, v0", "v1 = sub 0, v0"),
        ("mul v0, 5", "v1 = mul v0, 5"),
        ("mul 5, v0", "v1 = mul v0, 5"),
        ("div 5, v0", "v1 = div 5, v0"),
        ("rem v0, 0", "v1 = rem v0, 0"),
        ("slt v0, 5", "v1 = slti v0, 5"),
        ("slt 5, v0", "v1 = slt 5, v0"),
        ("sltu v0, 1", "v1 = sltiu v0, 1"),
        ("sltu 0, v0", "v1 = sltu 0, v0"),
        ("and 7, v0", "v1 = andi v0, 7"),
        ("or 7, v0", "v1 = ori v0, 7"),
        ("xor 7, v0", "v1 = xori v0, 7"),
        ("sll v0, 3", "v1 = slli v0, 3"),
        ("srl v0, 33", "v1 = srli v0, 1"),
        ("sra v0, -1", "v1 = srai v0, 31"),
        ("sll 3, v0", "v1 = sll 3, v0"),
        ("add 5, 7", "v1 = add 7, 5"),
        ("sub 9, 7", "v1 = add 9, -7"),
        ("add 0, 7", "v1 = add 7, 0"),
        ("lw v0, 4", "v1 = lw v0, 4"),
        ("lw v0, 2047", "v1 = lw v0, 2047"),
        ("lw v0, 2048", "v2 = add v0, 2048\nv1 = lw v2, 0"),
        ("lbu v0, -2049", "v2 = add v0, -2049\nv1 = lbu v2, 0"),
        ("lw 0, 4", "v1 = lw 0, 4"),
        ("lw 5, 4", "v1 = lw 5, 4"),
        ("copy 7\nsw 0, v0, 4", "v1 = copy 7\nsw 0, v0, 4"),
        ("copy 7\nsw 5, v0, 4", "v1 = copy 7\nsw 5, v0, 4"),
        ("copy 7\nsb v0, v0, -2048", "v1 = copy 7\nsb v0, v0, -2048"),
        ("copy 7\nsw 5, 6, 4096", "v1 = copy 7\nv2 = add 6, 4096\nsw 5, v2, 0"),
        ("la g", "v1 = la g"),
        ("copy 5", "v1 = copy 5"),
        ("call g, 5", "v1 = call g, 5"),
        ("add v0, 0", "v1 = addi v0, 0"),
    ],
)
def test_selection_finds_a_form_for_numbers(code, expected):
    found = after(f"entry0(v0):\nv1 = {code}\nreturn 5", select)
    assert found == text(function(f"entry0(v0):\n{expected}\nreturn 5")).splitlines()


def test_branches_carry_nothing():
    source = """
        entry0(v0):
            blt v0, 7, a1(v0), b2()
        a1(v1):
            beq 0, v1, a1(3), a1(4)
        b2():
            jump a1(5)
    """
    assert after(source, select) == lines("""
        entry0(v0):
            blt v0, 7, edge1(), b5()
        edge1():
            jump a2(v0)
        a2(v1):
            beq 0, v1, edge3(), edge4()
        edge3():
            jump a2(3)
        edge4():
            jump a2(4)
        b5():
            jump a2(5)
    """)


DIAMOND = """
    entry0(v0):
        beq v0, 0, a1(), b2()
    a1():
        jump c3()
    b2():
        jump d4()
    c3():
        beq v0, 1, c3(), e5()
    d4():
        jump g6()
    e5():
        return 0
    g6():
        return 1
"""


@pytest.mark.parametrize(
    ("needing", "inside"),
    [
        ("", ""),
        ("e", "e"),
        ("d", "d g"),
        ("c", "a c e"),
        ("c d", "entry b d g a c e"),
        ("e g", "entry b d g a c e"),
        ("a", "a c e"),
        ("b", "b d g"),
        ("entry", "entry b d g a c e"),
    ],
)
def test_a_frame_is_made_at_one_door_and_kept(needing, inside):
    f = function(DIAMOND)
    found = framed(f, [block for block in f.blocks if block.name in needing.split()])
    assert [block.name for block in found] == inside.split()


def test_a_door_may_have_several_ways_in_but_none_from_inside():
    f = function("entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\njump c3()\nb2():\njump c3()\nc3():\nreturn 0")
    assert [block.name for block in framed(f, f.blocks[3:])] == ["c"]


def test_values_get_a_second_name_where_the_frame_is_made():
    source = """
        entry0(v0, v1):
            beq v0, v1, a1(), b2()
        a1():
            return v0
        b2():
            v2 = call g, v1
            v3 = add v2, v0
            jump c3(v0)
        c3(v4):
            v5 = add v3, v4
            v6 = add v5, v0
            return v6
    """
    assert after(source, split_at_door) == lines("""
        entry0(v0, v1):
            beq v0, v1, a1(), b2()
        a1():
            return v0
        b2():
            v2 = copy v0
            v3 = call g, v1
            v4 = add v3, v2
            jump c3(v2)
        c3(v5):
            v6 = add v4, v5
            v7 = add v6, v2
            return v7
    """)


@pytest.mark.parametrize(
    "source",
    [
        "entry0(v0):\nv1 = call g, v0\nreturn v0",
        "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\nreturn v0\nb2():\necall 1, v0\nreturn v0",
        "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\nreturn v0\nb2():\nv1 = call g, v0\nreturn v1",
        "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\nreturn v0\nb2():\n"
        "v1 = add v0, 1\nv2 = add v0, v1\nv3 = call g, v2\nreturn v3",
    ],
)
def test_no_value_is_renamed_without_need(source):
    assert after(source, split_at_door) == lines(source)
