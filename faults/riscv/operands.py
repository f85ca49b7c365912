"""Faults of riscv.operands: sums."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-sum-sign-kept",
        title="A minus sign holds for the rest of the sum",
        why="The sign of a term is taken over by the next ones.",
        symptom="sums of labels and numbers are wrong",
        pattern="state-not-restored",
        source=review("each term has its own sign"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.operands:parse",
                correct='sign = -1 if found["sign"] == "-" else 1',
                faulty='sign = -1 if found["sign"] == "-" or (terms and terms[-1].sign < 0) else 1',
            )
        ],
    ),
    Fault(
        id="riscv-sum-unsigned-labels",
        title="Labels are added, whatever their sign",
        why="The sign goes to numbers alone.",
        symptom="the distance of two labels is their sum",
        pattern="sign",
        source=review("each term has its own sign"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.operands:Symbols.value",
                correct="number += term.sign * value.number",
                faulty="number += (1 if value.addresses else term.sign) * value.number",
            )
        ],
    ),
]
