"""Faults of riscv.int32: arithmetic that interpreter, folder and machine share."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-division-rounds-down",
        title="Division rounds down",
        why="Python's // does; the machine rounds towards zero.",
        symptom="-7 / 2 is -4 everywhere, so no two engines disagree",
        pattern="wrong-formula",
        source=review("chapter M: division rounds towards zero"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:div",
                correct="quotient = abs(a) // abs(b)  # Python's own // rounds down, the machine's towards zero\n"
                "return wrap(-quotient if a ^ b < 0 else quotient)",
                faulty="return wrap(a // b)",
            )
        ],
    ),
    Fault(
        id="riscv-division-by-minus-one",
        title="Any division by -1 is taken for the overflow",
        why="Only -2147483648 / -1 gives back its dividend; official test suites do not notice.",
        symptom="7 / -1 is 7",
        pattern="domain",
        source=public("BitVMX-CPU issue #30", "https://github.com/FairgateLabs/BitVMX-CPU/issues/30"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.int32:div",
                correct="if b == 0:\n    return -1",
                faulty="if b in (0, -1):\n    return a if b else -1",
            )
        ],
    ),
    Fault(
        id="riscv-division-overflows",
        title="-2147483648 / -1 is 2147483648",
        why="The result leaves the 32 bits.",
        symptom="a register holds a number that it cannot hold",
        pattern="range",
        source=public("rv32emu issue #454", "https://github.com/sysprog21/rv32emu/issues/454"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:div",
                correct="return wrap(-quotient if a ^ b < 0 else quotient)",
                faulty="return -quotient if a ^ b < 0 else quotient",
            )
        ],
    ),
    Fault(
        id="riscv-remainder-by-zero-unsigned",
        title="x % 0 is the dividend as an unsigned number",
        why="The dividend is given back without its sign.",
        symptom="-5 % 0 is 4294967291",
        pattern="signedness",
        source=public("rvemu issue #12", "https://github.com/d0iasm/rvemu/issues/12"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:rem",
                correct="return wrap(a - b * div(a, b))",
                faulty="return unsigned(a) if b == 0 else wrap(a - b * div(a, b))",
            )
        ],
    ),
    Fault(
        id="riscv-shift-by-32",
        title="Shifts to the left by 32 and more give 0",
        why="All bits of the amount count up to 63, where only five should.",
        symptom="1 << 33 is 0",
        pattern="range",
        source=public("go issue #64285", "https://github.com/golang/go/issues/64285"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:sll",
                correct="b & 31",
                faulty="b & 63",
            )
        ],
    ),
    Fault(
        id="riscv-shift-amount-garbage",
        title="An arithmetic shift to the right by 32 and more leaves the sign alone",
        why="The amount is clipped to 31 where it should count modulo 32.",
        symptom="-8 >> 33 is -1",
        pattern="range",
        source=public("go issue #79886", "https://github.com/golang/go/issues/79886"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.int32:sra",
                correct="b & 31",
                faulty="min(unsigned(b), 31)",
            )
        ],
    ),
    Fault(
        id="riscv-difference-not-wrapped",
        title="A difference is not brought back to 32 bits",
        why="A register keeps a number that it cannot hold, and a later comparison looks wrong.",
        symptom="comparisons behind an overflow are wrong",
        pattern="range",
        source=public("riscv-isa-sim issue #743", "https://github.com/riscv-software-src/riscv-isa-sim/issues/743"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:sub",
                correct="return wrap(a - b)",
                faulty="return a - b",
            )
        ],
    ),
    Fault(
        id="riscv-greater-equal-is-greater",
        title=">= is >",
        why="The interpreter's comparison and the branch bge are one function.",
        symptom="3 >= 3 does not hold, in any engine",
        pattern="tie-rule",
        source=review("a >= a holds"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.int32:ge",
                correct="int(a >= b)",
                faulty="int(a > b)",
            )
        ],
    ),
]
