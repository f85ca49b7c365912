"""The command line: what it prints, where, and with which exit code."""

import runpy
import sys

import pytest

import riscv
from riscv.__main__ import main
from riscv.backend.lines import Line

TEXT = "let f = fn(x) { return x }; puts(6 * 7, f(1))"


@pytest.fixture
def file(tmp_path):
    """Writes a program text to a file and gives its path."""

    def write(text, name="p.monkey"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_run_prints_the_output(file, capsys):
    assert main(["run", file(TEXT)]) == 0
    assert capsys.readouterr() == ("42\n1\n", "")


def test_run_can_interpret(file, capsys):
    path = file("puts(5); let f = fn() { f() }; f()")
    assert main(["run", "--interpret", "--step-limit", "9999", path]) == 1
    assert capsys.readouterr() == ("5\n", "trap: stack-overflow: 'f' is called more than 500 calls deep\n")


def test_a_trap_is_shown_behind_the_output(file, capsys):
    assert main(["run", "--step-limit", "10", file("puts(5); puts(6); 7")]) == 1
    out, err = capsys.readouterr()
    assert out == "5\n"
    assert err.startswith("trap: step-limit at 0x00010034: stopped after 10 steps\n")
    assert main(["run", "--interpret", "--step-limit", "3", file("1 + 2 + 3")]) == 1


def test_monitors_can_be_switched_on(file, capsys, monkeypatch):
    wrong = [Line("lw", ("ra", 0, "sp")), Line("addi", ("sp", "sp", 16)), Line("addi", ("s0", "s0", 1))]
    monkeypatch.setattr("riscv.backend.frame.Frame.epilogue", lambda _: wrong)
    path = file("let g = fn() { puts(h()) }; let h = fn() { return 1 }; g()")
    assert main(["run", path]) == 0
    assert capsys.readouterr() == ("1\n", "")
    assert main(["run", "--monitor", "frame", "--monitor", "abi", path]) == 0
    violations = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in violations] == ["abi-callee-saved"] * 2
    assert violations[0].endswith(": changed s0")


def test_compile_prints_assembly_at_the_level_that_is_asked_for(file, capsys):
    assert main(["compile", file(TEXT)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("_start:\n    li sp, 2097136\n")
    assert out.endswith("    ret\n")
    assert err == ""
    assert main(["compile", "-O1", file(TEXT)]) == 0
    assert capsys.readouterr().out == out
    assert main(["compile", "-O0", file(TEXT)]) == 0
    assert "lw t0, " in capsys.readouterr().out
    assert "lw t0, " not in out


@pytest.mark.parametrize("command", ["run", "compile", "disassemble"])
@pytest.mark.parametrize("level", ["-O0", "-O1"])
def test_the_compiler_is_checked_on_request(command, level, file, capsys, monkeypatch):
    def refuse(*_):
        raise riscv.CompilerError("checked")

    monkeypatch.setattr("riscv.compiler.check", refuse)
    assert main([command, level, file(TEXT)]) == 0
    capsys.readouterr()
    assert main([command, level, "--check", file(TEXT)]) == 2
    assert capsys.readouterr() == ("", "error: checked\n")


def test_only_one_level_can_be_asked_for(file, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["run", "-O0", "-O1", file(TEXT)])
    assert stop.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_disassemble_prints_a_listing_of_a_source_file(file, capsys):
    assert main(["disassemble", file(TEXT)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("_start:\n  00010000: 00200137  lui sp, 512\n")
    assert "\nf.1:\n  " in out
    assert out.endswith("jalr zero, 0(ra)\n")


def test_disassemble_takes_raw_code(file, capsys):
    path = file(bytes.fromhex("37012000 13000000".replace(" ", "")), "code.bin")
    assert main(["disassemble", path]) == 0
    assert capsys.readouterr().out == "  00010000: 00200137  lui sp, 512\n  00010004: 00000013  addi zero, zero, 0\n"


def test_raw_code_that_is_cut_off_is_refused(file, capsys):
    path = file(bytes(6), "code.bin")
    assert main(["disassemble", path]) == 2
    assert capsys.readouterr() == ("", f"error: {path} has 6 bytes; code consists of words of 4 bytes\n")


@pytest.mark.parametrize("command", [["run"], ["run", "--interpret"], ["compile"], ["disassemble"]])
def test_a_mistake_in_the_program_is_shown_with_its_place(command, file, capsys):
    path = file("puts(x)")
    assert main([*command, path]) == 2
    assert capsys.readouterr() == ("", f"error: {path}:1: undefined variable 'x'\n  puts(x)\n       ^\n")


def test_files_that_cannot_be_read_are_named(file, capsys):
    path = file(b"\xff\xfe\x00")
    assert main(["run", path]) == 2
    message = f"error: {path} is not a text file; raw code must have a name that ends in .bin\n"
    assert capsys.readouterr() == ("", message)
    assert main(["run", path + ".missing"]) == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["run"], ["run", "--monitor", "heap", "f"], ["run", "--step-limit", "x", "f"]]
)
def test_wrong_arguments_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m riscv" in capsys.readouterr().err


def test_help_has_examples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "python -m riscv run riscv/programs/recursion.monkey" in out
    assert "exit codes: 0 it worked; 1 the program trapped; 2 the arguments or the program text are wrong" in out


def test_the_package_runs_as_a_module(file, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["riscv", "run", file("puts(3)")])
    monkeypatch.delitem(sys.modules, "riscv.__main__")
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("riscv", run_name="__main__")
    assert (stop.value.code, capsys.readouterr().out) == (0, "3\n")
