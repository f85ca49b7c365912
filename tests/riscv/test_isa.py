"""The instruction table: published encodings, what an instruction means, and that no two overlap."""

from random import Random

import pytest

from riscv import int32, isa
from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.errors import EncodingError
from riscv.formats import IMMEDIATE, REGISTER, UPPER
from riscv.outcome import TrapError

MIN, MAX = -(2**31), 2**31 - 1

# Each instruction once, operands chosen to set every field; the words are GNU as 2.40's.
ENCODINGS = [
    ("add a0, a1, a2", 0x00C58533),
    ("sub t6, s11, zero", 0x400D8FB3),
    ("sll ra, sp, gp", 0x003110B3),
    ("slt tp, t0, t1", 0x0062A233),
    ("sltu t2, s0, s1", 0x009433B3),
    ("xor a3, a4, a5", 0x00F746B3),
    ("srl a6, a7, s2", 0x0128D833),
    ("sra s3, s4, s5", 0x415A59B3),
    ("or s6, s7, s8", 0x018BEB33),
    ("and s9, s10, s11", 0x01BD7CB3),
    ("addi sp, sp, -16", 0xFF010113),
    ("addi zero, zero, 0", 0x00000013),
    ("addi a0, zero, 2047", 0x7FF00513),
    ("slti a0, a1, -2048", 0x8005A513),
    ("sltiu t3, t4, 1", 0x001EBE13),
    ("xori t5, t6, -1", 0xFFFFCF13),
    ("ori a0, a0, 1365", 0x55556513),
    ("andi a0, a0, 255", 0x0FF57513),
    ("slli a0, a1, 31", 0x01F59513),
    ("srli a0, a1, 1", 0x0015D513),
    ("srai a0, a1, 16", 0x4105D513),
    ("lb a0, -1(sp)", 0xFFF10503),
    ("lh a0, 2(s0)", 0x00241503),
    ("lw a0, -2048(s0)", 0x80042503),
    ("lbu a0, 2047(sp)", 0x7FF14503),
    ("lhu t0, 6(t1)", 0x00635283),
    ("sb a0, 31(sp)", 0x00A10FA3),
    ("sh a1, -32(s0)", 0xFEB41023),
    ("sw s11, -2048(sp)", 0x81B12023),
    ("sw ra, 2047(t6)", 0x7E1FAFA3),
    ("beq a0, a1, 8", 0x00B50463),
    ("bne a0, zero, -4096", 0x80051063),
    ("blt t0, t1, 4094", 0x7E62CFE3),
    ("bge s0, s1, -2", 0xFE945FE3),
    ("bltu a6, a7, 2048", 0x011860E3),
    ("bgeu t5, t6, 1024", 0x41FF7063),
    ("lui a0, 0xfffff", 0xFFFFF537),
    ("lui sp, 512", 0x00200137),
    ("auipc t0, 1", 0x00001297),
    ("jal ra, 2048", 0x001000EF),
    ("jal zero, -1048576", 0x8000006F),
    ("jal t6, 1048574", 0x7FFFFFEF),
    ("jal zero, -2", 0xFFFFF06F),
    ("jalr zero, 0(ra)", 0x00008067),
    ("jalr ra, -4(t0)", 0xFFC280E7),
    ("fence iorw, iorw", 0x0FF0000F),
    ("fence rw, w", 0x0310000F),
    ("fence i, or", 0x0860000F),
    ("fence.i", 0x0000100F),
    ("ecall", 0x00000073),
    ("ebreak", 0x00100073),
    ("mul a0, a1, a2", 0x02C58533),
    ("mulh a0, a1, a2", 0x02C59533),
    ("mulhsu a0, a1, a2", 0x02C5A533),
    ("mulhu a0, a1, a2", 0x02C5B533),
    ("div t0, t1, t2", 0x027342B3),
    ("divu t0, t1, t2", 0x027352B3),
    ("rem s0, s1, a0", 0x02A4E433),
    ("remu t3, t4, t5", 0x03EEFE33),
]


