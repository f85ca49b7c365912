"""Faults of riscv.ir.unit: conventions among functions."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-unit-strings-by-length",
        title="A constant string of the same length as another is taken for it",
        why="The pool of constants compares lengths alone.",
        symptom="a program prints another of its strings",
        pattern="aliasing",
        source=review("constants may be shared only if they are equal"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.unit:Unit.string",
                correct="if other == datum:",
                faulty="if other[0] == len(text):",
            )
        ],
    ),
]
