"""The machine: memory and its traps, control flow, requests, limits, and what a trap says."""

from dataclasses import replace

import pytest

from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.image import Image
from riscv.memory import STACK, STACK_BOTTOM, STACK_TOP, TEXT_BASE, Memory, Segment
from riscv.outcome import Outcome, Trap, TrapError

EXIT = "\nli a7, 93\necall\n"
TEXT = (Segment(TEXT_BASE, bytes(range(1, 9)), 8, executable=True),)


def run(source, limit=1000):
    """Run assembly text; the emulator, its registers still readable, and the outcome."""
    emulator = Emulator(assemble(source).words)
    return emulator, emulator.run(limit)


def registers(source, *numbers):
    """The values of some registers after a run that exits."""
    emulator, outcome = run(source + EXIT)
    assert outcome.trap is None, outcome.trap
    return tuple(emulator.x[number] for number in numbers)


def first_line(outcome):
    """Kind, pc and the first line of the message of an outcome's trap."""
    return outcome.trap.kind, outcome.trap.pc, outcome.trap.message.split("\n")[0]


@pytest.mark.parametrize(
    ("kind", "address", "size", "message"),
    [
        ("load-address-misaligned", STACK_TOP - 2, 4, "load of 4 bytes from 0x001fffee"),
        ("load-address-misaligned", STACK_TOP - 1, 2, "load of 2 bytes from 0x001fffef"),
        ("load-access-fault", STACK_TOP, 4, "load of 4 bytes from 0x001ffff0, outside of memory"),
        ("load-access-fault", STACK_BOTTOM - 1, 1, "load of 1 bytes from 0x001bffef, outside of memory"),
        ("load-access-fault", TEXT_BASE - 4, 4, "load of 4 bytes from 0x0000fffc, outside of memory"),
        ("load-access-fault", TEXT_BASE + 8, 4, "load of 4 bytes from 0x00010008, outside of memory"),
        ("load-access-fault", 0xFFFFFFFC, 4, "load of 4 bytes from 0xfffffffc, outside of memory"),
    ],
)
def test_a_bad_load_traps(kind, address, size, message):
    with pytest.raises(TrapError) as error:
        Memory(TEXT).load(address, size)
    assert (error.value.kind, str(error.value), error.value.detail) == (kind, message, message)


@pytest.mark.parametrize(
    ("kind", "address", "size", "message"),
    [
        ("store-address-misaligned", STACK_TOP - 2, 4, "store of 4 bytes to 0x001fffee"),
        ("store-address-misaligned", STACK_TOP - 1, 2, "store of 2 bytes to 0x001fffef"),
        ("store-access-fault", STACK_TOP, 4, "store of 4 bytes to 0x001ffff0, outside of memory"),
        ("stack-overflow", STACK_BOTTOM - 4, 4, "store of 4 bytes to 0x001bffec, below the stack's 262144 bytes"),
        ("stack-overflow", 0x110000, 4, "store of 4 bytes to 0x00110000, below the stack's 262144 bytes"),
        ("store-access-fault", 0x10FFFC, 4, "store of 4 bytes to 0x0010fffc, outside of memory"),
        ("store-access-fault", TEXT_BASE, 4, "store of 4 bytes to 0x00010000, in read-only memory"),
        ("store-access-fault", TEXT_BASE + 7, 1, "store of 1 bytes to 0x00010007, in read-only memory"),
        ("store-access-fault", TEXT_BASE + 8, 4, "store of 4 bytes to 0x00010008, outside of memory"),
        ("store-access-fault", TEXT_BASE - 1, 1, "store of 1 bytes to 0x0000ffff, outside of memory"),
        ("store-access-fault", 0, 4, "store of 4 bytes to 0x00000000, outside of memory"),
    ],
)
def test_a_bad_store_traps(kind, address, size, message):
    memory = Memory(TEXT)
    with pytest.raises(TrapError) as error:
        memory.store(address, size, 1)
    assert (error.value.kind, str(error.value), error.value.detail) == (kind, message, message)
    assert sorted(memory.content) == [0] * STACK.size + list(range(1, 9))


