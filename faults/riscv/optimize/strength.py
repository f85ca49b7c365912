"""Faults of riscv.optimize.strength: shifts for divisions."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-strength-division-rounds-down",
        title="x / 4 becomes a shift without correction",
        why="A shift rounds down, a division towards zero.",
        symptom="-7 / 4 is -2 in optimised code",
        pattern="dropped-statement",
        source=review("Hacker's Delight, section 10-1: 2**k - 1 is added to a negative dividend"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.strength:divide",
                correct="biased(emit, a, power(b))",
                faulty="a",
            )
        ],
    ),
    Fault(
        id="riscv-strength-bias-off-by-one",
        title="A negative dividend gets 2**k added before it is shifted",
        why="The correction is one too large, which shows for multiples alone.",
        symptom="-8 / 4 is -1 in optimised code",
        pattern="off-by-one",
        source=review("Hacker's Delight, section 10-1"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.strength:biased",
                correct='emit("srl", sign, 32 - k)',
                faulty='emit("srl", sign, 32 - k - (k > 1))',
            )
        ],
    ),
    Fault(
        id="riscv-strength-seven-is-nine",
        title="x * 7 becomes 8 * x + x",
        why="The neighbours of a power of two are taken for each other.",
        symptom="products with 7, 15 and 31 are too large in optimised code",
        pattern="sign",
        source=review("a * (2**k - 1) = (a << k) - a"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.strength:multiply",
                correct='return emit("sub", emit("sll", a, power(b + 1)), a)',
                faulty='return emit("add", emit("sll", a, power(b + 1)), a)',
            )
        ],
    ),
    Fault(
        id="riscv-strength-remainder-mask",
        title="x % 4 becomes x & 3",
        why="That is the remainder of numbers that are not negative.",
        symptom="-7 % 4 is 1 in optimised code",
        pattern="signedness",
        source=review("the remainder has the sign of the dividend"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.strength:remainder",
                correct='emit("sub", a, emit("and", biased(emit, a, power(b)), -b))',
                faulty='emit("and", a, b - 1)',
            )
        ],
    ),
    Fault(
        id="riscv-strength-division-by-minus-one",
        title="x / -1 becomes x",
        why="Division by -1 is taken for the overflow that -2147483648 / -1 is.",
        symptom="7 / -1 is 7 in optimised code",
        pattern="sign",
        source=pattern_of("BitVMX-CPU issue #30", "https://github.com/FairgateLabs/BitVMX-CPU/issues/30"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.strength:divide",
                correct='return emit("sub", 0, a)',
                faulty='return emit("add", a, 0)',
            )
        ],
    ),
]
