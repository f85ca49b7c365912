"""The allocation checker: it accepts what the compiler emits and refuses every kind of mistake, by its message."""

from random import Random

import pytest

import riscv
from riscv import compiler, generate
from riscv.assembler import assemble
from riscv.backend.check import check
from riscv.backend.lines import Label, Line
from riscv.emulator import Emulator
from riscv.errors import CompilerError, Source
from riscv.formats import REGISTERS
from riscv.ir.lower import lower
from riscv.optimize import optimize
from riscv.resolver import resolve
from tests.riscv.written import function


def code(text, f):
    """Lines from text; `@n` at the end of one says that it carries out the n-th instruction of the function."""
    instructions = [*f.instructions()]
    found = [Label(f.label)]
    for word in text.strip().split("\n"):
        line, _, number = word.strip().partition(" @")
        if line.endswith(":"):
            found.append(Label(line[:-1]))
            continue
        mnemonic, _, rest = line.partition(" ")
        operands = [o for o in rest.replace("(", ", ").replace(")", "").split(", ") if o]
        operands = tuple(int(o) if o.lstrip("-").isdigit() else o for o in operands)
        found.append(Line(mnemonic, operands, instructions[int(number)] if number else None))
    return found


def verdict(source, text):
    """None if the lines are accepted, else line number and message."""
    f = function(source)
    try:
        check(f, code(text, f))
    except CompilerError as error:
        place, _, message = str(error).removesuffix("; this is a bug of the compiler").partition(": line ")
        assert place == "f"
        return message
    return None


