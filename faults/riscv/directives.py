"""Faults of riscv.directives: data in sections."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-byte-limit",
        title=".byte 256 is accepted",
        why="The largest number is taken to be the first that does not fit.",
        symptom=".byte 256 is 0",
        pattern="off-by-one",
        source=review("a byte holds -128 to 255"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.directives:Values.one",
                correct="if not bottom <= number < top:",
                faulty="if not bottom <= number <= top:",
            )
        ],
    ),
    Fault(
        id="riscv-align-of-aligned",
        title=".align skips a whole step at an aligned address",
        why="The way to the next multiple is taken even from a multiple.",
        symptom="labels behind .align are too far",
        pattern="off-by-one",
        source=review("-address % boundary is 0 at a multiple"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.directives:Align.size",
                correct="return -address % self.boundary",
                faulty="return self.boundary - address % self.boundary",
            )
        ],
    ),
]
