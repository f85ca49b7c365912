"""Lines of assembly as records, before they become text: what the peephole, the frame and the checker work on."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from riscv.backend.places import FrameWord
from riscv.ir.nodes import Instruction

MEMORY: Final = frozenset({"lw", "lbu", "sw", "sb"})

#: A register or a label, a number, or a word of the frame whose offset is not known yet.
Operand: TypeAlias = str | int | FrameWord


@dataclass(frozen=True, eq=False)
class Line:
    """An instruction as the assembler takes it; `source` is the instruction of the IR that it carries out, if any."""

    mnemonic: str
    operands: tuple[Operand, ...]
    source: Instruction | None = None

    def __str__(self) -> str:
        if self.mnemonic in MEMORY:
            register, offset, base = self.operands
            return f"    {self.mnemonic} {register}, {offset}({base})"
        return f"    {self.mnemonic} {', '.join(str(operand) for operand in self.operands)}".rstrip()


@dataclass(frozen=True)
class Label:
    """A place to go to."""

    name: str

    def __str__(self) -> str:
        return f"{self.name}:"


Code: TypeAlias = list[Line | Label]