def test_memory_is_little_endian_and_keeps_its_neighbours():
    memory = Memory(TEXT)
    assert [memory.load(TEXT_BASE, 4), memory.load(TEXT_BASE + 6, 2)] == [0x04030201, 0x0807]
    assert memory.load(TEXT_BASE + 7, 1) == 8
    memory.store(STACK_BOTTOM, 4, 0xFFFFFFFE)
    memory.store(STACK_BOTTOM + 4, 4, 0x11223344)
    memory.store(STACK_BOTTOM + 4, 1, 0xFF)
    memory.store(STACK_BOTTOM + 6, 2, 0xABCD)
    memory.store(STACK_TOP - 1, 1, 0x7F)
    assert memory.load(STACK_BOTTOM, 4) == 0xFFFFFFFE
    assert memory.load(STACK_BOTTOM + 4, 4) == 0xABCD33FF
    assert [memory.load(STACK_BOTTOM + n, 1) for n in range(4, 8)] == [0xFF, 0x33, 0xCD, 0xAB]
    assert memory.load(STACK_BOTTOM + 8, 4) == 0
    assert memory.load(STACK_TOP - 1, 1) == 0x7F
    assert (STACK_TOP - STACK_BOTTOM, STACK_TOP % 16, len(memory.content)) == (2**18, 0, 2**18 + 8)


FRAME = "lui sp, 512\naddi sp, sp, -32\n"


def test_loads_extend_as_their_names_say():
    source = FRAME + "li a0, 0x8081f2f3\nsw a0, 0(sp)\n"
    source += "lb a1, 0(sp)\nlbu a2, 0(sp)\nlh a3, 2(sp)\nlhu a4, 2(sp)\nlw a5, 0(sp)\nlb a6, 3(sp)\nlh t0, 0(sp)"
    expected = (-13, 0xF3, -32639, 0x8081, 0x8081F2F3 - 2**32, -128, -3341)
    assert registers(source, 11, 12, 13, 14, 15, 16, 5) == expected
    assert registers(FRAME + "li a0, 0x7172\nsw a0, 4(sp)\nlb a1, 4(sp)\nlh a2, 4(sp)", 11, 12) == (0x72, 0x7172)


def test_stores_write_their_bytes_and_no_others():
    source = FRAME + "li a0, -1\nsw a0, -4(sp)\nsw a0, 0(sp)\nli a1, 0x12345678\n"
    assert registers(source + "sb a1, 1(sp)\nlw a2, 0(sp)\nlw a3, -4(sp)", 12, 13) == (-0x8701, -1)
    assert registers(source + "sh a1, 2(sp)\nlw a2, 0(sp)", 12) == (0x5678FFFF,)
    assert registers(source + "sw a1, 0(sp)\nlw a2, 0(sp)\nlw a3, -4(sp)", 12, 13) == (0x12345678, -1)
    assert registers(source + "sw zero, 0(sp)\nlw a2, 0(sp)", 12) == (0,)


def test_the_text_can_be_read():
    word = assemble("lw a0, 4(t0)").words[0]
    assert registers("auipc t0, 0\nlw a0, 4(t0)\nlbu a1, 5(t0)", 10, 11) == (word, word >> 8 & 0xFF)


def test_all_registers_start_at_zero():
    assert Emulator([]).x == [0] * 33


def test_x0_stays_zero():
    writes = "li zero, 5\nadd zero, a7, a7\nlui zero, 1\nauipc zero, 1\njal zero, 4\nlw zero, 0(a0)\n"
    jump = "auipc t0, 0\njalr zero, 8(t0)\n"
    assert registers("auipc a0, 0\nli a7, 3\n" + writes + jump + "add a1, zero, zero", 0, 11) == (0, 0)


