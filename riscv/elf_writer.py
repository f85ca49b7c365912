"""An image as an ELF32 executable that other tools read and run.

The file holds, in this order: the ELF header, the program headers, the segments, the symbol table, its names, the
names of the sections, the section headers. The stack is a segment too, so that a program that sets sp to it runs on
machines that have their own. A segment's place in the file is congruent to its address modulo the page size, since
loaders map whole pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from riscv import elf
from riscv.image import Image
from riscv.memory import STACK, Segment

PAGE: Final = 0x1000
NAMES: Final = ".shstrtab"  # the section of the names of all sections


@dataclass(frozen=True)
class Section:
    """A section header in the making."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int = 0
    info: int = 0
    entry_size: int = 0


def write(image: Image) -> bytes:
    """The bytes of the file."""
    segments = [filled(segment) for segment in sorted([*image.segments, STACK])]  # the gABI wants ascending addresses
    content = bytearray(elf.FILE.size + elf.PROGRAM.size * len(segments))
    headers = b""
    sections = [Section("", 0, 0, 0, 0, 0)]
    for segment in segments:
        offset = segment.address % PAGE
        if segment.content:
            content += bytes((segment.address - len(content)) % PAGE)
            offset = len(content)
            content += segment.content
        headers += program_header(segment, offset)
        sections += sections_of(segment, offset)
    content[elf.FILE.size : elf.FILE.size + len(headers)] = headers
    content += bytes(-len(content) % 4)
    add_symbols(content, sections, image)
    return finish(content, sections, image, len(segments))


def filled(segment: Segment) -> Segment:
    """A read-only segment with all its content: loaders write the zeros that a file leaves out."""
    return segment if segment.writable else segment._replace(content=segment.content.ljust(segment.size, b"\0"))


def program_header(segment: Segment, offset: int) -> bytes:
    """Where a segment lies in the file and in memory, and what may be done with it."""
    flags = elf.READ | elf.WRITE * segment.writable | elf.EXECUTE * segment.executable
    return elf.PROGRAM.pack(
        type=elf.LOAD,
        offset=offset,
        vaddr=segment.address,
        paddr=segment.address,
        filesz=len(segment.content),
        memsz=segment.size,
        flags=flags,
        align=PAGE,
    )


def sections_of(segment: Segment, offset: int) -> list[Section]:
    """A section for the content of a segment, and one for the zeros behind it."""
    flags = elf.SECTION_ALLOCATE
    flags |= elf.SECTION_WRITE * segment.writable | elf.SECTION_EXECUTE * segment.executable
    name = ".text" if segment.executable else ".data" if segment.writable else ".rodata"
    rest = ".stack" if segment is STACK else ".bss"
    length = len(segment.content)
    found = []
    if length:
        found.append(Section(name, elf.PROGBITS, flags, segment.address, offset, length))
    if segment.size > length:
        address, place = segment.address + length, offset + length
        found.append(Section(rest, elf.NO_BITS, flags, address, place, segment.size - length))
    return found


def add_symbols(content: bytearray, sections: list[Section], image: Image) -> None:
    """The labels, all global, and the strings that name them and the sections."""
    names = bytearray(1)
    symbols = bytearray(elf.SYMBOL.size)
    for label, address in image.labels.items():
        home = next((i for i, s in enumerate(sections) if s.kind and s.address <= address <= s.address + s.size), 0)
        symbols += elf.SYMBOL.pack(name=len(names), value=address, info=elf.GLOBAL, shndx=home)
        names += label.encode() + b"\0"
    link = len(sections) + 1
    offset = len(content)
    sections.append(Section(".symtab", elf.SYMBOLS, 0, 0, offset, len(symbols), link, 1, elf.SYMBOL.size))
    sections.append(Section(".strtab", elf.STRINGS, 0, 0, offset + len(symbols), len(names)))
    content += symbols + names


def finish(content: bytearray, sections: Sequence[Section], image: Image, segments: int) -> bytes:
    """The names of the sections, their headers, and the header of the file, which knows where they are."""
    names = b"".join(name.encode() + b"\0" for name in [*(section.name for section in sections), NAMES])
    every = [*sections, Section(NAMES, elf.STRINGS, 0, 0, len(content), len(names))]
    content += names
    content += bytes(-len(content) % 4)
    start = len(content)
    place = 0
    for section in every:
        content += elf.SECTION.pack(
            name=place,
            type=section.kind,
            flags=section.flags,
            addr=section.address,
            offset=section.offset,
            size=section.size,
            link=section.link,
            info=section.info,
            addralign=4 if section.kind else 0,
            entsize=section.entry_size,
        )
        place += len(section.name) + 1
    content[: elf.FILE.size] = file_header(image.entry, segments, start, len(every))
    return bytes(content)


def file_header(entry: int, segments: int, start: int, sections: int) -> bytes:
    """What the file is, and where its tables are; the names of the sections are the last section."""
    return elf.FILE.pack(
        magic=elf.MAGIC,
        **{"class": elf.CLASS_32},
        data=elf.LITTLE_ENDIAN,
        ident_version=elf.VERSION,
        type=elf.EXECUTABLE,
        machine=elf.RISCV,
        version=elf.VERSION,
        entry=entry,
        phoff=elf.FILE.size,
        shoff=start,
        ehsize=elf.FILE.size,
        phentsize=elf.PROGRAM.size,
        phnum=segments,
        shentsize=elf.SECTION.size,
        shnum=sections,
        shstrndx=sections - 1,
    )
