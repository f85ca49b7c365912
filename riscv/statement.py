"""One machine instruction of an assembly text, from its operands as written to its words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from riscv.errors import EncodingError
from riscv.formats import ACCESSES, BRANCH, JAL, REGISTERS
from riscv.isa import INSTRUCTIONS, Instruction
from riscv.operands import Expression, Line, Operand, Symbols, parse
from riscv.pseudo import high_part, low_part

OPPOSITE: Final[Mapping[str, str]] = {
    "beq": "bne",
    "bne": "beq",
    "blt": "bge",
    "bge": "blt",
    "bltu": "bgeu",
    "bgeu": "bltu",
}
NUMBERS: Final[Mapping[str, int]] = {
    **{name: number for number, name in enumerate(REGISTERS)},
    **{f"x{number}": number for number in range(32)},
    "fp": 8,
}
RELOCATION: Final = re.compile(r"%(hi|lo|pcrel_hi|pcrel_lo)\s*\((.*)\)")
ABSENT: Final = Expression((), 0)  # of an instruction without an immediate
INDIRECT: Final = re.compile(r"(.*)\(\s*(\w+)\s*\)")


@dataclass
class Statement:
    """An instruction whose registers are known; a branch that does not reach is made `wide`."""

    line: Line
    instruction: Instruction
    registers: Mapping[str, int]
    relocation: str | None
    immediate: Expression
    wide: bool = False

    def size(self, address: int) -> int:
        """One word, or two for a branch over a jump."""
        return 8 if self.wide else 4

    def content(self, address: int, symbols: Symbols) -> bytes:
        """The words."""
        if address % 4:
            raise self.line.error(f"this instruction would be at {address:#x}; put .align 2 before it")
        value = self.value(address, symbols)
        if not self.wide:
            return self.encode(self.instruction.mnemonic, {**self.registers, "imm": value})
        over = self.encode(OPPOSITE[self.instruction.mnemonic], {**self.registers, "imm": 8})
        return over + self.encode("jal", {"rd": 0, "imm": value - 4})

    def encode(self, mnemonic: str, operands: Mapping[str, int]) -> bytes:
        """One word."""
        try:
            return INSTRUCTIONS[mnemonic].encode(operands).to_bytes(4, "little")
        except EncodingError as error:
            raise self.line.error(f"{error}", self.immediate.column) from None

    def value(self, address: int, symbols: Symbols) -> int:
        """The number in the immediate, 0 where there is none."""
        number, addresses = symbols.value(self.line, self.immediate, address)
        match self.relocation:
            case "hi":
                return high_part(self.word(number))
            case "lo":
                return low_part(self.word(number))
            case "pcrel_hi":
                return high_part(number - address)
            case "pcrel_lo":
                if number not in symbols.upper:
                    raise self.line.error(
                        "%pcrel_lo takes the label of an instruction with %pcrel_hi", self.immediate.column
                    )
                return low_part(symbols.upper[number] - number)
        if addresses and self.instruction.format in (BRANCH, JAL):
            return number - address
        if addresses:
            raise self.line.error("this is an address; take its %hi or its %lo", self.immediate.column)
        return number

    def word(self, number: int) -> int:
        """A number that has 32 bits, signed or not."""
        if not -0x8000_0000 <= number <= 0xFFFF_FFFF:
            raise self.line.error(f"{number} is not in -2147483648..4294967295", self.immediate.column)
        return number

    def is_far(self, address: int, symbols: Symbols) -> bool:
        """Is this a branch to a label that its immediate does not reach?"""
        if self.instruction.format is not BRANCH or not symbols.value(self.line, self.immediate, address).addresses:
            return False
        return self.value(address, symbols) not in BRANCH.immediate


def statement(line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> Statement:
    """Read the operands of an instruction as its format wants them."""
    instruction = INSTRUCTIONS[mnemonic.text]
    named = match_operands(instruction.format.syntax, operands)
    if named is None:
        form = instruction.format.syntax.replace("{", "").replace("}", "")
        written = line.text.strip()
        raise line.error(f"write '{f'{mnemonic.text} {form}'.rstrip()}', not '{written}'", mnemonic.column)
    relocation, immediate = read_immediate(line, named.pop("imm", None))
    registers = {name: number_of(line, name, operand) for name, operand in named.items()}
    return Statement(line, instruction, registers, relocation, immediate)


def read_immediate(line: Line, operand: Operand | None) -> tuple[str | None, Expression]:
    """The relocation and the sum in an immediate."""
    if operand is None:
        return None, ABSENT
    relocation = RELOCATION.fullmatch(operand.text)
    if relocation is None:
        return None, parse(line, operand)
    return relocation[1], parse(line, Operand(relocation[2], operand.column))


def match_operands(syntax: str, operands: Sequence[Operand]) -> dict[str, Operand] | None:
    """The operands by their names, or None if the text is not written as the format says."""
    forms = syntax.split(", ") if syntax else []
    if len(forms) != len(operands):
        return None
    named = {}
    for position, form in enumerate(forms):
        operand = operands[position]
        if form == "{imm}({rs1})":
            parts = INDIRECT.fullmatch(operand.text)
            if parts is None:
                return None
            named["imm"] = Operand(parts[1].strip() or "0", operand.column)
            named["rs1"] = Operand(parts[2], operand.column + parts.start(2))
        else:
            named[form[1:-1]] = operand
    return named


def number_of(line: Line, name: str, operand: Operand) -> int:
    """The number of a register, or the bits of a fence's set."""
    if name in ("pred", "succ"):
        if operand.text != "".join(letter for letter in ACCESSES if letter in operand.text) and operand.text != "0":
            raise line.error(f"write some of iorw in this order, not '{operand.text}'", operand.column)
        return sum(bit for letter, bit in ACCESSES.items() if letter in operand.text)
    if operand.text not in NUMBERS:
        raise line.error(f"unknown register '{operand.text}'", operand.column)
    return NUMBERS[operand.text]
