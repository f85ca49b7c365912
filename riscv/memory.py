"""The machine's memory: the segments of an image and a stack of fixed size, with nothing in between.

Little-endian, naturally aligned accesses only. The stack grows down from STACK_TOP; what lies between the text
and STACK_BOTTOM is the room an overflowing stack runs into.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from riscv.outcome import TrapError

TEXT_BASE: Final = 0x0001_0000
TEXT_SIZE: Final = 0x0010_0000  # 1 MiB: a jal reaches every instruction from every other
STACK_SIZE: Final = 0x0004_0000
STACK_TOP: Final = 0x001F_FFF0
STACK_BOTTOM: Final = STACK_TOP - STACK_SIZE
RODATA_BASE: Final = 0x0020_0000
RODATA_SIZE: Final = 0x0010_0000
DATA_BASE: Final = 0x0030_0000
DATA_SIZE: Final = 0x0200_0000


class Segment(NamedTuple):
    """A stretch of memory; what lies behind its content, up to its size, is zero. All of it can be read."""

    address: int  # a multiple of 4, as is the size
    content: bytes
    size: int
    writable: bool = False
    executable: bool = False

    def overlaps(self, other: "Segment") -> bool:
        """Do the two share a byte?"""
        return self.address < other.address + other.size and other.address < self.address + self.size


STACK: Final = Segment(STACK_BOTTOM, b"", STACK_SIZE, writable=True)


class Region(NamedTuple):
    """Addresses start <= a < stop lie in `Memory.content` at a - shift."""

    start: int
    stop: int
    shift: int


class Memory:
    """The bytes of one run, those of all segments in one array, and which addresses may be used for what."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.content = bytearray(STACK_SIZE + sum(segment.size for segment in segments))
        self.readable: list[Region] = []
        self.writable: list[Region] = []
        self.executable: list[Region] = []
        place = 0
        for segment in (STACK, *reversed(segments)):  # what is used most comes first
            self.content[place : place + len(segment.content)] = segment.content
            region = Region(segment.address, segment.address + segment.size, segment.address - place)
            self.readable.append(region)
            if segment.writable:
                self.writable.append(region)
            if segment.executable:
                self.executable.append(region)
            place += segment.size

    def load(self, address: int, size: int) -> int:
        """The unsigned value of `size` bytes; traps where there is nothing and when misaligned."""
        if address % size:
            raise TrapError("load-address-misaligned", f"load of {size} bytes from {address:#010x}")
        for start, stop, shift in self.readable:
            if start <= address < stop:
                place = address - shift
                return int.from_bytes(self.content[place : place + size], "little")
        raise TrapError("load-access-fault", f"load of {size} bytes from {address:#010x}, outside of memory")

    def store(self, address: int, size: int, bits: int) -> None:
        """Store an unsigned value of `size` bytes; traps like `load`, and where memory is read-only."""
        if address % size:
            raise TrapError("store-address-misaligned", f"store of {size} bytes to {address:#010x}")
        for start, stop, shift in self.writable:
            if start <= address < stop:
                place = address - shift
                self.content[place : place + size] = bits.to_bytes(size, "little")
                return
        kind, where = self.refusal(address)
        raise TrapError(kind, f"store of {size} bytes to {address:#010x}, {where}")

    def refusal(self, address: int) -> tuple[Literal["store-access-fault", "stack-overflow"], str]:
        """What is wrong with a store to an address that is not writable."""
        if any(start <= address < stop for start, stop, _ in self.readable):
            return "store-access-fault", "in read-only memory"
        if TEXT_BASE + TEXT_SIZE <= address < STACK_TOP:  # and not in the stack, so below it
            return "stack-overflow", f"below the stack's {STACK_SIZE} bytes"
        return "store-access-fault", "outside of memory"

    def fetch(self, address: int) -> int | None:
        """The word of an instruction, None where none may be."""
        for start, stop, _ in self.executable:
            if start <= address < stop:
                return self.load(address, 4)
        return None
