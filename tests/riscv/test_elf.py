"""ELF files: every field that tools read, what is refused, and files that other tools made or take."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from riscv import elf, elf_loader, elf_writer
from riscv.assembler import assemble
from riscv.elf import ElfError
from riscv.emulator import Emulator
from riscv.image import Image, bare
from riscv.memory import DATA_BASE, RODATA_BASE, STACK, STACK_BOTTOM, STACK_TOP, TEXT_BASE, Segment

RECORDED = Path(__file__).parent / "recorded"
SOURCE = """
first: nop
_start: la t0, count
    lw a0, 0(t0)
    la t0, text
    lw a1, 0(t0)
    add a0, a0, a1
    la t0, zeros
    sw a0, 0(t0)
    lw a0, 0(t0)
    li a7, 93
    ecall
.rodata
text: .word 2
.data
count: .word 40
.bss
zeros: .space 9
"""
IMAGE = assemble(SOURCE)
FILE = elf_writer.write(IMAGE)


def header(content=None):
    """The header of a file, else of the image written anew."""
    return elf.FILE.unpack(content or elf_writer.write(IMAGE), 0)


def programs(content=None):
    """The program headers of a file, else of the image written anew."""
    content = content or elf_writer.write(IMAGE)
    return [elf.PROGRAM.unpack(content, 52 + 32 * index) for index in range(header(content)["phnum"])]


def sections(content=None):
    """The section headers of a file, else of the image written anew, by name."""
    content = content or elf_writer.write(IMAGE)
    start, count = header(content)["shoff"], header(content)["shnum"]
    found = [elf.SECTION.unpack(content, start + 40 * index) for index in range(count)]
    names = content[found[-1]["offset"] :]
    return [(names[s["name"] :].partition(b"\0")[0].decode(), s) for s in found]


def patched(content=FILE, part=elf.FILE, place=0, **values):
    """The file with other values in some fields of a header."""
    fields = {**part.unpack(content, place), **values}
    return content[:place] + part.pack(**fields) + content[place + part.size :]


def test_the_first_bytes_are_those_of_the_specification():
    assert elf_writer.write(IMAGE) == FILE
    assert FILE[:24] == bytes.fromhex("7f454c46 01 01 01 00 0000000000000000 0200 f300 01000000")
    assert FILE[24:28] == (TEXT_BASE + 4).to_bytes(4, "little")
    assert (elf.FILE.size, elf.PROGRAM.size, elf.SECTION.size, elf.SYMBOL.size) == (52, 32, 40, 16)
    expected = {"phoff": 52, "ehsize": 52, "phentsize": 32, "shentsize": 40, "flags": 0, "phnum": 4, "shstrndx": 8}
    assert expected.items() <= header().items()
    assert header()["shoff"] % 4 == 0
    assert len(FILE) == header()["shoff"] + 40 * header()["shnum"]


def test_each_segment_has_its_place_and_rights():
    listed = [(p["vaddr"], p["paddr"], p["filesz"], p["memsz"], p["flags"]) for p in programs()]
    assert listed == [
        (TEXT_BASE, TEXT_BASE, 56, 56, 5),
        (STACK_BOTTOM, STACK_BOTTOM, 0, 0x40000, 6),
        (RODATA_BASE, RODATA_BASE, 4, 4, 4),
        (DATA_BASE, DATA_BASE, 4, 28, 6),
    ]
    for entry in programs():
        assert (entry["type"], entry["align"]) == (1, 4096)
        assert entry["offset"] % 4096 == entry["vaddr"] % 4096
        assert entry["offset"] + entry["filesz"] <= len(FILE)
    assert FILE[programs()[2]["offset"] :][:4] == b"\2\0\0\0"


def test_each_section_lies_in_its_segment():
    listed = [(name, s["type"], s["flags"], s["addr"], s["size"], s["addralign"]) for name, s in sections()]
    assert listed == [
        ("", 0, 0, 0, 0, 0),
        (".text", 1, 6, TEXT_BASE, 56, 4),
        (".stack", 8, 3, STACK_BOTTOM, 0x40000, 4),
        (".rodata", 1, 2, RODATA_BASE, 4, 4),
        (".data", 1, 3, DATA_BASE, 4, 4),
        (".bss", 8, 3, DATA_BASE + 4, 24, 4),
        (".symtab", 2, 0, 0, 16 * 6, 4),
        (".strtab", 3, 0, 0, len("\0first\0_start\0text\0count\0zeros\0"), 4),
        (".shstrtab", 3, 0, 0, sum(len(name) + 1 for name, _ in sections()), 4),
    ]
    offsets = {name: s["offset"] for name, s in sections()}
    assert [offsets[name] for name in (".text", ".rodata", ".data")] == [programs()[k]["offset"] for k in (0, 2, 3)]
    assert offsets[".bss"] == offsets[".data"] + 4
    assert offsets[".stack"] == 0xFF0
    assert set(sections()[0][1].values()) == {0}
    symbols = dict(sections())[".symtab"]
    assert (symbols["link"], symbols["info"], symbols["entsize"]) == (7, 1, 16)
    assert all(s["entsize"] == s["link"] == s["info"] == 0 for name, s in sections() if name != ".symtab")


def test_labels_become_global_symbols_of_their_sections():
    content = elf_writer.write(IMAGE)
    start = dict(sections(content))[".symtab"]["offset"]
    names = content[dict(sections(content))[".strtab"]["offset"] :]
    symbols = [elf.SYMBOL.unpack(content, start + 16 * index) for index in range(6)]
    assert set(symbols[0].values()) == {0}
    assert [names[s["name"] :].partition(b"\0")[0].decode() for s in symbols[1:]] == list(IMAGE.labels)
    assert [s["value"] for s in symbols[1:]] == list(IMAGE.labels.values())
    assert [s["shndx"] for s in symbols[1:]] == [1, 1, 3, 4, 5]
    assert {(s["info"], s["size"], s["other"]) for s in symbols[1:]} == {(16, 0, 0)}


def test_what_is_written_is_read_again():
    loaded = elf_loader.load(elf_writer.write(IMAGE))
    assert loaded == replace(IMAGE, sp=STACK_TOP - 16)
    assert Emulator(loaded).run(20).status == 42
    assert elf_loader.load(elf_writer.write(loaded)) == loaded


def test_a_program_without_instructions_labels_or_data_is_written_too():
    content = elf_writer.write(bare([0x73]))
    assert elf_loader.load(content).words == (0x73,)
    assert [name for name, _ in sections(content)] == ["", ".text", ".stack", ".symtab", ".strtab", ".shstrtab"]


def test_read_only_zeros_are_in_the_file():
    image = Image((Segment(TEXT_BASE, b"\x73\0\0\0\1", 12, executable=True), Segment(RODATA_BASE, b"", 4)))
    content = elf_writer.write(image)
    assert [p["filesz"] for p in programs(content)] == [12, 0, 4]
    assert content[programs(content)[0]["offset"] :][:12] == b"\x73\0\0\0\1" + bytes(7)
    assert content[programs(content)[2]["offset"] :][:4] == bytes(4)


def test_a_file_of_gnu_ld_runs():
    image = elf_loader.load((RECORDED / "linked.elf").read_bytes())
    outcome = Emulator(image).run(100)
    assert (outcome.output, outcome.status, outcome.trap) == (("ld says hello",), 7, None)
    assert image.labels["_start"] == image.entry
    assert {"zeros", "length", "text", "end"} < set(image.labels)
    assert [segment.writable for segment in image.segments] == [False, True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is no ELF file: it starts with nothing, not 7f 45 4c 46"),
        (b"\x7fELG" + FILE[4:], "this is no ELF file: it starts with 7f 45 4c 47, not 7f 45 4c 46"),
        (FILE[:51], "its ELF headers end at byte 52, but the file has 51; is it cut off?"),
        (patched(**{"class": 2}), "its class is 2, not 1: it must be a 32-bit file (EI_CLASS)"),
        (patched(data=2), "its data is 2, not 1: it must be little-endian (EI_DATA)"),
        (patched(version=2), "its version is 2, not 1: it must be the version of ELF there is (e_version)"),
        (patched(machine=62), "its machine is 62, not 243: it must be for RISC-V (e_machine)"),
        (
            patched(type=3),
            "its type is 3, not 2: it must be an executable (e_type); link it with -static and without -pie",
        ),
        (
            patched(flags=1),
            "it was built for compressed instructions (RVC); build it with -march=rv32im -mabi=ilp32",
        ),
        (patched(flags=4), "it was built for floating-point registers; build it with -march=rv32im -mabi=ilp32"),
        (
            patched(flags=8),
            "it was built for the reduced register file of RV32E; build it with -march=rv32im -mabi=ilp32",
        ),
        (patched(phentsize=31), "its program headers have 31 bytes each, not 32"),
        (
            patched(phoff=len(FILE) - 127),
            f"its program headers end at byte {len(FILE) + 1}, but the file has {len(FILE)}; is it cut off?",
        ),
        (patched(shentsize=64), "its section headers have 64 bytes each, not 40"),
        (
            patched(shnum=10),
            f"its section headers end at byte {len(FILE) + 40}, but the file has {len(FILE)}; is it cut off?",
        ),
        (patched(entry=TEXT_BASE + 2), "its entry 0x00010002 is not the address of an instruction"),
        (patched(entry=TEXT_BASE + 56), "its entry 0x00010038 is not the address of an instruction"),
        (patched(entry=TEXT_BASE - 4), "its entry 0x0000fffc is not the address of an instruction"),
        (patched(entry=DATA_BASE), "its entry 0x00300000 is not the address of an instruction"),
        (patched(part=elf.PROGRAM, place=52, type=2), "it is linked dynamically; link it with -static"),
        (patched(part=elf.PROGRAM, place=52, type=3), "it is linked dynamically; link it with -static"),
        (
            patched(part=elf.PROGRAM, place=52, memsz=55),
            "its segment at 0x00010000 has 56 bytes in the file but 55 in memory",
        ),
        (
            patched(part=elf.PROGRAM, place=52, offset=len(FILE) - 55),
            f"its segment at 0x00010000 ends at byte {len(FILE) + 1}, but the file has {len(FILE)}",
        ),
        (
            patched(part=elf.PROGRAM, place=148, vaddr=0xFFFFFFE8),
            "its segment at 0xffffffe8 of 28 bytes leaves the address space",
        ),
        (
            patched(part=elf.PROGRAM, place=148, memsz=2**26),
            f"its segments need {2**26 + 60 + 2**18} bytes of memory, 67108864 are available",
        ),
        (
            patched(part=elf.PROGRAM, place=148, vaddr=RODATA_BASE + 3),
            "its segments at 0x00200000 and 0x00200000 overlap",
        ),
        (
            patched(part=elf.PROGRAM, place=148, vaddr=STACK_TOP - 4),
            "its segments at 0x001bfff0 and 0x001fffec overlap",
        ),
        (
            patched(part=elf.PROGRAM, place=84, memsz=0x40004),
            "its segment at 0x001bfff0 overlaps the stack at 0x001bfff0; link it elsewhere, "
            "such as with -Ttext-segment=0x400000",
        ),
        (
            patched(part=elf.SECTION, place=header()["shoff"] + 240, link=9),
            "its symbols have their names in section 9, which is not there",
        ),
        (
            patched(part=elf.SECTION, place=header()["shoff"] + 240, entsize=15),
            "its symbols have 15 bytes each, not 16",
        ),
        (
            patched(part=elf.SECTION, place=header()["shoff"] + 240, offset=len(FILE) - 95),
            f"its symbols end at byte {len(FILE) + 1}, but the file has {len(FILE)}; is it cut off?",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_file_is_refused_with_the_reason(content, message):
    with pytest.raises(ElfError) as error:
        elf_loader.load(content, "a.elf")
    assert str(error.value).startswith(f"a.elf: {message}")


@pytest.mark.parametrize(
    "content",
    [
        patched(part=elf.PROGRAM, place=148, vaddr=0xFFFFFFE4),
        patched(part=elf.PROGRAM, place=148, memsz=2**26 - 2**18 - 60),
        patched(part=elf.PROGRAM, place=148, vaddr=STACK_TOP, memsz=16),
        patched(part=elf.PROGRAM, place=84, type=0x6474E551),  # PT_GNU_STACK
        patched(part=elf.PROGRAM, place=84, memsz=0),
        patched(phentsize=32, shnum=0, shentsize=0),
        patched(entry=TEXT_BASE + 52),
        FILE + b"more",
    ],
    ids=range(8),
)
def test_what_is_only_unusual_is_accepted(content):
    assert elf_loader.load(content).segments[0] == IMAGE.segments[0]


def test_a_segment_is_rounded_to_whole_words():
    for size in (5, 6, 7):
        content = patched(part=elf.PROGRAM, place=148, vaddr=DATA_BASE + 5, memsz=size)
        assert elf_loader.load(content).segments[2] == Segment(DATA_BASE + 4, b"\0\x28\0\0\0", 8, writable=True)


def test_symbols_without_a_name_or_a_section_are_left_out():
    place = dict(sections())[".symtab"]["offset"] + 16
    assert "first" not in elf_loader.load(patched(part=elf.SYMBOL, place=place, name=0)).labels
    assert "first" not in elf_loader.load(patched(part=elf.SYMBOL, place=place, shndx=0)).labels
    assert elf_loader.load(patched(part=elf.SYMBOL, place=place, name=3)).labels["rst"] == TEXT_BASE


def test_a_name_in_other_bytes_than_utf_8_and_a_long_one_are_no_problem():
    labels = {"a\u00e9": TEXT_BASE, "b" * 2000: TEXT_BASE}
    content = elf_writer.write(replace(IMAGE, labels=labels))
    assert list(elf_loader.load(content).labels) == ["a\u00e9", "b" * 1024]
    broken = content.replace("a\u00e9".encode(), b"a\xff\xff")
    assert list(elf_loader.load(broken).labels) == ["a\ufffd\ufffd", "b" * 1024]


@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is not installed")
def test_readelf_accepts_the_file(tmp_path):
    (tmp_path / "a.elf").write_bytes(FILE)
    done = subprocess.run(["readelf", "-aW", str(tmp_path / "a.elf")], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Entry point address:               0x10004" in done.stdout
    assert "LOAD           0x003000 0x00300000 0x00300000 0x00004 0x0001c RW  0x1000" in done.stdout
    assert "zeros" in done.stdout


@pytest.mark.skipif(shutil.which("qemu-riscv32") is None, reason="qemu-riscv32 is not installed")
def test_qemu_runs_the_file(tmp_path):
    path = tmp_path / "a.elf"
    path.write_bytes(FILE)
    path.chmod(0o755)
    # By default qemu reserves 4 GiB of addresses, more than mutation testing allows.
    assert subprocess.run(["qemu-riscv32", "-R", "0x10000000", str(path)]).returncode == 42


def test_the_stack_of_a_file_is_that_of_the_machine():
    assert STACK not in elf_loader.load(FILE).segments
    assert elf_loader.load(FILE).sp == STACK_TOP - 16


def test_a_header_knows_its_fields_and_their_widths():
    some = elf.Header(("a", 1), ("b", 2), ("c", 4))
    assert some.size == 7
    assert some.pack(b=0x1234, c=5) == b"\0\x34\x12\5\0\0\0"
    assert some.unpack(b"xx" + some.pack(a=1, b=2, c=3), 2) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(OverflowError):
        some.pack(a=256)


def test_tables_are_aligned_whatever_lies_before_them():
    for length in range(5):
        labels = {"a" * length + "x": TEXT_BASE}
        segment = Segment(TEXT_BASE, b"\x73\0\0\0", 4, executable=True)
        other = Segment(DATA_BASE, b"d" * (length + 1), 8, writable=True)
        content = elf_writer.write(Image((segment, other), labels=labels))
        strings = dict(sections(content))[".shstrtab"]
        assert dict(sections(content))[".symtab"]["offset"] % 4 == header(content)["shoff"] % 4 == 0
        assert 0 <= header(content)["shoff"] - strings["offset"] - strings["size"] < 4
        data = dict(sections(content))[".data"]
        assert 0 <= dict(sections(content))[".symtab"]["offset"] - data["offset"] - data["size"] < 4
        assert len(content) == header(content)["shoff"] + 40 * header(content)["shnum"]


def test_a_segment_may_follow_the_headers_at_once():
    content = elf_writer.write(Image((Segment(0x400000 + 116, b"\x73\0\0\0", 4, executable=True),), 0x400074))
    assert programs(content)[1]["offset"] == 116
    assert elf_loader.load(content).words == (0x73,)


def test_a_label_belongs_to_the_section_that_it_ends_and_else_to_none():
    labels = {"end": TEXT_BASE + 56, "lost": 0x20}
    content = elf_writer.write(replace(IMAGE, labels=labels))
    start = dict(sections(content))[".symtab"]["offset"]
    assert [elf.SYMBOL.unpack(content, start + 16 * n)["shndx"] for n in (1, 2)] == [1, 0]


def test_a_file_without_a_name_and_one_that_ends_with_its_segment():
    with pytest.raises(ElfError, match=r"^<elf>: this is no ELF file"):
        elf_loader.load(b"")
    content = patched(phnum=3, shnum=0)
    end = programs(FILE)[2]["offset"] + 4
    assert elf_loader.load(content[:end]).segments == IMAGE.segments[:2]
    with pytest.raises(ElfError, match="ends at byte"):
        elf_loader.load(content[: end - 1])


def test_headers_of_other_types_are_passed_over():
    content = patched(part=elf.PROGRAM, place=148, type=4)
    assert elf_loader.load(content).segments == IMAGE.segments[:2]
