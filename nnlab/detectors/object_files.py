"""ELF files against the System V gABI: every field of one that is written, loaded files, and what must be refused.

The layouts are struct's format strings here, not the tables of `riscv.elf`. The detector `isa` checks them.
"""

import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

from nnlab.detectors.subjects import require
from riscv import elf_loader, elf_writer
from riscv.assembler import assemble
from riscv.elf import ElfError, Header
from riscv.image import Image
from riscv.memory import STACK_BOTTOM, STACK_TOP

_FILE, _PROGRAM, _SECTION, _SYMBOL = (
    struct.Struct(f"<{fields}") for fields in ("4sBBB9xHHIIIIIHHHHHH", "8I", "10I", "IIIBBH")
)
_SOURCE = """
first: nop
_start: la t0, count
    ecall
end:
.rodata
text: .word 0x01020304
.data
count: .word 40, 41
.bss
zeros: .space 9
"""


def _image() -> Image:
    return assemble(_SOURCE)


def _same(what: str, got: object, expected: object) -> None:
    require(got == expected, f"{what}: expected {expected}, got {got}")


def _text(content: bytes, place: int) -> str:
    return content[place : content.index(b"\0", place)].decode()


def _is_written(seed: int) -> None:
    """Headers, segments, sections and symbols, field by field."""
    _same("a header of one and two bytes", Header(("a", 1), ("b", 2)).pack(a=1, b=2), b"\1\2\0")
    image = _image()
    content = elf_writer.write(image)
    magic, *header = _FILE.unpack_from(content)
    start, names_at = header[8], header[-1]
    _same("place of the section headers in their word", start % 4, 0)
    count = len(image.segments) + 1  # the stack
    sections = [_SECTION.unpack_from(content, start + 40 * index) for index in range(header[-2])]
    _same("e_ident", (magic, *header[:3]), (b"\x7fELF", 1, 1, 1))
    tables = [0, 52, 32, count, 40, len(sections), len(sections) - 1]
    _same("ELF header", header[3:8] + header[9:], [2, 243, 1, image.entry, 52, *tables])
    _segments(content, image, count)
    named = {_text(content, sections[names_at][4] + section[0]): section for section in sections}
    _sections(content, image, named)
    _symbols(content, image, sections, named)


def _segments(content: bytes, image: Image, count: int) -> None:
    """Ascending, whole where they cannot be written, at a place congruent to their address, behind the headers."""
    found = [_PROGRAM.unpack_from(content, 52 + 32 * index) for index in range(count)]
    wanted = sorted(image.segments)
    _same("addresses of segments", [row[2] for row in found], sorted([STACK_BOTTOM, *(s.address for s in wanted)]))
    rows = {row[2]: row for row in found}
    for segment in wanted:
        row = rows[segment.address]
        filled = segment.content if segment.writable else segment.content.ljust(segment.size, b"\0")
        flags = 4 | 2 * segment.writable | segment.executable
        expected = (1, row[1], segment.address, segment.address, len(filled), segment.size, flags, 4096)
        _same(f"program header of {segment.address:#x}", row, expected)
        _same(f"place of {segment.address:#x} in its page", row[1] % 4096, segment.address % 4096)
        if filled:
            _same(f"content of {segment.address:#x}", content[row[1] : row[1] + len(filled)], filled)
            require(row[1] >= 52 + 32 * count, f"segment of {segment.address:#x}: expected it behind the headers")
    size = STACK_TOP - STACK_BOTTOM
    _same("program header of the stack", rows[STACK_BOTTOM][2:], (STACK_BOTTOM, STACK_BOTTOM, 0, size, 6, 4096))


def _sections(content: bytes, image: Image, named: dict[str, tuple[int, ...]]) -> None:
    """Those of memory with their addresses, and the tables behind them, one behind another and aligned to words."""
    text, rodata, data = (next(s for s in image.segments if test(s)) for test in _KINDS)
    length = len(data.content)
    memory = {
        ".text": (1, 6, text.address, len(text.content)),
        ".rodata": (1, 2, rodata.address, rodata.size),
        ".data": (1, 3, data.address, length),
        ".bss": (8, 3, data.address + length, data.size - length),
        ".stack": (8, 3, STACK_BOTTOM, STACK_TOP - STACK_BOTTOM),
    }
    _same("sections", sorted(named), sorted(["", *memory, ".symtab", ".strtab", ".shstrtab"]))
    _same("section 0", named[""], (0,) * 10)
    for name, (kind, flags, address, size) in memory.items():
        row = named[name]
        _same(f"section {name}", (*row[1:4], *row[5:]), (kind, flags, address, size, 0, 0, 4, 0))
    for name, segment in ((".text", text), (".rodata", rodata), (".data", data)):
        place, size = named[name][4], named[name][5]
        _same(f"content of {name}", content[place : place + size], segment.content.ljust(size, b"\0"))
    _same(".bss in the file", named[".bss"][4], named[".data"][4] + length)
    names = list(named)
    link = names.index(".strtab")
    _same(".symtab", (named[".symtab"][1], *named[".symtab"][6:]), (2, link, 1, 4, 16))
    for name in (".strtab", ".shstrtab"):
        _same(name, (named[name][1], *named[name][6:]), (3, 0, 0, 4, 0))
    ends = sorted((row[4], row[4] + row[5]) for name, row in named.items() if name and row[1] != 8)
    for one, other in pairwise(ends):
        require(one[1] <= other[0], f"sections in the file: expected no overlap, got {one} and {other}")
    for name in (".symtab", ".shstrtab"):
        require(named[name][4] + named[name][5] <= len(content), f"{name}: expected it inside the file")
    _same("place of the symbols in their word", named[".symtab"][4] % 4, 0)


