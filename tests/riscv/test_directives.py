"""Sections, data, constants and the addresses of labels in them."""

import pytest

from riscv import assembler
from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.emulator import Emulator
from riscv.errors import AssemblyError
from riscv.image import Image, words
from riscv.memory import DATA_BASE, RODATA_BASE, TEXT_BASE, Segment

EXIT = "\nli a7, 93\necall\n"


def data(source):
    """The content of .data."""
    return assemble(f".data\n{source}").segments[-1].content


@pytest.mark.parametrize(
    ("source", "content"),
    [
        (".byte 1, -1, 255, 'A', -128", b"\1\xff\xffA\x80"),
        (".half 0x1234, -2, 65535, -32768", b"\x34\x12\xfe\xff\xff\xff\x00\x80"),
        (".word 0x12345678, -1, 0xffffffff, -0x80000000", b"\x78\x56\x34\x12" + b"\xff" * 8 + b"\0\0\0\x80"),
        ('.ascii "ab", "c#,\\"d:"  # comment', b'abc#,"d:'),
        ('.asciz "a", "b"', b"a\0b\0"),
        ('.string "\\n\\t\\r\\0\\\\\\x41\\xfF"', b"\n\t\r\0\\A\xff\0"),
        ('.ascii "\u00e9"', "\u00e9".encode()),
        (".byte '#', ',', '\\'', '\"', '\\n'", b"#,'\"\n"),
        (".byte 1\n.align 2\n.byte 2\n.p2align 1\n.byte 3\n.align 0", b"\1\0\0\0\2\0\3"),
        (".byte 1\n.space 3\n.zero 0\n.byte 2", b"\1\0\0\0\2"),
        (".equ n, 2\n.equ m, n + 1 - 0b1\n.space m\n.byte m", b"\0\0\2"),
        ("here: .word here, . - here, here + 4 - 2\n.word end\nend:", None),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_data_is_laid_down_as_written(source, content):
    if content is None:
        content = b"".join(n.to_bytes(4, "little") for n in (DATA_BASE, 0, DATA_BASE + 2, DATA_BASE + 16))
    assert data(source) == content


def test_each_section_has_its_segment_and_labels_their_addresses():
    image = assemble(
        """
        .data
        first: .byte 1
        .bss
        zeros: .space 5
        .align 3
        more:
        .text
        _main: nop
        .section .rodata
        text: .asciz "abc"
        .text
        .globl _start, text
        _start: nop
        .data
        second: .half 2
        """
    )
    assert image.segments == (
        Segment(TEXT_BASE, b"\x13\0\0\0" * 2, 8, executable=True),
        Segment(RODATA_BASE, b"abc\0", 4),
        Segment(DATA_BASE, b"\1\2\0", 24, writable=True),
    )
    assert image.entry == TEXT_BASE + 4
    assert image.labels == {
        "first": DATA_BASE,
        "zeros": DATA_BASE + 16,
        "more": DATA_BASE + 24,
        "_main": TEXT_BASE,
        "text": RODATA_BASE,
        "_start": TEXT_BASE + 4,
        "second": DATA_BASE + 1,
    }


def test_zeros_need_no_content_and_a_program_without_data_has_only_its_text():
    assert assemble("nop\n.bss\n.space 9").segments[1:] == (Segment(DATA_BASE, b"", 12, writable=True),)
    assert assemble("nop\n.data\n.rodata\n.bss").segments == (Segment(TEXT_BASE, b"\x13\0\0\0", 4, executable=True),)
    assert assemble("").entry == TEXT_BASE
    assert assemble(".byte 1").segments == (Segment(TEXT_BASE, b"\1", 4, executable=True),)
    assert assemble(".byte 1").words == (1,)


def test_alignment_in_the_text_is_filled_with_nops_after_zeros():
    image = assemble("nop\n.byte 1\n.align 4\nlast: ret")
    assert image.segments[0].content == b"\x13\0\0\0\1\0\0\0" + b"\x13\0\0\0" * 2 + b"\x67\x80\0\0"
    assert image.labels == {"last": TEXT_BASE + 16}
    assert data(".byte 1\n.align 4\n.byte 1") == b"\1" + bytes(15) + b"\1"


def test_words_may_stand_in_the_text():
    assert assemble("nop\n.word 0x12345678\nx: .word x").words == (0x13, 0x12345678, TEXT_BASE + 8)


def test_the_words_of_an_image_are_those_that_can_be_executed():
    segments = (Segment(0, b"\1\0\0\0\2", 8, executable=True), Segment(8, b"\3", 4), Segment(12, b"", 4, True, True))
    assert Image(segments).words == (1, 2, 0)
    assert words(segments[1]) == (3,)


def test_an_aligned_label_behind_a_branch_that_grows_keeps_its_alignment():
    source = "beq a0, a1, far\n.align 4\nmid: nop\nblt a0, a1, mid\n.space 4096\nfar: ret"
    image = assemble(source)
    assert image.labels == {"mid": TEXT_BASE + 16, "far": TEXT_BASE + 16 + 8 + 4096}
    assert [disassemble(word) for word in image.words[:2]] == ["bne a0, a1, 8", "jal zero, 4116"]


def test_branches_that_grow_and_shrink_by_alignment_come_to_rest():
    # Making the first wide brings the second within reach again, because the alignment swallows the extra word.
    gap = "nop\n" * 1021
    image = assemble(f"beq a0, a1, far\nbne a0, a1, far\n.align 3\n{gap}far: ret")
    assert len(image.words) == image.labels["far"] // 4 - TEXT_BASE // 4 + 1


@pytest.mark.parametrize(
    ("load", "instructions"),
    [
        ("la a0, value\nlw a0, 0(a0)", ["auipc a0, 753", "addi a0, a0, -2048", "lw a0, 0(a0)"]),
        ("la a0, value + 4\nlw a0, (a0)", ["auipc a0, 753", "addi a0, a0, -2044", "lw a0, 0(a0)"]),
        ("lui a0, %hi(value)\nlw a0, %lo(value)(a0)", ["lui a0, 769", "lw a0, -2048(a0)"]),
        ("lui a0, %hi(value-8)\nlw a0, %lo( value-8 ) (a0)", ["lui a0, 768", "lw a0, 2040(a0)"]),
        ("li a0, value\nlw a0, (a0)", ["lui a0, 769", "addi a0, a0, -2048", "lw a0, 0(a0)"]),
        ("nop\nx: auipc a0, %pcrel_hi(value)\nlw a0, %pcrel_lo(x)(a0)", ["nop", "auipc a0, 752", "lw a0, 2044(a0)"]),
        ("nop\nauipc a0, %pcrel_hi(value)\nlw a0, %pcrel_lo(.-4)(a0)", ["nop", "auipc a0, 752", "lw a0, 2044(a0)"]),
    ],
)
def test_a_variable_is_found_by_each_way_to_its_address(load, instructions):
    image = assemble(f"{load}{EXIT}.data\n.word 1\n.space 0x7f0\n.word 2, 41, 42\nvalue: .word 42, 42")
    shown = [disassemble(word).replace("addi zero, zero, 0", "nop") for word in image.words]
    assert shown == [*instructions, "addi a7, zero, 93", "ecall"]
    assert Emulator(image).run(10).status == (41 if "-8" in load else 42)


def test_a_constant_may_depend_on_labels_and_on_later_constants_of_lines_above():
    source = '.data\ntext: .ascii "hello"\n.equ length, . - text\n.equ twice, length + length\n.text\nli a0, twice'
    assert Emulator(assemble(source + EXIT)).run(10).status == 10


def test_other_tools_directives_are_passed_over():
    source = (
        '.file "a.c"\n.option nopic\n.attribute arch, "rv32i"\n.type f, @function\nf: ret\n.size f, . - f\n.ident "x"'
    )
    assert assemble(source).words == (0x8067,)


@pytest.mark.parametrize(
    ("name", "limit", "room"),
    [(".text", "TEXT_SIZE", 16), (".rodata", "RODATA_SIZE", 16), (".data", "DATA_SIZE", 16), (".bss", "DATA_SIZE", 16)],
)
def test_a_section_fits_to_the_last_byte_and_no_further(name, limit, room, monkeypatch):
    monkeypatch.setattr(assembler, limit, room)
    assemble(f".section {name}\n.space 16")
    with pytest.raises(AssemblyError) as error:
        assemble(f".section {name}\n.space 17")
    assert str(error.value) == f"the {name[1:]} has 17 bytes, 16 are available"


def test_data_and_bss_share_their_room(monkeypatch):
    monkeypatch.setattr(assembler, "DATA_SIZE", 32)
    assemble(".data\n.space 3\n.bss\n.space 16")
    with pytest.raises(AssemblyError) as error:
        assemble(".data\n.space 3\n.bss\n.space 17")
    assert str(error.value) == "the bss has 33 bytes, 32 are available"


def test_the_largest_values_of_directives_are_accepted():
    assert assemble(".bss\n.byte_: .space 33554432").segments[1].size == 2**25
    assert assemble("nop\n.align 16\nend:").labels["end"] == TEXT_BASE + 2**16
