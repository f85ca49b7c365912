"""Emission and frames: the lines of whole functions, offsets, prologues, epilogues."""

import pytest

from riscv.backend.allocate import ALL, allocate
from riscv.backend.emit import Emission
from riscv.backend.frame import Frame, adjust, needs_frame, overwritten
from riscv.backend.lines import Label, Line
from riscv.backend.places import Incoming, Outgoing, Save, Slot
from riscv.backend.select import select
from tests.riscv.written import function


def emitted(source, registers=ALL, wrap=True):
    """The lines of a function, selected, allocated, emitted and framed."""
    f = function(source)
    select(f)
    frame = Frame(f, Emission(f, allocate(f, registers)).emit(), wrap)
    return [str(line).strip() for line in frame.finish(frame.hole)]


def test_lines_are_written_as_the_assembler_reads_them():
    assert str(Line("lw", ("a0", 4, "sp"))) == "    lw a0, 4(sp)"
    assert str(Line("sw", ("a0", -4, "s0"))) == "    sw a0, -4(s0)"
    assert str(Line("lbu", ("a0", 4, "a1"))) == "    lbu a0, 4(a1)"
    assert str(Line("sb", ("a0", 4, "a1"))) == "    sb a0, 4(a1)"
    assert str(Line("add", ("a0", "a1", "a2"))) == "    add a0, a1, a2"
    assert str(Line("ret", ())) == "    ret"
    assert str(Label("f")) == "f:"


def test_a_function_in_the_frame_loads_and_stores_everything():
    assert emitted("entry0(v0, v1):\nv2 = sub v0, v1\nv3 = add v2, 5\nreturn v3", (), False) == [
        "f:",
        "addi sp, sp, -16",
        "sw a0, 0(sp)",
        "sw a1, 4(sp)",
        "lw t0, 0(sp)",
        "lw t1, 4(sp)",
        "sub t0, t0, t1",
        "sw t0, 0(sp)",
        "lw t0, 0(sp)",
        "addi t0, t0, 5",
        "sw t0, 0(sp)",
        "lw a0, 0(sp)",
        "addi sp, sp, 16",
        "ret",
    ]


def test_constants_copies_and_requests_in_the_frame():
    assert emitted(
        "entry0():\nv0 = li 5\nv1 = copy v0\nv2 = copy 0\necall 1, v1\necall 11, v2\nreturn 0", (), False
    ) == [
        "f:",
        "addi sp, sp, -16",
        "li t0, 5",
        "sw t0, 0(sp)",
        "sw zero, 4(sp)",
        "li a7, 1",
        "lw a0, 0(sp)",
        "ecall",
        "li a7, 11",
        "lw a0, 4(sp)",
        "ecall",
        "li a0, 0",
        "addi sp, sp, 16",
        "ret",
    ]


MEMORY = """
    entry0(v0, v1):
        v2 = lbu v0, -3
        v3 = lw v2, 4
        sw v3, v1, 8
        sb 0, v0, 0
        v4 = la g
        return v4
"""


def test_loads_and_stores_have_the_offset_before_the_base():
    assert emitted(MEMORY) == [
        "f:",
        "lbu t3, -3(a0)",
        "lw t3, 4(t3)",
        "sw t3, 8(a1)",
        "sb zero, 0(a0)",
        "la a0, g",
        "ret",
    ]


def test_loads_and_stores_in_the_frame_use_both_scratch_registers():
    assert emitted(MEMORY, (), False)[2:-3] == [
        "sw a0, 0(sp)",
        "sw a1, 4(sp)",
        "lw t0, 0(sp)",
        "lbu t0, -3(t0)",
        "sw t0, 8(sp)",
        "lw t0, 8(sp)",
        "lw t0, 4(t0)",
        "sw t0, 8(sp)",
        "lw t1, 8(sp)",
        "lw t0, 4(sp)",
        "sw t1, 8(t0)",
        "lw t0, 0(sp)",
        "sb zero, 0(t0)",
        "la t0, g",
        "sw t0, 0(sp)",
    ]


def test_a_call_by_address_has_the_address_beside_the_arguments():
    assert emitted("entry0(v0, v1, v2):\nv3, v4 = callr v0, v1, v2\nv5 = sub v4, v3\nreturn v5") == [
        "f:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "mv t3, a0",
        "mv a0, a1",
        "mv a1, a2",
        "jalr t3",
        "sub a0, a1, a0",
        "lw ra, 0(sp)",
        "addi sp, sp, 16",
        "ret",
    ]
    assert emitted("entry0(v0, v1):\ntailr v0, v1") == ["f:", "mv t3, a0", "mv a0, a1", "jr t3"]