def _symbols(content: bytes, image: Image, sections: list[tuple[int, ...]], named: dict[str, tuple[int, ...]]) -> None:
    """Every label once, global, in the section that holds its address; the first symbol is empty."""
    table, strings = named[".symtab"], named[".strtab"][4]
    found = [_SYMBOL.unpack_from(content, table[4] + place) for place in range(0, table[5], 16)]
    _same("symbol 0", found[0], (0,) * 6)
    _same("first byte of the names", content[strings], 0)
    got = {_text(content, strings + row[0]): row[1:] for row in found[1:]}
    homes = {"first": ".text", "_start": ".text", "text": ".rodata", "count": ".data", "zeros": ".bss", "end": ".text"}
    index = {name: i for i, name in enumerate(named)}
    expected = {label: (image.labels[label], 0, 16, 0, index[home]) for label, home in homes.items()}
    _same("symbols", {label: got.get(label) for label in homes}, expected)
    _same("labels", sorted(got), sorted(image.labels))


_KINDS: tuple[Callable[..., bool], ...] = (
    lambda s: s.executable,
    lambda s: not (s.executable or s.writable),
    lambda s: s.writable,
)


def _is_read_back(seed: int) -> None:
    """What is written is loaded as it was, read-only segments filled up; sp is 16 below the stack's top."""
    image = _image()
    got = elf_loader.load(elf_writer.write(image))
    wanted = sorted(s if s.writable else s._replace(content=s.content.ljust(s.size, b"\0")) for s in image.segments)
    _same("segments", sorted(got.segments), wanted)
    _same("entry", got.entry, image.entry)
    _same("labels", dict(got.labels), dict(image.labels))
    _same("sp", got.sp, STACK_TOP - 16)
    twice = elf_writer.write(replace(got, labels=image.labels))
    _same("the file written anew", twice == elf_writer.write(image), True)


def _made(
    *programs: tuple[int, ...],
    entry: int = 0x1000,
    size: int = 256,
    tail: bytes = b"",
    shoff: int = 0,
    sections: int = 0,
) -> bytes:
    """A file of these program headers (type, offset, address, bytes in the file and in memory, flags)."""
    head = _FILE.pack(b"\x7fELF", 1, 1, 1, 2, 243, 1, entry, 52, shoff, 0, 52, 32, len(programs), 40, sections, 0)
    body = b"".join(_PROGRAM.pack(k, o, a, a, f, m, flags, 4096) for k, o, a, f, m, flags in programs)
    content = (head + body).ljust(size, b"\0")[:size]
    return content + tail


_CODE = (1, 128, 0x1000, 8, 8, 5)


def _is_loaded(seed: int) -> None:
    """Segments begin and end at whole words, what has no memory is passed over, and so is the stack."""
    stack = (1, 0, STACK_BOTTOM, 0, STACK_TOP - STACK_BOTTOM, 6)
    image = elf_loader.load(_made(_CODE, (1, 130, 0x2002, 3, 5, 6), (1, 0, 0x3000, 0, 0, 4), (4, 0, 0, 9, 9, 4), stack))
    rows = [(s.address, len(s.content), s.size, s.writable, s.executable) for s in image.segments]
    _same("segments", rows, [(0x1000, 8, 8, False, True), (0x2000, 5, 8, True, False)])
    at_end = elf_loader.load(_made(_CODE, (1, 248, 2**32 - 8, 8, 8, 4), entry=0x1004))
    _same("entry and end of the address space", (at_end.entry, at_end.segments[1].size), (0x1004, 8))
    _same("segments of a file without sections", len(elf_loader.load(_changed(46, 0, 2)).segments), 1)
    names = b"\0a\0" + b"b" * 1030 + b"\0"
    symbols = b"".join(
        _SYMBOL.pack(*row)
        for row in ((1, 7, 0, 16, 0, 1), (3, 9, 0, 16, 0, 1), (1, 5, 0, 16, 0, 0), (0, 4, 0, 16, 0, 1))
    )
    tables = _SECTION.pack(0, 2, 0, 0, 336, 64, 1, 1, 4, 16) + _SECTION.pack(0, 3, 0, 0, 400, len(names), 0, 0, 1, 0)
    named = elf_loader.load(_made(_CODE, tail=tables + symbols + names, shoff=256, sections=2))
    _same("symbols", dict(named.labels), {"a": 7, "b" * 1024: 9})
    row = _SYMBOL.pack(1, 7, 0, 16, 0, 1)
    tables = _SECTION.pack(0, 2, 0, 0, 336, 16, 1, 1, 4, 16) + _SECTION.pack(0, 3, 0, 0, 352, 3, 0, 0, 1, 0)
    cut = elf_loader.load(_made(_CODE, tail=tables + row + b"\0cde", shoff=256, sections=2))
    _same("a name that ends with its section", dict(cut.labels), {"cd": 7})


