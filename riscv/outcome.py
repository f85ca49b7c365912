"""What came of running a program: records that the interpreter and the emulator both return."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

# The names of the privileged specification (machine cause register), and three of our own at the end.
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
    "stack-overflow",
    "output-limit",
    "step-limit",
]


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
