"""RV32IM and fence.i, one block per instruction: its meaning, and below it mnemonic, format and the fixed bits.

The encoder, the decoder, the assembler, the disassembler and both engines all read INSTRUCTIONS; a new instruction
is one block here. The bits are written as the specification's tables print them (unprivileged spec, chapter
"RV32/64G Instruction Set Listings"). What a meaning takes and gives depends on the format; each
section says it. All but those of the system are functions of integers, so that Numba can compile them as they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from riscv import int32
from riscv.errors import EncodingError
from riscv.formats import (
    BRANCH,
    FENCE,
    FENCE_I,
    IMMEDIATE,
    JAL,
    JALR,
    LOAD,
    REGISTER,
    SHIFT,
    STORE,
    SYSTEM,
    UPPER,
    Format,
)
from riscv.int32 import unsigned, wrap
from riscv.outcome import TrapError

Meaning: TypeAlias = Callable[..., Any]  # takes and gives what the section of the instruction says


@dataclass(frozen=True, eq=False)
class Instruction:
    """One row of the instruction table: `bits` holds the fixed bits, zero where operands go; `size` is in bytes."""

    mnemonic: str
    format: Format
    bits: int
    meaning: Meaning
    size: int  # of what a load or a store moves

    def matches(self, word: int) -> bool:
        """Is the word an encoding of this instruction?"""
        return (word ^ self.bits) & self.format.mask == 0

    def encode(self, operands: Mapping[str, int]) -> int:
        """The word for some operands; EncodingError when one does not fit."""
        try:
            return self.bits | self.format.pack(operands)
        except EncodingError as error:
            raise EncodingError(f"{self.mnemonic}: {error}") from None


INSTRUCTIONS: Final[dict[str, Instruction]] = {}


def instruction(mnemonic: str, form: Format, bits: int, meaning: Meaning, size: int = 0) -> None:
    """Enter an instruction into the table, where neither its name nor its encodings may be taken."""
    for other in INSTRUCTIONS.values():
        common = form.mask & other.format.mask
        if other.mnemonic == mnemonic or (bits ^ other.bits) & common == 0:
            raise ValueError(f"instruction {mnemonic} clashes with {other.mnemonic}")
    INSTRUCTIONS[mnemonic] = Instruction(mnemonic, form, bits, meaning, size)


def decode(word: int) -> tuple[Instruction, dict[str, int]] | None:
    """The instruction a word encodes and its operands, or None."""
    for candidate in INSTRUCTIONS.values():
        if candidate.matches(word):
            return candidate, candidate.format.unpack(word)
    return None


# Integer computation (chapter I): meaning(a, b) -> rd, where b is a register or the immediate.

instruction("add", REGISTER, 0b0000000_00000_00000_000_00000_0110011, int32.add)
instruction("addi", IMMEDIATE, 0b000000000000_00000_000_00000_0010011, int32.add)

instruction("sub", REGISTER, 0b0100000_00000_00000_000_00000_0110011, int32.sub)

instruction("slt", REGISTER, 0b0000000_00000_00000_010_00000_0110011, int32.lt)
instruction("slti", IMMEDIATE, 0b000000000000_00000_010_00000_0010011, int32.lt)


def sltu(a: int, b: int) -> int:
    """1 if a < b as unsigned numbers, else 0; an immediate is sign-extended first."""
    return int(unsigned(a) < unsigned(b))


instruction("sltu", REGISTER, 0b0000000_00000_00000_011_00000_0110011, sltu)
instruction("sltiu", IMMEDIATE, 0b000000000000_00000_011_00000_0010011, sltu)

instruction("xor", REGISTER, 0b0000000_00000_00000_100_00000_0110011, int32.xor)
instruction("xori", IMMEDIATE, 0b000000000000_00000_100_00000_0010011, int32.xor)

instruction("or", REGISTER, 0b0000000_00000_00000_110_00000_0110011, int32.or_)
instruction("ori", IMMEDIATE, 0b000000000000_00000_110_00000_0010011, int32.or_)

instruction("and", REGISTER, 0b0000000_00000_00000_111_00000_0110011, int32.and_)
instruction("andi", IMMEDIATE, 0b000000000000_00000_111_00000_0010011, int32.and_)

instruction("sll", REGISTER, 0b0000000_00000_00000_001_00000_0110011, int32.sll)
instruction("slli", SHIFT, 0b0000000_00000_00000_001_00000_0010011, int32.sll)

instruction("srl", REGISTER, 0b0000000_00000_00000_101_00000_0110011, int32.srl)
instruction("srli", SHIFT, 0b0000000_00000_00000_101_00000_0010011, int32.srl)

instruction("sra", REGISTER, 0b0100000_00000_00000_101_00000_0110011, int32.sra)
instruction("srai", SHIFT, 0b0100000_00000_00000_101_00000_0010011, int32.sra)

# Multiplication and division (chapter M): as above.

instruction("mul", REGISTER, 0b0000001_00000_00000_000_00000_0110011, int32.mul)


def mulh(a: int, b: int) -> int:
    """The high 32 bits of signed a * signed b."""
    return (a * b) >> 32


instruction("mulh", REGISTER, 0b0000001_00000_00000_001_00000_0110011, mulh)


def mulhsu(a: int, b: int) -> int:
    """The high 32 bits of signed a * unsigned b."""
    return (a * unsigned(b)) >> 32


instruction("mulhsu", REGISTER, 0b0000001_00000_00000_010_00000_0110011, mulhsu)


def mulhu(a: int, b: int) -> int:
    """The high 32 bits of unsigned a * unsigned b, which is unsigned a * b, and 2**32 * a more if b < 0.

    So written no step leaves 64 bits, which the Numba engine relies on.
    """
    return wrap(((unsigned(a) * b) >> 32) + (unsigned(a) if b < 0 else 0))


instruction("mulhu", REGISTER, 0b0000001_00000_00000_011_00000_0110011, mulhu)

instruction("div", REGISTER, 0b0000001_00000_00000_100_00000_0110011, int32.div)


def divu(a: int, b: int) -> int:
    """Unsigned a / b; a / 0 is 2**32 - 1, which is -1."""
    return wrap(unsigned(a) // unsigned(b)) if b else -1


instruction("divu", REGISTER, 0b0000001_00000_00000_101_00000_0110011, divu)

instruction("rem", REGISTER, 0b0000001_00000_00000_110_00000_0110011, int32.rem)


def remu(a: int, b: int) -> int:
    """Unsigned a % b; a % 0 = a."""
    return wrap(unsigned(a) % unsigned(b)) if b else a


instruction("remu", REGISTER, 0b0000001_00000_00000_111_00000_0110011, remu)

# Upper immediates: meaning(pc, imm) -> rd, with the immediate's 20 bits.


def lui(_pc: int, imm: int) -> int:
    """The immediate as the upper 20 bits."""
    return wrap(imm << 12)


instruction("lui", UPPER, 0b00000000000000000000_00000_0110111, lui)


def auipc(pc: int, imm: int) -> int:
    """pc plus the immediate as the upper 20 bits."""
    return wrap(pc + (imm << 12))


instruction("auipc", UPPER, 0b00000000000000000000_00000_0010111, auipc)

# Loads: meaning(bits) -> rd, where the bits are what memory holds, read as an unsigned number.


def lb(bits: int) -> int:
    """One byte, sign-extended."""
    return wrap(bits << 24) >> 24


instruction("lb", LOAD, 0b000000000000_00000_000_00000_0000011, lb, size=1)


def lh(bits: int) -> int:
    """Two bytes, sign-extended."""
    return wrap(bits << 16) >> 16


instruction("lh", LOAD, 0b000000000000_00000_001_00000_0000011, lh, size=2)


def lw(bits: int) -> int:
    """Four bytes."""
    return wrap(bits)


instruction("lw", LOAD, 0b000000000000_00000_010_00000_0000011, lw, size=4)


def zero_extended(bits: int) -> int:
    """One byte or two; the bits above are zero."""
    return bits


instruction("lbu", LOAD, 0b000000000000_00000_100_00000_0000011, zero_extended, size=1)
instruction("lhu", LOAD, 0b000000000000_00000_101_00000_0000011, zero_extended, size=2)

# Stores: meaning(rs2) -> the bits that go to memory.


def sb(value: int) -> int:
    """The low byte."""
    return value & 0xFF


instruction("sb", STORE, 0b0000000_00000_00000_000_00000_0100011, sb, size=1)


def sh(value: int) -> int:
    """The low two bytes."""
    return value & 0xFFFF


instruction("sh", STORE, 0b0000000_00000_00000_001_00000_0100011, sh, size=2)

instruction("sw", STORE, 0b0000000_00000_00000_010_00000_0100011, unsigned, size=4)

# Branches: meaning(a, b) -> 1 to branch, 0 to go on.

instruction("beq", BRANCH, 0b0000000_00000_00000_000_00000_1100011, int32.eq)
instruction("bne", BRANCH, 0b0000000_00000_00000_001_00000_1100011, int32.ne)
instruction("blt", BRANCH, 0b0000000_00000_00000_100_00000_1100011, int32.lt)
instruction("bge", BRANCH, 0b0000000_00000_00000_101_00000_1100011, int32.ge)
instruction("bltu", BRANCH, 0b0000000_00000_00000_110_00000_1100011, sltu)


def geu(a: int, b: int) -> int:
    """1 if a >= b as unsigned numbers, else 0."""
    return int(unsigned(a) >= unsigned(b))


instruction("bgeu", BRANCH, 0b0000000_00000_00000_111_00000_1100011, geu)

# Jumps: meaning(base, imm) -> target, where the base is the pc for jal and rs1 for jalr; rd gets the next address.


def jump(base: int, imm: int) -> int:
    """base + imm."""
    return unsigned(base + imm)


instruction("jal", JAL, 0b00000000000000000000_00000_1101111, jump)


def jump_even(base: int, imm: int) -> int:
    """base + imm with its lowest bit cleared."""
    return unsigned(base + imm) & ~1


instruction("jalr", JALR, 0b000000000000_00000_000_00000_1100111, jump_even)

# System: meaning(environment) -> nothing.


class Environment(Protocol):
    """What an instruction may ask of whoever runs the program."""

    def request(self) -> None:
        """Do what the number in a7 asks for."""

    def refetch(self) -> None:
        """Forget the instructions that were read from memory."""


def fence(_environment: Environment) -> None:
    """Nothing: one hart sees its own accesses in order."""


instruction("fence", FENCE, 0b000000000000_00000_000_00000_0001111, fence)


def fence_i(environment: Environment) -> None:
    """Later instructions are read from memory again (chapter Zifencei)."""
    environment.refetch()


instruction("fence.i", FENCE_I, 0b000000000000_00000_001_00000_0001111, fence_i)


def ecall(environment: Environment) -> None:
    """A request to the environment."""
    environment.request()


instruction("ecall", SYSTEM, 0b000000000000_00000_000_00000_1110011, ecall)


def ebreak(_environment: Environment) -> None:
    """A trap for a debugger."""
    raise TrapError("breakpoint", "ebreak")


instruction("ebreak", SYSTEM, 0b000000000001_00000_000_00000_1110011, ebreak)
