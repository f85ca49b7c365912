"""The comparison with Unicorn and capstone, on themselves where they are installed and on stand-ins everywhere."""

import importlib.util
import sys
from dataclasses import replace
from random import Random

import pytest

import riscv
from riscv import generate, peers, programs, single
from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.errors import RiscvError
from riscv.isa import INSTRUCTIONS, decode
from riscv.memory import STACK_TOP, Segment
from tests.riscv import stand_ins


def real(module):
    """The parameter for a module itself, which may not be there."""
    missing = importlib.util.find_spec(module) is None
    return pytest.param(None, id="real", marks=pytest.mark.skipif(missing, reason=f"{module} is not installed"))


def stand_in(request, monkeypatch):
    for name, module in (request.param or {}).items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture(params=[real("unicorn"), pytest.param(stand_ins.modules(), id="stand-in")])
def _unicorn(request, monkeypatch):
    stand_in(request, monkeypatch)


@pytest.fixture(params=[real("capstone"), pytest.param(stand_ins.modules(), id="stand-in")])
def _capstone(request, monkeypatch):
    stand_in(request, monkeypatch)


@pytest.mark.usefixtures("_unicorn")
def test_the_registers_memory_and_pc_of_a_peer_are_those_given():
    peer = peers.Peer([Segment(0x1FFC, b"abcdefgh", 12)])
    peer.set([0, *range(-1, -32, -1)], 0x2000)
    assert peer.registers() == (0, *range(-1, -32, -1))
    assert peer.pc() == 0x2000
    assert peer.read(0x1FFE, 7) == b"cdefgh\0"


@pytest.mark.usefixtures("_unicorn")
def test_single_instructions_see_their_own_draw_alone():
    machine, plain = peers.unicorn_machine(), single.plain()
    for name in single.COMPARABLE:
        for seed in range(3):
            given = single.draw(Random(f"{name} {seed}"), INSTRUCTIONS[name])
            assert machine(given) == plain(given), disassemble(given.word)


@pytest.mark.usefixtures("_unicorn")
def test_a_jump_of_a_draw_may_go_to_either_end_of_its_reach():
    machine, plain = peers.unicorn_machine(), single.plain()
    for text in ("jal ra, -1048576", "jal ra, 1048572"):
        given = single.Draw(assemble(text).words[0], (0,) * 32, bytes(64))
        assert machine(given) == plain(given)


@pytest.mark.usefixtures("_unicorn")
def test_a_program_of_every_kind_of_step_agrees():
    source = "li a0, 65\nli a7, 11\necall\nli t0, 3\nloop: addi t0, t0, -1\nsw t0, 0(sp)\nbnez t0, loop\ncall f"
    image = assemble(f"{source}\nla t1, data\nsb t0, 2(t1)\nli a7, 93\necall\nf: ret\n.data\ndata: .word 7")
    steps = peers.lockstep(replace(image, sp=STACK_TOP - 16), 100)
    assert steps == riscv.emulator.Emulator(replace(image, sp=STACK_TOP - 16)).run().steps == 20
    assert peers.lockstep(replace(image, sp=STACK_TOP - 16), 5) == 5


@pytest.mark.usefixtures("_unicorn")
def test_a_program_that_traps_is_compared_up_to_there():
    assert peers.lockstep(assemble("nop\nlw a0, 0(zero)\nnop"), 9) == 2


@pytest.mark.usefixtures("_unicorn")
def test_what_a_request_gives_is_known_to_both():
    assert peers.lockstep(assemble("li a7, 64\nli a0, 7\necall\nadd a1, a0, a0\nli a7, 93\necall"), 9) == 6


@pytest.mark.slow
@pytest.mark.usefixtures("_unicorn")
@pytest.mark.parametrize(("name", "text"), programs.load()[::4], ids=lambda value: value if len(value) < 40 else "")
def test_the_corpus_runs_in_lockstep_with_unicorn(name, text):
    image = riscv.compile_source(text, name).image
    assert peers.lockstep(image, 3000) == min(3000, riscv.run_program(riscv.compile_source(text, name)).steps)


@pytest.mark.usefixtures("_unicorn")
@pytest.mark.parametrize("seed", range(2))
def test_generated_programs_run_in_lockstep_with_unicorn(seed):
    assert peers.lockstep(riscv.compile_source(generate.program(Random(seed))).image, 2000) > 100


@pytest.mark.usefixtures("_unicorn")
@pytest.mark.parametrize(
    ("fault", "source", "message"),
    [
        ("add", "nop\nadd a0, sp, sp", "0x00010004: add a0, sp, sp (step 2): a0 is -0x1, in Unicorn 0x3fffc0"),
        (
            "beq",
            "beq a0, a1, 8\nnop\nnop",
            "0x00010000: beq a0, a1, 8 (step 1): the next pc is 0x00010004, in Unicorn 0x00010008",
        ),
        ("sw", "sw sp, 0(sp)\nebreak", "after 2 steps the memory from 0x001bfff0 differs from Unicorn's"),
    ],
)
def test_a_difference_from_unicorn_is_named(monkeypatch, fault, source, message):
    wrong = {"add": lambda a, b: -1, "beq": lambda a, b: 0, "sw": lambda value: 7}[fault]
    right = INSTRUCTIONS[fault]
    faulty = replace(right, meaning=wrong)
    monkeypatch.setattr(stand_ins, "decode", lambda word: (right if (d := decode(word))[0] is faulty else d[0], d[1]))
    monkeypatch.setitem(INSTRUCTIONS, fault, faulty)
    with pytest.raises(peers.DivergenceError) as error:
        peers.lockstep(replace(assemble(source), sp=STACK_TOP - 16), 3)
    assert str(error.value) == message


@pytest.mark.usefixtures("_capstone")
@pytest.mark.parametrize(("text", "word"), [("add a0, a1, a2", 0x00C58533), ("ecall", 0x73)])
def test_the_text_of_capstone_has_a_name_and_operands(text, word):
    assert peers.capstone_text(word) == text
    assert peers.capstone_text(0) is None
    assert peers.capstone_text(0xFFFFF537).startswith("lui a0, ")


@pytest.mark.parametrize(
    ("name", "call"), [("Unicorn", peers.unicorn_machine), ("capstone", lambda: peers.capstone_text(0))]
)
def test_a_missing_peer_is_named_with_the_way_to_install_it(name, call, monkeypatch):
    monkeypatch.setitem(sys.modules, name.lower(), None)
    with pytest.raises(RiscvError, match=rf"^{name} is not installed; install it with: pip install 'nnlab\[peers\]'$"):
        call()


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([(0x10000, 8)], [(0x10000, 0x11000)]),
        ([(0x10FFC, 8)], [(0x10000, 0x12000)]),
        ([(0x10FFC, 4)], [(0x10000, 0x11000)]),
        ([(0x10000, 8), (0x10010, 4)], [(0x10000, 0x11000)]),
        ([(0x11000, 8), (0x10010, 4)], [(0x10000, 0x12000)]),
        ([(0x10000, 0x3000), (0x10010, 4), (0x13004, 4)], [(0x10000, 0x14000)]),
        ([(0x12000, 8), (0x10010, 4), (0x20000, 1)], [(0x10000, 0x11000), (0x12000, 0x13000), (0x20000, 0x21000)]),
    ],
)
def test_segments_lie_in_whole_pages(segments, expected):
    assert list(peers.pages([Segment(address, b"", size) for address, size in segments])) == expected
