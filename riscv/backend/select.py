"""Instruction selection: operations on numbers become instructions that can hold them.

A number that is no immediate stays an operand: `emit` loads it into a scratch register where it is read, so that it
takes none from values.
"""

from collections.abc import Mapping
from typing import Final

from riscv.formats import LOAD
from riscv.int32 import wrap
from riscv.ir.nodes import BINARY, BRANCHES, LOADS, STORES, Block, Function, Instruction, Value, jump
from riscv.isa import INSTRUCTIONS

COMMUTATIVE: Final = frozenset({"add", "mul", "and", "or", "xor"})
IMMEDIATE_FORMS: Final[Mapping[str, str]] = {
    "add": "addi",
    "slt": "slti",
    "sltu": "sltiu",
    "and": "andi",
    "or": "ori",
    "xor": "xori",
    "sll": "slli",
    "srl": "srli",
    "sra": "srai",
}
SHIFTS: Final = frozenset({"sll", "srl", "sra"})


def select(function: Function) -> None:
    """Select instructions, and give every move between blocks a place of its own."""
    for block in function.blocks:
        code: list[Instruction] = []
        for instruction in block.code:
            if instruction.op in BINARY:
                immediate_form(instruction)
            elif instruction.op in LOADS or instruction.op in STORES:
                in_reach(instruction, code)
            code.append(instruction)
        block.code = code
    split_edges(function)


def immediate_form(instruction: Instruction) -> None:
    """Use the form with an immediate where the second operand is a number that fits."""
    op, (a, b) = instruction.op, instruction.args
    if op in COMMUTATIVE and isinstance(a, int):
        a, b = b, a
    if op == "sub" and isinstance(b, int):
        op, b = "add", wrap(-b)
    if op in SHIFTS and isinstance(b, int):
        b &= 31
    form = IMMEDIATE_FORMS.get(op)
    if isinstance(a, Value) and form and isinstance(b, int) and b in INSTRUCTIONS[form].format.immediate:
        op = form
    instruction.op, instruction.args = op, [a, b]


def in_reach(instruction: Instruction, code: list[Instruction]) -> None:
    """What the offset does not reach is added to the base."""
    *stored, base, offset = instruction.args
    if offset not in LOAD.immediate:
        address = Value()
        code.append(Instruction("add", [base, offset], (address,)))
        instruction.args = [*stored, address, 0]


def split_edges(function: Function) -> None:
    """Put a block on every edge of a branch that carries arguments: only a jump can move them."""
    blocks = []
    for block in function.blocks:
        blocks.append(block)
        for edge in block.end.edges:
            if block.end.op in BRANCHES and edge.args:
                between = Block("edge", [], [jump(edge.block, edge.args)])
                edge.block, edge.args = between, []
                blocks.append(between)
    function.blocks = blocks
