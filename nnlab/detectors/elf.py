"""elf: programs written as ELF files and read again do the same; the fields of the file; files that must be refused.

The fields are read here with `struct`, at the offsets that the gABI prints, without the table that the writer uses.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from struct import pack_into, unpack_from

import riscv
from nnlab.detectors.programs import STEP_LIMIT, same_output
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from riscv import programs
from riscv.assembler import assemble
from riscv.elf import ElfError
from riscv.elf_loader import load
from riscv.elf_writer import write
from riscv.emulator import Emulator
from riscv.image import Image
from riscv.memory import Segment

PROGRAMS = ("arrays", "strings", "hashes", "division")
#: Text, constants, a variable in .data, and zeros in .bss that end between two words.
TEXT = """
    .globl _start
first:  .word 0x13
_start: la t0, counter
    lw a0, 0(t0)
    la t1, zeros
    lbu t2, 4(t1)
    add a0, a0, t2
    sw a0, 0(t0)
    li a7, 1
    ecall
    li a7, 93
    ecall
    .rodata
    .byte 1, 2, 3
    .data
counter: .word 42
    .bss
zeros: .zero 5
end:
"""
#: What makes a file one that must be refused: a place in it, the width and the value there, and a word of why.
REFUSED: Mapping[str, tuple[int, int, int, str]] = {
    "no magic": (0, 1, 0x7E, "no ELF"),
    "64-bit": (4, 1, 2, "32-bit"),
    "big-endian": (5, 1, 2, "little-endian"),
    "relocatable": (16, 2, 1, "executable"),
    "another machine": (18, 2, 62, "RISC-V"),
    "entry between instructions": (24, 4, 0x10006, "entry"),
    "entry in no segment": (24, 4, 0x90000, "entry"),
    "entry in data": (24, 4, 0x300000, "entry"),
    "compressed": (36, 4, 1, "compressed"),
    "floating point in registers": (36, 4, 2, "floating"),
    "program headers beyond the end": (28, 4, 1 << 20, "program headers"),
    "dynamic": (52, 4, 2, "dynamically"),
    "segment beyond the end": (52 + 4, 4, 1 << 20, "ends at byte"),
    "segment over the stack": (52 + 8, 4, 0x1F0000, "overlap"),
    "more in the file than in memory": (52 + 20, 4, 4, "in memory"),
    "too much memory": (52 + 20, 4, 1 << 27, "available"),
}


def probes() -> list[Probe]:
    sources = [(name, source) for name, source in programs.load() if name in PROGRAMS]
    return [
        Probe("fields", _fields, seeded=False),
        Probe("segments", _segments, seeded=False),
        Probe("symbols", _symbols, seeded=False),
        Probe("segments beside headers", _headers_apart, seeded=False),
        Probe("odd segment", _odd_segment, seeded=False),
        *(Probe(name, partial(_refused, *change), seeded=False) for name, change in REFUSED.items()),
        Probe("cut off", _cut_off, seeded=False),
        *(Probe(name, partial(_same, name, source), seeded=False) for name, source in sources),
    ]


def _same(name: str, source: str, seed: int) -> None:
    image = riscv.compile_source(source, name).image
    loaded = load(write(image))
    require(dict(loaded.labels) == dict(image.labels), f"{name}: the loaded file has other labels")
    got = Emulator(loaded).run(STEP_LIMIT)
    same_output(name, Emulator(image).run(STEP_LIMIT), got)
    require(got.trap is None, f"{name}: {got.trap.message.splitlines()[0] if got.trap else ''}")


def _file() -> bytes:
    return write(assemble(TEXT))


def _fields(seed: int) -> None:
    file = _file()
    kind, machine, version, entry, place, sections = unpack_from("<HHIIII", file, 16)
    sizes = unpack_from("<HHH", file, 40)
    expected = (2, 243, 1, 0x10004, 52, (52, 32, 4))
    got = (kind, machine, version, entry, place, sizes)
    require(got == expected, f"type, machine, version, entry, phoff, sizes: expected {expected}, got {got}")
    require(sections % 4 == 0, f"section headers: expected a multiple of 4, got {sections}")
    require(file[:7] == b"\x7fELF\1\1\1", f"identification: got {file[:7].hex(' ')}")


def _headers(file: bytes | bytearray) -> list[tuple[int, ...]]:
    """(type, offset, vaddr, paddr, filesz, memsz, flags, align) of each segment."""
    return [unpack_from("<8I", file, 52 + 32 * index) for index in range(4)]


def _segments(seed: int) -> None:
    file = _file()
    got = [(vaddr, filesz, memsz, flags) for _, _, vaddr, _, filesz, memsz, flags, _ in _headers(file)]
    expected = [
        (0x10000, 52, 52, 5),
        (0x1BFFF0, 0, 0x40000, 6),
        (0x200000, 4, 4, 4),
        (0x300000, 4, 24, 6),
    ]
    require(got == expected, f"address, size in file, in memory, flags: expected {expected}, got {got}")
    for kind, offset, vaddr, paddr, *_, align in _headers(file):
        require((kind, paddr, align) == (1, vaddr, 4096), f"segment at {vaddr:#x}: got {kind}, {paddr:#x}, {align}")
        require((offset - vaddr) % align == 0, f"segment at {vaddr:#x}: it lies at {offset:#x}, on no page of its own")
    require(unpack_from("<I", file, _headers(file)[3][1]) == (42,), "the word at .data is not 42")


def _symbols(seed: int) -> None:
    file = _file()
    place, count = unpack_from("<I", file, 32)[0], unpack_from("<H", file, 48)[0]
    sections = [unpack_from("<10I", file, place + 40 * index) for index in range(count)]
    table = next(section for section in sections if section[1] == 2)
    strings = file[sections[table[6]][4] :]
    found = {}
    for offset in range(table[4] + 16, table[4] + table[5], 16):
        name, value, _, _, home = unpack_from("<IIIHH", file, offset)
        inside = sections[home][3] <= value <= sections[home][3] + sections[home][5]
        label = strings[name:].partition(b"\0")[0].decode()
        require(inside and home > 0, f"{label}: {value:#x} is not in its section {home}")
        found[label] = value
    expected = {"first": 0x10000, "_start": 0x10004, "counter": 0x300000, "zeros": 0x300010, "end": 0x300015}
    require(found == expected, f"symbols: expected {expected}, got {found}")


def _odd_segment(seed: int) -> None:
    """A segment that neither begins nor ends with a word, as linkers write them."""
    file = bytearray(_file())
    _, offset, vaddr, *_ = _headers(file)[3]
    pack_into("<6I", file, 52 + 3 * 32 + 4, offset + 2, vaddr + 2, vaddr + 2, 1, 9, 6)
    file[offset + 2] = 77
    loaded = load(bytes(file))
    memory = Emulator(loaded).memory
    got = [memory.load(vaddr + index, 1) for index in range(12)]
    expected = [0, 0, 77, *[0] * 9]
    require(got == expected, f"bytes from {vaddr:#x}: expected {expected}, got {got}")


def _headers_apart(seed: int) -> None:
    """Where a segment would lie on the headers, it comes a page later; the symbols begin with a word."""
    content = bytes(range(1, 6))
    segments = (Segment(0x10054, content + bytes(3), 8, executable=True), Segment(0x30000, content, 8, writable=True))
    file = write(Image(segments, 0x10054, {"here": 0x10054}))
    got = [(s.address, s.content[:5]) for s in sorted(load(file).segments)]
    expected = [(0x10054, content), (0x30000, content)]
    require(got == expected, f"segments: expected {expected}, got {got}")
    place, count = unpack_from("<I", file, 32)[0], unpack_from("<H", file, 48)[0]
    tables = [unpack_from("<10I", file, place + 40 * index) for index in range(count)]
    offsets = [table[4] for table in tables if table[1] == 2]
    require(offsets[0] % 4 == 0, f"the symbols: expected them at a word, got {offsets[0]:#x}")


def _refusal(file: bytes) -> str:
    try:
        load(file)
    except ElfError as error:
        return str(error)
    return ""


def _refused(place: int, width: int, value: int, why: str, seed: int) -> None:
    file = bytearray(_file())
    file[place : place + width] = value.to_bytes(width, "little")
    got = _refusal(bytes(file)) or "nothing"
    require(why in got, f"{value:#x} at byte {place}: expected a refusal with {why!r}, got {got}")


def _cut_off(seed: int) -> None:
    file = _file()
    ends: Sequence[int] = (10, 52, 100, len(file) // 2, len(file) - 1)
    for end in ends:
        require(bool(_refusal(file[:end])), f"a file that ends at byte {end} of {len(file)} is let pass")


DETECTOR = Detector(
    name="elf",
    summary="programs as ELF files: fields of the file, the same run after loading, refusals",
    probes=probes,
    example=Fault(
        id="example-elf",
        title="The entry of every file is 0",
        pattern="dropped-statement",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.elf_writer:file_header", "entry=entry,", "")],
    ),
)
