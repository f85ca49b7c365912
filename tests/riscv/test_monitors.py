"""Each monitor's rules: a short program that breaks one, one that only just does not, and the exact report."""

import pytest

import riscv
from riscv import monitors
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.formats import REGISTERS

START = "lui sp, 512\naddi sp, sp, -256\nli s0, 0\n"  # sp = 0x1fff00, main's frame
EXIT = "li a7, 93\necall\n"


def violations(source, name):
    """The messages of one monitor on assembly text that does not trap."""
    outcome = Emulator(assemble(source), [monitors.create(name)]).run(1000)
    assert outcome.trap is None, outcome.trap
    assert all(v.message.startswith(f"{v.name} at {v.pc:#010x}: ") for v in outcome.violations)
    return [(v.name, v.message.split(": ", 1)[1]) for v in outcome.violations]


def called(body, before=""):
    """A main program that calls a function with this body."""
    return f"{START}{before}call f\n{EXIT}f:\n{body}\n"


CLEAN = "addi sp, sp, -16\nsw ra, 12(sp)\nsw s1, 8(sp)\nli s1, 5\nlw s1, 8(sp)\nlw ra, 12(sp)\naddi sp, sp, 16\nret"


@pytest.mark.parametrize("name", ["abi", "memory"])
def test_a_proper_function_breaks_no_rule(name):
    assert violations(called(CLEAN), name) == []
    assert violations(called(CLEAN, "call f\n"), name) == []


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        (called("ret", "addi sp, sp, -8\n"), "abi-stack-misaligned", "sp is 0x001ffef8"),
        (called("ret", "addi sp, sp, -15\n"), "abi-stack-misaligned", "sp is 0x001ffef1"),
        (called("addi sp, sp, 16\nret"), "abi-stack-pointer", "sp is 0x001fff10, was 0x001fff00"),
        (called("addi sp, sp, -16\nret"), "abi-stack-pointer", "sp is 0x001ffef0, was 0x001fff00"),
        (
            called("li a7, 93\naddi ra, ra, 4\nret", "fence\n"),
            "abi-return-address",
            "return to 0x00010018, called from 0x00010010",
        ),
        (f"{START}auipc ra, 0\naddi ra, ra, 12\nret\n{EXIT}", "abi-return-without-call", "return to 0x00010018"),
        (
            called("sw s1, 0(sp)\nret"),
            "abi-store-above-frame",
            "the store ends at 0x001fff04, the frame at 0x001fff00",
        ),
        (
            called("addi s0, sp, 0\nsb s1, 0(s0)\nli s0, 0\nret"),
            "abi-store-above-frame",
            "the store ends at 0x001fff01, the frame at 0x001fff00",
        ),
        (
            called("sh s1, -1(sp)\nret", "addi sp, sp, 1\n"),
            "abi-store-above-frame",
            "the store ends at 0x001fff02, the frame at 0x001fff01",
        ),
    ],
)
def test_the_abi_monitor_reports(source, name, message):
    found = violations(source, "abi")
    assert (name, message) in found
    assert {other for other, _ in found} <= {name, "abi-stack-misaligned"}


@pytest.mark.parametrize("register", ["s0", *(f"s{n}" for n in range(1, 12))])
def test_each_callee_saved_register_must_survive(register):
    assert violations(called(f"li {register}, 7\nret"), "abi") == [("abi-callee-saved", f"changed {register}")]


def test_all_changed_registers_are_named():
    assert violations(called("li s3, 1\nli s1, 2\nret"), "abi") == [("abi-callee-saved", "changed s1, s3")]


@pytest.mark.parametrize("register", sorted(set(REGISTERS) - {REGISTERS[n] for n in monitors.SAVED}))
def test_other_registers_may_change(register):
    if register not in ("sp", "ra"):
        assert violations(called(f"li {register}, 7\nret"), "abi") == []


@pytest.mark.parametrize(
    "body", ["sw s1, -4(sp)\nret", "mv t0, sp\nsw s1, 0(t0)\nret", "sb s1, -1(sp)\nret", "sh s1, -2(sp)\nret"]
)
def test_stores_that_end_in_the_frame_or_use_another_base_are_fine(body):
    assert violations(called(body), "abi") == []


