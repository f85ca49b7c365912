"""The assembler: labels, pseudo-instructions, branches that do not reach, and exact complaints."""

import pytest

from riscv import assembler
from riscv.assembler import assemble
from riscv.disassembler import disassemble, line, listing, neighbourhood
from riscv.errors import AssemblyError
from riscv.memory import TEXT_SIZE

NOP = "addi zero, zero, 0\n"


def texts(source):
    """Assemble and disassemble."""
    return [disassemble(word) for word in assemble(source).words]


@pytest.mark.parametrize(
    ("pseudo", "real"),
    [
        ("mv a0, s1", ["addi a0, s1, 0"]),
        ("neg a0, a1", ["sub a0, zero, a1"]),
        ("seqz a0, a1", ["sltiu a0, a1, 1"]),
        ("snez a0, a1", ["sltu a0, zero, a1"]),
        ("beqz a0, 8", ["beq a0, zero, 8"]),
        ("bnez a0, -8", ["bne a0, zero, -8"]),
        ("j -4", ["jal zero, -4"]),
        ("call 16", ["jal ra, 16"]),
        ("ret", ["jalr zero, 0(ra)"]),
        ("li a0, 0", ["addi a0, zero, 0"]),
        ("li a0, 2047", ["addi a0, zero, 2047"]),
        ("li a0, -2048", ["addi a0, zero, -2048"]),
        ("li a0, 2048", ["lui a0, 1", "addi a0, a0, -2048"]),
        ("li a0, -2049", ["lui a0, 1048575", "addi a0, a0, 2047"]),
        ("li a0, 0xfff", ["lui a0, 1", "addi a0, a0, -1"]),
        ("li a0, 4096", ["lui a0, 1"]),
        ("li s1, 0x7ffff800", ["lui s1, 524288", "addi s1, s1, -2048"]),
        ("li a0, 0x7fffffff", ["lui a0, 524288", "addi a0, a0, -1"]),
        ("li a0, 0x80000000", ["lui a0, 524288"]),
        ("li a0, -0x80000000", ["lui a0, 524288"]),
        ("li a0, 0xffffffff", ["addi a0, zero, -1"]),
        ("li a0, 0X12345678", ["lui a0, 74565", "addi a0, a0, 1656"]),
    ],
)
def test_a_pseudo_instruction_stands_for_real_ones(pseudo, real):
    assert texts(pseudo) == real


def test_labels_comments_and_spacing():
    source = """
        # a comment line
start:
        addi  a0 , a0,-1   # count down
        bne a0,zero,start
    .end.1:
        j .end.1
        j start
        lw a0, 0x10(sp)
    """
    assembled = assemble(source)
    assert [disassemble(word) for word in assembled.words] == [
        "addi a0, a0, -1",
        "bne a0, zero, -4",
        "jal zero, 0",
        "jal zero, -12",
        "lw a0, 16(sp)",
    ]
    assert assembled.labels == {"start": 0x10000, ".end.1": 0x10008}


def test_a_label_at_the_end_is_an_address_too():
    assert assemble("j end\nend:").labels == {"end": 0x10004}
    assert assemble("").words == ()


@pytest.mark.parametrize(("gap", "short"), [(1022, True), (1023, False)])
def test_a_forward_branch_over_4_kib_becomes_a_branch_over_a_jump(gap, short):
    words = assemble(f"blt a0, a1, far\n{NOP * gap}far:").words
    if short:
        assert (len(words), disassemble(words[0])) == (gap + 1, "blt a0, a1, 4092")
    else:
        assert [disassemble(word) for word in words[:2]] == ["bge a0, a1, 8", "jal zero, 4096"]
        assert len(words) == gap + 2


@pytest.mark.parametrize(("gap", "short"), [(1024, True), (1025, False)])
def test_a_backward_branch_over_4_kib_becomes_a_branch_over_a_jump(gap, short):
    words = assemble(f"far:\n{NOP * gap}bltu a0, a1, far").words
    if short:
        assert disassemble(words[-1]) == "bltu a0, a1, -4096"
    else:
        assert [disassemble(word) for word in words[-2:]] == ["bgeu a0, a1, 8", "jal zero, -4104"]


@pytest.mark.parametrize(
    ("branch", "opposite"),
    [("beq", "bne"), ("bne", "beq"), ("blt", "bge"), ("bge", "blt"), ("bltu", "bgeu"), ("bgeu", "bltu")],
)
def test_each_branch_has_its_opposite(branch, opposite):
    assert texts(f"far:\n{NOP * 1100}{branch} s0, t1, far")[-2] == f"{opposite} s0, t1, 8"


