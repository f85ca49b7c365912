"""A small language, its compiler to RV32IM, assembler, disassembler and emulator, each stage in a file of its own.

    program = riscv.compile_source("puts(6 * 7)")
    riscv.run_program(program).output      # ("42",)
    riscv.interpret("puts(6 * 7)").output  # ("42",), without compiling

Everything a mistake can raise is a RiscvError; what goes wrong while a program runs is in the Outcome instead.
"""

from riscv import programs
from riscv.errors import AssemblyError, CompilerError, EncodingError, LanguageError, RiscvError
from riscv.interpreter import interpret
from riscv.machine import Program, compile_source, run_program
from riscv.outcome import Outcome, Trap, TrapKind, Violation

__all__ = [
    "AssemblyError",
    "CompilerError",
    "EncodingError",
    "LanguageError",
    "Outcome",
    "Program",
    "RiscvError",
    "Trap",
    "TrapKind",
    "Violation",
    "compile_source",
    "interpret",
    "programs",
    "run_program",
]
