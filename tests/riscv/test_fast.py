"""The fast engine in lock-step with the plain one: as plain Python everywhere, as machine code where Numba is."""

import importlib.util
import sys
import types
from array import array
from dataclasses import replace
from functools import cache
from random import Random

import pytest

import riscv
from riscv import fast, generate, programs
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.errors import RiscvError
from riscv.fast import FastEmulator
from riscv.isa import INSTRUCTIONS
from riscv.memory import STACK_TOP

HAS_NUMBA = importlib.util.find_spec("numba") is not None
plain_loop = cache(lambda: fast.build(fast.plain))
LOOPS = [
    pytest.param(plain_loop, id="python"),
    pytest.param(
        fast.compiled_loop,
        id="numba",
        marks=[pytest.mark.slow, pytest.mark.skipif(not HAS_NUMBA, reason="Numba is not installed")],
    ),
]


def compare(image, loop, limit=100_000, stride=None):
    """Run on both engines, a few steps at a time if there is a stride; the outcome they agree on."""
    one, other = Emulator(image), FastEmulator(image, loop())
    taken = 0
    while stride and taken + stride < limit:
        try:
            one.advance(stride)
        except Exception as error:
            with pytest.raises(type(error)):
                other.advance(stride)
            assert (one.pc, one.steps, one.x) == (other.pc, other.steps, other.x)
            break
        other.advance(stride)
        taken += stride
        assert (one.pc, one.steps, one.x) == (other.pc, other.steps, other.x)
    outcomes = one.run(limit - taken), other.run(limit - taken)
    assert outcomes[0] == outcomes[1]
    assert (one.x, one.pc) == (other.x, other.pc)
    assert one.memory.content == other.memory.content
    return outcomes[0]


def straight_line(rng, length):
    """Random computations, loads and stores around a few addresses, and short branches."""
    lines = ["lui sp, 512", "addi sp, sp, -64"]
    names = [n for n, row in INSTRUCTIONS.items() if row.format.name in ("register", "immediate", "shift", "upper")]
    for _ in range(length):
        kind = rng.randrange(4)
        a, b, c = (f"x{rng.choice((0, 5, 6, 7, 10, 11, 12, 31))}" for _ in range(3))
        if kind < 2:
            row = INSTRUCTIONS[rng.choice(names)]
            last = {"register": f", {b}, {c}", "upper": f", {rng.choice((0, 1, 0x7FFFF, 0x80000, 0xFFFFF))}"}
            shift = f", {b}, {rng.choice((0, 1, 31))}"
            immediate = f", {b}, {rng.choice((0, 1, -1, 2047, -2048, 5))}"
            rest = {**last, "shift": shift, "immediate": immediate}[row.format.name]
            lines.append(f"{row.mnemonic} {a}{rest}")
        elif kind == 2:
            name = rng.choice(("lb", "lbu", "lh", "lhu", "lw", "sb", "sh", "sw"))
            lines.append(f"{name} {a}, {rng.randrange(12) * INSTRUCTIONS[name].size}(sp)")
        else:
            name = rng.choice(("beq", "bne", "blt", "bge", "bltu", "bgeu"))
            lines.append(f"{name} {a}, {b}, {rng.choice((4, 8, 12))}")
    return "\n".join([*lines, "nop", "nop", "nop", "jal a0, 4", "auipc t0, 0", "jalr a1, 8(t0)", "li a7, 93", "ecall"])


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("seed", range(20))
def test_both_engines_agree_after_every_step_of_random_code(loop, seed):
    compare(assemble(straight_line(Random(seed), 60)), loop, stride=1)
    compare(assemble(straight_line(Random(-seed), 200)), loop)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("name", "text"), programs.load(), ids=lambda value: value if len(value) < 40 else "")
def test_both_engines_agree_on_the_corpus(loop, name, text):
    outcome = compare(riscv.compile_source(text, name).image, loop, stride=97)
    assert outcome.output == programs.expected_output(text)


@pytest.mark.parametrize("loop", LOOPS)
def test_both_engines_agree_on_generated_programs(loop):
    for seed in range(8):
        compare(riscv.compile_source(generate.program(Random(seed))).image, loop)


