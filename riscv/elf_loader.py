"""An ELF32 executable as an image: static, for RV32IM, as GNU ld, this package and others write it.

What is refused, each with an ElfError: no ELF file; not 32-bit, little-endian, executable, RISC-V; built for more
than RV32IM; dynamically linked; headers, segments or symbols that reach beyond the file; segments that overlap each
other or the stack, leave the address space or need more than MEMORY_LIMIT; an entry that is no instruction's address.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NoReturn

from riscv import elf
from riscv.elf import ElfError
from riscv.image import Image
from riscv.memory import STACK, STACK_TOP, Segment

MEMORY_LIMIT: Final = 1 << 26  # bytes
ADDRESS_SPACE: Final = 1 << 32
LONGEST_NAME: Final = 1024  # bytes of a symbol's name that count
#: Below the stack pointer at the start lie argc = 0 and the ends of argv, envp and auxv, as on Linux.
SP: Final = STACK_TOP - 16


def load(content: bytes, name: str = "<elf>") -> Image:
    """The image in a file's content."""
    return Loader(content, name).load()


class Loader:
    """The content of a file, and the name it goes by in messages."""

    def __init__(self, content: bytes, name: str) -> None:
        self.content = content
        self.name = name

    def load(self) -> Image:
        """Check everything, then take the segments and the symbols."""
        header = self.file_header()
        segments = list(self.segments(header))
        self.check_memory(segments)
        entry = header["entry"]
        if entry % 4 or not any(s.executable and s.address <= entry < s.address + s.size for s in segments):
            self.refuse(f"its entry {entry:#010x} is not the address of an instruction in an executable segment")
        segments = [segment for segment in segments if segment != STACK]
        return Image(tuple(segments), entry, self.symbols(header), SP)

    def refuse(self, why: str) -> NoReturn:
        """Say why the file cannot be loaded."""
        raise ElfError(f"{self.name}: {why}")

    def table(self, what: str, header: elf.Header, place: int, size: int, count: int) -> Iterator[dict[str, int]]:
        """The entries of a table, all of which must lie in the file."""
        if count == 0:
            return iter(())
        if size != header.size:
            self.refuse(f"its {what} have {size} bytes each, not {header.size}")
        if place + size * count > len(self.content):
            end = place + size * count
            self.refuse(f"its {what} end at byte {end}, but the file has {len(self.content)}; is it cut off?")
        return (header.unpack(self.content, place + size * index) for index in range(count))

    def file_header(self) -> Mapping[str, int]:
        """The header of the file, every field that matters checked."""
        if self.content[:4] != b"\x7fELF":
            self.refuse(
                f"this is no ELF file: it starts with {self.content[:4].hex(' ') or 'nothing'}, not 7f 45 4c 46"
            )
        (header,) = self.table("ELF headers", elf.FILE, 0, elf.FILE.size, 1)
        for field, expected, meaning in (
            ("class", elf.CLASS_32, "a 32-bit file (EI_CLASS)"),
            ("data", elf.LITTLE_ENDIAN, "little-endian (EI_DATA)"),
            ("version", elf.VERSION, "the version of ELF there is (e_version)"),
            ("machine", elf.RISCV, "for RISC-V (e_machine)"),
            ("type", elf.EXECUTABLE, "an executable (e_type); link it with -static and without -pie"),
        ):
            if header[field] != expected:
                self.refuse(f"its {field} is {header[field]}, not {expected}: it must be {meaning}")
        for flags, meaning in elf.BEYOND.items():
            if header["flags"] & flags:
                self.refuse(f"it was built for {meaning}; build it with -march=rv32im -mabi=ilp32")
        return header

    def segments(self, header: Mapping[str, int]) -> Iterator[Segment]:
        """The segments that go into memory."""
        for entry in self.table("program headers", elf.PROGRAM, header["phoff"], header["phentsize"], header["phnum"]):
            if entry["type"] in (elf.DYNAMIC, elf.INTERPRETER):
                self.refuse("it is linked dynamically; link it with -static")
            if entry["type"] == elf.LOAD and entry["memsz"]:
                yield self.segment(entry)

    def segment(self, entry: Mapping[str, int]) -> Segment:
        """One segment, in whole words."""
        address, size, memory = entry["vaddr"], entry["filesz"], entry["memsz"]
        if size > memory:
            self.refuse(f"its segment at {address:#010x} has {size} bytes in the file but {memory} in memory")
        if size and entry["offset"] + size > len(self.content):
            end = entry["offset"] + size
            self.refuse(f"its segment at {address:#010x} ends at byte {end}, but the file has {len(self.content)}")
        if address + memory > ADDRESS_SPACE:
            self.refuse(f"its segment at {address:#010x} of {memory} bytes leaves the address space")
        before = address % 4
        content = bytes(before) + self.content[entry["offset"] : entry["offset"] + size]
        whole = before + memory + -(before + memory) % 4
        flags = entry["flags"]
        return Segment(address - before, content, whole, bool(flags & elf.WRITE), bool(flags & elf.EXECUTE))

    def check_memory(self, segments: Sequence[Segment]) -> None:
        """Refuse segments that overlap or are too large."""
        total = sum(segment.size for segment in segments)
        if total > MEMORY_LIMIT:
            self.refuse(f"its segments need {total} bytes of memory, {MEMORY_LIMIT} are available")
        ordered = sorted(segments)
        for one, other in pairwise(ordered):
            if one.overlaps(other):
                self.refuse(f"its segments at {one.address:#010x} and {other.address:#010x} overlap")
        for segment in segments:
            if segment != STACK and segment.overlaps(STACK):
                self.refuse(
                    f"its segment at {segment.address:#010x} overlaps the stack at {STACK.address:#010x}; "
                    "link it elsewhere, such as with -Ttext-segment=0x400000"
                )

    def symbols(self, header: Mapping[str, int]) -> dict[str, int]:
        """The values of the symbols that have a name and a section."""
        sections = list(
            self.table("section headers", elf.SECTION, header["shoff"], header["shentsize"], header["shnum"])
        )
        found: dict[str, int] = {}
        for section in sections:
            if section["type"] == elf.SYMBOLS:
                if section["link"] >= len(sections):
                    self.refuse(f"its symbols have their names in section {section['link']}, which is not there")
                names = sections[section["link"]]
                strings = self.content[names["offset"] : names["offset"] + names["size"]]
                count = section["size"] // elf.SYMBOL.size
                for symbol in self.table("symbols", elf.SYMBOL, section["offset"], section["entsize"], count):
                    name = strings[symbol["name"] : symbol["name"] + LONGEST_NAME].partition(b"\0")[0]
                    if name and symbol["shndx"]:
                        found[name.decode(errors="replace")] = symbol["value"]
        return found