ADD = "entry0(v0, v1):\nv2 = add v0, v1\nreturn v2"
IMMEDIATE = "entry0(v0):\nv1 = addi v0, 5\nreturn v1"
CONSTANT = "entry0(v0):\nv1 = copy 7\nv2 = add v0, v1\nreturn v2"
CALL = "entry0(v0, v1):\nv2 = call g, v1, 3\nv3 = add v2, v0\nreturn v3"
SAVING = "addi sp, sp, -16\nsw ra, 0(sp)\nsw s0, 4(sp)\nmv s0, a0\n"
CALLING = "mv a0, a1\nli a1, 3\ncall g @0\nadd a0, a0, s0 @1\n"
RESTORING = "lw ra, 0(sp)\nlw s0, 4(sp)\naddi sp, sp, 16\nret @2"
BRANCH = "entry0(v0, v1):\nblt v0, v1, a1(), b2()\na1():\nreturn v0\nb2():\nreturn v1"
LOOP = """
    entry0(v0):
        jump test2(v0, 1)
    body1():
        v1 = addi v2, -1
        jump test2(v1, v2)
    test2(v2, v3):
        bne v2, 0, body1(), end3()
    end3():
        return v3
"""
REQUEST = "entry0(v0):\necall 1, v0\nreturn v0"
TAIL = "entry0(v0, v1):\ntail g, v1, v0"
WRITE = "entry0(v0):\necall 64, 1, 2, v0\nreturn 0"
TRAP = "entry0():\ntrap 1001, 7"
LOADS = "entry0(v0):\nv1 = lbu v0, -3\nv2 = lw v1, 4\nreturn v2"
STORES = "entry0(v0, v1):\nsb 0, v1, 8\nsw v0, v1, 0\nreturn v0"
ADDRESS = "entry0():\nv0 = la g\nreturn v0"
INDIRECT = "entry0(v0, v1):\nv2, v3 = callr v0, v1\nv4 = add v2, v0\nreturn v4"
AWAY = "entry0(v0, v1):\ntailr v0, v1"
TEN = ", ".join(f"v{n}" for n in range(10))
STACK = f"entry0({TEN}):\nv10 = call g, {TEN}\nreturn v10"
PUSHED = "addi sp, sp, -32\nsw ra, 8(sp)\nlw t0, 32(sp)\nsw t0, 0(sp)\nlw t0, 36(sp)\nsw t0, 4(sp)\ncall g @0\n"
POPPED = "lw ra, 8(sp)\naddi sp, sp, 32\nret @1"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (ADD, "add a0, a0, a1 @0\nret @1"),
        (ADD, "mv t3, a1\nadd t3, a0, t3 @0\nmv a0, t3\nret @1"),
        (IMMEDIATE, "addi a0, a0, 5 @0\nret @1"),
        (CONSTANT, "li t0, 7\nadd a0, a0, t0 @1\nret @2"),
        (CALL, SAVING + CALLING + RESTORING),
        (CALL, SAVING.replace("16", "32") + CALLING + RESTORING.replace("16", "32")),
        (CALL, "li t0, -16\nadd sp, sp, t0\n" + SAVING.partition("\n")[2] + CALLING + RESTORING),
        (CALL, SAVING + CALLING + RESTORING.replace("lw s0, 4(sp)", "li s0, 4\nadd s0, sp, s0\nlw s0, 0(s0)")),
        (CALL, SAVING.replace("sw ra, 0(sp)", "mv t0, sp\nsw ra, 0(t0)") + CALLING + RESTORING),
        (BRANCH, "blt a0, a1, x @0\nmv a0, a1\nx:\nret @2".replace("x:\nret @2", "ret @2\nx:\nret @1")),
        (BRANCH, "bge a0, a1, x @0\nret @1\nx:\nmv a0, a1\nret @2"),
        (BRANCH, "blt a0, a1, x @0\nj y\nx:\nret @1\ny:\nmv a0, a1\nret @2"),
        (
            LOOP,
            "li a1, 1\nj test\nbody:\nmv a1, a0\naddi a0, a0, -1 @1\ntest:\nbne a0, zero, body @3\nmv a0, a1\nret @4",
        ),
        (REQUEST, "mv t3, a0\nli a7, 1\necall @0\nmv a0, t3\nret @1"),
        (TAIL, "mv t0, a0\nmv a0, a1\nmv a1, t0\nj g @0"),
        (WRITE, "mv a2, a0\nli a0, 1\nli a1, 2\nli a7, 64\necall @0\nli a0, 0\nret @1"),
        (TRAP, "li a7, 1001\nli a0, 7\necall @0"),
        (LOADS, "lbu a0, -3(a0) @0\nlw a0, 4(a0) @1\nret @2"),
        (STORES, "sb zero, 8(a1) @0\nsw a0, 0(a1) @1\nret @2"),
        (ADDRESS, "la a0, g @0\nret @1"),
        (
            "entry0(v0):\nreturn v0",
            "addi sp, sp, -32\nsw a0, 16(sp)\naddi sp, sp, 16\nlw a0, 0(sp)\naddi sp, sp, 16\nret @0",
        ),
        (INDIRECT, SAVING + "mv t3, a0\nmv a0, a1\njalr t3 @0\nadd a0, a0, s0 @1\n" + RESTORING),
        (INDIRECT, SAVING + "mv t6, a0\nmv a0, a1\njalr t6 @0\nadd a0, a0, s0 @1\n" + RESTORING),
        (AWAY, "mv t0, a0\nmv a0, a1\njr t0 @0"),
        (STACK, PUSHED + POPPED),
        ("entry0():\njump a1()\na1():\njump a1()", "x:\nj x"),
        ("entry0():\nv0 = copy 0\nv1 = add v0, 0\nreturn v1", "add a0, zero, zero @1\nret @2"),
        ("entry0():\nreturn 0", "mv a0, zero\nret @0"),
        ("entry0(v0):\nv1 = copy v0\nreturn v1", "ret @1"),
    ],
)
def test_proper_lines_are_accepted(source, text):
    assert verdict(source, text) is None


def test_a_function_without_lines_is_no_function():
    with pytest.raises(CompilerError, match=r"^f: line 0, the end: control runs out of the function; "):
        check(function("entry0():\nreturn 0"), [])


