"""The command line: python -m riscv run | compile | disassemble FILE, where a file is a program text or an ELF file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from riscv import disassembler, elf_loader, elf_writer
from riscv.emulator import STEP_LIMIT, Emulator
from riscv.errors import RiscvError
from riscv.fast import FastEmulator
from riscv.image import Image, words
from riscv.interpreter import interpret
from riscv.machine import Program, compile_source
from riscv.monitors import MONITORS, create
from riscv.outcome import Outcome
from riscv.trace import Trace

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
    "  python -m riscv run --trace --step-limit 100 program.elf\n"
    "  python -m riscv compile -O1 program.monkey\n"
    "  python -m riscv compile -o program.elf program.monkey\n"
    "  python -m riscv disassemble program.monkey\n"
    "\n"
    "exit codes: 0 it worked; 1 the program trapped; 2 the arguments or the program text are wrong;\n"
    "a program that ends with a status of its own, as an ELF file may, passes its lowest 8 bits on",
    formatter_class=argparse.RawDescriptionHelpFormatter,
)
_COMMANDS: Final = ARGUMENTS.add_subparsers(dest="command", required=True, metavar="COMMAND")
_RUN: Final = _COMMANDS.add_parser("run", help="run a program and print what it prints")
_RUN.add_argument("file", type=Path, metavar="FILE", help="a source file or an ELF executable")
_RUN.add_argument("--interpret", action="store_true", help="walk the syntax tree instead of compiling")
_RUN.add_argument("--step-limit", type=int, default=STEP_LIMIT, metavar="N", help="stop after N steps (%(default)s)")
_RUN.add_argument("--monitor", action="append", default=[], choices=tuple(MONITORS), help="check the run; repeatable")
_RUN.add_argument("--trace", action="store_true", help="write every instruction to standard error")
_RUN.add_argument("--fast", action="store_true", help="run on the Numba engine, for long runs without monitors")
_COMPILE: Final = _COMMANDS.add_parser("compile", help="print the assembly text of a program, or write an ELF file")
_COMPILE.add_argument("file", type=Path, metavar="FILE", help="a source file")
_COMPILE.add_argument("-o", "--output", type=Path, metavar="OUT", help="write an ELF executable instead")
_DISASSEMBLE: Final = _COMMANDS.add_parser("disassemble", help="print addresses, words and instructions")
_DISASSEMBLE.add_argument(
    "file", type=Path, metavar="FILE", help="a source file, an ELF executable, or raw code if it ends in .bin"
)
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
                compile_file(options)
            case _:
                print(disassemble(options))
    except (RiscvError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    return OK


def run(options: argparse.Namespace) -> int:
    """Run a file; violations, the trap and the trace go to standard error."""
    outcome = execute(options)
    for line in outcome.output:
        print(line)
    for violation in outcome.violations:
        print(f"violation: {violation.message}", file=sys.stderr)
    if outcome.trap is None:
        return outcome.status & 0xFF
    print(f"trap: {outcome.trap.message}", file=sys.stderr)
    return TRAPPED


def execute(options: argparse.Namespace) -> Outcome:
    """Run a file on the engine that the options name."""
    if options.interpret:
        ignored = [f"--{name}" for name in ("check", "monitor", "trace", "fast") if vars(options)[name]]
        if ignored:
            raise RiscvError(f"--interpret runs no machine code; leave it out, or {', '.join(ignored)}")
        return interpret(read(options.file), options.step_limit, str(options.file))
    image = elf(options.file) or compiled(options).image
    if not options.fast:
        trace = [Trace(lambda line: print(line, file=sys.stderr))] if options.trace else []
        return Emulator(image, [*map(create, options.monitor), *trace]).run(options.step_limit)
    if options.monitor or options.trace:
        raise RiscvError("--fast shows nobody the single steps; leave out --fast, or --monitor and --trace")
    return FastEmulator(image).run(options.step_limit)


def compiled(options: argparse.Namespace) -> Program:
    """The program in the file, compiled as the options say."""
    return compile_source(read(options.file), str(options.file), options.level, options.check)


def compile_file(options: argparse.Namespace) -> None:
    """Compile a file and print it, or write it where it can be executed."""
    program = compiled(options)
    if options.output is None:
        print(program.assembly, end="")
        return
    options.output.write_bytes(elf_writer.write(program.image))
    options.output.chmod(0o755)


def elf(file: Path) -> Image | None:
    """The image in an ELF file, None if the file is of another kind."""
    content = file.read_bytes()
    return elf_loader.load(content, str(file)) if content.startswith(b"\x7fELF") else None


def disassemble(options: argparse.Namespace) -> str:
    """The listing of an ELF file, of a compiled source file, or of the raw little-endian words of a .bin file."""
    file: Path = options.file
    if file.suffix != ".bin":
        image = elf(file) or compiled(options).image
        texts = [segment for segment in image.segments if segment.executable]
        return "\n".join(disassembler.listing(words(text), image.labels, text.address) for text in texts)
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
