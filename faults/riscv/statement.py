"""Faults of riscv.statement: one instruction of a text."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-pcrel-lo-own-pc",
        title="%pcrel_lo is counted from its own address",
        why="It must be counted from the auipc that it belongs to.",
        symptom="addresses of data are 4 too small",
        pattern="wrong-operand",
        source=public("nuttx issue #11322", "https://github.com/apache/nuttx/issues/11322"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.statement:Statement.value",
                correct="symbols.upper[number] - number",
                faulty="symbols.upper[number] - address",
            )
        ],
    ),
    Fault(
        id="riscv-wide-branch-offset",
        title="The jump of a widened branch counts from the branch",
        why="It stands one word behind.",
        symptom="far branches go one instruction too far",
        pattern="off-by-one",
        source=pattern_of("nuttx issue #11322", "https://github.com/apache/nuttx/issues/11322"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.statement:Statement.content",
                correct='"imm": value - 4',
                faulty='"imm": value',
            )
        ],
    ),
    Fault(
        id="riscv-wide-branch-not-inverted",
        title="A widened branch skips its jump when it is taken",
        why="The branch over the jump must be the opposite one.",
        symptom="far branches are taken when they should not",
        pattern="sign",
        source=pattern_of("mach issue #1666", "https://github.com/briar-systems/mach/issues/1666"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.statement:Statement.content",
                correct="OPPOSITE[self.instruction.mnemonic]",
                faulty="self.instruction.mnemonic",
            )
        ],
    ),
    Fault(
        id="riscv-operand-of-immediate-unchecked",
        title="An address is taken as an immediate",
        why="Whatever fits is encoded, though no instruction takes an address as it is.",
        symptom="lui a0, label is let pass and gives another address",
        pattern="range",
        source=review("take its %hi or its %lo"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.statement:Statement.value",
                correct="if addresses:\n    raise",
                faulty="if addresses and self.instruction.format is JAL:\n    raise",
            )
        ],
    ),
]
