"""The fuzz script for the compiler: silent where all agree, and it names and shrinks what fails."""

import re

import fuzz_programs
import pytest

import riscv
from riscv import generate

TEXT = "let f = fn(n) { if (n <= 0) { return 1 }; n * f(n - 1) }; puts(f(5)); puts(7)"


@pytest.fixture(autouse=True)
def programs_of_integers(monkeypatch):
    monkeypatch.setattr("fuzz_programs.random_programs", generate)


def test_some_programs_agree_everywhere(capsys):
    assert fuzz_programs.main(["--programs", "5", "--jobs", "1"]) == 0
    assert re.fullmatch(r"5 programs in \d+ s, at most \d+ MiB: {'none': 5}\n", capsys.readouterr().out)


@pytest.mark.slow
def test_processes_share_the_work():
    ends, failures = fuzz_programs.judged(range(40), abs_of, 2)
    assert (ends.total(), failures) == (40, [(7, "odd")])


def abs_of(seed):
    return seed, "failed" if seed == 7 else "none", "odd" if seed == 7 else ""


def test_a_wrong_output_is_named_and_shrunk(monkeypatch, capsys):
    monkeypatch.setattr("fuzz_programs.riscv.interpret", lambda text, _: riscv.Outcome(("120",), None, (), 0))
    assert fuzz_programs.failure(TEXT, False) == ("failed", "-O0: output[1]: expected nothing, got 7")
    assert fuzz_programs.main(["--programs", "1", "--seed", "3", "--jobs", "1"]) == 1
    printed = capsys.readouterr().out
    assert "seed 3: -O0: output[0]: expected 120, got " in printed
    assert printed.count("\n") < 6


def test_a_violation_is_named(monkeypatch):
    monkeypatch.setattr("riscv.monitors.ARGUMENTS", (10,))  # junk in the register of the result
    monkeypatch.setattr("riscv.monitors.IN_STACK", ())
    assert fuzz_programs.failure(TEXT, False) == ("failed", "-O0: output[0]: expected 120, got -559038737")
    monkeypatch.setattr("riscv.monitors.ARGUMENTS", ())
    monkeypatch.setattr("riscv.invariant.TEXT_END", 0x10000)
    end, complaint = fuzz_programs.failure(TEXT, False)
    assert end == "failed"
    assert complaint.startswith("-O0: invariant-pc at 0x00010000: the next pc is ")


def test_an_undocumented_exception_names_its_seed(monkeypatch):
    def broken(*_):
        raise KeyError("x")

    monkeypatch.setattr("fuzz_programs.riscv.interpret", broken)
    with pytest.raises(KeyError) as error:
        fuzz_programs.main(["--programs", "3", "--seed", "5", "--jobs", "1"])
    assert error.value.__notes__ == ["repeat it with: python scripts/fuzz_programs.py --programs 1 --seed 5"]
    with pytest.raises(KeyError) as error:
        fuzz_programs.judge(6, True)
    assert error.value.__notes__[0].endswith(" --seed 6 --unicorn")


def test_what_the_compiler_finds_in_itself_is_named(monkeypatch):
    def broken(*_):
        raise riscv.CompilerError("no")

    monkeypatch.setattr("riscv.compiler.verify", broken)
    assert fuzz_programs.failure(TEXT, False) == ("failed", "-O0: no")
