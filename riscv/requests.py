"""What a program can ask of its environment: the number of each request (`ecall`), in a7."""

from collections.abc import Mapping
from typing import Final

from riscv.outcome import TrapKind

PRINT_INTEGER: Final = 1  # a0
PRINT_CHARACTER: Final = 11  # the byte in a0
WRITE: Final = 64  # a2 bytes at a1 to the descriptor a0, as in Linux
EXIT: Final = 93
#: End in this trap; a0 is the line of the source, or minus that of the runtime.
ERRORS: Final[Mapping[int, TrapKind]] = {
    1001: "type-error",
    1002: "index-error",
    1003: "argument-error",
    1004: "out-of-memory",
}
#: The number that ends a program in a trap.
FAILURES: Final[Mapping[TrapKind, int]] = {kind: number for number, kind in ERRORS.items()}