@pytest.mark.parametrize(("text", "word"), ENCODINGS)
def test_an_instruction_has_its_published_encoding(text, word):
    assert assemble(text).words == (word,)
    assert disassemble(word) == text.replace("0xfffff", "1048575")


def test_the_table_is_rv32im_with_fence_i_and_each_instruction_is_in_the_encoding_test():
    assert {text.split()[0] for text, _ in ENCODINGS} == set(isa.INSTRUCTIONS)
    assert len(isa.INSTRUCTIONS) == 49


@pytest.mark.parametrize(
    "word",
    [
        0x00000000,
        0xFFFFFFFF,
        0x00100073 + (1 << 20),  # system, but neither ecall nor ebreak
        0x00000073 + (1 << 7),  # ecall with a destination
        0x40001033,  # sll with sub's funct7
        0x02001013,  # slli with a sixth bit in its shift amount
        0x00003003,  # a load of eight bytes
        0x00003023,  # a store of eight bytes
        0x00002063,  # a branch with an unused funct3
        0x00001067,  # jalr with an unused funct3
        0x0000200F,  # a fence with an unused funct3
    ],
)
def test_a_word_that_is_no_instruction_is_not_decoded(word):
    assert isa.decode(word) is None
    assert disassemble(word) == f".word 0x{word:08x}"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (0x0FF0000F, "fence iorw, iorw"),
        (0x0330000F, "fence rw, rw"),
        (0x08C0000F, "fence i, io"),
        (0x0000000F, "fence 0, 0"),
        (0x8330000F, ".word 0x8330000f"),
        (0x0000008F, ".word 0x0000008f"),
        (0x0000800F, ".word 0x0000800f"),
        (0x0000108F, ".word 0x0000108f"),
    ],
)
def test_every_kind_of_fence_is_a_fence_though_not_every_one_has_a_name(word, text):
    assert isa.decode(word)[0].mnemonic in ("fence", "fence.i")
    assert disassemble(word) == text


@pytest.mark.parametrize("mnemonic", list(isa.INSTRUCTIONS))
def test_every_word_comes_back_through_its_text(mnemonic):
    # All combinations of bits in the fixed fields, and random ones in the others.
    rng = Random(mnemonic)
    instruction = isa.INSTRUCTIONS[mnemonic]
    for _ in range(60):
        word = instruction.bits | rng.getrandbits(32) & ~instruction.format.mask
        assert isa.decode(word)[0] is instruction
        for other in (word, word ^ 1 << rng.randrange(32)):
            assert assemble(disassemble(other)).words == (other,)


