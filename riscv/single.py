"""Single instructions with random and corner operands, and what a machine makes of them.

A draw is an instruction word at PC, the registers before it and the content of a small window of the stack, in which
every load and store of a draw stays. Its result is all of that after one step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from struct import pack_into
from typing import Final, TypeAlias

from riscv.emulator import Emulator
from riscv.formats import JALR, LOAD, STORE
from riscv.image import Image
from riscv.int32 import wrap
from riscv.isa import INSTRUCTIONS, Instruction
from riscv.memory import STACK_SIZE, STACK_TOP, Segment

PC: Final = 0x0040_0000
WINDOW_SIZE: Final = 64  # bytes
WINDOW: Final = STACK_TOP - WINDOW_SIZE
REACH: Final = 0x0010_0000  # how far from PC a jump may go
#: Values at which carries, signs, shifts, divisions and extensions change what they do.
CORNERS: Final = (
    *(0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 0x7F, 0x80, 0xFF, 0x100, 0x7FF, 0x800, 0xFFF),
    *(0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x5555_5555, 0x7FFF_F800, 0x7FFF_FFFE, 0x7FFF_FFFF),
    *(-1, -2, -3, -4, -31, -32, -33, -0x80, -0x81, -0x800, -0x801, -0x8000, -0x8001),
    *(-0x5555_5556, -0x7FFF_FFFF, -0x8000_0000),
)
NUMBERS: Final = range(-0x8000_0000, 0x8000_0000)
#: Where the instruction of a draw lies.
CELL: Final = Segment(PC, b"", 4, executable=True)
#: ecall and ebreak are no computations; what fence.i forgets shows in no register.
COMPARABLE: Final = tuple(name for name in INSTRUCTIONS if name not in ("ecall", "ebreak", "fence.i"))


@dataclass(frozen=True)
class Draw:
    """One instruction and all that it may read."""

    word: int
    registers: tuple[int, ...]
    window: bytes


@dataclass(frozen=True)
class Result:
    """What is there after the instruction."""

    registers: tuple[int, ...]
    window: bytes
    pc: int


Machine: TypeAlias = Callable[[Draw], Result]


def draw(rng: Random, instruction: Instruction) -> Draw:
    """Operands, each with an even chance of being a corner value; registers may coincide."""
    operands = {bits.operand: rng.randrange(2 << bits.high) for bits in instruction.format.layout}
    if "imm" in operands:
        operands["imm"] = immediate(rng, instruction)
    registers = [value(rng) for _ in range(32)]
    registers[0] = 0
    if instruction.format in (LOAD, STORE):
        operands["rs1"] = rng.randrange(1, 32)
        place = WINDOW + instruction.size * rng.randrange(WINDOW_SIZE // instruction.size)
        registers[operands["rs1"]] = wrap(place - operands["imm"])
    if instruction.format is JALR:
        operands["rs1"] = rng.randrange(1, 32)
        target = PC + 4 * rng.randrange(REACH // 4) + rng.randrange(2)  # the lowest bit is dropped
        registers[operands["rs1"]] = wrap(target - operands["imm"])
    return Draw(instruction.encode(operands), tuple(registers), rng.randbytes(WINDOW_SIZE))


def immediate(rng: Random, instruction: Instruction) -> int:
    """An immediate that fits; offsets are multiples of 4, since there is nothing between."""
    every = instruction.format.immediate
    fitting = every if every.step == 1 else range(every.start, every.stop, 4)
    corners = [corner for corner in (*CORNERS, fitting[0], fitting[-1]) if corner in fitting]
    return rng.choice(rng.choice((corners, fitting)))


def value(rng: Random) -> int:
    """A register's value."""
    return rng.choice(rng.choice((CORNERS, NUMBERS)))


def plain() -> Machine:
    """The plain emulator; one is enough for all draws."""
    emulator = Emulator(Image((CELL,)))
    content = emulator.memory.content

    def execute(given: Draw) -> Result:
        emulator.code.clear()
        emulator.pc = PC
        emulator.x[:32] = given.registers
        pack_into("<I", content, STACK_SIZE, given.word)
        content[STACK_SIZE - WINDOW_SIZE : STACK_SIZE] = given.window
        emulator.advance(1)
        return Result(tuple(emulator.x[:32]), bytes(content[STACK_SIZE - WINDOW_SIZE : STACK_SIZE]), emulator.pc)

    return execute


def digests(machine: Machine, count: int, seed: int) -> Mapping[str, str]:
    """For each instruction a digest of what a machine makes of some draws."""
    found = {}
    for name in COMPARABLE:
        rng = Random(f"{seed} {name}")
        results = sha256()
        for _ in range(count):
            results.update(repr(machine(draw(rng, INSTRUCTIONS[name]))).encode())
        found[name] = results.hexdigest()[:16]
    return found