def _changed(place: int, value: int, width: int = 1) -> bytes:
    content = bytearray(_made(_CODE))
    content[place : place + width] = value.to_bytes(width, "little")
    return bytes(content)


#: What cannot be loaded, and a word of why.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "no ELF"),
    "another magic": (lambda: _changed(3, 0x47), "no ELF"),
    "half a header": (lambda: _made(_CODE)[:40], "cut off"),
    "64 bits": (lambda: _changed(4, 2), "32-bit"),
    "big-endian": (lambda: _changed(5, 2), "little-endian"),
    "a shared object": (lambda: _changed(16, 3), "executable"),
    "another machine": (lambda: _changed(18, 62), "RISC-V"),
    "another version": (lambda: _changed(20, 2), "version"),
    "compressed instructions": (lambda: _changed(36, 1), "compressed"),
    "floating point": (lambda: _changed(36, 4), "floating"),
    "RV32E": (lambda: _changed(36, 8), "reduced"),
    "program headers of another size": (lambda: _changed(42, 56), "program headers"),
    "program headers behind the end": (lambda: _changed(28, 225, 4), "end at byte 257, but the file has 256"),
    "two program headers behind the end": (
        lambda: _made(_CODE, _CODE)[:28] + b"\xf0\0\0\0" + _made(_CODE, _CODE)[32:],
        "end at byte 304, but the file has 256",
    ),
    "section headers of another size": (
        lambda: _changed(48, 1)[:46] + b"\x40\0\1\0" + _changed(48, 1)[50:],
        "section headers",
    ),
    "an interpreter": (lambda: _made(_CODE, (3, 128, 0x2000, 8, 8, 4)), "dynamically"),
    "a dynamic table": (lambda: _made(_CODE, (2, 128, 0x2000, 8, 8, 4)), "dynamically"),
    "more in the file than in memory": (lambda: _made((1, 128, 0x1000, 9, 8, 5)), "in memory"),
    "a segment behind the end": (lambda: _made((1, 249, 0x1000, 8, 8, 5)), "ends at byte 257, but the file has 256"),
    "a segment out of the address space": (lambda: _made(_CODE, (1, 128, 2**32 - 4, 8, 8, 4)), "address space"),
    "overlapping segments": (lambda: _made((1, 128, 0x2000, 8, 8, 4), (1, 128, 0x1FFC, 8, 8, 4), _CODE), "overlap"),
    "a segment in the stack": (lambda: _made(_CODE, (1, 128, STACK_TOP - 8, 4, 4, 6)), "stack"),
    "too much memory": (lambda: _made(_CODE, (1, 0, 0x2000, 0, (1 << 26) - 4, 6)), "available"),
    "an odd entry": (lambda: _made(_CODE, entry=0x1002), "entry"),
    "an entry before the text": (lambda: _made(_CODE, entry=0xFFC), "entry"),
    "an entry behind the text": (lambda: _made(_CODE, entry=0x1008), "entry"),
    "an entry in data": (lambda: _made((1, 128, 0x1000, 8, 8, 6)), "entry"),
    "names that are not there": (
        lambda: _made(_CODE, tail=_SECTION.pack(0, 2, 0, 0, 0, 16, 1, 1, 4, 16), shoff=256, sections=1),
        "section 1",
    ),
}


def _is_refused(make: Callable[[], bytes], why: str, seed: int) -> None:
    try:
        elf_loader.load(make(), "file.elf")
    except ElfError as refusal:
        require(why in str(refusal), f"refusal: expected a word of {why!r}, got {refusal}")
        return
    require(False, f"expected it to be refused for {why!r}, but it was loaded")


OBJECT_FILES: dict[str, Callable[[int], None]] = {
    "ELF as written": _is_written,
    "ELF read back": _is_read_back,
    "ELF as loaded": _is_loaded,
    **{f"ELF refused: {name}": partial(_is_refused, *row) for name, row in REFUSED.items()},
}
