"""Faults of riscv.emulator: running instructions."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-jalr-links-first",
        title="jalr writes its return address before it reads its target",
        why="With one register for both it jumps to the instruction behind itself.",
        symptom="a jump through ra that links ra does nothing",
        pattern="order-of-operations",
        source=public("riscv-tests issue #258", "https://github.com/riscv-software-src/riscv-tests/issues/258"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_jalr",
                correct="target = aligned(meaning(x[rs1], imm))\nx[rd] = link",
                faulty="x[rd] = link\ntarget = aligned(meaning(x[rs1], imm))",
            )
        ],
    ),
    Fault(
        id="riscv-x0-written-by-addi",
        title="addi writes x0",
        why="Immediate instructions have no guard for it.",
        symptom="behind a nop with an immediate every zero is another number",
        pattern="dropped-statement",
        source=public("rev issue #72", "https://github.com/tactcomplabs/rev/issues/72"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_immediate",
                correct='operands["rd"] or SINK',
                faulty='operands["rd"]',
            )
        ],
    ),
    Fault(
        id="riscv-x0-written-by-jal",
        title="j writes x0",
        why="A plain jump is a jal that links x0.",
        symptom="behind a jump every zero is an address",
        pattern="dropped-statement",
        source=pattern_of("rev issue #72", "https://github.com/tactcomplabs/rev/issues/72"),
        killed_by="invariant",
        edits=[
            Edit(
                target="riscv.emulator:bind_jal",
                correct='operands["rd"] or SINK',
                faulty='operands["rd"]',
            )
        ],
    ),
    Fault(
        id="riscv-rd-before-rs1",
        title="The result is begun before the first operand is read",
        why="In two steps, of which the first overwrites rs1 where rd is the same register.",
        symptom="add a0, a0, a1 doubles a1",
        pattern="aliasing",
        source=public("RVVM issue #265", "https://github.com/LekKit/RVVM/issues/265"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_register",
                correct="x[rd] = meaning(x[rs1], x[rs2])",
                faulty="x[rd] = x[rs2]\nx[rd] = meaning(x[rs1], x[rd])",
            )
        ],
    ),
    Fault(
        id="riscv-division-by-zero-writes-nothing",
        title="A division by zero leaves rd as it is",
        why="The guard against zero skips the write.",
        symptom="x / 0 gives what the register held before",
        pattern="unset-state",
        source=public("libriscv issue #332", "https://github.com/libriscv/libriscv/issues/332"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_register",
                correct="x[rd] = meaning(x[rs1], x[rs2])\nreturn after",
                faulty='guarded = instruction.mnemonic[:3] in ("div", "rem") and not x[rs2]\n'
                "x[rd] = x[rd] if guarded else meaning(x[rs1], x[rs2])\n"
                "return after",
            )
        ],
    ),
    Fault(
        id="riscv-sltiu-immediate-unsigned",
        title="The immediate of sltiu is not sign-extended",
        why="It is taken as 0 to 4095.",
        symptom="x < 0xffffffff does not hold",
        pattern="signedness",
        source=public("darkriscv issue #108", "https://github.com/darklife/darkriscv/issues/108"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_immediate",
                correct="x[rd] = meaning(x[rs1], imm)",
                faulty='x[rd] = meaning(x[rs1], imm & 0xFFF if instruction.mnemonic == "sltiu" else imm)',
            )
        ],
    ),
    Fault(
        id="riscv-branch-from-next",
        title="A taken branch counts from the next instruction",
        why="The pc has moved on when the offset is added.",
        symptom="branches go one instruction too far",
        pattern="off-by-one",
        source=review("all branch offsets count from the branch"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:bind_branch",
                correct='unsigned(pc + operands["imm"])',
                faulty='unsigned(after + operands["imm"])',
            )
        ],
    ),
    Fault(
        id="riscv-jump-target-unchecked",
        title="A jump to a misaligned address is not refused",
        why="The trap belongs to the jump; here the next fetch meets it.",
        symptom="the trap has another name and another pc",
        pattern="dropped-statement",
        source=review("chapter I: instruction-address-misaligned is raised by the jump"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.emulator:aligned",
                correct="if target % 4:",
                faulty="if target % 2:",
            )
        ],
    ),
]
