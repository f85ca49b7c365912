"""Faults of riscv.disassembler: words to text."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-fence-bits-forgotten",
        title="A fence with bits that no text can say is written as one without",
        why="The text assembles to another word.",
        symptom="a listing that is assembled again differs",
        pattern="dropped-statement",
        source=review("an instruction as the assembler takes it, or .word"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.disassembler:disassemble",
                correct="if decoded is None or decoded[0].encode(decoded[1]) != word:",
                faulty="if decoded is None:",
            )
        ],
    ),
    Fault(
        id="riscv-register-names-shifted",
        title="s2 is written as s0",
        why="The saved registers are numbered through, though s0 and s1 stand apart.",
        symptom="a listing shows other registers",
        pattern="wrong-operand",
        source=review("x18 is s2"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.disassembler:written",
                correct="{name: spell(name, value) for name, value in operands.items()}",
                faulty='{n: spell(n, v - 10 if n != "imm" and v == 18 else v) for n, v in operands.items()}',
            )
        ],
    ),
]
