"""The machine's memory: read-only text low down, a stack of fixed size high up, nothing in between.

Little-endian, naturally aligned accesses only. The stack grows down from STACK_TOP; what lies between the text
and STACK_BOTTOM is the room an overflowing stack runs into.
"""

from typing import Final, Literal

from riscv.outcome import TrapError

TEXT_BASE: Final = 0x0001_0000
TEXT_SIZE: Final = 0x0010_0000  # 1 MiB: a jal reaches every instruction from every other
STACK_SIZE: Final = 0x0004_0000
STACK_TOP: Final = 0x001F_FFF0
STACK_BOTTOM: Final = STACK_TOP - STACK_SIZE


class Memory:
    """The bytes of one run."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.stack = bytearray(STACK_SIZE)

    def load(self, address: int, size: int) -> int:
        """The unsigned value of `size` bytes; traps where there is nothing and when misaligned."""
        if address % size:
            raise TrapError("load-address-misaligned", f"load of {size} bytes from {address:#010x}")
        offset = address - STACK_BOTTOM
        if 0 <= offset < STACK_SIZE:
            return int.from_bytes(self.stack[offset : offset + size], "little")
        offset = address - TEXT_BASE
        if 0 <= offset < len(self.text):
            return int.from_bytes(self.text[offset : offset + size], "little")
        raise TrapError("load-access-fault", f"load of {size} bytes from {address:#010x}, outside of memory")

    def store(self, address: int, size: int, value: int) -> None:
        """Store the low `size` bytes of a value; traps like `load`, and in the text."""
        if address % size:
            raise TrapError("store-address-misaligned", f"store of {size} bytes to {address:#010x}")
        offset = address - STACK_BOTTOM
        if 0 <= offset < STACK_SIZE:
            bits = value & ((1 << 8 * size) - 1)
            self.stack[offset : offset + size] = bits.to_bytes(size, "little")
            return
        kind, place = self.refusal(address)
        raise TrapError(kind, f"store of {size} bytes to {address:#010x}, {place}")

    def refusal(self, address: int) -> tuple[Literal["store-access-fault", "stack-overflow"], str]:
        """What is wrong with a store to an address that is not in the stack."""
        if TEXT_BASE <= address < TEXT_BASE + len(self.text):
            return "store-access-fault", "in the read-only text"
        if TEXT_BASE + TEXT_SIZE <= address < STACK_TOP:  # and not in the stack, so below it
            return "stack-overflow", f"below the stack's {STACK_SIZE} bytes"
        return "store-access-fault", "outside of memory"