@pytest.mark.parametrize(
    ("source", "text", "message"),
    [
        (ADD, "add a0, a0, a0 @0\nret @1", "1, add a0, a0, a0: a0 does not hold the operand"),
        (ADD, "add a0, a1, a0 @0\nret @1", "1, add a0, a1, a0: a1 does not hold the operand"),
        (ADD, "add a0, a0, t0 @0\nret @1", "1, add a0, a0, t0: t0 does not hold the operand"),
        (ADD, "add a0, a0, 5 @0\nret @1", "1, add a0, a0, 5: 5 does not hold the operand"),
        (ADD, "sub a0, a0, a1 @0\nret @1", "1, sub a0, a0, a1: it is not add"),
        (ADD, "add t0, a0, a1 @0\nret @1", "2, ret: argument 0 is not in its place"),
        (ADD, "add sp, a0, a1 @0\nret @1", "1, add sp, a0, a1: sp may not be overwritten with a result"),
        (ADD, "add ra, a0, a1 @0\nret @1", "1, add ra, a0, a1: ra may not be overwritten with a result"),
        (ADD, "add zero, a0, a1 @0\nret @1", "1, add zero, a0, a1: zero may not be overwritten with a result"),
        (ADD, "add s0, a0, a1 @0\nmv a0, s0\nret @1", "3, ret: s0 is not what it was at entry"),
        (ADD, "mv s11, a0\nadd a0, a0, a1 @0\nret @1", "3, ret: s11 is not what it was at entry"),
        (ADD, "mv ra, a0\nadd a0, a0, a1 @0\nret @1", "3, ret: ra is not what it was at entry"),
        (ADD, "addi sp, sp, -16\nadd a0, a0, a1 @0\nret @1", "3, ret: sp is not what it was at entry"),
        (ADD, "ret @1", "1, ret: it carries out return where add is next"),
        (WRITE, "mv a2, a0\nli a1, 2\nli a7, 64\nli a0, 0\necall @0\nret @1", "5, ecall: a0 does not hold the operand"),
        (WRITE, "mv a2, a0\nli a0, 1\nli a7, 64\necall @0\nret @1", "4, ecall: a1 does not hold the operand"),
        (WRITE, "li a0, 1\nli a1, 2\nli a7, 64\necall @0\nret @1", "4, ecall: a2 does not hold the operand"),
        (
            "entry0(v0):\necall 64, 1, 2, v0\nreturn v0",
            "mv a2, a0\nli a0, 1\nli a1, 2\nli a7, 64\necall @0\nmv a0, a2\nret @1",
            "7, ret: argument 0 is not in its place",
        ),
        (
            STACK.replace("return v10", "return v9"),
            PUSHED + "lw a0, 4(sp)\n" + POPPED,
            "11, ret: argument 0 is not in its place",
        ),
        (
            STACK.replace("return v10", "return v8"),
            PUSHED + "lw a0, 0(sp)\n" + POPPED,
            "11, ret: argument 0 is not in its place",
        ),
        ("entry0(v0):\nreturn v0", "addi sp, sp, 1\nret @0", "1, addi sp, sp, 1: sp leaves the frame"),
        (
            "entry0(v0):\njump a1(1)\na1(v1):\nbne v0, 0, b2(), c3()\nb2():\njump a1(v0)\nc3():\nreturn v1",
            "x:\nbeq a0, zero, y @1\nj x\ny:\nli a0, 1\nret @3",
            "6, ret: argument 0 is not in its place",
        ),
        (ADD, "add a0, a0 @0\nret @1", "1, add a0, a0: it does not read 2 operands"),
        (ADD, "add a0, a0, a1, a1 @0\nret @1", "1, add a0, a0, a1, a1: it does not read 2 operands"),
        (BRANCH, "blt a0, x @0\nmv a0, a1\nret @2\nx:\nret @1", "1, blt a0, x: it does not read 2 operands"),
        (
            "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\njump c3(1)\nb2():\njump c3(v0)\nc3(v1):\nreturn v1",
            "beq a0, zero, x @0\nj y\nx:\nj y\ny:\nli a0, 1\nret @3",
            "7, ret: argument 0 is not in its place",
        ),
        (
            "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\njump c3(1)\nb2():\njump c3(v0)\nc3(v1):\nreturn v1",
            "bne a0, zero, x @0\nj y\nx:\nj y\ny:\nli a0, 1\nret @3",
            "7, ret: argument 0 is not in its place",
        ),
        (TRAP, "li a7, 1001\necall @0", "2, ecall: a0 does not hold the operand"),
        (TRAP, "li a7, 1001\nli a0, 7\nret @0", "3, ret: it is no ecall"),
        (LOADS, "lb a0, -3(a0) @0", "1, lb a0, -3, a0: it is not lbu at -3"),
        (LOADS, "lbu a0, -4(a0) @0", "1, lbu a0, -4(a0): it is not lbu at -3"),
        (LOADS, "lbu a0, -3(a1) @0", "1, lbu a0, -3(a1): a1 does not hold the operand"),
        (LOADS, "lbu s0, -3(a0) @0\nlw a0, 4(s0) @1\nret @2", "3, ret: s0 is not what it was at entry"),
        (LOADS, "lbu sp, -3(a0) @0", "1, lbu sp, -3(a0): sp may not be overwritten with a result"),
        (STORES, "sb a0, 8(a1) @0", "1, sb a0, 8(a1): a0 does not hold the operand"),
        (STORES, "sb zero, 8(a0) @0", "1, sb zero, 8(a0): a0 does not hold the operand"),
        (STORES, "sw zero, 8(a1) @0", "1, sw zero, 8(a1): it is not sb at 8"),
        (STORES, "sw a0, 0(a1) @1", "1, sw a0, 0(a1): it carries out sw where sb is next"),
        (ADDRESS, "la a0, h @0", "1, la a0, h: it is not the address of g"),
        (ADDRESS, "li a0, g @0", "1, li a0, g: it is not la"),
        (INDIRECT, SAVING + "mv t3, a0\nmv a0, a1\njr t3 @0", "7, jr t3: it is another call"),
        (INDIRECT, SAVING + "mv t3, a0\nmv a0, a1\njalr t4 @0", "7, jalr t4: t4 does not hold the operand"),
        (INDIRECT, SAVING + "mv a3, a0\nmv a0, a1\njalr a3 @0", "7, jalr a3: a3 is not free to hold an address"),
        (INDIRECT, SAVING + "mv ra, a0\nmv a0, a1\njalr ra @0", "7, jalr ra: ra is not free to hold an address"),
        (INDIRECT, SAVING + "mv t3, a0\njalr t3 @0", "6, jalr t3: argument 0 is not in its place"),
        (
            INDIRECT,
            SAVING.replace("16", "8") + "mv t3, a0\nmv a0, a1\njalr t3 @0",
            "7, jalr t3: sp is not a multiple of 16",
        ),
        (
            INDIRECT,
            "mv t3, a0\nmv t4, a0\nmv a0, a1\njalr t3 @0\nadd a0, a0, t4 @1",
            "5, add a0, a0, t4: t4 does not hold the operand",
        ),
        (AWAY, "mv t0, a0\nmv a0, a1\njalr t0 @0", "3, jalr t0: it is another call"),
        (AWAY, "mv t0, a0\njr t0 @0", "2, jr t0: argument 0 is not in its place"),
        (AWAY, "mv t0, a0\nmv a0, a1\naddi sp, sp, -16\njr t0 @0", "4, jr t0: sp is not what it was at entry"),
        (
            ADD,
            "add a0, a0, a1 @0\nadd a0, a0, a1 @0\nret @1",
            "2, add a0, a0, a1: it carries out add where return is next",
        ),
        (ADD, "add a0, a0, a1 @0", "2, the end: control runs out of the function"),
        (ADD, "add a0, a0, a1 @0\nj g @1", "2, j g: it is not return"),
        (ADD, "add a0, a0, a1\nret @1", "2, ret: it carries out return where add is next"),
        (ADD, "ebreak", "1, ebreak: it does something that the IR does not want"),
        (ADD, "ret", "1, ret: it does something that the IR does not want"),
        (ADD, "j away", "1, j away: there is no such label in this function"),
        (IMMEDIATE, "addi a0, a0, 6 @0\nret @1", "1, addi a0, a0, 6: the immediate is not 5"),
        (IMMEDIATE, "addi a0, t0, 5 @0\nret @1", "1, addi a0, t0, 5: t0 does not hold the operand"),
        (CONSTANT, "li t0, 8\nadd a0, a0, t0 @1\nret @2", "2, add a0, a0, t0: t0 does not hold the operand"),
        (CALL, SAVING.replace("sw s0, 4(sp)\n", "") + CALLING + RESTORING, "11, ret: s0 is not what it was at entry"),
        (CALL, SAVING.replace("sw ra, 0", "sw ra, 4") + CALLING + RESTORING, "12, ret: ra is not what it was at entry"),
        (CALL, SAVING + CALLING + RESTORING.replace("lw ra, 0(sp)\n", ""), "11, ret: ra is not what it was at entry"),
        (CALL, SAVING.replace("-16", "-8") + CALLING + RESTORING, "7, call g: sp is not a multiple of 16"),
        (
            CALL,
            SAVING + CALLING + "addi sp, sp, 16\nlw ra, -16(sp)\nlw s0, -12(sp)\nret @2",
            "10, lw ra, -16(sp): the address is not a word of the frame",
        ),
        (CALL, SAVING + CALLING.replace("call g", "call h") + RESTORING, "7, call h: it is another call"),
        (CALL, SAVING + CALLING.replace("call", "jump") + RESTORING, "7, jump g: it is another call"),
        (CALL, SAVING + CALLING.replace("a1, 3", "a1, 4") + RESTORING, "7, call g: argument 1 is not in its place"),
        (CALL, SAVING + CALLING.replace("mv a0, a1\n", "") + RESTORING, "6, call g: argument 0 is not in its place"),
        (
            CALL,
            (SAVING + CALLING + RESTORING).replace("mv s0, a0", "mv t6, a0").replace("a0, a0, s0", "a0, a0, t6"),
            "8, add a0, a0, t6: t6 does not hold the operand",
        ),
        (CALL, "sw ra, 0(sp)", "1, sw ra, 0(sp): it writes into the frame of the caller"),
        (CALL, "sw ra, -4(sp)", "1, sw ra, -4(sp): the address is not a word of the frame"),
        (CALL, "addi sp, sp, -16\nsw ra, 2(sp)", "2, sw ra, 2(sp): the address is not a word of the frame"),
        (CALL, "sw ra, 0(a0)", "1, sw ra, 0(a0): the address is not a word of the frame"),
        (CALL, "lw a0, 0(t0)", "1, lw a0, 0(t0): the address is not a word of the frame"),
        (CALL, "addi sp, sp, 16", "1, addi sp, sp, 16: sp leaves the frame"),
        (CALL, "mv sp, a0", "1, mv sp, a0: sp leaves the frame"),
        (CALL, "li sp, 0", "1, li sp, 0: sp leaves the frame"),
        (BRANCH, "blt a1, a0, x @0\nx:\nret @1", "1, blt a1, a0, x: a1 does not hold the operand"),
        (BRANCH, "blt a0, a0, x @0\nx:\nret @1", "1, blt a0, a0, x: a0 does not hold the operand"),
        (BRANCH, "bne a0, a1, x @0\nx:\nret @1", "1, bne a0, a1, x: it is not blt"),
        (BRANCH, "blt a0, a1, away @0\nret @2", "1, blt a0, a1, away: there is no such label in this function"),
        (
            BRANCH,
            "bge a0, a1, x @0\nmv a0, a1\nret @2\nx:\nret @1",
            "3, ret: it carries out return where return is next",
        ),
        (BRANCH, "blt a0, a1, x @0\nx:\nret @1", "2, x:: two ways meet, before return and before another"),
        (
            LOOP,
            "li a1, 1\nj test\nbody:\naddi a0, a0, -1 @1\nmv a1, a0\ntest:\nbne a0, zero, body @3\nmv a0, a1\nret @4",
            "9, ret: argument 0 is not in its place",
        ),
        (
            LOOP,
            "li a1, 2\nj test\nbody:\nmv a1, a0\naddi a0, a0, -1 @1\ntest:\nbne a0, zero, body @3\nmv a0, a1\nret @4",
            "9, ret: argument 0 is not in its place",
        ),
        (REQUEST, "li a7, 1\necall @0\nret @1", "3, ret: argument 0 is not in its place"),
        (REQUEST, "li a7, 2\necall @0\nret @1", "2, ecall: a7 does not hold the operand"),
        (REQUEST, "li a7, 1\nli a0, 5\necall @0\nret @1", "3, ecall: a0 does not hold the operand"),
        (REQUEST, "li a7, 1\nebreak @0\nret @1", "2, ebreak: it is no ecall"),
        (TAIL, "mv a1, a0\nj g @0", "2, j g: argument 0 is not in its place"),
        (TAIL, "mv t0, a0\nmv a0, a1\nmv a1, t0\nj h @0", "4, j h: it is another call"),
        (TAIL, "mv t0, a0\nmv a0, a1\nmv a1, t0\nret @0", "4, ret: it is another call"),
        (STACK, PUSHED.replace("sw t0, 4(sp)\n", "") + POPPED, "6, call g: argument 9 is not in its place"),
        (STACK, PUSHED.replace("lw t0, 36(sp)\n", "") + POPPED, "6, call g: argument 9 is not in its place"),
        (STACK, (PUSHED + POPPED).replace("ra, 8(sp)", "ra, 4(sp)"), "10, ret: ra is not what it was at entry"),
        (
            STACK,
            PUSHED + "lw t0, 4(sp)\nmv a0, t0\n" + POPPED,
            "12, ret: argument 0 is not in its place",
        ),
        (
            "entry0():\nv0 = copy 0\nv1 = add v0, 0\nreturn v1",
            "li t0, 1\nadd a0, t0, zero @1\nret @2",
            "2, add a0, t0, zero: t0 does not hold the operand",
        ),
    ],
)
def test_a_mistake_is_refused(source, text, message):
    assert verdict(source, text) == message