def test_registers_may_be_source_and_destination_at_once():
    assert registers("li a0, 3\nadd a0, a0, a0\nslli a0, a0, 1\nsub a1, a0, a0\naddi a0, a0, -1", 10, 11) == (11, 0)


def test_upper_immediates_and_jumps_know_their_address():
    assert registers("addi a0, zero, 1\nauipc a1, 1\nlui a2, 1", 11, 12) == (0x11004, 4096)
    assert registers("j 8\nli a0, 7\njal ra, 8\nli a0, 8\nauipc a1, 0", 1, 10, 11) == (0x1000C, 0, 0x10010)
    assert registers("auipc ra, 0\njalr ra, 13(ra)\nli a0, 9\nauipc a1, 0", 1, 10, 11) == (0x10008, 0, 0x1000C)


@pytest.mark.parametrize(
    ("branch", "taken"), [("beq", 0), ("bne", 1), ("blt", 1), ("bge", 0), ("bltu", 0), ("bgeu", 1)]
)
def test_a_branch_goes_or_does_not(branch, taken):
    source = f"li a0, -1\nli a1, 1\n{branch} a0, a1, 8\nli a2, 5"
    assert registers(source, 12) == (0 if taken else 5,)


def test_requests_print_numbers_and_characters():
    say = "li a7, 1\necall\nli a0, 10\nli a7, 11\necall\n"
    _, outcome = run(f"li a0, -7\n{say}li a0, 42\n{say}{EXIT}")
    assert outcome == Outcome(("-7", "42"), None, (), 14, status=10)
    _, outcome = run("li a0, 0x1c3\nli a7, 11\necall\nli a0, -87\necall\nli a0, 5\nli a7, 1\necall" + EXIT)
    assert outcome.output == ("\u00e95",)
    assert run("li a0, 0xff\nli a7, 11\necall" + EXIT)[1].output == ("\ufffd",)
    _, outcome = run("li a0, 10\nli a7, 11\necall\necall" + EXIT)
    assert outcome.output == ("", "")
    assert run(EXIT)[1] == Outcome((), None, (), 2)


@pytest.mark.parametrize(
    ("source", "kind", "pc", "detail"),
    [
        ("ebreak", "breakpoint", 0x10000, "ebreak"),
        ("fence\nli a7, 5\necall", "environment-call", 0x10008, "unknown request 5 in a7"),
        ("fence", "instruction-access-fault", 0x10004, "there is no instruction at this address"),
        ("jalr zero, -4(zero)", "instruction-access-fault", 0xFFFFFFFC, "there is no instruction at this address"),
        (
            "lui a0, 16\njalr zero, -4(a0)",
            "instruction-access-fault",
            0xFFFC,
            "there is no instruction at this address",
        ),
        ("jal zero, 2", "instruction-address-misaligned", 0x10000, "jump to 0x00010002"),
        ("beq zero, zero, 6", "instruction-address-misaligned", 0x10000, "jump to 0x00010006"),
        ("jal ra, -65536", "instruction-access-fault", 0, "there is no instruction at this address"),
        ("fence\njalr ra, 2(zero)", "instruction-address-misaligned", 0x10004, "jump to 0x00000002"),
        ("lw a0, 2(zero)", "load-address-misaligned", 0x10000, "load of 4 bytes from 0x00000002"),
        ("sh a0, -1(zero)", "store-address-misaligned", 0x10000, "store of 2 bytes to 0xffffffff"),
        ("lb a0, -1(zero)", "load-access-fault", 0x10000, "load of 1 bytes from 0xffffffff, outside of memory"),
    ],
)
def test_a_trap_has_kind_pc_and_detail(source, kind, pc, detail):
    assert first_line(run(source)[1]) == (kind, pc, f"{kind} at {pc:#010x}: {detail}")


