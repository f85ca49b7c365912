"""The frame of a function, and the lines that depend on it: prologue, epilogues, offsets.

From the caller's sp downwards (RISC-V ABI, "Integer Calling Convention"; sp is a multiple of 16):

    size + 4 i    arguments of this function that found no register
    ------------- sp at entry
    ...           values that live in the frame
    ...           saved registers, ra among them
    0 ...         arguments for the functions it calls that find no register
"""

from collections.abc import Iterable, Mapping

from riscv.backend.lines import Code, Label, Line, Operand
from riscv.backend.places import FrameWord, Incoming, Outgoing, Save, Slot
from riscv.backend.registers import FIRST, SAVED, SECOND
from riscv.backend.wrap import framed
from riscv.formats import IMMEDIATE
from riscv.ir.nodes import Block, Function

KEPT = ("ra", *SAVED)


class Frame:
    """The buffer of one function, and the registers that this function saves."""

    def __init__(self, function: Function, blocks: Mapping[Block, Code], wrap: bool) -> None:
        everything = [line for code in blocks.values() for line in code]
        self.saved = overwritten(everything)
        words = [operand for line in everything if isinstance(line, Line) for operand in line.operands]
        self.outgoing = max((word.index + 1 for word in words if isinstance(word, Outgoing)), default=0)
        slots = max((word.index + 1 for word in words if isinstance(word, Slot)), default=0)
        self.size = -(-4 * (self.outgoing + len(self.saved) + slots) // 16) * 16
        needing = [block for block, code in blocks.items() if not wrap or needs_frame(code)]
        self.inside = framed(function, needing) if self.size else []
        self.code: Code = []
        self.hole = 0
        for block in function.blocks:
            self.fill_in(blocks[block], block in self.inside, block in self.inside[:1])

    def fill_in(self, lines: Code, inside: bool, door: bool) -> None:
        """Append the lines of a block, with what they leave open; at the door make the frame and remember where."""
        size = self.size if inside else 0
        label, *body = lines
        self.code.append(label)
        if door:
            self.code += adjust(-size)
            self.hole = len(self.code)
        for line in body:
            if isinstance(line, Line) and line.mnemonic == "leave":
                if inside:
                    self.code += self.epilogue()
            else:
                self.code += self.resolved(line, size)

    def finish(self, hole: int) -> Code:
        """The whole function: the saves of exactly the registers that it overwrites go to the hole."""
        saves = [line for r in self.saved for line in self.resolved(Line("sw", (r, Save(r), "sp")), self.size)]
        return [*self.code[:hole], *saves, *self.code[hole:]]

    def epilogue(self) -> Code:
        """Restore what the prologue saves, and give the frame back last, so that nothing is read below sp."""
        restores: Code = []
        for register in self.saved:
            restores += self.resolved(Line("lw", (register, Save(register), "sp")), self.size)
        return [*restores, *adjust(self.size)]

    def resolved(self, line: Line | Label, size: int) -> Code:
        """A line with the offsets of its words; what an offset does not reach gets its address computed."""
        match line:
            case Line(operands=(str(register), Slot() | Outgoing() | Incoming() | Save() as word, base)):
                offset = self.offset(word, size)
                if offset in IMMEDIATE.immediate:
                    return [Line(line.mnemonic, (register, offset, base))]
                return far(line.mnemonic, register, offset, base)
            case _:
                return [line]

    def offset(self, word: FrameWord, size: int) -> int:
        """How far above sp a word of the frame is."""
        match word:
            case Outgoing(index):
                return 4 * index
            case Save(register):
                return 4 * (self.outgoing + self.saved.index(register))
            case Slot(index):
                return 4 * (self.outgoing + len(self.saved) + index)
            case Incoming(index):
                return size + 4 * index


def far(mnemonic: str, register: str, offset: int, base: Operand) -> Code:
    """A load or a store at an offset that no immediate holds, through an address of its own."""
    address = register if mnemonic == "lw" else SECOND
    return [
        Line("li", (address, offset)),
        Line("add", (address, base, address)),
        Line(mnemonic, (register, 0, address)),
    ]


def overwritten(lines: Iterable[Line | Label]) -> list[str]:
    """The registers in some lines that must be as before when the function returns."""
    names = {name for line in lines if isinstance(line, Line) for name in line.operands}
    names |= {"ra" for line in lines if isinstance(line, Line) and line.mnemonic in ("call", "jalr")}
    return [register for register in KEPT if register in names]


def needs_frame(code: Code) -> bool:
    """Do some lines overwrite a saved register or use words of the frame?"""
    words = (operand for line in code if isinstance(line, Line) for operand in line.operands)
    return bool(overwritten(code)) or any(isinstance(word, Slot | Outgoing) for word in words)


def adjust(amount: int) -> Code:
    """sp = sp + amount."""
    if amount in IMMEDIATE.immediate:
        return [Line("addi", ("sp", "sp", amount))]
    return [Line("li", (FIRST, amount)), Line("add", ("sp", "sp", FIRST))]