def test_a_value_of_the_round_before_is_not_that_of_this_round():
    source = """
        entry0(v0):
            jump test1(v0)
        test1(v1):
            v2 = addi v1, -1
            bne v2, 0, again2(), end3()
        again2():
            jump test1(v2)
        end3():
            return v2
    """
    good = "test:\naddi a0, a0, -1 @1\nbne a0, zero, test @2\nret @4"
    assert verdict(source, good) is None
    stale = "li t3, 0\ntest:\naddi a0, a0, -1 @1\nmv t4, t3\nmv t3, a0\nbne a0, zero, test @2\nmv a0, t4\nret @4"
    assert verdict(source, stale) == "8, ret: argument 0 is not in its place"


def test_what_only_one_way_knows_is_unknown_where_they_meet():
    source = "entry0(v0, v1):\nbeq v0, v1, a1(), a1()\na1():\nreturn v1"
    assert verdict(source, "beq a0, a1, x @0\nmv a0, a1\nx:\nret @1") == "4, ret: argument 0 is not in its place"
    assert verdict(source, "mv t3, a0\nmv a0, a1\nbeq t3, a1, x @0\nmv t3, a0\nx:\nret @1") is None


def test_a_constant_is_known_by_all_its_names():
    entry = "entry0(v0):\nv1 = copy 5\nv2 = copy v1\nv3 = add v2, v1\njump a1(v2, 5)"
    source = f"{entry}\na1(v4, v5):\nv6 = add v4, v5\nreturn v6"
    assert verdict(source, "li t0, 5\nadd t1, t0, t0 @2\nli t2, 5\nadd a0, t2, t0 @4\nret @5") is None
    assert verdict(source, "li t0, 5\nadd t0, t0, t0 @2\nadd a0, t0, t0 @4\nret @5") is not None


