"""The command line: python -m riscv run | compile | disassemble FILE."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from riscv import disassembler
from riscv.emulator import STEP_LIMIT
from riscv.errors import RiscvError
from riscv.interpreter import interpret
from riscv.machine import Program, compile_source, run_program
from riscv.monitors import MONITORS

OK: Final = 0
TRAPPED: Final = 1
USAGE: Final = 2

ARGUMENTS: Final = argparse.ArgumentParser(
    prog="python -m riscv",
    description="Compile, run and inspect programs of a small language on an emulated RV32IM machine.",
    epilog="examples:\n"
    "  python -m riscv run riscv/programs/recursion.monkey\n"
    "  python -m riscv run --interpret program.monkey\n"
    "  python -m riscv run -O0 --check --monitor frame program.monkey\n"
    "  python -m riscv compile -O1 program.monkey\n"
    "  python -m riscv disassemble program.monkey\n"
    "\n"
    "exit codes: 0 it worked; 1 the program trapped; 2 the arguments or the program text are wrong",
    formatter_class=argparse.RawDescriptionHelpFormatter,
)
_COMMANDS: Final = ARGUMENTS.add_subparsers(dest="command", required=True, metavar="COMMAND")
_RUN: Final = _COMMANDS.add_parser("run", help="run a program and print what it prints")
_RUN.add_argument("file", type=Path, metavar="FILE", help="a source file")
_RUN.add_argument("--interpret", action="store_true", help="walk the syntax tree instead of compiling")
_RUN.add_argument("--step-limit", type=int, default=STEP_LIMIT, metavar="N", help="stop after N steps (%(default)s)")
_RUN.add_argument("--monitor", action="append", default=[], choices=tuple(MONITORS), help="check the run; repeatable")
_COMPILE: Final = _COMMANDS.add_parser("compile", help="print the assembly text of a program")
_COMPILE.add_argument("file", type=Path, metavar="FILE", help="a source file")
_DISASSEMBLE: Final = _COMMANDS.add_parser("disassemble", help="print addresses, words and instructions")
_DISASSEMBLE.add_argument("file", type=Path, metavar="FILE", help="a source file, or raw code if it ends in .bin")
for _command in (_RUN, _COMPILE, _DISASSEMBLE):
    _levels = _command.add_mutually_exclusive_group()
    for _level, _help in enumerate(("keep every value in the frame", "optimise (the default)")):
        _levels.add_argument(f"-O{_level}", dest="level", action="store_const", const=_level, default=1, help=_help)
    _command.add_argument("--check", action="store_true", help="verify the compiler's work as well")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code; only wrong arguments exit directly, with 2."""
    options = ARGUMENTS.parse_args(arguments)
    try:
        match options.command:
            case "run":
                return run(options)
            case "compile":
                print(compiled(options).assembly, end="")
            case _:
                print(disassemble(options))
    except (RiscvError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    return OK


def run(options: argparse.Namespace) -> int:
    """Run a file; violations and the trap go to standard error."""
    name = str(options.file)
    if options.interpret:
        outcome = interpret(read(options.file), options.step_limit, name)
    else:
        outcome = run_program(compiled(options), options.monitor, options.step_limit)
    for line in outcome.output:
        print(line)
    for violation in outcome.violations:
        print(f"violation: {violation.message}", file=sys.stderr)
    if outcome.trap is None:
        return OK
    print(f"trap: {outcome.trap.message}", file=sys.stderr)
    return TRAPPED


def compiled(options: argparse.Namespace) -> Program:
    """The program in the file, compiled as the options say."""
    return compile_source(read(options.file), str(options.file), options.level, options.check)


def disassemble(options: argparse.Namespace) -> str:
    """The listing of a compiled source file, or of the raw little-endian words of a .bin file."""
    file: Path = options.file
    if file.suffix != ".bin":
        program = compiled(options)
        return disassembler.listing(program.words, program.labels)
    code = file.read_bytes()
    if len(code) % 4:
        raise RiscvError(f"{file} has {len(code)} bytes; code consists of words of 4 bytes")
    return disassembler.listing([int.from_bytes(code[i : i + 4], "little") for i in range(0, len(code), 4)], {})


def read(file: Path) -> str:
    """The text of a source file."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        raise RiscvError(f"{file} is not a text file; raw code must have a name that ends in .bin") from None


if __name__ == "__main__":
    sys.exit(main())
