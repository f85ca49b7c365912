"""What came of running a program: records that the interpreter and the emulator both return."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# The names of the privileged specification (machine cause register), those of the language, and the ends of resources.
TrapKind: TypeAlias = Literal[
    "instruction-address-misaligned",
    "instruction-access-fault",
    "illegal-instruction",
    "breakpoint",
    "load-address-misaligned",
    "load-access-fault",
    "store-address-misaligned",
    "store-access-fault",
    "environment-call",
    "type-error",
    "index-error",
    "argument-error",
    "out-of-memory",
    "stack-overflow",
    "output-limit",
    "step-limit",
]

#: The errors that a program of the language can make, which every implementation must report alike.
PROGRAM_ERRORS: Final[tuple[TrapKind, ...]] = ("type-error", "index-error", "argument-error")
#: Where a resource ends depends on the implementation.
RESOURCES: Final[tuple[TrapKind, ...]] = ("out-of-memory", "stack-overflow", "output-limit", "step-limit")


@dataclass(frozen=True)
class Trap:
    """Why a run was stopped; `pc` is the instruction's address, None in the interpreter."""

    kind: TrapKind
    pc: int | None
    message: str


class TrapError(Exception):
    """Raised where a trap occurs; whoever runs the program knows the pc and makes it a `Trap`."""

    def __init__(self, kind: TrapKind, detail: str) -> None:
        super().__init__(detail)
        self.kind: TrapKind = kind
        self.detail = detail


@dataclass(frozen=True)
class Violation:
    """A broken rule that a monitor saw, such as `abi-callee-saved`; the program runs on."""

    name: str
    pc: int
    message: str


@dataclass(frozen=True)
class Outcome:
    """The printed lines, and how the run ended: `trap` is None when the program reached its end.

    `steps` counts instructions in the emulator and evaluated expressions in the interpreter; `status` is what the
    program passed to exit.
    """

    output: tuple[str, ...]
    trap: Trap | None
    violations: tuple[Violation, ...]
    steps: int
    status: int = 0


def lines(printed: bytes) -> tuple[str, ...]:
    """The lines of an output in UTF-8; the last may lack its newline."""
    return tuple(printed.decode(errors="replace").removesuffix("\n").split("\n")) if printed else ()
