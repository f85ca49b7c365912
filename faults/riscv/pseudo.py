"""Faults of riscv.pseudo: constants in two halves."""

from faults.sources import pattern_of, public
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-hi-without-carry",
        title="%hi is the upper 20 bits as they are",
        why="The low part is sign-extended, so the upper one must be one higher when bit 11 is set.",
        symptom="addresses and constants are 4096 too small, half of the time",
        pattern="off-by-one",
        source=public("qtrvsim issue #160", "https://github.com/cvut/qtrvsim/issues/160"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.pseudo:high_part",
                correct="unsigned(value - low_part(value)) >> 12",
                faulty="unsigned(value) >> 12",
            )
        ],
    ),
    Fault(
        id="riscv-li-carry-always",
        title="li always adds one to the upper part",
        why="The carry is needed only when the low part is negative.",
        symptom="0x76543210 becomes 0x76544210",
        pattern="off-by-one",
        source=public("Ripes issue #27", "https://github.com/mortbopet/Ripes/issues/27"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.pseudo:load_immediate",
                correct='upper = f"lui {register}, {high_part(value)}"',
                faulty='upper = f"lui {register}, {(unsigned(value) >> 12) + (low != 0) & 0xFFFFF}"',
            )
        ],
    ),
    Fault(
        id="riscv-li-short-form-limit",
        title="li takes the short form for numbers that look small",
        why="2048 to 4095 fit 12 bits but not with their sign.",
        symptom="4095 becomes -1",
        pattern="signedness",
        source=pattern_of(
            "QBE commit 45df856", "https://github.com/michaelforney/qbe/commit/45df8561fbfa9f0deea21d735353a647f1a1e158"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.pseudo:load_immediate",
                correct="if unsigned(value - low) == 0:",
                faulty="if unsigned(value - low) == 0 or 0 <= value < 4096:",
            )
        ],
    ),
]