def test_widening_one_branch_can_push_another_out_of_reach():
    # The second branch is far at once; its extra word is what puts the first one's target out of reach.
    source = f"beq a0, a1, near\n{NOP * 500}bne a0, a1, far\n{NOP * 521}near:\n{NOP * 600}far:"
    words = assemble(source).words
    assert [disassemble(word) for word in words[:2]] == ["bne a0, a1, 8", "jal zero, 4096"]
    assert [disassemble(word) for word in words[502:504]] == ["beq a0, a1, 8", "jal zero, 4488"]
    assert assemble(source).labels == {"near": 0x10000 + 4 * 1025, "far": 0x10000 + 4 * 1625}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nop", "line 1: unknown instruction 'nop'"),
        ("\n\nmul8 a0, a1", "line 3: unknown instruction 'mul8'"),
        ("add a0, a1", "line 1: write 'add rd, rs1, rs2', not 'add a0, a1'"),
        ("add a0, a1, a2, a3", "line 1: write 'add rd, rs1, rs2', not 'add a0, a1, a2, a3'"),
        ("lw a0, 4, sp", "line 1: write 'lw rd, imm(rs1)', not 'lw a0, 4, sp'"),
        ("ecall 1", "line 1: write 'ecall', not 'ecall 1'"),
        ("add a0, a1, a9", "line 1: unknown register 'a9'"),
        ("add x1, a1, a0", "line 1: unknown register 'x1'"),
        ("j nowhere", "line 1: undefined label 'nowhere'"),
        ("addi a0, a0, 1x", "line 1: undefined label '1x'"),
        ("addi a0, a0, 2048", "line 1: addi: immediate 2048 is not in -2048..2047"),
        ("beq a0, a1, 4096", "line 1: beq: immediate 4096 is not in -4096..4094, in steps of 2"),
        ("mv a0", "line 1: 'mv' takes 2 operands, not 1"),
        ("ret a0", "line 1: 'ret' takes 0 operands, not 1"),
        ("ret a0, a1", "line 1: 'ret' takes 0 operands, not 2"),
        ("j", "line 1: 'j' takes 1 operands, not 0"),
        ("li a0", "line 1: write 'li rd, number', not 'li a0'"),
        ("li a0, b", "line 1: write 'li rd, number', not 'li a0, b'"),
        ("li a0, 1, 2", "line 1: write 'li rd, number', not 'li a0, 1, 2'"),
        (f"\nfar:\n{NOP * 1100}beq a0, x9, far", "line 1103: unknown register 'x9'"),
        ("a:\nb:\na:", "line 3: 'a' is not a new label"),
        ("1:", "line 1: '1' is not a new label"),
        (":", "line 1: '' is not a new label"),
    ],
)
def test_a_line_that_cannot_be_assembled_is_named(source, message):
    with pytest.raises(AssemblyError) as error:
        assemble(source)
    assert str(error.value) == message


def test_a_text_fits_to_the_last_byte_and_no_further(monkeypatch):
    assert TEXT_SIZE == 2**20
    monkeypatch.setattr(assembler, "TEXT_SIZE", 16)
    assert len(assemble(NOP * 4).words) == 4
    with pytest.raises(AssemblyError) as error:
        assemble(NOP * 5)
    assert str(error.value) == "the text has 20 bytes, 16 are available"


def test_a_listing_has_labels_addresses_words_and_targets():
    assembled = assemble("main:\n.same:\nbeq a0, a1, end\njal ra, -4\nlw a0, 4(sp)\nend:\nret")
    assert listing((*assembled.words, 0), assembled.labels) == (
        "main:\n"
        ".same:\n"
        "  00010000: 00b50663  beq a0, a1, 12  # 0x1000c end\n"
        "  00010004: ffdff0ef  jal ra, -4  # 0x10000 .same\n"
        "  00010008: 00412503  lw a0, 4(sp)\n"
        "end:\n"
        "  0001000c: 00008067  jalr zero, 0(ra)\n"
        "  00010010: 00000000  .word 0x00000000"
    )
    assert line(0x00B50663, 0x20000, {}) == "00020000: 00b50663  beq a0, a1, 12  # 0x2000c"


def test_the_neighbourhood_has_two_instructions_on_each_side():
    words = assemble("ret\nret\necall\nj 8\nret\nret\nret").words
    assert neighbourhood(words, 0x1000C) == (
        "   00010004: 00008067  jalr zero, 0(ra)\n"
        "   00010008: 00000073  ecall\n"
        "-> 0001000c: 0080006f  jal zero, 8  # 0x10014\n"
        "   00010010: 00008067  jalr zero, 0(ra)\n"
        "   00010014: 00008067  jalr zero, 0(ra)"
    )
    assert neighbourhood(words, 0x10000).count("\n") == 2
    assert neighbourhood(words, 0) == ""
