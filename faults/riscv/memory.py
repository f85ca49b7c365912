"""Faults of riscv.memory: segments and accesses."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-segments-overlap",
        title="Segments lie as close together as their contents",
        why="What is zero at the end of a segment has no room of its own.",
        symptom="the heap overwrites the constants",
        pattern="wrong-address",
        source=review("a segment takes its size in memory, not that of its content"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.memory:Memory.__init__",
                correct="place += segment.size",
                faulty="place += len(segment.content) or segment.size",
            )
        ],
    ),
    Fault(
        id="riscv-text-writable",
        title="The text can be written",
        why="Whatever can be executed is entered among what can be written.",
        symptom="a stray store changes the program",
        pattern="dropped-statement",
        source=review("text is read-only"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.memory:Memory.__init__",
                correct="if segment.writable:",
                faulty="if segment.writable or segment.executable:",
            )
        ],
    ),
    Fault(
        id="riscv-misaligned-loads",
        title="Misaligned loads are let pass",
        why="Only the range of an address is checked.",
        symptom="a program runs here that traps elsewhere",
        pattern="dropped-statement",
        source=review("naturally aligned accesses only"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.memory:Memory.load",
                correct="if address % size:",
                faulty="if address % size and size == 1:",
            )
        ],
    ),
    Fault(
        id="riscv-store-of-one-byte-more",
        title="A region ends one byte late",
        why="The address behind the last one is taken to be inside.",
        symptom="a store behind the end of memory changes something else",
        pattern="off-by-one",
        source=review("start <= address < stop"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.memory:Memory.store",
                correct="if start <= address < stop:",
                faulty="if start <= address <= stop:",
            )
        ],
    ),
]