def test_requests_have_up_to_three_arguments_and_a_trap_leaves_the_frame_alone():
    assert emitted("entry0(v0):\nv1 = call g, v0\necall 64, 1, v1, 3\ntrap 1001, 7") == [
        "f:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "call g",
        "mv a1, a0",
        "li a7, 64",
        "li a0, 1",
        "li a2, 3",
        "ecall",
        "li a7, 1001",
        "li a0, 7",
        "ecall",
    ]


def test_arguments_past_eight_go_through_the_frames():
    params = ", ".join(f"v{n}" for n in range(10))
    assert emitted(f"entry0({params}):\nx = call f, v9, v1, v2, v3, v4, v5, v6, v7, 3, v8\nreturn x") == [
        "f:",
        "addi sp, sp, -16",
        "sw ra, 8(sp)",
        "lw t3, 16(sp)",
        "lw t4, 20(sp)",
        "mv a0, t4",
        "li t0, 3",
        "sw t0, 0(sp)",
        "sw t3, 4(sp)",
        "call f",
        "lw ra, 8(sp)",
        "addi sp, sp, 16",
        "ret",
    ]


def test_blocks_fall_into_each_other_or_jump():
    assert emitted(
        """
        entry0(v0, v1):
            blt v0, v1, a1(), b2()
        a1():
            bltu v0, v1, entry2(), c4()
        entry2():
            jump b2(v0)
        b2():
            return v0
        c4():
            beq v0, 0, a1(), b2()
    """.replace("jump b2(v0)", "jump b2()")
    ) == [
        "f:",
        "bge a0, a1, .f.3.b",
        ".f.1.a:",
        "bgeu a0, a1, .f.4.c",
        ".f.2.entry:",
        ".f.3.b:",
        "ret",
        ".f.4.c:",
        "beq a0, zero, .f.1.a",
        "j .f.3.b",
    ]


def test_tail_calls_leave_the_frame_and_jump():
    source = "entry0(v0, v1):\nv2 = call g, v0\ntail h, v1, v2"
    assert emitted(source) == [
        "f:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "sw s0, 4(sp)",
        "mv s0, a1",
        "call g",
        "mv a1, a0",
        "mv a0, s0",
        "lw ra, 0(sp)",
        "lw s0, 4(sp)",
        "addi sp, sp, 16",
        "j h",
    ]


WRAPPED = "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\nreturn v0\nb2():\nv1 = call f, v0\nv2 = call f, v1\nreturn v2"


def test_a_way_without_calls_makes_no_frame():
    assert emitted(WRAPPED) == [
        "f:",
        "bne a0, zero, .f.2.b",
        ".f.1.a:",
        "ret",
        ".f.2.b:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "call f",
        "call f",
        "lw ra, 0(sp)",
        "addi sp, sp, 16",
        "ret",
    ]
    assert emitted(WRAPPED, ALL, False)[:3] == ["f:", "addi sp, sp, -16", "sw ra, 0(sp)"]


def test_an_argument_on_the_stack_is_found_with_and_without_the_frame():
    params = ", ".join(f"v{n}" for n in range(9))
    source = f"entry0({params}):\nbeq v8, 0, a1(), b2()\na1():\nreturn v0\nb2():\nx = call g, v8\nreturn x"
    assert emitted(source)[1] == "lw t3, 0(sp)"
    assert emitted(source, ALL, False)[3] == "lw t3, 16(sp)"


# Frames


def test_the_registers_to_save_are_those_overwritten_and_ra_behind_a_call():
    assert overwritten([Label("s1"), Line("mv", ("s3", "a0")), Line("add", ("t0", "s0", "s11"))]) == ["s0", "s3", "s11"]
    assert overwritten([Line("call", ("f",)), Line("mv", ("s3", "a0"))]) == ["ra", "s3"]
    assert overwritten([Line("jalr", ("t3",)), Line("jr", ("t3",))]) == ["ra"]
    assert overwritten([Line("ret", ()), Line("jr", ("t3",))]) == []