def mutated(random, body):
    """One line gone, or one register or number of it changed; None if the draw fits nothing."""
    body = list(body)
    index = random.randrange(len(body))
    line = body[index]
    if not isinstance(line, Line):
        return None
    kind = random.randrange(3)
    if kind == 0:
        del body[index]
        return body
    places = [n for n, o in enumerate(line.operands) if (o in REGISTERS if kind == 1 else isinstance(o, int))]
    if not places:
        return None
    operands = list(line.operands)
    place = random.choice(places)
    operands[place] = random.choice(REGISTERS) if kind == 1 else operands[place] + random.choice((-16, -4, 1, 4, 16))
    body[index] = Line(line.mnemonic, tuple(operands), line.source)
    return body


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_lines_that_are_accepted_after_a_change_still_do_the_same(seed):
    random = Random(seed)
    source, level = generate.program(Random(seed)), seed % 2
    program = lower(resolve(Source("test", source)))
    if level:
        optimize(program)
    compiler.select_all(program, level)
    bodies = compiler.emit_all(program, level)
    refused = 0
    for _ in range(40):
        number = random.randrange(len(bodies))
        changed = mutated(random, bodies[number])
        if changed is None:
            continue
        try:
            check(program.functions[number], changed)
        except CompilerError:
            refused += 1
            continue
        everything = [
            *compiler.START,
            *(line for n, own in enumerate(bodies) for line in (changed if n == number else own)),
        ]
        words = assemble("".join(f"{line}\n" for line in everything)).words
        outcome = Emulator(words).run(100_000)
        assert (outcome.output, outcome.trap) == (riscv.interpret(source).output, None)
    assert refused