TRAPS = [
    "ebreak",
    "lw a0, 2(zero)",
    "lh a0, 1(zero)",
    "lw a0, 0(zero)",
    "sw a0, 0(zero)",
    "sh a0, 1(zero)",
    "lui a0, 16\nsw a0, 0(a0)",
    "lui sp, 432\nsw a0, 0(sp)",
    "li a7, 77\necall",
    "jal ra, 2",
    "beq zero, zero, 6",
    "bne zero, zero, 6\nebreak",
    "jalr ra, 2(zero)",
    "jalr ra, 0(zero)",
    "lui a0, 16\njalr ra, -4(a0)",
    "jal zero, 0x1000",
    "nop",
    ".word 0",
    "loop: j loop",
    "loop: addi a0, a0, 1\nlw a1, 0(sp)\nbne a0, a1, loop",
    "fence\nfence.i\nebreak",
]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("source", TRAPS)
def test_both_engines_trap_alike(loop, source):
    compare(assemble(f"lui a1, 16\nli a2, -1\n{source}"), loop, limit=300)
    compare(replace(assemble(source), sp=STACK_TOP - 16), loop, limit=50, stride=7)


@pytest.mark.parametrize("loop", LOOPS)
def test_code_that_is_written_counts_after_fence_i(loop):
    source = "la t0, p\nlw t1, 0(t0)\nla t2, a\na: li a0, 1\nbeq a0, a1, e\nli a1, 2\nsw t1, 0(t2)\nfence.i\nj a\n"
    image = assemble(source + "e: li a7, 93\necall\np: li a0, 2")
    (text,) = image.segments
    assert compare(replace(image, segments=(text._replace(writable=True),)), loop).status == 2


@pytest.mark.parametrize("loop", LOOPS)
def test_code_in_another_segment_is_left_to_the_plain_emulator(loop):
    image = assemble("lui t0, 768\njalr ra, 4(t0)\nli a7, 93\necall")
    code = b"".join(word.to_bytes(4, "little") for word in assemble("nop\nli a0, 9\nret").words)
    segment = image.segments[0]._replace(address=0x300000, content=code, size=len(code))
    assert compare(replace(image, segments=(*image.segments, segment)), loop).status == 9
    assert compare(replace(image, segments=(segment, *image.segments)), loop).status == 9
    assert FastEmulator(replace(image, segments=(*image.segments, segment)), loop()).base == 0x10000
    assert FastEmulator(replace(image, segments=(segment, *image.segments)), loop()).base == 0x10000


@pytest.mark.parametrize("loop", LOOPS)
def test_a_program_may_end_through_tohost(loop):
    source = "la t0, tohost\nli t1, 7\nsw t1, 0(t0)\nx: j x\n.data\ntohost: .word 0"
    assert compare(assemble(source), loop).status == 3


@pytest.mark.parametrize("loop", LOOPS)
def test_an_entry_outside_of_memory_traps(loop):
    assert compare(replace(assemble("nop"), entry=0x4000), loop).trap.kind == "instruction-access-fault"
    assert compare(replace(assemble("nop"), entry=0x10004), loop).trap.kind == "instruction-access-fault"


@pytest.mark.parametrize("loop", LOOPS)
def test_the_step_limit_is_exact(loop):
    for limit in range(7):
        outcome = compare(assemble("nop\nloop: addi a0, a0, 1\nj loop"), loop, limit)
        assert (outcome.trap.kind, outcome.steps) == ("step-limit", limit)


def test_the_loop_takes_the_common_steps_itself():
    emulator = FastEmulator(
        assemble("li a1, 1000\nloop: addi a0, a0, 1\nbne a0, a1, loop\nli a7, 93\necall"), plain_loop()
    )
    emulator.run()
    # Each instruction is bound once, when it is entered into the tables, and only ecall is run by the emulator.
    assert list(emulator.operation) == [fast.NUMBERS[n] for n in ("addi", "addi", "bne", "addi")] + [0]
    assert emulator.steps == 2003


def test_every_instruction_but_those_of_the_system_has_a_number():
    assert set(INSTRUCTIONS) - set(fast.NUMBERS) == {"fence", "fence.i", "ecall", "ebreak"}
    assert len(set(fast.NUMBERS.values())) == len(fast.NUMBERS)
    assert min(fast.NUMBERS.values()) == 1


def double(a):
    """Called by twice_and_one."""
    return a * 2


def twice_and_one(a):
    """Calls a function and a builtin."""
    return abs(double(a)) + 1


def test_a_function_is_compiled_with_all_it_calls():
    passed = []

    def jit(function):
        passed.append(function)
        return function

    copy = fast.compiled(twice_and_one, jit)
    assert [function.__name__ for function in passed] == ["double", "twice_and_one"]
    assert (copy(-4), copy is passed[1], copy is twice_and_one) == (9, True, False)
    assert copy.__globals__["double"] is passed[0] is not double
    assert fast.compiled(double, fast.plain) is double


