"""Faults of riscv.backend.wrap: which blocks run with a frame."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-wrap-frame-where-it-is-needed",
        title="Only the blocks that need a frame have one, not those behind them",
        why="A frame that was made is never given back on the way through a block that needs none.",
        symptom="a return with sp too low",
        pattern="state-not-restored",
        source=review("a frame, once made, is kept until the function is left"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.wrap:following",
                correct="todo += [edge.block for edge in block.end.edges]",
                faulty="todo += []",
            )
        ],
    ),
    Fault(
        id="riscv-wrap-first-door-only",
        title="The frame is made at one door although there are two ways in",
        why="Whoever comes the other way runs without a frame.",
        symptom="sp is wrong after one of two early tests",
        pattern="missing-save",
        source=review("the frame is made where one comes into the framed blocks, which must be one place"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.wrap:framed",
                correct="if len(doors) == 1 and len(outside[doors[0]]) == len(ways[doors[0]]):",
                faulty="if len(doors) >= 1:",
            )
        ],
    ),
]
