"""Faults of riscv.optimize.dead: dead code."""

from faults.sources import review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-dead-calls",
        title="Calls whose results are not needed are dropped",
        why="A call may print or change an array.",
        symptom="functions that are called for their effect are not called in optimised code",
        pattern="dropped-statement",
        source=review("only what has no effect can be dead"),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.optimize.dead:PURE",
                correct='BINARY | LOADS | {"copy", "la"}',
                faulty='BINARY | LOADS | {"copy", "la", "call", "callr"}',
            )
        ],
    ),
    Fault(
        id="riscv-dead-edges",
        title="What a parameter needs is sought on one of its edges",
        why="The arguments that other edges bring are dropped as dead.",
        symptom="the compiler stops at code that its own verifier refuses",
        pattern="dropped-statement",
        source=review("a parameter of a block needs what all its edges bring"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.optimize.dead:remove_dead",
                correct="sources[param] = [edge.args[index] for _, edge in ways[block]]",
                faulty="sources[param] = [edge.args[index] for _, edge in ways[block][:1]]",
            )
        ],
    ),
]