def test_a_store_may_end_with_the_stack_but_not_in_a_callers_frame():
    source = "li sp, 0x1fffe0\nsw s1, 12(sp)\ncall f\nli a7, 93\necall\nf: {}\nret\n.data\nword: .word 1"
    message = "the store ends at 0x001ffff0, the frame at 0x001fffe0"
    assert violations(source.format("sw s1, 12(sp)"), "abi") == [("abi-store-above-frame", message)]
    assert violations(source.format("mv t0, s0\nla s0, word\nsw s1, 0(s0)\nmv s0, t0"), "abi") == []


def test_a_store_brings_its_own_words_to_life_and_no_others():
    called_once = "sw s1, 0(sp)\ncall f\naddi sp, sp, -16\nsw s1, 4(sp)\naddi sp, sp, 16\nlw s1, 0(sp)\n"
    body = "f:\naddi sp, sp, -16\nsw s1, 0(sp)\naddi sp, sp, 16\nret"
    assert violations(f"{START}{called_once}{EXIT}{body}", "frame") == []
    dead = called_once.replace("addi sp, sp, 16\nlw s1, 0(sp)", "lw s1, 4(sp)\nlw s1, 8(sp)")
    assert violations(f"{START}{dead}{EXIT}{body}", "frame") == [("frame-dead-load", "load from 0x001ffef8")]


def test_the_top_level_may_store_in_its_own_frame():
    assert violations(f"{START}sw ra, 8(sp)\ncall f\nsw ra, 8(sp)\n{EXIT}f:\nret", "abi") == []


def test_calls_nest_and_each_returns_to_its_own():
    inner = "mv t0, ra\nli t1, 3\ncall g\nmv ra, t0\nret\ng:\nret"
    assert violations(called(inner), "abi") == []
    wrong = "mv t0, ra\nli s5, 3\ncall g\nmv ra, t0\nret\ng:\nli s6, 1\nret"
    assert violations(called(wrong), "abi") == [
        ("abi-callee-saved", "changed s6"),
        ("abi-callee-saved", "changed s5, s6"),
    ]


def test_a_call_through_a_register_counts_and_a_plain_jump_does_not():
    through = f"{START}auipc t0, 0\njalr ra, 16(t0)\n{EXIT}li s1, 7\nret"
    assert violations(through, "abi") == [("abi-callee-saved", "changed s1")]
    plain = f"{START}auipc t0, 0\njalr zero, 8(t0)\njal t1, 4\njalr t1, 12(t0)\nj 4\n{EXIT}"
    assert violations(plain.replace("12(t0)", "16(t0)"), "abi") == []


def test_a_tail_jump_through_another_register_is_no_return():
    assert violations(called("auipc t0, 0\njalr zero, 8(t0)\nret"), "abi") == []


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        (f"{START}sw s1, -4(sp)\n{EXIT}", "memory-store-below-sp", "store to 0x001ffefc, sp is 0x001fff00"),
        (f"{START}mv t0, sp\nsb s1, -1(t0)\n{EXIT}", "memory-store-below-sp", "store to 0x001ffeff, sp is 0x001fff00"),
        (f"{START}lw s1, -4(sp)\n{EXIT}", "memory-load-below-sp", "load from 0x001ffefc, sp is 0x001fff00"),
        (f"{START}lw sp, -4(sp)\n{EXIT}", "memory-load-below-sp", "load from 0x001ffefc, sp is 0x001fff00"),
        (f"{START}lw s1, 0(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff00"),
        (f"{START}mv t0, sp\nlbu t0, 5(t0)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff05"),
        (f"{START}sw s1, 0(sp)\nlw s1, 4(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff04"),
        (f"{START}sw s1, 4(sp)\nlw s1, 0(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff00"),
        (f"{START}sh s1, 0(sp)\nlw s1, 0(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff00"),
        (f"{START}sb s1, 0(sp)\nlh s1, 0(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff00"),
        (f"{START}sb s1, 0(sp)\nlhu s1, 0(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff00"),
        (f"{START}sh s1, 2(sp)\nlb s1, 1(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff01"),
        (f"{START}sh s1, 0(sp)\nlb s1, 2(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff02"),
        (f"{START}sb s1, 0(sp)\nlb s1, 1(sp)\n{EXIT}", "memory-uninitialised-load", "load from 0x001fff01"),
        (
            "lui sp, 448\naddi sp, sp, -16\nlw a0, 0(sp)\n" + EXIT,  # the lowest word of the stack
            "memory-uninitialised-load",
            "load from 0x001bfff0",
        ),
    ],
)
def test_the_memory_monitor_reports(source, name, message):
    assert violations(source, "memory") == [(name, message)]


