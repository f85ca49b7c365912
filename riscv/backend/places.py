"""Where values are: in registers, named as in assembly, or in words of the frame."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from riscv.backend.registers import ARGUMENTS, CALLER_SAVED
from riscv.ir.nodes import Instruction


@dataclass(frozen=True)
class Slot:
    """A word for a value of this function."""

    index: int


@dataclass(frozen=True)
class Outgoing:
    """A word for an argument of a function that is called, past those in registers."""

    index: int


@dataclass(frozen=True)
class Incoming:
    """A word that holds an argument of this function, in the frame of its caller."""

    index: int


@dataclass(frozen=True)
class Save:
    """A word that keeps a register of the caller."""

    register: str


FrameWord: TypeAlias = Slot | Outgoing | Incoming | Save
Place: TypeAlias = str | FrameWord

#: What a request to the environment is passed in: its number, then its arguments.
REQUEST: Final = ("a7", "a0", "a1", "a2")
#: What holds the address of a function that is called by address; it carries no argument.
TARGET: Final = "t3"


def passed(count: int, beyond: type[Outgoing] | type[Incoming]) -> list[Place]:
    """Where arguments of a call are: a0 to a7, the rest on the stack (RISC-V ABI, "Integer Calling Convention")."""
    return [ARGUMENTS[n] if n < len(ARGUMENTS) else beyond(n - len(ARGUMENTS)) for n in range(count)]


def wanted(instruction: Instruction) -> list[Place]:
    """Where an instruction wants its arguments, if it wants them somewhere."""
    match instruction.op:
        case "ecall" | "trap":
            return [*REQUEST[: len(instruction.args)]]
        case "call" | "tail" | "return":
            return passed(len(instruction.args), Outgoing)
        case "callr" | "tailr":
            return [TARGET, *passed(len(instruction.args) - 1, Outgoing)]
        case _:
            return []


def overwritten(instruction: Instruction) -> tuple[str, ...]:
    """The registers that an instruction leaves with something else in them, besides its results."""
    if instruction.op == "ecall":
        return REQUEST[: len(instruction.args)]
    return CALLER_SAVED if instruction.op in ("call", "callr") else ()
