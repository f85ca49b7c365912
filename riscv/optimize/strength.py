"""Strength reduction: multiplication, division and remainder by constants as shifts and additions.

`div` rounds towards zero and a shift rounds down, so a negative dividend gets divisor - 1 added first:
a / 2**k = (a + (a < 0 ? 2**k - 1 : 0)) >> k (Warren, Hacker's Delight, section 10-1).
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from riscv.ir.nodes import Function, Instruction, Operand, Value

#: Emits op(a, b) and gives its result.
Emit: TypeAlias = Callable[[str, Operand, Operand], Operand]


def reduce_strength(function: Function) -> None:
    """Replace what takes many cycles; first the remainders that are only compared with 0, which need no sign."""
    definitions = {result: instruction for instruction in function.instructions() for result in instruction.results}
    rewrite(function, lambda instruction, emit: remainder_is_zero(instruction, definitions, emit))
    rewrite(function, cheaper)


def rewrite(function: Function, change: Callable[[Instruction, Emit], None]) -> None:
    """Let each instruction be changed; what is emitted for it comes before it."""
    for block in function.blocks:
        code: list[Instruction] = []

        def emit(op: str, a: Operand, b: Operand, code: list[Instruction] = code) -> Value:
            result = Value()
            code.append(Instruction(op, [a, b], (result,)))
            return result

        for instruction in block.code:
            change(instruction, emit)
            code.append(instruction)
        block.code = code


def cheaper(instruction: Instruction, emit: Emit) -> None:
    """An operation with a constant becomes a copy of what shifts and additions give."""
    match instruction.op, instruction.args:
        case "mul" | "div" | "rem" as op, [a, int(b)]:
            outcome = REDUCED[op](emit, a, b)
            if outcome is not None:
                instruction.op, instruction.args = "copy", [outcome]


def remainder_is_zero(instruction: Instruction, definitions: Mapping[Value, Instruction], emit: Emit) -> None:
    """a % 2**k is 0 exactly if the low k bits of a are, whatever its sign."""
    match instruction.op, instruction.args:
        case ("beq" | "bne", [Value() as value, 0]) | ("sltu", [Value() as value, 1]) if value in definitions:
            match definitions[value].op, definitions[value].args:
                case "rem", [a, int(b)] if power(b):
                    instruction.args[0] = emit("and", a, b - 1)


def power(number: int) -> int:
    """k for 2**k with k from 1 to 30; 0 for every other number."""
    return number.bit_length() - 1 if number > 1 and number & (number - 1) == 0 else 0


def multiply(emit: Emit, a: Operand, b: int) -> Operand | None:
    """a * 2**k, and its neighbours a * (2**k + 1) and a * (2**k - 1)."""
    if b == -1:
        return emit("sub", 0, a)
    if power(b):
        return emit("sll", a, power(b))
    if power(b - 1):
        return emit("add", emit("sll", a, power(b - 1)), a)
    if power(b + 1):
        return emit("sub", emit("sll", a, power(b + 1)), a)
    return None


def biased(emit: Emit, a: Operand, k: int) -> Operand:
    """a, and for a negative a 2**k - 1 more."""
    sign = a if k == 1 else emit("sra", a, 31)
    return emit("add", emit("srl", sign, 32 - k), a)


def divide(emit: Emit, a: Operand, b: int) -> Operand | None:
    """a / -1 and a / 2**k."""
    if b == -1:
        return emit("sub", 0, a)
    return emit("sra", biased(emit, a, power(b)), power(b)) if power(b) else None


def remainder(emit: Emit, a: Operand, b: int) -> Operand | None:
    """a % 2**k: what is above the multiple of 2**k that a / 2**k stands for."""
    return emit("sub", a, emit("and", biased(emit, a, power(b)), -b)) if power(b) else None


REDUCED: Final[Mapping[str, Callable[[Emit, Operand, int], Operand | None]]] = {
    "mul": multiply,
    "div": divide,
    "rem": remainder,
}