def test_a_block_needs_the_frame_for_its_words_and_for_saved_registers():
    assert needs_frame([Line("sw", ("a0", Slot(0), "sp"))])
    assert needs_frame([Line("sw", ("a0", Outgoing(0), "sp"))])
    assert needs_frame([Line("mv", ("s2", "a0"))])
    assert needs_frame([Line("call", ("f",))])
    assert not needs_frame([Label("a"), Line("lw", ("a0", Incoming(0), "sp")), Line("mv", ("a0", "a1"))])


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (-16, ["addi sp, sp, -16"]),
        (-2048, ["addi sp, sp, -2048"]),
        (2032, ["addi sp, sp, 2032"]),
        (2048, ["li t0, 2048", "add sp, sp, t0"]),
        (-2064, ["li t0, -2064", "add sp, sp, t0"]),
    ],
)
def test_sp_moves_as_far_as_it_must(amount, expected):
    assert [str(line).strip() for line in adjust(amount)] == expected


def frame(*body):
    f = function("entry0():\nreturn 0")
    return Frame(f, {f.blocks[0]: [Label("f"), *body]}, True)


@pytest.mark.parametrize(
    ("slots", "calls", "outgoing", "size"),
    [
        (1, 0, 0, 16),
        (4, 0, 0, 16),
        (5, 0, 0, 32),
        (3, 1, 0, 16),
        (4, 1, 0, 32),
        (2, 1, 1, 16),
        (2, 1, 2, 32),
        (507, 1, 0, 2032),
    ],
)
def test_a_frame_is_a_multiple_of_16_bytes(slots, calls, outgoing, size):
    body = [Line("sw", ("a0", Slot(slots - 1), "sp")), *[Line("call", ("f",))] * calls]
    made = frame(*body, *[Line("sw", ("a0", Outgoing(n), "sp")) for n in range(outgoing)])
    assert made.size == size
    assert made.outgoing == outgoing


def test_words_of_the_frame_have_offsets_of_their_own():
    made = frame(
        Line("mv", ("s5", "a0")),
        Line("call", ("f",)),
        Line("sw", ("a0", Outgoing(1), "sp")),
        Line("sw", ("a0", Slot(2), "sp")),
    )
    offsets = [
        made.offset(word, made.size) for word in (Outgoing(0), Outgoing(1), Save("ra"), Save("s5"), Slot(0), Slot(2))
    ]
    assert offsets == [0, 4, 8, 12, 16, 24]
    assert made.size == 32
    assert made.offset(Incoming(3), 32) == 44
    assert made.offset(Incoming(0), 0) == 0


def test_words_out_of_reach_get_their_address_computed():
    made = frame(
        Line("sw", ("a0", Slot(600), "sp")),
        Line("lw", ("a1", Slot(511), "sp")),
        Line("lw", ("a1", Slot(512), "sp")),
        Line("leave", ()),
    )
    assert [str(line).strip() for line in made.finish(made.hole)] == [
        "f:",
        "li t0, -2416",
        "add sp, sp, t0",
        "li t1, 2400",
        "add t1, sp, t1",
        "sw a0, 0(t1)",
        "lw a1, 2044(sp)",
        "li a1, 2048",
        "add a1, sp, a1",
        "lw a1, 0(a1)",
        "li t0, 2416",
        "add sp, sp, t0",
    ]


def test_the_saves_go_to_the_hole_behind_the_new_sp():
    made = frame(Line("mv", ("s1", "a0")), Line("leave", ()), Line("ret", ()))
    assert made.hole == 2
    assert [str(line).strip() for line in made.finish(made.hole)] == [
        "f:",
        "addi sp, sp, -16",
        "sw s1, 0(sp)",
        "mv s1, a0",
        "lw s1, 0(sp)",
        "addi sp, sp, 16",
        "ret",
    ]
    without = frame(Line("leave", ()), Line("ret", ()))
    assert without.hole == 0
    assert [str(line).strip() for line in without.finish(without.hole)] == ["f:", "ret"]


def test_saves_and_restores_are_words_of_the_frame_as_it_is_made(monkeypatch):
    made = frame(Line("mv", ("s1", "a0")), Line("leave", ()), Line("ret", ()))
    sizes = []
    monkeypatch.setattr(made, "offset", lambda _word, size: sizes.append(size) or 0)
    made.finish(made.hole)
    made.epilogue()
    assert sizes == [made.size, made.size] == [16, 16]
