"""Faults of riscv.backend.peephole: the last look at the lines."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-peephole-reload-across-reuse",
        title="A reload goes although the register was used for something else since",
        why="The last store to the word is remembered, not what became of its register.",
        symptom="a spilled value changes between two uses",
        pattern="stale-cache",
        source=public("regalloc2 issue #138", "https://github.com/bytecodealliance/regalloc2/issues/138"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.peephole:reloads",
                correct="last = shorter[-1] if shorter else line",
                faulty='last = next((item for item in shorter[:-4:-1] if getattr(item, "mnemonic", "") == "sw"), line)',
            )
        ],
    ),
    Fault(
        id="riscv-peephole-same-offset",
        title="A word is taken to be the one just written if the offsets agree",
        why="The registers that they are counted from are not compared.",
        symptom="what is read from an array is what was stored in another",
        pattern="wrong-address",
        source=review("an address is a register and an offset"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.peephole:reloads",
                correct='if place == same and place[1] == "sp":',
                faulty="if place[0] == same[0]:",
            )
        ],
    ),
    Fault(
        id="riscv-peephole-branch-not-inverted",
        title="A branch over a jump takes the jump's target but keeps its condition",
        why="The branch that replaces both must be the opposite one.",
        symptom="conditions hold when they should not",
        pattern="sign",
        source=review("branch over jump: the condition is inverted"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.peephole:branches",
                correct="Line(OPPOSITE[over.mnemonic], operands, over.source)",
                faulty="Line(over.mnemonic, operands, over.source)",
            )
        ],
    ),
    Fault(
        id="riscv-peephole-unreachable-behind-branch",
        title="What stands behind a branch is dropped as unreachable",
        why="A branch may also not be taken.",
        symptom="control runs into the next block",
        pattern="dropped-statement",
        source=review("only a jump or a return never goes on"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.peephole:unreachable",
                correct="runs = line.mnemonic not in LEAVING",
                faulty='runs = line.mnemonic not in {*LEAVING, "bge"}',
            )
        ],
    ),
]
