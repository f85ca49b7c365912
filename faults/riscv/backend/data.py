"""Faults of riscv.backend.data: constants and the heap."""

from faults.sources import review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-data-unaligned-constants",
        title="Constants follow each other without alignment",
        why="A string whose length is no multiple of 4 puts the next length at an odd address.",
        symptom="load-address-misaligned at the second string",
        pattern="dropped-statement",
        source=review("words are read at multiples of 4"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.data:constants",
                correct='yield "    .align 2"',
                faulty='yield "    .align 0"',
            )
        ],
    ),
    Fault(
        id="riscv-data-heap-start",
        title="The word that says where free memory begins lies in the heap's first word",
        why="The first object of a program overwrites the pointer to free memory.",
        symptom="out-of-memory, or objects that overlap",
        pattern="wrong-address",
        source=review("the free pointer is not part of the memory it hands out"),
        killed_by="memory",
        edits=[
            Constant(
                target="riscv.backend.data:HEAP",
                correct='f"    .word {HEAP_START}",',
                faulty='f"    .word {HEAP_FREE}",',
            )
        ],
    ),
]
