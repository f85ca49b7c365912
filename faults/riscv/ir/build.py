"""Faults of riscv.ir.build: variables, ways that meet, traps."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-build-tag-after-payload",
        title="The tag of an element is stored over its payload",
        why="Both words go to the same address.",
        symptom="elements of arrays print as their tags",
        pattern="off-by-one",
        source=pattern_of("riscv-assembler issue #26", "https://github.com/kcelebi/riscv-assembler/issues/26"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.build:Builder.store",
                correct="address, offset + 4",
                faulty="address, offset",
            )
        ],
    ),
    Fault(
        id="riscv-build-two-tags-at-once",
        title="Two tags are tested by one test of both together, whatever the kind",
        why="The or of two tags is 0 only if both are; it is 2 for 0 and 2, too.",
        symptom='1 + "a" reads memory at address 1',
        pattern="domain",
        source=review("or-ing tags decides only about 0"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.build:Builder.require",
                correct="if kind == INTEGER and len(open_) == 2:",
                faulty="if len(open_) == 2:",
            )
        ],
    ),
    Fault(
        id="riscv-build-join-by-first",
        title="Where ways meet a variable has the value of the first",
        why="A parameter is made only if there are more than two ways.",
        symptom="an if changes no variable",
        pattern="dropped-statement",
        source=review("where two ways bring different values, the block needs a parameter"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.build:join",
                correct="if len(set(operands)) == 1:",
                faulty="if len(operands) <= 2:",
            )
        ],
    ),
]
