"""From source text to outcome: the pipe of stages, and the records that callers of the package see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riscv import compiler
from riscv.assembler import assemble
from riscv.emulator import STEP_LIMIT, Emulator
from riscv.errors import RiscvError, Source
from riscv.image import Image
from riscv.monitors import create
from riscv.outcome import Outcome


@dataclass(frozen=True)
class Program:
    """Machine code and the assembly it came from."""

    name: str
    image: Image
    assembly: str

    @property
    def words(self) -> tuple[int, ...]:
        """The instructions."""
        return self.image.words

    @property
    def labels(self) -> Mapping[str, int]:
        """The address of each label."""
        return self.image.labels


def compile_source(text: str, name: str = "<source>", level: int = 1, check: bool = False) -> Program:
    """Compile a source text at -O0 or -O1; a mistake in it is a LanguageError, too much of it an AssemblyError.

    With `check`, a mistake of the compiler that its verifier or its allocation checker finds is a CompilerError.
    """
    if level not in compiler.LEVELS:
        raise RiscvError(f"the compiler knows -O0 and -O1, not -O{level}; pass level=0 or level=1")
    assembly = compiler.translate(Source(name, text), level, check)
    return Program(name, assemble(assembly), assembly)


def run_program(program: Program, monitors: Sequence[str] = ("abi", "memory"), step_limit: int = STEP_LIMIT) -> Outcome:
    """Run a program in the emulator under some monitors (see `riscv.monitors`)."""
    emulator = Emulator(program.image, [create(name) for name in monitors])
    return emulator.run(step_limit)