def test_an_instruction_that_clashes_is_refused(monkeypatch):
    monkeypatch.setattr(isa, "INSTRUCTIONS", {})
    isa.instruction("one", REGISTER, 0b0000000_00000_00000_001_00000_0110011, int32.xor)
    entry = isa.INSTRUCTIONS["one"]
    assert (entry.mnemonic, entry.format, entry.bits, entry.meaning) == ("one", REGISTER, 0x1033, int32.xor)
    assert entry.size == 0
    with pytest.raises(ValueError, match=r"^instruction one clashes with one$"):
        isa.instruction("one", REGISTER, 0x2033, int32.xor)
    with pytest.raises(ValueError, match=r"^instruction two clashes with one$"):
        isa.instruction("two", REGISTER, 0x1033, int32.xor)
    with pytest.raises(ValueError, match=r"^instruction wide clashes with one$"):
        isa.instruction("wide", UPPER, 0x33, isa.lui)
    with pytest.raises(ValueError, match=r"^instruction wide clashes with one$"):
        isa.instruction("wide", IMMEDIATE, 0x1033, isa.lui)
    isa.instruction("two", REGISTER, 0x2033, int32.xor)
    isa.instruction("three", UPPER, 0x37, isa.lui, size=2)
    assert isa.INSTRUCTIONS["three"].size == 2
    assert list(isa.INSTRUCTIONS) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("mnemonic", "a", "b", "result"),
    [
        ("add", MAX, 1, MIN),
        ("sub", MIN, 1, MAX),
        ("slt", -1, 0, 1),
        ("slt", 0, -1, 0),
        ("slt", 3, 3, 0),
        ("sltu", -1, 0, 0),
        ("sltu", 0, -1, 1),
        ("sltu", 3, 3, 0),
        ("sltiu", 5, -1, 1),
        ("xor", 0b1100, 0b1010, 0b0110),
        ("or", 0b1100, 0b1010, 0b1110),
        ("and", 0b1100, 0b1010, 0b1000),
        ("xori", 5, -1, -6),
        ("sll", 1, 0, 1),
        ("sll", 1, 31, MIN),
        ("sll", 3, 32, 3),
        ("sll", 3, 33, 6),
        ("sll", 3, 63, MIN),
        ("sll", MAX, 1, -2),
        ("srl", -1, 0, -1),
        ("srl", -1, 31, 1),
        ("srl", -8, 1, MAX - 3),
        ("srl", 8, 33, 4),
        ("srl", 8, 32, 8),
        ("sra", -8, 1, -4),
        ("sra", -1, 31, -1),
        ("sra", MIN, 31, -1),
        ("sra", 8, 33, 4),
        ("sra", 8, 32, 8),
        ("mul", MIN, -1, MIN),
        ("mulh", MIN, MIN, 2**30),
        ("mulh", -1, 1, -1),
        ("mulh", MAX, MAX, 2**30 - 1),
        ("mulhsu", -1, -1, -1),
        ("mulhsu", MIN, -1, MIN),
        ("mulhsu", 2, -1, 1),
        ("mulhu", -1, -1, -2),
        ("mulhu", MIN, 2, 1),
        ("mulhu", -1, 1, 0),
        ("mulhu", -1, 0, 0),
        ("div", MIN, -1, MIN),
        ("divu", -1, 2, MAX),
        ("divu", 7, -1, 0),
        ("divu", -1, 1, -1),
        ("divu", 7, 0, -1),
        ("rem", MIN, -1, 0),
        ("remu", -1, 10, 5),
        ("remu", 7, -1, 7),
        ("remu", MIN, MAX, 1),
        ("remu", -2, -1, -2),
        ("remu", -7, 0, -7),
        ("remu", 5, 1, 0),
        ("lui", 0, 1, 4096),
        ("lui", 4, 0x80000, MIN),
        ("auipc", 0x10004, 1, 0x11004),
        ("auipc", 0x10004, 0xFFFFF, 0xF004),
        ("auipc", 0x10000, 0x7FFF0, MIN),
        ("beq", 1, 1, 1),
        ("bne", 1, 1, 0),
        ("blt", -1, 1, 1),
        ("bge", -1, 1, 0),
        ("bltu", -1, 1, 0),
        ("bgeu", -1, 1, 1),
        ("bgeu", 1, -1, 0),
        ("bgeu", 1, 1, 1),
        ("jal", 0x10000, -4, 0xFFFC),
        ("jal", 0, -4, 0xFFFFFFFC),
        ("jalr", 0x10000, 5, 0x10004),
        ("jalr", -1, 2, 0),
        ("jalr", 0x10000, 2, 0x10002),
    ],
)
def test_an_instruction_means_what_the_specification_says(mnemonic, a, b, result):
    assert isa.INSTRUCTIONS[mnemonic].meaning(a, b) == result


class Calls:
    """An environment that notes what is asked of it."""

    def __init__(self):
        self.calls = []

    def request(self):
        self.calls.append("request")

    def refetch(self):
        self.calls.append("refetch")


def test_what_the_system_instructions_ask_of_the_environment():
    environment = Calls()
    isa.fence(environment)
    assert environment.calls == []
    isa.ecall(environment)
    isa.fence_i(environment)
    assert environment.calls == ["request", "refetch"]
    with pytest.raises(TrapError, match=r"^ebreak$") as error:
        isa.ebreak(environment)
    assert error.value.kind == "breakpoint"


