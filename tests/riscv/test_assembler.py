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
        ("not a0, a1", ["xori a0, a1, -1"]),
        ("sltz a0, a1", ["slt a0, a1, zero"]),
        ("sgtz a0, a1", ["slt a0, zero, a1"]),
        ("blez a0, 8", ["bge zero, a0, 8"]),
        ("bgez a0, 8", ["bge a0, zero, 8"]),
        ("bltz a0, 8", ["blt a0, zero, 8"]),
        ("bgtz a0, 8", ["blt zero, a0, 8"]),
        ("bgt a0, a1, 8", ["blt a1, a0, 8"]),
        ("ble a0, a1, 8", ["bge a1, a0, 8"]),
        ("bgtu a0, a1, 8", ["bltu a1, a0, 8"]),
        ("bleu a0, a1, 8", ["bgeu a1, a0, 8"]),
        ("nop", ["addi zero, zero, 0"]),
        ("jal 8", ["jal ra, 8"]),
        ("jr t0", ["jalr zero, 0(t0)"]),
        ("jalr t0", ["jalr ra, 0(t0)"]),
        ("jalr a5, s8, 0x20", ["jalr a5, 32(s8)"]),
        ("tail 16", ["jal zero, 16"]),
        ("fence", ["fence iorw, iorw"]),
        ("la a0, .", ["auipc a0, 0", "addi a0, a0, 0"]),
        ("la a0, . + 0x1800", ["auipc a0, 2", "addi a0, a0, -2048"]),
        ("li a0, later\n.equ later, 5", ["lui a0, 0", "addi a0, a0, 5"]),
        (".equ now, 5\nli a0, now + 1", ["addi a0, zero, 6"]),
        ("li a0, 'A'", ["addi a0, zero, 65"]),
        ("li a0, ' ' - '\\n'", ["addi a0, zero, 22"]),
        ("li a0, 0b101", ["addi a0, zero, 5"]),
        ("add x1, fp, x31", ["add ra, s0, t6"]),
        (".set five, 5\nli a0, five", ["addi a0, zero, 5"]),
        ("fence 0, w", ["fence 0, w"]),
        ("beq a0, a1, . + 4098", ["bne a0, a1, 8", "jal zero, 4094"]),
        ("beq a0, a1, . + 4094", ["beq a0, a1, 4094"]),
        ("lui a0, %hi(0xffffffff)", ["lui a0, 0"]),
        ("lui a0, %hi(-0x80000000)", ["lui a0, 524288"]),
        ("addi a0, a0, %lo(0xfffff800)", ["addi a0, a0, -2048"]),
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


