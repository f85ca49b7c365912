"""The subjects that detectors of the compiler share: the corpus, and one generated program for each seed."""

import pickle
from collections.abc import Callable
from functools import partial
from random import Random

import riscv
from nnlab.detectors.subjects import require
from nnlab.lab import Probe, stage
from riscv import compiler, heap, programs, random_programs
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.errors import Source
from riscv.image import Image
from riscv.ir.lower import lower
from riscv.ir.verify import verify
from riscv.monitors import create
from riscv.recursion import Room
from riscv.resolver import resolve

#: What a detector checks of one program: its name and source.
Check = Callable[[str, str], None]

#: Correct programs of the corpus need far fewer; a fault that loops forever is cut off here.
STEP_LIMIT = 1_000_000

#: The ways to compile; what is checked of one run is checked of both where it can differ.
LEVELS = (0, 1)


def program_probes(check: Check) -> list[Probe]:
    """A probe for each program of the corpus, the same for every seed, and one for a generated program."""
    found = [Probe(name, partial(_corpus, check, name, source), seeded=False) for name, source in programs.load()]
    return [*found, Probe("generated", partial(_generated, check))]


def _corpus(check: Check, name: str, source: str, seed: int) -> None:
    check(name, source)


def _generated(check: Check, seed: int) -> None:
    check(f"generated program {seed}", random_programs.program(Random(seed)))


def outcome(name: str, source: str, *monitors: str, level: int = 1, limit: int = STEP_LIMIT) -> riscv.Outcome:
    """What the compiled program does, under some monitors."""
    return _run(image(assembly(source, name, level)), monitors, limit)


def final_heap(name: str, source: str, level: int) -> tuple[riscv.Outcome, tuple[heap.Word, ...]]:
    """What the compiled program does, and the words of its heap at the end."""
    return _run_to_heap(image(assembly(source, name, level)))


# What riscv.compile_source and run_program do, in steps that the detectors share. Between two steps the intermediate
# representation is bytes, which nobody can change.


def assembly(source: str, name: str, level: int, check: bool = False) -> str:
    """The assembly text of a program."""
    lowered = _lowered(source, name)
    if check:
        _verified(lowered)
    chosen = _chosen(lowered, level)
    if check:
        _verified(chosen)
    return _finished(chosen, level, check)


@stage("riscv.resolver", "riscv.ir.lower")
def _lowered(source: str, name: str) -> bytes:
    with Room():
        return pickle.dumps(lower(resolve(Source(name, source))))


@stage("riscv.optimize", "riscv.backend.select", "riscv.backend.wrap", "riscv.recursion", alone=["riscv.compiler"])
def _chosen(lowered: bytes, level: int) -> bytes:
    program = pickle.loads(lowered)
    with Room():
        compiler.choose(program, level)
        return pickle.dumps(program)


@stage("riscv.ir.verify", "riscv.recursion")
def _verified(program: bytes) -> None:
    with Room():
        verify(pickle.loads(program))


@stage(
    *("riscv.backend.allocate", "riscv.backend.check", "riscv.backend.data", "riscv.backend.emit"),
    *("riscv.backend.frame", "riscv.backend.peephole", "riscv.pairs", "riscv.recursion"),
    alone=["riscv.compiler"],
)
def _finished(chosen: bytes, level: int, check: bool) -> str:
    with Room():
        return compiler.finish(pickle.loads(chosen), level, check)


@stage("riscv.assembler")
def image(text: str) -> Image:
    """The machine code of an assembly text."""
    return assemble(text)


@stage("riscv.monitors")
def _run(code: Image, monitors: tuple[str, ...], limit: int) -> riscv.Outcome:
    return Emulator(code, [create(name) for name in monitors]).run(limit)


@stage("riscv.heap")
def _run_to_heap(code: Image) -> tuple[riscv.Outcome, tuple[heap.Word, ...]]:
    return heap.run(code, (), STEP_LIMIT)


def same_output(name: str, expected: riscv.Outcome, got: riscv.Outcome) -> None:
    """Require the same lines; the first that differs is shown."""
    for line, (want, have) in enumerate(zip(expected.output, got.output, strict=False)):
        require(want == have, f"{name}: output[{line}]: expected {want}, got {have}")
    trapped = f" ({got.trap.message.splitlines()[0]})" if got.trap else ""
    lengths = len(expected.output), len(got.output)
    require(lengths[0] == lengths[1], f"{name}: output: expected {lengths[0]} lines, got {lengths[1]}{trapped}")
