"""The fast engine: the instruction table as one loop that Numba compiles, for runs of millions of instructions.

The loop does what is common. In front of an instruction that it has not seen, of a request or of anything that would
trap it stops, and the plain emulator takes that one step: traps, messages and output are the same by construction.
The loop is written from INSTRUCTIONS and their meanings, so a new instruction is known here too. Without Numba it is
plain Python, slower than the emulator; tests run it so.

Needs a little-endian machine and the extra `fast`; the first run in a process compiles for some seconds.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from types import FunctionType
from typing import Any, Final

from riscv.emulator import SINK, Emulator
from riscv.errors import RiscvError
from riscv.formats import BRANCH, IMMEDIATE, JAL, JALR, LOAD, REGISTER, SHIFT, STORE, UPPER, Format
from riscv.image import Image
from riscv.int32 import wrap
from riscv.isa import INSTRUCTIONS, decode

Function = Callable[..., Any]

LOOP: Final = """\
def loop(x, operation, rd, rs1, rs2, imm, base, readable, writable, content1, content2, content4, pc, limit):
    for step in range(limit):
        i = (pc - base) >> 2
        if i < 0 or i >= len(operation):
            return step, pc
        after = (pc + 4) & 0xFFFF_FFFF
        number = operation[i]
        if number == 0:
            return step, pc
"""
CASE: Final = "        elif number == {number}:\n"
END: Final = """\
        pc = after
    return limit, pc
"""
#: What an instruction does, by format: its number and its size stand in braces.
BODIES: Final[Mapping[Format, str]] = {
    REGISTER: "x[rd[i]] = meaning{number}(x[rs1[i]], x[rs2[i]])",
    IMMEDIATE: "x[rd[i]] = meaning{number}(x[rs1[i]], imm[i])",
    SHIFT: "x[rd[i]] = meaning{number}(x[rs1[i]], imm[i])",
    UPPER: "x[rd[i]] = meaning{number}(pc, imm[i])",
    LOAD: """\
address = (x[rs1[i]] + imm[i]) & 0xFFFF_FFFF
place = locate(readable, address)
if place < 0 or address % {size}:
    return step, pc
x[rd[i]] = meaning{number}(content{size}[place // {size}])""",
    STORE: """\
address = (x[rs1[i]] + imm[i]) & 0xFFFF_FFFF
place = locate(writable, address)
if place < 0 or address % {size}:
    return step, pc
content{size}[place // {size}] = meaning{number}(x[rs2[i]])""",
    BRANCH: """\
if meaning{number}(x[rs1[i]], x[rs2[i]]):
    after = (pc + imm[i]) & 0xFFFF_FFFF
    if after % 4:
        return step, pc""",
    JAL: """\
target = meaning{number}(pc, imm[i])
if target % 4:
    return step, pc
x[rd[i]] = wrap(after)
after = target""",
    JALR: """\
target = meaning{number}(x[rs1[i]], imm[i])
if target % 4:
    return step, pc
x[rd[i]] = wrap(after)
after = target""",
}
#: The instructions of the loop and their numbers there; 0 is left to the plain emulator.
NUMBERS: Final[Mapping[str, int]] = {
    name: number for number, (name, row) in enumerate(INSTRUCTIONS.items(), 1) if row.format in BODIES
}


def locate(regions: Sequence[int], address: int) -> int:
    """Where the byte of an address lies in the memory's content, -1 if in none of the regions."""
    for k in range(0, len(regions), 3):
        if regions[k] <= address < regions[k + 1]:
            return address - regions[k + 2]
    return -1


def build(jit: Callable[[Function], Function]) -> Function:
    """The loop; it and all it calls has passed through `jit`."""
    source = LOOP
    names: dict[str, Function] = {"locate": compiled(locate, jit), "wrap": compiled(wrap, jit)}
    for name, number in NUMBERS.items():
        row = INSTRUCTIONS[name]
        names[f"meaning{number}"] = compiled(row.meaning, jit)
        body = BODIES[row.format].format(number=number, size=row.size)
        source += CASE.format(number=number) + "".join(f"            {line}\n" for line in body.splitlines())
    exec(source + END, names)
    return jit(names["loop"])


def compiled(function: Function, jit: Callable[[Function], Function]) -> Function:
    """A function passed through `jit`, as a copy that calls copies of what it calls; `plain` leaves it as it is."""
    if jit is plain:
        return function
    assert isinstance(function, FunctionType)
    called = [name for name in function.__code__.co_names if name in function.__globals__]
    names = {name: compiled(function.__globals__[name], jit) for name in called}
    return jit(FunctionType(function.__code__, names))


def plain(function: Function) -> Function:
    """What compiles nothing."""
    return function


def numba_loop() -> Function:
    """The loop as machine code."""
    try:
        from numba import njit
    except ImportError:
        raise RiscvError("the fast engine needs Numba; install it with: pip install 'nnlab[fast]'") from None
    return build(njit)


compiled_loop: Final = cache(numba_loop)  # once for each process


class FastEmulator(Emulator):
    """One run of an image; without monitors, which must see every step."""

    def __init__(self, program: Image | Sequence[int], loop: Function | None = None) -> None:
        super().__init__(program)
        self.loop = loop or compiled_loop()
        # The stretch of code that the tables are of; code elsewhere is left to the plain emulator.
        homes = ((start, stop) for start, stop, _ in self.memory.executable if self.pc in range(start, stop))
        self.base, stop = next(homes, (self.pc, self.pc))
        blank = [0] * ((stop - self.base) // 4)
        self.operation = array("q", blank)
        self.operands = {name: array("q", blank) for name in ("rd", "rs1", "rs2", "imm")}
        content = memoryview(self.memory.content)
        self.views = content, content.cast("H"), content.cast("I")
        self.environment.refetch = self.forget

    def forget(self) -> None:
        """Drop the instructions that were read from memory."""
        self.code.clear()
        self.operation[:] = array("q", [0] * len(self.operation))

    def advance(self, limit: int) -> None:
        """Take up to `limit` steps; as in the plain emulator."""
        tables = self.operation, *self.operands.values(), self.base
        regions = [array("q", chain(*kind)) for kind in (self.memory.readable, self.memory.writable)]
        end = self.steps + limit
        while self.steps < end:
            x = array("q", self.x)
            taken, self.pc = self.loop(x, *tables, *regions, *self.views, self.pc, end - self.steps)
            self.x[:] = x
            self.steps += taken
            if self.steps < end and not self.learn():
                super().advance(1)

    def learn(self) -> bool:
        """Enter the instruction at the pc into the tables; False if that can't be, or has been done."""
        index = (self.pc - self.base) // 4
        word = self.memory.fetch(self.pc)
        if word is None or index not in range(len(self.operation)) or self.operation[index]:
            return False
        decoded = decode(word)
        if decoded is None or decoded[0].mnemonic not in NUMBERS or self.is_watched(decoded[0].format):
            return False
        instruction, operands = decoded
        for name, value in operands.items():
            self.operands[name][index] = SINK if name == "rd" and value == 0 else value
        self.operation[index] = NUMBERS[instruction.mnemonic]
        return True

    def is_watched(self, form: Format) -> bool:
        """Is it a store in a program that may end by one?"""
        return form is STORE and self.environment.tohost is not None
