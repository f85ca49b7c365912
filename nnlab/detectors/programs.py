"""The subjects that detectors of the compiler share: the corpus, and one generated program for each seed."""

from collections.abc import Callable
from functools import partial
from random import Random

import riscv
from nnlab.lab import Probe
from riscv import generate, programs

#: What a detector checks of one program: its name and source.
Check = Callable[[str, str], None]

#: Correct programs of the corpus need far fewer; a fault that loops forever is cut off here.
STEP_LIMIT = 2_000_000


def program_probes(check: Check) -> list[Probe]:
    """A probe for each program of the corpus, the same for every seed, and one for a generated program."""
    compiled = [program for program in programs.load() if programs.is_compiled(program[1])]
    found = [Probe(name, partial(_corpus, check, name, source), seeded=False) for name, source in compiled]
    return [*found, Probe("generated", partial(_generated, check))]


def _corpus(check: Check, name: str, source: str, seed: int) -> None:
    check(name, source)


def _generated(check: Check, seed: int) -> None:
    check(f"generated program {seed}", generate.program(Random(seed)))


def outcome(name: str, source: str, *monitors: str) -> riscv.Outcome:
    """What the compiled program does, under some monitors."""
    return riscv.run_program(riscv.compile_source(source, name), monitors, STEP_LIMIT)
