"""Unicorn, capstone and GNU as: their recorded answers everywhere, themselves where they are installed."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from random import Random

import pytest
import verify_isa

from riscv import peers, single
from riscv.assembler import assemble
from riscv.formats import JALR, LOAD, STORE
from riscv.isa import INSTRUCTIONS, decode
from riscv.memory import STACK_TOP

RECORDED = Path(__file__).parent / "recorded"
UNICORN = json.loads((RECORDED / "unicorn.json").read_text())
GNU = [line.split(" ", 1) for line in (RECORDED / "gnu_as.txt").read_text().splitlines()]
CAPSTONE = [line.split(" ", 1) for line in (RECORDED / "capstone.txt").read_text().splitlines()]


def needs(module):
    """Skip where a module is not installed."""
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


@pytest.mark.slow
def test_every_instruction_computes_what_unicorn_computed():
    assert single.digests(single.plain(), UNICORN["draws"], 1) == UNICORN["digests"]


@pytest.mark.slow
@needs("unicorn")
def test_the_recorded_digests_are_those_of_unicorn():
    assert single.digests(peers.unicorn_machine(), UNICORN["draws"], 1) == UNICORN["digests"]


@pytest.mark.parametrize(("word", "text"), GNU)
def test_gnu_as_makes_the_same_word(word, text):
    assert [f"{found:08x}" for found in assemble(text).words] == [word]


@pytest.mark.skipif(shutil.which("riscv64-unknown-elf-as") is None, reason="GNU as for RISC-V is not installed")
def test_the_recorded_words_are_those_of_gnu_as():
    assert [f"{word:08x}" for word in verify_isa.gnu_words([text for _, text in GNU])] == [word for word, _ in GNU]


@pytest.mark.parametrize(("word", "text"), CAPSTONE)
def test_the_text_of_capstone_gives_its_word_again(word, text):
    assert [f"{found:08x}" for found in assemble(text).words] == [word]


@needs("capstone")
def test_the_recorded_texts_are_those_of_capstone():
    assert [peers.capstone_text(int(word, 16)) for word, _ in CAPSTONE] == [text for _, text in CAPSTONE]
    assert peers.capstone_text(0) is None


def test_every_instruction_is_in_each_record():
    assert set(UNICORN["digests"]) == set(single.COMPARABLE)
    assert set(INSTRUCTIONS) - set(single.COMPARABLE) == {"ecall", "ebreak", "fence.i"}
    for records in (GNU, CAPSTONE):
        assert set(single.COMPARABLE) <= {decode(int(word, 16))[0].mnemonic for word, _ in records}


@pytest.mark.parametrize("mnemonic", single.COMPARABLE)
def test_draws_are_encodings_of_their_instruction_and_stay_in_the_window(mnemonic):
    rng = Random(1)
    draws = [single.draw(rng, INSTRUCTIONS[mnemonic]) for _ in range(200)]
    seen = set()
    for given in draws:
        instruction, operands = decode(given.word)
        assert instruction.mnemonic == mnemonic
        assert (given.registers[0], len(given.registers), len(given.window)) == (0, 32, 64)
        assert all(-(2**31) <= register < 2**31 for register in given.registers)
        base = given.registers[operands.get("rs1", 0)] + operands.get("imm", 0)
        if instruction.format in (LOAD, STORE):
            assert (base - single.WINDOW) % 2**32 in range(0, 64, instruction.size)
        if instruction.format is JALR:
            assert (base - single.PC) % 2**32 - base % 2 in range(0, single.REACH, 4)
            seen.add(base % 2)
        if instruction.format.immediate.step == 2:
            assert operands["imm"] % 4 == 0
    assert len(draws) == 200
    assert seen in (set(), {0, 1})
    corners = sum(register in single.CORNERS for given in draws for register in given.registers)
    assert 0.45 < corners / 6400 < 0.6
    assert len({given.window for given in draws}) == 200


@pytest.mark.parametrize("mnemonic", ["lw", "sb", "jalr"])
def test_draws_take_any_base_register_but_zero_and_jumps_any_target(mnemonic):
    rng = Random(1)
    draws = [single.draw(rng, INSTRUCTIONS[mnemonic]) for _ in range(400)]
    operands = [decode(given.word)[1] for given in draws]
    assert {drawn["rs1"] for drawn in operands} == set(range(1, 32))
    if mnemonic == "jalr":
        far = [given.registers[drawn["rs1"]] + drawn["imm"] for given, drawn in zip(draws, operands, strict=True)]
        assert max(target % 2**32 for target in far) > single.PC + 0.99 * single.REACH


def test_immediates_reach_both_ends_of_their_range_and_all_between():
    for mnemonic, low, high in (
        ("addi", -2048, 2047),
        ("slli", 0, 31),
        ("jal", -(2**20), 2**20 - 4),
        ("beq", -4096, 4092),
    ):
        rng = Random(2)
        drawn = [single.immediate(rng, INSTRUCTIONS[mnemonic]) for _ in range(500)]
        assert (min(drawn), max(drawn)) == (low, high)
        assert len(set(drawn)) > (30 if mnemonic == "slli" else 150)
        corners = {*single.CORNERS, low, high}
        assert 0.4 < sum(imm in corners for imm in drawn) / 500 < (1.1 if mnemonic == "slli" else 0.65)
    assert set(UNICORN["digests"].values()).__len__() == len(single.COMPARABLE)


def test_the_plain_machine_starts_anew_with_every_draw():
    machine = single.plain()
    registers = tuple(range(32))
    window = bytes(range(64))
    add = single.Draw(assemble("add x5, x6, x7").words[0], registers, window)
    store = single.Draw(assemble("sb x9, 3(x8)").words[0], (*registers[:8], single.WINDOW, *registers[9:]), window)
    result = machine(add)
    assert result == single.Result((*registers[:5], 13, *registers[6:]), window, single.PC + 4)
    assert machine(store).window == window[:3] + b"\x09" + window[4:]
    assert machine(add) == result
    assert single.WINDOW + 64 == STACK_TOP


def test_digests_tell_machines_seeds_and_counts_apart():
    one = single.digests(single.plain(), 3, 1)
    assert one == single.digests(single.plain(), 3, 1)
    assert not set(one.values()) & set(single.digests(single.plain(), 3, 2).values())
    assert not set(one.values()) & set(single.digests(single.plain(), 4, 1).values())
    assert all(re.fullmatch("[0-9a-f]{16}", digest) for digest in one.values())