def test_a_misaligned_jump_leaves_the_return_address_alone():
    assert run("jal ra, 2")[0].x[1] == 0
    assert run("jalr ra, 2(zero)")[0].x[1] == 0


def test_a_misaligned_branch_that_is_not_taken_is_no_trap():
    assert registers("bne zero, zero, 6\nli a0, 3", 10) == (3,)


def test_an_illegal_word_traps_with_its_neighbourhood():
    outcome = Emulator([0x00000013, 0xFFFFFFFF]).run()
    assert outcome.trap == Trap(
        "illegal-instruction",
        0x10004,
        "illegal-instruction at 0x00010004: 0xffffffff is not an instruction\n"
        "   00010000: 00000013  addi zero, zero, 0\n"
        "-> 00010004: ffffffff  .word 0xffffffff",
    )
    assert (outcome.output, outcome.steps) == ((), 2)


def test_a_trap_outside_of_the_text_has_no_neighbourhood():
    message = run("jalr zero, 0(zero)")[1].trap.message
    assert message == "instruction-access-fault at 0x00000000: there is no instruction at this address"


def test_the_step_limit_stops_a_loop_and_spares_a_program_of_that_length():
    _, outcome = run("j 0", 50)
    assert first_line(outcome) == ("step-limit", 0x10000, "step-limit at 0x00010000: stopped after 50 steps")
    assert outcome.steps == 50
    assert run("fence" + EXIT, 3)[1].trap is None
    assert run("fence" + EXIT, 2)[1].trap.kind == "step-limit"
    assert run(EXIT, 0)[1].steps == 0


def test_output_before_a_trap_is_kept():
    assert run("li a0, 5\nli a7, 1\necall\nebreak")[1].output == ("5",)


def test_a_run_can_be_taken_step_by_step():
    emulator = Emulator(assemble("li a0, 1\nli a0, 2\nli a0, 3\nebreak").words)
    emulator.advance(1)
    assert (emulator.x[10], emulator.pc, emulator.steps) == (1, TEXT_BASE + 4, 1)
    emulator.advance(2)
    assert (emulator.x[10], emulator.pc, emulator.steps) == (3, TEXT_BASE + 12, 3)
    emulator.advance(0)
    outcome = emulator.run(1)
    assert (outcome.trap.kind, outcome.trap.pc, outcome.steps) == ("breakpoint", TEXT_BASE + 12, 4)


def test_a_program_starts_at_its_entry_with_its_stack_pointer():
    image = assemble("ebreak\n_start: mv a0, sp\nli a7, 93\necall")
    assert Emulator(image).run(9).status == 0
    assert Emulator(replace(image, sp=STACK_TOP)).run(9).status == STACK_TOP
    assert Emulator(replace(image, sp=0x80000000)).run(9).status == -(2**31)
    assert Emulator(replace(image, entry=TEXT_BASE)).run(9).trap.kind == "breakpoint"


def high(source, address):
    """Text that lies at another address."""
    words = assemble(source).words
    content = b"".join(word.to_bytes(4, "little") for word in words)
    return Emulator(Image((Segment(address, content, len(content), executable=True),), address))


def test_addresses_in_the_upper_half_are_negative_in_registers():
    emulator = high(f"jal ra, 4\nmv a0, ra\nauipc t0, 0\njalr ra, 8(t0)\nsub a0, ra, a0{EXIT}", 0x80000000)
    assert (emulator.run(9).status, emulator.x[1]) == (12, -(2**31) + 16)
    emulator = high("bne zero, zero, 8\nbeq zero, zero, -4", 0x80000000)
    assert emulator.run(8).trap.pc == 0x80000000
    emulator = high("lui a0, 0\naddi a0, a0, 1", 0xFFFFFFF8)
    outcome = emulator.run(9)
    assert (outcome.trap.kind, outcome.trap.pc, outcome.steps) == ("instruction-access-fault", 0, 3)


