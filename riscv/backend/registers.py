"""The registers by their roles (RISC-V ABI, "Integer Register Convention")."""

from typing import Final

ARGUMENTS: Final = ("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7")
SAVED: Final = ("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11")
#: Never hold a value for longer than an instruction: operands and results that live in the frame, addresses, cycles.
FIRST, SECOND, THIRD = "t0", "t1", "t2"
#: What a call may overwrite, of those that hold values.
CALLER_SAVED: Final = ("t3", "t4", "t5", "t6", *reversed(ARGUMENTS))
