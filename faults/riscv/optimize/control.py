"""Faults of riscv.optimize.control: jumps and blocks."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-merge-of-shared-block",
        title="A block is taken for the rest of another although there are two ways to it",
        why="The number of ways in is compared with one too many.",
        symptom="code behind an if is gone for one of its arms",
        pattern="off-by-one",
        source=review("a block may be merged only with the one way into it"),
        killed_by="codegen",
        edits=[
            Edit(
                target="riscv.optimize.control:merge_blocks",
                correct="if len(ways[follower]) > 1 or",
                faulty="if len(ways[follower]) > 2 or",
            )
        ],
    ),
]