@pytest.mark.parametrize("last", ["nop", "auipc a0, 0", "lb a0, -4(zero)", "add a0, a0, a0", "fence", "bnez zero, 8"])
def test_the_pc_wraps_to_zero_behind_every_kind_of_instruction(last):
    assert high(f"nop\n{last}", 0xFFFFFFF8).run(9).trap.pc == 0


def test_the_pc_wraps_to_zero_behind_a_store():
    words = assemble("sb zero, -1(zero)").words
    segment = Segment(0xFFFFFFFC, words[0].to_bytes(4, "little"), 4, writable=True, executable=True)
    assert Emulator(Image((segment,), 0xFFFFFFFC)).run(9).trap.pc == 0


def test_code_that_is_written_counts_after_fence_i():
    # The loop turns its own first instruction from li a0, 1 into li a0, 2.
    source = """
        la t0, patch
        lw t1, 0(t0)
        la t2, again
    again:
        li a0, 1
        beq a0, a1, end
        li a1, 2
        sw t1, 0(t2)
        {}
        j again
    end:
        li a7, 93
        ecall
    patch:
        li a0, 2
    """
    for fence, status in (("fence.i", 2), ("nop", None)):
        image = assemble(source.format(fence))
        (text,) = image.segments
        outcome = Emulator(replace(image, segments=(text._replace(writable=True),))).run(100)
        assert (outcome.status if outcome.trap is None else None) == status
    assert Emulator(image).run(100).trap.kind == "store-access-fault"


def test_data_is_written_and_rodata_is_not():
    source = "la t0, {0}\nlw a0, 0(t0)\nsw t0, 0(t0)\nlw a0, 0(t0)" + EXIT
    source += ".rodata\nfixed: .word 7\n.data\nvariable: .word 8\n.bss\nzero_: .space 4"
    emulator = Emulator(assemble(source.format("variable")))
    assert emulator.run(99).status == 0x300000
    assert Emulator(assemble(source.format("zero_"))).run(99).status == 0x300010
    outcome = Emulator(assemble(source.format("fixed"))).run(99)
    assert first_line(outcome)[2].endswith("store of 4 bytes to 0x00200000, in read-only memory")


def test_segments_overlap_when_they_share_a_byte():
    one = Segment(8, b"", 8)
    expected = {0: False, 4: True, 12: True, 16: False}
    assert {start: one.overlaps(Segment(start, b"", 8)) for start in expected} == expected
    assert Segment(0, b"", 100).overlaps(one)
    assert one.overlaps(Segment(0, b"", 100))


def test_only_what_is_executable_is_fetched():
    memory = Memory((Segment(0x100, b"\1\2\3\4", 8, executable=True), Segment(0x108, b"\5", 4, writable=True)))
    assert [memory.fetch(address) for address in (0xFC, 0x100, 0x104, 0x108)] == [None, 0x04030201, 0, None]
    assert memory.load(0x108, 4) == 5


def test_a_trap_shows_two_instructions_on_each_side():
    for nops in (1, 2, 3):
        message = run("nop\n" * nops + "ebreak\n" + "nop\n" * nops)[1].trap.message
        assert message.count("addi zero, zero, 0") == 2 * min(nops, 2)


def test_segments_do_not_share_their_bytes():
    segments = [Segment(start, bytes([n]), 4, writable=True) for n, start in enumerate((0x100, 0x104, 0x200, 0x300), 1)]
    memory = Memory(segments)
    for offset in range(0, 64, 4):
        memory.store(STACK_BOTTOM + offset, 4, 0xFFFFFFFF)
    assert [memory.load(segment.address, 4) for segment in segments] == [1, 2, 3, 4]
    for segment in segments:
        memory.store(segment.address, 4, segment.address)
    assert [memory.load(segment.address, 4) for segment in segments] == [0x100, 0x104, 0x200, 0x300]
    assert memory.load(STACK_BOTTOM, 4) == 0xFFFFFFFF
