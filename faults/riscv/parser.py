"""Faults of riscv.parser: statements."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-parser-else-if-counts",
        title="An else-if counts as one more level of blocks, also behind it",
        why="The counter is not put back when the chain ends.",
        symptom="a long program is refused as nested too deeply",
        pattern="state-not-restored",
        source=review("what counts a level takes it back"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.parser:Parser.if_stmt",
                correct="self.blocks -= 1",
                faulty="pass",
            )
        ],
    ),
    Fault(
        id="riscv-parser-set-of-a-call",
        title="set f() = 1 sets f",
        why="The target of set is not looked at once it has been read.",
        symptom="a mistake is let pass and overwrites a variable",
        pattern="dropped-statement",
        source=review("a call cannot be set"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.parser:Parser.set",
                correct="if isinstance(target, syntax.Call):",
                faulty="if False:",
            )
        ],
    ),
]
