"""The command line: what it prints, where, and with which exit code."""

import runpy
import sys
from dataclasses import replace

import pytest

import riscv
from riscv import elf_writer
from riscv.__main__ import main
from riscv.assembler import assemble
from riscv.backend.lines import Line
from riscv.fast import build, numba_loop, plain

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


@pytest.mark.parametrize("option", ["--check", "--monitor abi", "--trace", "--fast", "--trace --fast --monitor abi"])
def test_the_interpreter_refuses_what_needs_machine_code(option, file, capsys):
    named = [name for name in ("--check", "--monitor", "--trace", "--fast") if name in option]
    assert main(["run", "--interpret", *option.split(), file("puts(5)")]) == 2
    message = f"error: --interpret runs no machine code; leave it out, or {', '.join(named)}\n"
    assert capsys.readouterr() == ("", message)


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
    assert "lw a0, " in capsys.readouterr().out
    assert "lw a0, " not in out


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
    assert "exit codes: 0 it worked; 1 the program trapped; 2 the arguments or the program text are wrong;\n" in out
    assert "passes its lowest 8 bits on" in out
    assert "python -m riscv compile -o program.elf program.monkey" in out


def test_the_package_runs_as_a_module(file, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["riscv", "run", file("puts(3)")])
    monkeypatch.delitem(sys.modules, "riscv.__main__")
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("riscv", run_name="__main__")
    assert (stop.value.code, capsys.readouterr().out) == (0, "3\n")


def test_compile_writes_an_executable_that_run_and_disassemble_take(file, tmp_path, capsys):
    out = tmp_path / "p.elf"
    assert main(["compile", "-o", str(out), file(TEXT)]) == 0
    assert capsys.readouterr() == ("", "")
    assert (out.read_bytes()[:4], out.stat().st_mode & 0o777) == (b"\x7fELF", 0o755)
    assert main(["run", str(out)]) == 0
    assert capsys.readouterr() == ("42\n1\n", "")
    main(["disassemble", str(out)])
    from_elf = capsys.readouterr().out
    main(["disassemble", file(TEXT)])
    assert sorted(from_elf.splitlines()) == sorted(capsys.readouterr().out.splitlines())


def executable(tmp_path, source):
    """An ELF file with some assembly text."""
    path = tmp_path / "a.elf"
    path.write_bytes(elf_writer.write(assemble(source)))
    return str(path)


def test_the_status_of_a_program_is_passed_on(tmp_path, capsys):
    assert main(["run", executable(tmp_path, "li a0, 0x107\nli a7, 93\necall")]) == 7
    assert main(["run", executable(tmp_path, "li a0, -1\nli a7, 93\necall")]) == 255
    assert main(["run", executable(tmp_path, "ebreak")]) == 1
    assert capsys.readouterr().err == "trap: breakpoint at 0x00010000: ebreak\n-> 00010000: 00100073  ebreak\n"


def test_every_executable_segment_is_listed(tmp_path, capsys):
    image = assemble("main: nop")
    other = image.segments[0]._replace(address=0x400000)
    path = tmp_path / "a.elf"
    path.write_bytes(elf_writer.write(replace(image, segments=(*image.segments, other))))
    assert main(["disassemble", str(path)]) == 0
    lines = "main:\n  00010000: 00000013  addi zero, zero, 0\n  00400000: 00000013  addi zero, zero, 0\n"
    assert capsys.readouterr().out == lines


def test_a_malformed_executable_is_refused(file, capsys):
    path = file(b"\x7fELF", "a.elf")
    assert main(["run", path]) == 2
    message = f"error: {path}: its ELF headers end at byte 52, but the file has 4; is it cut off?\n"
    assert capsys.readouterr() == ("", message)


def test_a_trace_shows_every_step_and_what_it_wrote(tmp_path, capsys):
    source = "li a0, -5\nbeqz a0, 8\nsw a0, -16(sp)\nadd zero, a0, a0\nli a7, 93\necall"
    assert main(["run", "--trace", executable(tmp_path, source)]) == 251
    assert capsys.readouterr().err == (
        "00010000: addi a0, zero, -5             # a0 = 0xfffffffb\n"
        "00010004: beq a0, zero, 8\n"
        "00010008: sw a0, -16(sp)\n"
        "0001000c: add zero, a0, a0\n"
        "00010010: addi a7, zero, 93             # a7 = 0x5d\n"
        "00010014: ecall\n"
    )
    assert main(["run", "--trace", "--step-limit", "1", executable(tmp_path, "lw a0, 0(zero)")]) == 1
    assert capsys.readouterr().err.startswith("00010000: lw a0, 0(zero)                # a0 = 0x0\ntrap: load-access")


def test_a_trace_goes_together_with_monitors(tmp_path, capsys):
    path = executable(tmp_path, "la ra, x\nret\nx: li a7, 93\necall")
    assert main(["run", "--trace", "--monitor", "abi", path]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[-1]) == (6, "violation: abi-return-without-call at 0x00010008: return to 0x0001000c")


def test_the_fast_engine_runs_a_program(file, capsys, monkeypatch):
    monkeypatch.setattr("riscv.fast.compiled_loop", lambda: build(plain))
    path = file(TEXT)
    assert main(["run", "--fast", path]) == 0
    assert capsys.readouterr() == ("42\n1\n", "")
    assert main(["run", "--fast", "--step-limit", "15", path]) == 1
    assert "stopped after 15 steps" in capsys.readouterr().err
    for option in (["--trace"], ["--monitor", "abi"]):
        assert main(["run", "--fast", *option, path]) == 2
        message = "error: --fast shows nobody the single steps; leave out --fast, or --monitor and --trace\n"
        assert capsys.readouterr() == ("", message)


def test_the_fast_engine_says_what_it_needs(file, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr("riscv.fast.compiled_loop", numba_loop)
    assert main(["run", "--fast", file(TEXT)]) == 2
    assert capsys.readouterr().err.startswith("error: the fast engine needs Numba")
