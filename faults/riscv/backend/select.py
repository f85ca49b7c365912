"""Faults of riscv.backend.select: operations become instructions."""

from faults.sources import pattern_of, review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-select-shift-commutes",
        title="A shift of a number by a value is selected as a shift of the value by the number",
        why="Shifts are listed among the operations whose operands may change places.",
        symptom="1 << n gives n << 1",
        pattern="wrong-operand",
        source=review("shifts do not commute"),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.backend.select:COMMUTATIVE",
                correct='frozenset({"add", "mul", "and", "or", "xor"})',
                faulty='frozenset({"add", "mul", "and", "or", "xor", "sll", "srl", "sra"})',
            )
        ],
    ),
    Fault(
        id="riscv-select-sub-as-addi",
        title="The subtraction of a constant adds it",
        why="sub becomes addi without the change of sign.",
        symptom="n - 1 gives n + 1 where the optimiser has not been",
        pattern="sign",
        source=review("there is no subi: a - n is a + (-n)"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.backend.select:immediate_form",
                correct='op, b = "add", wrap(-b)',
                faulty='op, b = "add", b',
            )
        ],
    ),
    Fault(
        id="riscv-select-shift-amount-unmasked",
        title="A constant shift amount of 32 or more becomes 31",
        why="The amount is clipped to what fits the immediate; the language counts it modulo 32.",
        symptom="x << 33 gives 0 or the top bit",
        pattern="range",
        source=pattern_of("go issue #57755", "https://github.com/golang/go/issues/57755"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.backend.select:immediate_form",
                correct="b &= 31",
                faulty="b = min(b, 31) if b > 0 else b & 31",
            )
        ],
    ),
]
