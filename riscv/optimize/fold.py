"""Constant folding, copy propagation and the algebra of one instruction, with the arithmetic that the machine uses.

What an operation gives on numbers is asked of the instruction table, which takes it from `int32` as the reference
interpreter does; there is no second definition of division here.
"""

from collections.abc import Mapping
from typing import Final

from riscv.int32 import wrap
from riscv.ir.graph import reverse_postorder
from riscv.ir.nodes import BINARY, BRANCHES, Function, Instruction, Operand, Value
from riscv.isa import INSTRUCTIONS

Definitions = Mapping[Value, Instruction]

COMMUTATIVE: Final = frozenset({"add", "mul", "and", "or", "xor"})
#: op(a, number) = a
NEUTRAL: Final = frozenset(
    (op, number)
    for number, ops in {0: "add or xor sll srl sra rem", 1: "mul div", -1: "and"}.items()
    for op in ops.split()
)
#: op(a, number) = another number
ABSORBING: Final[Mapping[tuple[str, Operand], int]] = {
    ("mul", 0): 0,
    ("and", 0): 0,
    ("or", -1): -1,
    ("div", 0): -1,
    ("rem", 1): 0,
    ("rem", -1): 0,
    ("sltu", 0): 0,
}
#: op(a, a)
SAME: Final[Mapping[str, int]] = {
    **dict.fromkeys(("sub", "xor", "slt", "sltu", "bne", "blt", "bltu"), 0),
    **dict.fromkeys(("beq", "bge", "bgeu"), 1),
}
OPPOSITE: Final[Mapping[str, str]] = {"beq": "bne", "bne": "beq"}
#: A branch on whether op(a, b) is 0 is a branch on (a, b) itself.
DECIDES: Final[Mapping[tuple[str, str], str]] = {
    ("slt", "bne"): "blt",
    ("slt", "beq"): "bge",
    ("sltu", "bne"): "bltu",
    ("sltu", "beq"): "bgeu",
    ("xor", "bne"): "bne",
    ("xor", "beq"): "beq",
    ("sub", "bne"): "bne",
    ("sub", "beq"): "beq",
}
#: Unsigned a < 1 is a == 0, and unsigned 0 < a is a != 0.
BELOW_ONE: Final[Mapping[str, str]] = {"bltu": "beq", "bgeu": "bne"}
ABOVE_ZERO: Final[Mapping[str, str]] = {"bltu": "bne", "bgeu": "beq"}
#: What gives 1 or 0.
TRUTHS: Final = frozenset({"slt", "sltu"})


def fold(function: Function) -> None:
    """Put in place of each value what it is known to be, and in place of each instruction a simpler one."""
    known: dict[Value, Operand] = {}
    definitions: dict[Value, Instruction] = {}
    for block in reverse_postorder(function):
        for instruction in block.code:
            instruction.substitute(known)
            if instruction.op in BINARY:
                canonical(instruction, definitions)
            elif instruction.op in BRANCHES:
                simpler_branch(instruction, definitions)
            outcome = evaluate(instruction)
            if isinstance(outcome, int) and instruction.op in BRANCHES:
                instruction.op, instruction.args = "jump", []
                instruction.edges = (instruction.edges[1 - outcome],)
            elif outcome is not None:
                known[instruction.results[0]] = outcome
            definitions.update(dict.fromkeys(instruction.results, instruction))
    for instruction in function.instructions():
        instruction.substitute(known)  # an edge back may carry what was found out later


def evaluate(instruction: Instruction) -> Operand | None:
    """What an instruction gives (a branch: 1 if it is taken), where that is a number or one of its operands."""
    match instruction.op, instruction.args:
        case "copy", [a]:
            return a
        case op, [int(a), int(b)] if op in BINARY or op in BRANCHES:
            number: int = INSTRUCTIONS[op].meaning(a, b)
            return number
        case op, [a, b] if (op, b) in NEUTRAL:
            return a
        case op, [_, b] if (op, b) in ABSORBING:
            return ABSORBING[op, b]
        case op, [a, b] if a is b:
            return a if op in ("and", "or") else SAME.get(op)
    return None


def canonical(instruction: Instruction, definitions: Definitions) -> None:
    """Numbers to the right, subtraction of a number as addition, two additions of numbers as one."""
    match instruction.op, instruction.args:
        case op, [int(a), b] if op in COMMUTATIVE:
            instruction.args = [b, a]
        case "sub", [a, int(b)]:
            instruction.op, instruction.args = "add", [a, wrap(-b)]
        case "add", [Value() as a, int(b)] if a in definitions:
            match definitions[a].op, definitions[a].args:
                case "add", [inner, int(c)]:
                    instruction.args = [inner, wrap(b + c)]
        case "sltu", [0, Value() as a] if a in definitions and definitions[a].op in TRUTHS:
            instruction.op, instruction.args = "copy", [a]


def simpler_branch(instruction: Instruction, definitions: Definitions) -> None:
    """A branch on the result of a comparison is a branch on what is compared."""
    match instruction.op, instruction.args:
        case "bltu" | "bgeu" as op, [a, 1]:
            instruction.op, instruction.args = BELOW_ONE[op], [a, 0]
        case "bltu" | "bgeu" as op, [0, a]:
            instruction.op, instruction.args = ABOVE_ZERO[op], [a, 0]
        case "beq" | "bne" as op, [Value() as a, int(b)] if a in definitions:
            compared = definitions[a]
            match compared.op, compared.args:
                case "slt" | "sltu" | "xor" | "sub" as inner, [*operands] if b == 0:
                    instruction.op, instruction.args = DECIDES[inner, op], operands
                case "slt" | "sltu" as inner, [*operands] if b == 1:
                    instruction.op, instruction.args = DECIDES[inner, OPPOSITE[op]], operands
                case "add", [inner, int(c)]:
                    instruction.args = [inner, wrap(b - c)]
