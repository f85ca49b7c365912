"""Unicorn beside the plain emulator, on single draws and on whole programs step by step, and what capstone reads.

Needs the extra `peers`. Unicorn is the translator of QEMU, capstone the disassembler of LLVM: neither knows this
package.
"""

from collections.abc import Iterator, Sequence
from struct import pack
from typing import Any, Final

from riscv.disassembler import disassemble
from riscv.emulator import Emulator
from riscv.environment import Exit
from riscv.errors import RiscvError
from riscv.formats import REGISTERS
from riscv.image import Image
from riscv.int32 import unsigned, wrap
from riscv.isa import INSTRUCTIONS
from riscv.memory import STACK, Segment
from riscv.outcome import TrapError
from riscv.single import PC, REACH, WINDOW, WINDOW_SIZE, Draw, Machine, Result

PAGE: Final = 0x1000
NOWHERE: Final = 0xFFFF_FFFE  # an address at which no program stops by itself
ECALL: Final = INSTRUCTIONS["ecall"].bits
#: An instruction at PC and all that it may jump to, where Unicorn looks at once for the next.
CODE: Final = Segment(PC - REACH, b"", 2 * REACH)


class DivergenceError(RiscvError):
    """The two machines do not agree."""


class Peer:
    """Unicorn with some memory."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        try:
            import unicorn
            from unicorn import riscv_const
        except ImportError:
            raise RiscvError("Unicorn is not installed; install it with: pip install 'nnlab[peers]'") from None
        self.uc: Any = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
        self.names = [getattr(riscv_const, f"UC_RISCV_REG_X{number}") for number in range(32)]
        self.pc_name = riscv_const.UC_RISCV_REG_PC
        for start, stop in pages(segments):
            self.uc.mem_map(start, stop - start)
        for segment in segments:
            self.uc.mem_write(segment.address, segment.content)

    def set(self, registers: Sequence[int], pc: int) -> None:
        """Give all registers and the pc a value."""
        for number, register in enumerate(registers):
            self.uc.reg_write(self.names[number], unsigned(register))
        self.uc.reg_write(self.pc_name, pc)

    def step(self) -> None:
        """Execute the instruction at the pc."""
        self.uc.emu_start(self.uc.reg_read(self.pc_name), NOWHERE, count=1)

    def registers(self) -> tuple[int, ...]:
        """All registers, signed."""
        return tuple(map(wrap, self.uc.reg_read_batch(self.names)))

    def pc(self) -> int:
        """The address of the next instruction."""
        return int(self.uc.reg_read(self.pc_name))

    def read(self, address: int, size: int) -> bytes:
        """Some memory."""
        return bytes(self.uc.mem_read(address, size))


def pages(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch of whole pages in which there are segments."""
    start = stop = 0
    for segment in sorted(segments):
        first = segment.address - segment.address % PAGE
        if first > stop or not stop:
            if stop:
                yield start, stop
            start = first
        stop = max(stop, segment.address + segment.size + -(segment.address + segment.size) % PAGE)
    yield start, stop


def unicorn_machine() -> Machine:
    """Unicorn for single instructions."""
    peer = Peer([STACK, CODE])

    def execute(given: Draw) -> Result:
        peer.uc.mem_write(PC, pack("<I", given.word))
        peer.uc.ctl_flush_tb()  # else it goes on with its translation of the last word
        peer.uc.mem_write(WINDOW, given.window)
        peer.set(given.registers, PC)
        peer.step()
        return Result(peer.registers(), peer.read(WINDOW, WINDOW_SIZE), peer.pc())

    return execute


def lockstep(image: Image, limit: int) -> int:
    """Run an image on both machines and compare pc and registers after each step, memory at the end; the steps taken.

    Requests to the environment are done by the plain emulator alone. A trap ends the comparison, since Unicorn has
    other rules about memory.
    """
    ours = Emulator(image)
    theirs = Peer([*image.segments, STACK])
    theirs.set(ours.x[:32], ours.pc)
    try:
        while ours.steps < limit:
            pc, word = ours.pc, ours.memory.load(ours.pc, 4)
            ours.advance(1)
            if word == ECALL:
                theirs.set(ours.x[:32], ours.pc)
            else:
                theirs.step()
                compare(pc, word, ours, theirs)
    except (Exit, TrapError):
        pass
    for start, stop, shift in ours.memory.readable:
        if theirs.read(start, stop - start) != ours.memory.content[start - shift : stop - shift]:
            raise DivergenceError(f"after {ours.steps} steps the memory from {start:#010x} differs from Unicorn's")
    return ours.steps


def compare(pc: int, word: int, ours: Emulator, theirs: Peer) -> None:
    """Refuse a difference, and say which instruction made it."""
    place = f"{pc:#010x}: {disassemble(word)} (step {ours.steps})"
    if theirs.pc() != ours.pc:
        raise DivergenceError(f"{place}: the next pc is {ours.pc:#010x}, in Unicorn {theirs.pc():#010x}")
    for number, other in enumerate(theirs.registers()):
        if other != ours.x[number]:
            raise DivergenceError(f"{place}: {REGISTERS[number]} is {ours.x[number]:#x}, in Unicorn {other:#x}")


def capstone_text(word: int) -> str | None:
    """How capstone disassembles a word, None if it knows none."""
    try:
        import capstone
    except ImportError:
        raise RiscvError("capstone is not installed; install it with: pip install 'nnlab[peers]'") from None
    engine = capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32)
    found = list(engine.disasm(pack("<I", word), 0))
    return f"{found[0].mnemonic} {found[0].op_str}".rstrip() if found else None
