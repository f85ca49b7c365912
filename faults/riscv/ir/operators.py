"""Faults of riscv.ir.operators: operators, indices, builtins."""

from faults.sources import pattern_of, review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-index-signed",
        title="An index is compared with the length as a signed number",
        why="One unsigned comparison would refuse negative indices as well.",
        symptom="a[-1] reads the words in front of the array",
        pattern="signedness",
        source=pattern_of("venus issue #15", "https://github.com/kvakil/venus/issues/15"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.operators:slot",
                correct='builder.guard("bgeu"',
                faulty='builder.guard("bge"',
            )
        ],
    ),
    Fault(
        id="riscv-less-equal-as-less",
        title="<= as a value is <",
        why="The negated comparison has its operands the wrong way round.",
        symptom="1 <= 1 is false, 2 <= 1 as well",
        pattern="tie-rule",
        source=review("a <= b is !(b < a)"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.operators:order",
                correct='case "<=":\n    return builder.result("xor", builder.result("slt", right, left), 1)',
                faulty='case "<=":\n    return builder.result("slt", left, right)',
            )
        ],
    ),
    Fault(
        id="riscv-shift-right-fills-with-zeros",
        title=">> fills with zeros",
        why="The table of operations has srl for it.",
        symptom="-8 >> 1 is 2147483644",
        pattern="signedness",
        source=review(">> fills with the sign"),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.ir.operators:ARITHMETIC",
                correct='">>": "sra"',
                faulty='">>": "srl"',
            )
        ],
    ),
    Fault(
        id="riscv-equal-ignores-tags",
        title="Two values are equal if their payloads are",
        why="1, true and a string at address 1 have the same payload.",
        symptom="0 == null, 1 == true",
        pattern="dropped-statement",
        source=review("values of two kinds are never equal"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.operators:difference",
                correct='return builder.result("or", payloads, builder.result("xor", left.tag, right.tag))',
                faulty="return payloads",
            )
        ],
    ),
]