@pytest.mark.parametrize(
    "accesses",
    [
        "sw s1, 0(sp)\nlw s1, 0(sp)\nlb s1, 3(sp)\nlhu s1, 2(sp)",
        "sh s1, 0(sp)\nsh s1, 2(sp)\nlw s1, 0(sp)",
        "sb s1, 7(sp)\nlb s1, 7(sp)\nlbu s1, 7(sp)",
        "sb s1, 0(sp)\nsb s1, 1(sp)\nlh s1, 0(sp)",
        "auipc t0, 0\nlw s1, 0(t0)",
        "sw s1, 0(sp)\nlw sp, 0(sp)",
    ],
)
def test_loads_of_what_was_stored_and_of_the_text_are_fine(accesses):
    assert violations(f"{START}{accesses}\n{EXIT}", "memory") == []


FIRST = "addi sp, sp, -16\nsw s1, 0(sp)\nsw s1, 12(sp)\naddi sp, sp, 16\nret"
SECOND = "addi sp, sp, -16\nlw s1, {}(sp)\naddi sp, sp, 16\nret"


@pytest.mark.parametrize(("slot", "address"), [(0, "0x001ffef0"), (12, "0x001ffefc")])
def test_a_return_forgets_the_frame(slot, address):
    source = f"{START}sw s1, 0(sp)\ncall f\ncall g\nlw s1, 0(sp)\n{EXIT}f:\n{FIRST}\ng:\n{SECOND.format(slot)}"
    assert violations(source, "memory") == [("memory-uninitialised-load", f"load from {address}")]


def test_every_return_forgets_its_frame():
    again = f"call f\ncall g\n{EXIT}f:\n{FIRST}\ng:\n{SECOND.format(0)}"
    source = f"{START}sw s1, 0(sp)\ncall f\nsw s1, 4(sp)\n{again}"
    assert violations(source, "memory") == [("memory-uninitialised-load", "load from 0x001ffef0")]


def test_a_return_with_a_wild_stack_pointer_is_no_accident():
    for sp in ("li sp, 0", "lui sp, 512", "li sp, -16"):
        outcome = Emulator(assemble(called(f"{sp}\nret", "sw ra, 0(sp)\n")), [monitors.create("memory")]).run(99)
        assert (outcome.trap, outcome.violations) == (None, ())


@pytest.mark.parametrize(("slot", "address"), [(0, "0x001ffef0"), (12, "0x001ffefc")])
def test_the_frame_monitor_reports_what_a_return_has_left_behind(slot, address):
    source = f"{START}sw s1, 0(sp)\ncall f\ncall g\nlw s1, 0(sp)\n{EXIT}f:\n{FIRST}\ng:\n{SECOND.format(slot)}"
    assert violations(source, "frame") == [("frame-dead-load", f"load from {address}")]


@pytest.mark.parametrize("load", ["lh s1, 2(sp)", "lb s1, 3(sp)", "lw s1, 0(sp)", "lbu zero, 3(sp)"])
def test_a_part_of_a_dead_word_is_dead(load):
    second = f"addi sp, sp, -16\nsh s1, 0(sp)\nsb s1, 2(sp)\n{load}\naddi sp, sp, 16\nret"
    address = "0x001ffef0" if "lw" in load else "0x001ffef2" if "lh" in load else "0x001ffef3"
    source = f"{START}sw s1, 0(sp)\ncall f\ncall g\n{EXIT}f:\n{FIRST}\ng:\n{second}"
    assert violations(source, "frame") == [("frame-dead-load", f"load from {address}")]


def test_what_was_stored_again_is_alive_and_what_was_never_used_is_left_to_the_memory_monitor():
    second = "addi sp, sp, -32\nsw s1, 16(sp)\nlw s1, 16(sp)\nlw s1, 0(sp)\naddi sp, sp, 32\nret"
    assert violations(f"{START}call f\ncall g\n{EXIT}f:\n{FIRST}\ng:\n{second}", "frame") == []
    assert violations(f"{START}sw ra, 0(sp)\ncall f\nlw ra, 0(sp)\nlw a0, -20(sp)\n{EXIT}f:\n{FIRST}", "frame") == []
    assert violations(f"{START}auipc t0, 0\nlw s1, 0(t0)\n{EXIT}", "frame") == []