def complaint(source):
    """The message about a source in which @ marks the place that the caret must point at."""
    with pytest.raises(AssemblyError) as error:
        assemble(source.replace("@", ""))
    (line,) = (line for line in source.splitlines() if "@" in line)
    message, shown, caret = str(error.value).split("\n")
    assert shown == "  " + line.replace("@", "").replace("\t", " ").rstrip()
    assert caret == "  " + " " * line.index("@") + "^"
    return message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("@nap", "line 1: unknown instruction 'nap'"),
        ("\n\nx: @mul8 a0, a1", "line 3: unknown instruction 'mul8'"),
        ("  @add a0, a1", "line 1: write 'add rd, rs1, rs2', not 'add a0, a1'"),
        ("label: @add a0, a1, a2, a3", "line 1: write 'add rd, rs1, rs2', not 'label: add a0, a1, a2, a3'"),
        ("@lw a0, 4, sp", "line 1: write 'lw rd, imm(rs1)', not 'lw a0, 4, sp'"),
        ("@lw a0, sp # c", "line 1: write 'lw rd, imm(rs1)', not 'lw a0, sp # c'"),
        ("@ecall 1", "line 1: write 'ecall', not 'ecall 1'"),
        ("add a0, a1, @a9", "line 1: unknown register 'a9'"),
        ("\tlw a0,\t4( @x32 )  ", "line 1: unknown register 'x32'"),
        ("add a0,@,a1", "line 1: unknown register ''"),
        ("j @nowhere", "line 1: undefined label 'nowhere'"),
        ("beqz a0, @nowhere", "line 1: undefined label 'nowhere'"),
        ("la a0, @nowhere", "line 1: undefined label 'nowhere'"),
        ("addi a0, a0, @1x", "line 1: expected a number or a label"),
        ("addi a0, a0, 1 @+ ?", "line 1: expected a number or a label"),
        ("addi a0, a0, 1 @2", "line 1: expected a number or a label"),
        ("@addi a0, a0, ", "line 1: write 'addi rd, rs1, imm', not 'addi a0, a0,'"),
        ("@li a0,", "line 1: write 'li rd, number', not 'li a0,'"),
        ("j 1 @+", "line 1: expected a number or a label"),
        ("j @''", "line 1: expected a number or a label"),
        ("addi a0, a0, '@\\q'", "line 1: unknown escape '\\q'"),
        ("addi a0, a0, @2048", "line 1: addi: immediate 2048 is not in -2048..2047"),
        ("lw a0, @-2049(sp)", "line 1: lw: immediate -2049 is not in -2048..2047"),
        ("sw a0, @2048 (sp)", "line 1: sw: immediate 2048 is not in -2048..2047"),
        ("slli a0, a0, @32", "line 1: slli: immediate 32 is not in 0..31"),
        ("lui a0, @0x100000", "line 1: lui: immediate 1048576 is not in 0..1048575"),
        ("beq a0, a1, @4096", "line 1: beq: immediate 4096 is not in -4096..4094, in steps of 2"),
        ("beqz a0, @3", "line 1: beq: immediate 3 is not in -4096..4094, in steps of 2"),
        ("call @0x100000", "line 1: jal: immediate 1048576 is not in -1048576..1048574, in steps of 2"),
        ("x: addi a0, a0, @x", "line 1: this is an address; take its %hi or its %lo"),
        ("x: j @x + x", "line 1: of addresses only the difference of two makes sense"),
        ("x: j @-x", "line 1: of addresses only the difference of two makes sense"),
        ("lui a0, @%hi(0x100000000)", "line 1: 4294967296 is not in -2147483648..4294967295"),
        ("addi a0, a0, @%lo(-0x80000001)", "line 1: -2147483649 is not in -2147483648..4294967295"),
        ("lui a0, @%hi(?)", "line 1: expected a number or a label"),
        ("addi a0, a0, @%up(1)", "line 1: expected a number or a label"),
        ("x: lw a0, @%pcrel_lo(x)(a0)", "line 1: %pcrel_lo takes the label of an instruction with %pcrel_hi"),
        ("@mv a0", "line 1: 'mv' takes 2 operands, not 1"),
        ("label: @ret a0", "line 1: 'ret' takes 0 operands, not 1"),
        ("@ret a0, a1", "line 1: 'ret' takes 0 operands, not 2"),
        ("@j", "line 1: 'j' takes 1 operands, not 0"),
        ("label: @li a0", "line 1: write 'li rd, number', not 'label: li a0'"),
        ("@li a0, 1, 2", "line 1: write 'li rd, number', not 'li a0, 1, 2'"),
        ("li a0, @0x100000000", "line 1: 4294967296 is not in -2147483648..4294967295"),
        ("li a0, @-0x80000001", "line 1: -2147483649 is not in -2147483648..4294967295"),
        ("li a0, @b", "line 1: undefined label 'b'"),
        ("li @a9, 1", "line 1: unknown register 'a9'"),
        ("fence @wr, rw", "line 1: write some of iorw in this order, not 'wr'"),
        ("fence rw, @x", "line 1: write some of iorw in this order, not 'x'"),
        ("a:\nb:\n@a:", "line 3: 'a' is not a new label"),
        ("b: a: @a:", "line 1: 'a' is not a new label"),
        ("@1:", "line 1: '1' is not a new label"),
        ("@:", "line 1: '' is not a new label"),
        ("@.:", "line 1: '.' is not a new label"),
        (".equ x, 1\n@x:", "line 2: 'x' is not a new label"),
        ("x: .equ @x, 1", "line 1: 'x' is not a new label"),
        (".equ @1, 1", "line 1: '1' is not a new label"),
        ("label: @.equ x", "line 1: write '.equ name, value', not 'label: .equ x'"),
        (".equ x, @y\n", "line 1: undefined label 'y'"),
        ("label: @.dword 1", "line 1: unknown directive '.dword'"),
        ("@.section", "line 1: unknown directive '.section'"),
        ("@.section .init", "line 1: unknown directive '.init'"),
        (".globl f, @g\n.globl f\nf:", "line 1: undefined label 'g'"),
        (".global @g", "line 1: undefined label 'g'"),
        (".set x, @?", "line 1: expected a number or a label"),
        (".align @?", "line 1: expected a number or a label"),
        (".word 1, @y", "line 1: undefined label 'y'"),
        (".globl f, @g\nf:", "line 1: undefined label 'g'"),
        (".data\nlabel: @nop", "line 2: instructions go into .text, not into .data"),
        (".data\nlabel: @li a0, 1", "line 2: instructions go into .text, not into .data"),
        (".bss\nlabel: @.word 0", "line 2: only .space and .align go into .bss, which is zero"),
        (".byte 1\n@nop", "line 2: this instruction would be at 0x10001; put .align 2 before it"),
        (".data\n.byte 1, @256", "line 2: 256 is not in -128..255"),
        (".byte @-129", "line 1: -129 is not in -128..255"),
        (".half @65536", "line 1: 65536 is not in -32768..65535"),
        (".word 1, @0x100000000", "line 1: 4294967296 is not in -2147483648..4294967295"),
        ("x: .half @x", "line 1: 65536 is not in -32768..65535"),
        ("label: @.word", "line 1: '.word' needs a value"),
        (".word 1,@,2", "line 1: expected a number or a label"),
        ("@.space", "line 1: '.space' needs a value"),
        (".align 1, @2", "line 1: write one number, not 2"),
        (".align @17", "line 1: 17 is not in 0..16"),
        (".zero @-1", "line 1: -1 is not in 0..33554432"),
        (".space @33554433", "line 1: 33554433 is not in 0..33554432"),
        ("x: .space @x", "line 1: this must be a number, or made of constants defined above"),
        (".ascii @x", 'line 1: write a text in quotes, such as "text\\n"'),
        ('.ascii "a", @"b', 'line 1: write a text in quotes, such as "text\\n"'),
        ('.asciz "a@\\q"', "line 1: unknown escape '\\q'"),
        ('.asciz "a@\\x1"', "line 1: unknown escape '\\x'"),
    ],
)
def test_a_line_that_cannot_be_assembled_is_shown_with_a_caret(source, message):
    assert complaint(source) == message


def test_a_message_names_the_line_also_behind_a_thousand_others():
    assert complaint(f"\nfar:\n{NOP * 1100}beq a0, @x32, far") == "line 1103: unknown register 'x32'"
    assert complaint("j @far\n.space 0x100000 - 4\nfar:").startswith("line 1: jal: immediate 1048576 is not in")


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


def test_a_neighbourhood_has_an_arrow_at_the_pc():
    words = assemble("ret\nret\necall\nj 8\nret\nret\nret").words
    around = {0x10004 + 4 * index: word for index, word in enumerate(words[1:6])}
    assert neighbourhood(around, 0x1000C) == (
        "   00010004: 00008067  jalr zero, 0(ra)\n"
        "   00010008: 00000073  ecall\n"
        "-> 0001000c: 0080006f  jal zero, 8  # 0x10014\n"
        "   00010010: 00008067  jalr zero, 0(ra)\n"
        "   00010014: 00008067  jalr zero, 0(ra)"
    )
    assert neighbourhood({}, 0) == ""
