"""Faults of riscv.isa: what instructions mean."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-sltu-signed",
        title="sltu compares signed numbers",
        why="The unsigned comparison forgets that Python's integers have a sign.",
        symptom="-1 is below 1 as an unsigned number",
        pattern="signedness",
        source=public("venus issue #15", "https://github.com/kvakil/venus/issues/15"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:sltu",
                correct="int(unsigned(a) < unsigned(b))",
                faulty="int(a < b)",
            )
        ],
    ),
    Fault(
        id="riscv-remu-signed",
        title="remu is rem",
        why="The two rows of the table share a meaning.",
        symptom="the unsigned remainder of a number from 2**31 on is negative",
        pattern="signedness",
        source=public("vex issue #83", "https://github.com/angr/vex/issues/83"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:remu",
                correct="wrap(unsigned(a) % unsigned(b)) if b else a",
                faulty="int32.rem(a, b)",
            )
        ],
    ),
    Fault(
        id="riscv-mulh-unsigned",
        title="mulh multiplies unsigned numbers",
        why="Official tests of mulh passed with an unsigned multiplier.",
        symptom="the high word of products of negative numbers is wrong",
        pattern="signedness",
        source=public("riscv-tests issue #3", "https://github.com/riscv-software-src/riscv-tests/issues/3"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:mulh",
                correct="return (a * b) >> 32",
                faulty="return wrap((unsigned(a) * unsigned(b)) >> 32)",
            )
        ],
    ),
    Fault(
        id="riscv-mulhsu-operands",
        title="mulhsu takes its first operand as unsigned, not its second",
        why="s and u in the name stand in the order of the operands.",
        symptom="the high word of a product of mixed signs is wrong",
        pattern="wrong-operand",
        source=review("chapter M: mulhsu is signed rs1 times unsigned rs2"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:mulhsu",
                correct="(a * unsigned(b)) >> 32",
                faulty="(unsigned(a) * b) >> 32",
            )
        ],
    ),
    Fault(
        id="riscv-lw-unsigned",
        title="lw gives an unsigned number",
        why="Registers are taken to hold signed numbers everywhere else.",
        symptom="comparisons with a negative number from memory are wrong",
        pattern="signedness",
        source=public(
            "TinyCC commit 69c77d1", "https://github.com/TinyCC/tinycc/commit/69c77d1597eed5df46a683c93ee7dd83e770aa48"
        ),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:lw",
                correct="return wrap(bits)",
                faulty="return bits",
            )
        ],
    ),
    Fault(
        id="riscv-lh-unsigned",
        title="lh does not extend the sign",
        why="A half word is used before it has been extended.",
        symptom="-1 in 16 bits is 65535",
        pattern="signedness",
        source=public("wasmtime issue #5952", "https://github.com/bytecodealliance/wasmtime/issues/5952"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:lh",
                correct="return wrap(bits << 16) >> 16",
                faulty="return bits",
            )
        ],
    ),
    Fault(
        id="riscv-lb-from-bit-6",
        title="lb extends the sign from bit 6",
        why="The shifts are one too far.",
        symptom="bytes from 64 on are negative",
        pattern="off-by-one",
        source=review("lb sign-extends 8 bits"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:lb",
                correct="return wrap(bits << 24) >> 24",
                faulty="return wrap(bits << 25) >> 25",
            )
        ],
    ),
    Fault(
        id="riscv-jalr-keeps-bit-0",
        title="jalr does not clear the lowest bit of its target",
        why="An odd target traps where it should go to the instruction.",
        symptom="a jump to a tagged address traps",
        pattern="dropped-statement",
        source=review('chapter I, "Unconditional Jumps": the least-significant bit of the result is set to zero'),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:jump_even",
                correct="unsigned(base + imm) & ~1",
                faulty="unsigned(base + imm)",
            )
        ],
    ),
    Fault(
        id="riscv-divu-by-zero",
        title="An unsigned division by zero gives the largest signed number",
        why="All bits are set but the sign.",
        symptom="x / 0 unsigned is 2147483647",
        pattern="domain",
        source=review("chapter M: all bits of the quotient are set"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:divu",
                correct="if b else -1",
                faulty="if b else 2**31 - 1",
            )
        ],
    ),
    Fault(
        id="riscv-auipc-of-next",
        title="auipc counts from the next instruction",
        why="Most machines have their pc there; this one counts from the auipc.",
        symptom="addresses of data are 4 too large",
        pattern="off-by-one",
        source=review("auipc adds the offset to the address of the auipc instruction"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.isa:auipc",
                correct="wrap(pc + (imm << 12))",
                faulty="wrap(pc + 4 + (imm << 12))",
            )
        ],
    ),
]
