"""Faults of riscv.ir.liveness: what is needed later."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-liveness-aliased-set",
        title="The set behind a block is the one that is walked",
        why="A copy is missing, so computing what is needed before a block changes what is needed behind it.",
        symptom="variables change in functions with branches",
        pattern="aliasing",
        source=public(
            "QBE commit 834b5cb", "https://github.com/8l/qbe/commit/834b5cb08bbf0f4fbc1992a72327dfc2c0a31796"
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.ir.liveness:live_in",
                correct="live = dict(out)",
                faulty="live = out",
            )
        ],
    ),
    Fault(
        id="riscv-liveness-one-pass",
        title="Liveness is not repeated until nothing changes",
        why="A loop needs a second pass: what its head needs is needed at its end.",
        symptom="a variable from before a loop changes in its second round",
        pattern="state-not-advanced",
        source=pattern_of("mach issue #1749", "https://github.com/briar-systems/mach/issues/1749"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.ir.liveness:live_out",
                correct="changed |= needed != into[block]",
                faulty="changed = False",
            )
        ],
    ),
    Fault(
        id="riscv-liveness-edge-arguments",
        title="What an edge hands over is not taken to be needed",
        why="The arguments of a jump are read in the block that ends in it.",
        symptom="variables mix where ways meet",
        pattern="dropped-statement",
        source=review("the arguments of an edge are read at the end of the block"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.ir.liveness:backwards",
                correct="live.update(dict.fromkeys(instruction.uses()))",
                faulty="live.update(dict.fromkeys(a for a in instruction.args if isinstance(a, Value)))",
            )
        ],
    ),
]