def test_everything_in_the_loop_passes_through_the_compiler(monkeypatch):
    passed = []

    def jit(function):
        passed.append(function.__name__)
        return function

    meanings = []
    monkeypatch.setattr(fast, "compiled", lambda function, jit: meanings.append((function, jit)) or function)
    loop = fast.build(jit)
    assert (passed, loop.__name__) == (["loop"], "loop")
    assert {function for function, _ in meanings} >= {INSTRUCTIONS[name].meaning for name in fast.NUMBERS}
    assert {used for _, used in meanings} == {jit}
    assert {fast.locate, riscv.fast.wrap} < {function for function, _ in meanings}


def test_numba_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(RiscvError) as error:
        fast.numba_loop()
    assert str(error.value) == "the fast engine needs Numba; install it with: pip install 'nnlab[fast]'"


def test_numba_compiles_the_loop(monkeypatch):
    numba = types.ModuleType("numba")
    numba.njit = lambda function: function
    monkeypatch.setitem(sys.modules, "numba", numba)
    monkeypatch.setattr(fast, "build", lambda jit: ["loop", jit])
    assert fast.numba_loop() == ["loop", numba.njit]


def test_an_emulator_takes_the_compiled_loop_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(fast, "compiled_loop", plain_loop)
    assert FastEmulator(assemble("li a7, 93\necall")).run().steps == 2


class Int64(int):
    """A number that refuses to leave 64 bits, as machine code could not."""


def checked(name):
    """An operator of Int64."""

    def operator(self, other):
        result = getattr(int, name)(self, other)
        assert -(2**63) <= result < 2**63, f"{name} of {self} and {other} gives {result}"
        return Int64(result)

    return operator


for name in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    setattr(Int64, f"__{name}__", checked(f"__{name}__"))
    setattr(Int64, f"__r{name}__", checked(f"__r{name}__"))
setattr(Int64, "__neg__", lambda self: Int64(-int(self)))  # noqa: B010
setattr(Int64, "__abs__", lambda self: Int64(abs(int(self))))  # noqa: B010

CORNERS = [0, 1, -1, 2, -2, 31, 32, 33, 255, 2**31 - 1, -(2**31), -(2**31) + 1, 0x55555555, -0x12345678]


def computations():
    """The instructions that compute from two numbers, and numbers to compute from."""
    for name, row in INSTRUCTIONS.items():
        if row.format.name in ("register", "immediate", "branch", "shift"):
            second = range(32) if row.format.name == "shift" else CORNERS
            yield name, row.meaning, [(a, b) for a in CORNERS for b in second]


def test_no_instruction_needs_more_than_64_bits():
    for name, meaning, pairs in computations():
        for a, b in pairs:
            assert meaning(Int64(a), Int64(b)) == meaning(a, b), name


@pytest.mark.slow
@pytest.mark.skipif(not HAS_NUMBA, reason="Numba is not installed")
def test_machine_code_computes_what_the_table_says():
    from numba import njit

    for name, meaning, pairs in computations():
        fast_meaning = fast.compiled(meaning, njit)
        assert [int(fast_meaning(a, b)) for a, b in pairs] == [meaning(a, b) for a, b in pairs], name


def test_an_address_is_located_in_the_first_region_that_holds_it():
    regions = array("q", [0x100, 0x110, 0x100, 0x200, 0x208, 0x1F0])
    places = {0xFF: -1, 0x100: 0, 0x10F: 15, 0x110: -1, 0x1FF: -1, 0x200: 16, 0x207: 23, 0x208: -1, 0: -1}
    assert {address: fast.locate(regions, address) for address in places} == places


def test_the_plain_emulator_is_asked_for_requests_and_traps_only(monkeypatch):
    plain_steps = []
    advance = Emulator.advance
    monkeypatch.setattr(Emulator, "advance", lambda self, limit: plain_steps.append(self.pc) or advance(self, limit))
    every = "lui a1, 1\nauipc a2, 0\nadd a0, a1, a2\nsw a0, 0(sp)\nlw a3, 0(sp)\nbeq a0, a3, 8\nnop\njal a4, 4\n"
    source = f"{every}jalr a4, 32(a2)\nslli a0, a0, 1\nfence.i\nsb a0, 4(sp)\nlbu a0, 4(sp)\nli a7, 93\necall"
    emulator = FastEmulator(replace(assemble(source), sp=STACK_TOP - 16), plain_loop())
    assert emulator.run(100).steps == 14
    assert plain_steps == [0x10000 + 4 * 10, 0x10000 + 4 * 14]
    assert len(emulator.operation) == 15