def registers(source, *names):
    """What some registers hold at the end of a run under the frame monitor."""
    emulator = Emulator(assemble(source).words, [monitors.create("frame")])
    assert emulator.run(100).trap is None
    return [emulator.x[REGISTERS.index(name)] for name in names]


ALL_SET = "".join(f"li {name}, 7\n" for name in REGISTERS if name not in ("zero", "sp", "ra", "a7"))
POISON = -0x21524111


def test_a_return_leaves_junk_in_every_caller_saved_register_that_holds_no_result():
    source = f"{START}call f\nmv s1, a7\n{EXIT}f:\n{ALL_SET}li a7, 7\nret"
    junk = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "a2", "a3", "a4", "a5", "a6", "s1"]
    assert registers(source, *junk) == [POISON] * len(junk)
    kept = ["a0", "s0", "s2", "s11", "gp", "tp"]
    assert registers(source, *kept) == [7] * len(kept)


def test_a_call_leaves_junk_in_the_temporary_registers_and_brings_the_arguments():
    source = f"{START}{ALL_SET}call f\nf:\n{EXIT}"
    assert registers(source, "t0", "t6", "a0", "a6", "s1", "gp", "tp") == [POISON, POISON, 7, 7, 7, 7, 7]
    assert registers(f"{START}{ALL_SET}j f\nf:\n{EXIT}", "t0", "t6") == [7, 7]


def test_a_dead_word_reads_as_junk_and_x0_stays_0():
    second = "addi sp, sp, -16\nlw s1, 0(sp)\nlw zero, 0(sp)\naddi sp, sp, 16\nret"
    source = f"{START}call f\ncall g\n{EXIT}f:\n{FIRST}\ng:\n{second}"
    assert registers(source, "s1", "zero") == [POISON, 0]


def test_the_frame_monitor_looks_at_every_return_and_at_the_lowest_word():
    deep = "addi sp, sp, -64\nsw s1, 0(sp)\naddi sp, sp, 64\nret"
    look = "addi sp, sp, -64\nlw s1, 0(sp)\naddi sp, sp, 64\nret"
    source = f"{START}call f\ncall g\ncall d\ncall f\ncall e\n{EXIT}f:\n{FIRST}\ng:\nret\nd:\n{deep}\ne:\n{look}"
    assert violations(source, "frame") == [("frame-dead-load", "load from 0x001ffec0")]


def test_a_violation_in_a_loop_is_reported_once_for_its_place():
    source = (
        f"{START}li t0, 3\nloop:\nlw a0, 0(sp)\nlw a0, 0(sp)\nsw a0, -4(sp)\naddi t0, t0, -1\nbnez t0, loop\n{EXIT}"
    )
    emulator = Emulator(assemble(source), [monitors.create("memory")])
    found = emulator.run(100).violations
    assert [(v.name, v.pc) for v in found] == [
        ("memory-uninitialised-load", 0x10010),
        ("memory-uninitialised-load", 0x10014),
        ("memory-store-below-sp", 0x10018),
    ]


def test_a_trapping_access_is_a_trap_and_not_a_violation():
    for access in ("lw a0, 0(zero)", "sw a0, 0(zero)", "lw a0, 256(sp)"):
        outcome = Emulator(assemble(START + access), [monitors.create("memory")]).run(100)
        assert outcome.trap is not None
        assert outcome.violations == ()


def test_a_return_that_traps_is_reported_all_the_same():
    outcome = Emulator(assemble(called("li ra, 10\nret")), [monitors.create("abi")]).run(1000)
    assert outcome.trap.kind == "instruction-address-misaligned"
    assert [v.name for v in outcome.violations] == ["abi-return-address"]


def test_a_return_goes_to_an_even_address_behind_its_offset():
    assert violations(called("addi ra, ra, -7\njalr x0, 8(ra)"), "abi") == []
    assert violations(called("addi ra, ra, -4\njalr x0, 4(ra)"), "abi") == []


