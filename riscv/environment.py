"""What a program may ask for from outside: output, and its end.

`ecall` has the number of the request in a7 and its arguments from a0 upwards:

     1  print a0 as a number
    11  print the byte in a0
    64  write(a0 = 1 or 2, a1 = address, a2 = length), as Linux on RISC-V does; a0 becomes the length
    93  exit(a0)
  1001  a type-error in line a0 of the source (-a0 of the runtime); 1002 an index-error, 1003 an argument-error,
        1004 the end of memory

A program with a label `tohost` ends when that word is no longer 0, as public test suites do: 1 is success, which is
exit(0), and another odd number is exit(number >> 1).
"""

from collections.abc import Callable
from typing import Final

from riscv import requests
from riscv.int32 import unsigned
from riscv.memory import Memory
from riscv.outcome import TrapError

A0: Final = 10
A1: Final = 11
A2: Final = 12
A7: Final = 17
OUTPUT_LIMIT: Final = 1 << 24  # bytes
BAD_DESCRIPTOR: Final = -9  # Linux: -EBADF


class Exit(Exception):
    """The program asked to end."""

    def __init__(self, status: int) -> None:
        self.status = status


class Environment:
    """The outside of one run: `isa.Environment`."""

    def __init__(self, x: list[int], memory: Memory, refetch: Callable[[], None], tohost: int | None) -> None:
        self.x = x
        self.memory = memory
        self.refetch = refetch
        self.tohost = tohost
        self.printed = bytearray()

    def request(self) -> None:
        """Do what the number in a7 asks for."""
        match self.x[A7]:
            case requests.PRINT_INTEGER:
                self.print(str(self.x[A0]).encode())
            case requests.PRINT_CHARACTER:
                self.print(bytes([self.x[A0] & 0xFF]))
            case requests.WRITE:
                self.x[A0] = self.write(self.x[A0], unsigned(self.x[A1]), unsigned(self.x[A2]))
            case requests.EXIT:
                raise Exit(self.x[A0])
            case number if number in requests.ERRORS:
                line = self.x[A0]
                place = f"in line {line}" if line > 0 else f"in line {-line} of the runtime"
                raise TrapError(requests.ERRORS[number], place)
            case number:
                raise TrapError("environment-call", f"unknown request {number} in a7")

    def write(self, descriptor: int, address: int, length: int) -> int:
        """Print some memory, byte by byte as a load would read it."""
        if descriptor not in (1, 2):
            return BAD_DESCRIPTOR
        if length > OUTPUT_LIMIT:
            raise TrapError("output-limit", f"write of {length} bytes, {OUTPUT_LIMIT} are allowed")
        self.print(bytes(self.memory.load(address + index, 1) for index in range(length)))
        return length

    def print(self, text: bytes) -> None:
        """Add to the output, which has a limit."""
        if len(self.printed) + len(text) > OUTPUT_LIMIT:
            raise TrapError("output-limit", f"more than {OUTPUT_LIMIT} bytes of output")
        self.printed += text

    def look_at_tohost(self) -> None:
        """End the program when it has said so in the word at `tohost`."""
        assert self.tohost is not None
        value = self.memory.load(self.tohost, 4)
        if value % 2:
            raise Exit(value >> 1)
        if value:
            raise TrapError("environment-call", f"unknown request {value} in tohost")
