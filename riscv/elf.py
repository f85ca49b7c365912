"""The layout of ELF32 executables, little-endian (System V gABI, "Object Files"; RISC-V psABI, "ELF Object Files").

Each header is a list of fields with their widths in bytes; `Header` packs and unpacks them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from riscv.errors import RiscvError


class ElfError(RiscvError):
    """A file that is no executable for this machine."""


class Header:
    """Fields one behind another."""

    def __init__(self, *fields: tuple[str, int]) -> None:
        self.fields: Sequence[tuple[str, int]] = fields
        self.size = sum(width for _, width in fields)

    def pack(self, **values: int) -> bytes:
        """The bytes; what is not named is 0."""
        return b"".join(values.get(name, 0).to_bytes(width, "little") for name, width in self.fields)

    def unpack(self, content: bytes, place: int) -> dict[str, int]:
        """The values of the fields from a place on, where the content must suffice."""
        values = {}
        for name, width in self.fields:
            values[name] = int.from_bytes(content[place : place + width], "little")
            place += width
        return values


# fmt: off
FILE: Final = Header(
    ("magic", 4), ("class", 1), ("data", 1), ("ident_version", 1), ("os", 1), ("padding", 8),
    ("type", 2), ("machine", 2), ("version", 4), ("entry", 4), ("phoff", 4), ("shoff", 4), ("flags", 4),
    ("ehsize", 2), ("phentsize", 2), ("phnum", 2), ("shentsize", 2), ("shnum", 2), ("shstrndx", 2),
)
PROGRAM: Final = Header(
    ("type", 4), ("offset", 4), ("vaddr", 4), ("paddr", 4), ("filesz", 4), ("memsz", 4), ("flags", 4), ("align", 4),
)
SECTION: Final = Header(
    ("name", 4), ("type", 4), ("flags", 4), ("addr", 4), ("offset", 4), ("size", 4), ("link", 4), ("info", 4),
    ("addralign", 4), ("entsize", 4),
)
SYMBOL: Final = Header(("name", 4), ("value", 4), ("size", 4), ("info", 1), ("other", 1), ("shndx", 2))
# fmt: on

MAGIC: Final = int.from_bytes(b"\x7fELF", "little")
CLASS_32: Final = 1
LITTLE_ENDIAN: Final = 1
VERSION: Final = 1
EXECUTABLE: Final = 2  # ET_EXEC
RISCV: Final = 243  # EM_RISCV

LOAD: Final = 1  # PT_LOAD
DYNAMIC: Final = 2
INTERPRETER: Final = 3
EXECUTE, WRITE, READ = 1, 2, 4  # p_flags

PROGBITS: Final = 1
SYMBOLS: Final = 2
STRINGS: Final = 3
NO_BITS: Final = 8
SECTION_WRITE, SECTION_ALLOCATE, SECTION_EXECUTE = 1, 2, 4
GLOBAL: Final = 1 << 4  # st_info: STB_GLOBAL, STT_NOTYPE

#: e_flags that ask for more than RV32IM has.
BEYOND: Final[Mapping[int, str]] = {
    0x1: "compressed instructions (RVC)",
    0x6: "floating-point registers",
    0x8: "the reduced register file of RV32E",
}