@pytest.mark.parametrize("name", ["abi", "frame", "memory"])
def test_what_lies_outside_of_the_stack_is_none_of_a_monitors_business(name):
    body = "la t0, data\nsw t0, 0(t0)\nlw t1, 0(t0)\nlw t1, 4(t0)\nli t2, 0x10000\nlw t1, 0(t2)\nret"
    assert violations(f"{called(body)}.data\ndata: .word 1, 2", name) == []


def test_an_unknown_monitor_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^unknown monitor 'heap'; there are abi, frame, memory, invariant$"):
        riscv.run_program(riscv.compile_source(""), monitors=("heap",))


def test_run_program_uses_both_monitors_unless_told_otherwise():
    program = riscv.Program("test", assemble(called("li s1, 1\nlw a0, -4(sp)\nret")), "")
    assert [v.name for v in riscv.run_program(program).violations] == ["abi-callee-saved", "memory-load-below-sp"]
    assert [v.name for v in riscv.run_program(program, ("memory",)).violations] == ["memory-load-below-sp"]
    assert riscv.run_program(program, ()).violations == ()
    assert riscv.run_program(program, (), 2).trap.kind == "step-limit"


@pytest.mark.parametrize("name", ["abi", "memory", "invariant"])
def test_variables_outside_of_the_stack_are_no_concern_of_the_monitors(name):
    source = f"{START}la t0, x\nlw a0, 0(t0)\nsw a0, 0(t0)\nlw a0, 4(t0)\n{EXIT}.data\nx: .word 1, 2"
    assert violations(source, name) == []
    emulator = Emulator(assemble(source), [monitors.create("memory")])
    emulator.run(100)
    assert len(emulator.monitors[0].initialised) == 2**18


def test_a_proper_program_keeps_the_invariants():
    assert violations(called(CLEAN), "invariant") == []
    assert violations(f"lui sp, 512\naddi sp, sp, -16\nli a0, -1\nli a1, 0x80000000\n{EXIT}", "invariant") == []
    assert violations(f"start: bnez a0, end\nli a0, 1\nj start\nend: {EXIT}", "invariant") == []
    assert violations(f"lui sp, 272\naddi sp, sp, 0\n{EXIT}", "invariant") == []


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("lui sp, 512\naddi sp, sp, 0\n", "invariant-stack-pointer", "sp is 0x00200000"),
        ("lui sp, 512\naddi sp, sp, -15\n", "invariant-stack-pointer", "sp is 0x001ffff1"),
        ("lui sp, 272\naddi sp, sp, -4\n", "invariant-stack-pointer", "sp is 0x0010fffc"),
        ("li sp, -1\n", "invariant-stack-pointer", "sp is 0xffffffff"),
    ],
)
def test_a_stack_pointer_outside_of_the_stack_is_reported(source, name, message):
    assert violations(source + EXIT, "invariant") == [(name, message)]


def test_a_jump_out_of_the_text_is_reported_before_it_traps():
    emulator = Emulator(assemble("fence\njalr zero, -4(zero)"), [monitors.create("invariant")])
    assert [v.message for v in emulator.run(9).violations] == [
        "invariant-pc at 0x00010004: the next pc is 0xfffffffc",
    ]
    emulator = Emulator(assemble("j 0x10000 - 0x20000"), [monitors.create("invariant")])
    assert [v.message for v in emulator.run(9).violations] == ["invariant-pc at 0x00010000: the next pc is 0x00000000"]
    emulator = Emulator(assemble("lui a0, 272\njr a0"), [monitors.create("invariant")])
    assert [v.name for v in emulator.run(9).violations] == ["invariant-pc"]
    emulator = Emulator(assemble("lui a0, 272\njalr zero, -4(a0)"), [monitors.create("invariant")])
    assert [v.name for v in emulator.run(9).violations] == []


@pytest.mark.parametrize(
    ("register", "value", "message"),
    [
        (0, 1, "invariant-x0 at 0x00010000: x0 is 1"),
        (31, 2**31, "invariant-register at 0x00010000: t6 is 2147483648"),
        (1, -(2**31) - 1, "invariant-register at 0x00010000: ra is -2147483649"),
        (31, 2**31 - 1, None),
        (31, -(2**31), None),
        (32, 2**40, None),
    ],
)
def test_a_broken_register_is_reported(register, value, message):
    emulator = Emulator(assemble("fence"), [monitors.create("invariant")])
    emulator.x[register] = value
    assert [v.message for v in emulator.run(1).violations] == ([message] if message else [])