@pytest.mark.parametrize(
    ("mnemonic", "size", "bits", "value"),
    [
        ("lb", 1, 0x80, -128),
        ("lb", 1, 0x7F, 127),
        ("lh", 2, 0x8000, -32768),
        ("lh", 2, 0x7FFF, 32767),
        ("lw", 4, 0x80000000, MIN),
        ("lw", 4, 0x7FFFFFFF, MAX),
        ("lbu", 1, 0xFF, 255),
        ("lhu", 2, 0xFFFF, 65535),
        ("sb", 1, -1, 0xFF),
        ("sb", 1, 0x1234, 0x34),
        ("sh", 2, -2, 0xFFFE),
        ("sh", 2, 0x123456, 0x3456),
        ("sw", 4, -3, 0xFFFFFFFD),
        ("add", 0, 0, 0),
    ],
)
def test_loads_extend_and_stores_cut_to_their_size(mnemonic, size, bits, value):
    instruction = isa.INSTRUCTIONS[mnemonic]
    assert instruction.size == size
    assert size == 0 or instruction.meaning(bits) == value


@pytest.mark.parametrize(
    ("mnemonic", "operands", "message"),
    [
        ("addi", {"imm": 2048}, "addi: immediate 2048 is not in -2048..2047"),
        ("addi", {"imm": -2049}, "addi: immediate -2049 is not in -2048..2047"),
        ("lw", {"imm": 2048}, "lw: immediate 2048 is not in -2048..2047"),
        ("sw", {"imm": -2049}, "sw: immediate -2049 is not in -2048..2047"),
        ("jalr", {"imm": 2048}, "jalr: immediate 2048 is not in -2048..2047"),
        ("slli", {"imm": 32}, "slli: immediate 32 is not in 0..31"),
        ("slli", {"imm": -1}, "slli: immediate -1 is not in 0..31"),
        ("lui", {"imm": 1 << 20}, "lui: immediate 1048576 is not in 0..1048575"),
        ("lui", {"imm": -1}, "lui: immediate -1 is not in 0..1048575"),
        ("beq", {"imm": 4096}, "beq: immediate 4096 is not in -4096..4094, in steps of 2"),
        ("beq", {"imm": -4098}, "beq: immediate -4098 is not in -4096..4094, in steps of 2"),
        ("beq", {"imm": 3}, "beq: immediate 3 is not in -4096..4094, in steps of 2"),
        ("jal", {"imm": 1 << 20}, "jal: immediate 1048576 is not in -1048576..1048574, in steps of 2"),
        ("add", {"rd": 32}, "add: rd 32 is not in 0..31"),
        ("add", {"rs1": -1}, "add: rs1 -1 is not in 0..31"),
        ("fence", {"pred": 16, "succ": 0}, "fence: pred 16 is not in 0..15"),
        ("sw", {"rs2": 32}, "sw: rs2 32 is not in 0..31"),
    ],
)
def test_an_operand_that_does_not_fit_is_refused(mnemonic, operands, message):
    with pytest.raises(EncodingError) as error:
        isa.INSTRUCTIONS[mnemonic].encode({"rd": 0, "rs1": 0, "rs2": 0, "imm": 0, **operands})
    assert str(error.value) == message


def test_a_format_packs_the_operands_bits_and_no_others():
    assert REGISTER.pack({"rd": 0, "rs1": 0, "rs2": 0}) == 0
    assert UPPER.pack({"rd": 31, "imm": 0xFFFFF}) == 0xFFFFFF80


@pytest.mark.parametrize("mnemonic", list(isa.INSTRUCTIONS))
def test_encoding_and_decoding_are_inverse_at_the_edges(mnemonic):
    instruction = isa.INSTRUCTIONS[mnemonic]
    edges = instruction.format.immediate
    for imm in {edges[0], edges[-1], edges[len(edges) // 2], edges[len(edges) // 3]}:
        for register in (0, 1, 21, 31):
            values = {"rd": register, "rs1": 31 - register, "rs2": register ^ 5, "imm": imm, "pred": 5, "succ": 10}
            operands = {bits.operand: values[bits.operand] for bits in instruction.format.layout}
            assert isa.decode(instruction.encode(operands)) == (instruction, operands)
