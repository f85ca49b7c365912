"""The instruction formats: how operands are written in assembly and where their bits lie in the word.

One tuple of bit ranges per format packs and unpacks, so the two cannot disagree (unprivileged spec, chapter I,
"Immediate Encoding Variants").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from riscv.errors import EncodingError

# fmt: off
REGISTERS: Final = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
)
# fmt: on
RA: Final = 1
SP: Final = 2
S0: Final = 8


#: The sets of a fence: device input and output, memory reads and writes.
ACCESSES: Final[Mapping[str, int]] = {"i": 8, "o": 4, "r": 2, "w": 1}


class Bits(NamedTuple):
    """Bits high..low of an operand lie in the word from bit `at` upwards."""

    operand: str
    high: int
    low: int
    at: int


@dataclass(frozen=True, eq=False)
class Format:
    """A shape of instruction; `mask` has a one for each fixed bit, `immediate` lists the values that fit."""

    name: str
    syntax: str
    mask: int
    layout: tuple[Bits, ...]
    immediate: range = range(1)

    def pack(self, operands: Mapping[str, int]) -> int:
        """The operands' bits in their places."""
        word = 0
        for operand, high, low, at in self.layout:
            value = operands[operand]
            fitting = self.immediate if operand == "imm" else range(2 << high)
            if value not in fitting:
                step = f", in steps of {fitting.step}" if fitting.step > 1 else ""
                name = "immediate" if operand == "imm" else operand
                raise EncodingError(f"{name} {value} is not in {fitting[0]}..{fitting[-1]}{step}")
            word |= (value >> low) % (2 << high - low) << at
        return word

    def unpack(self, word: int) -> dict[str, int]:
        """The operands in a word, the immediate with its sign."""
        operands: dict[str, int] = {}
        for operand, high, low, at in self.layout:
            operands[operand] = operands.get(operand, 0) | (word >> at) % (2 << high - low) << low
        if operands.get("imm", 0) >= self.immediate.stop:
            operands["imm"] -= 2 * self.immediate.stop
        return operands


RD: Final = Bits("rd", 4, 0, 7)
RS1: Final = Bits("rs1", 4, 0, 15)
RS2: Final = Bits("rs2", 4, 0, 20)
IMM_I: Final = Bits("imm", 11, 0, 20)
IMM_S: Final = (Bits("imm", 11, 5, 25), Bits("imm", 4, 0, 7))
IMM_B: Final = (Bits("imm", 12, 12, 31), Bits("imm", 10, 5, 25), Bits("imm", 4, 1, 8), Bits("imm", 11, 11, 7))
IMM_J: Final = (Bits("imm", 20, 20, 31), Bits("imm", 10, 1, 21), Bits("imm", 11, 11, 20), Bits("imm", 19, 12, 12))

OPCODE: Final = 0x0000_007F
FUNCT3: Final = 0x0000_707F
FUNCT7: Final = 0xFE00_707F
WHOLE: Final = 0xFFFF_FFFF

REGISTER: Final = Format("register", "{rd}, {rs1}, {rs2}", FUNCT7, (RD, RS1, RS2))
IMMEDIATE: Final = Format("immediate", "{rd}, {rs1}, {imm}", FUNCT3, (RD, RS1, IMM_I), range(-2048, 2048))
SHIFT: Final = Format("shift", "{rd}, {rs1}, {imm}", FUNCT7, (RD, RS1, Bits("imm", 4, 0, 20)), range(32))
LOAD: Final = Format("load", "{rd}, {imm}({rs1})", FUNCT3, (RD, RS1, IMM_I), range(-2048, 2048))
STORE: Final = Format("store", "{rs2}, {imm}({rs1})", FUNCT3, (RS1, RS2, *IMM_S), range(-2048, 2048))
BRANCH: Final = Format("branch", "{rs1}, {rs2}, {imm}", FUNCT3, (RS1, RS2, *IMM_B), range(-4096, 4096, 2))
UPPER: Final = Format("upper", "{rd}, {imm}", OPCODE, (RD, Bits("imm", 19, 0, 12)), range(1 << 20))
JAL: Final = Format("jal", "{rd}, {imm}", OPCODE, (RD, *IMM_J), range(-(1 << 20), 1 << 20, 2))
JALR: Final = Format("jalr", "{rd}, {imm}({rs1})", FUNCT3, (RD, RS1, IMM_I), range(-2048, 2048))
FENCE: Final = Format("fence", "{pred}, {succ}", FUNCT3, (Bits("pred", 3, 0, 24), Bits("succ", 3, 0, 20)))
FENCE_I: Final = Format("fence.i", "", FUNCT3, ())  # the other fields of both fences may be ignored, and are
SYSTEM: Final = Format("system", "", WHOLE, ())


def spell(operand: str, value: int) -> str:
    """An operand as assembly writes it: a number, a register, or the letters of a fence's set."""
    if operand == "imm":
        return str(value)
    if operand in ("pred", "succ"):
        return "".join(letter for letter, bit in ACCESSES.items() if value & bit) or "0"
    return REGISTERS[value]
