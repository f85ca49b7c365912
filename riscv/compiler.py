"""Source text to assembly text: parse, resolve, lower, optimise, select, allocate, emit, frame.

-O0 keeps every value in the frame and takes each step as it is written; -O1 optimises, gives values registers and
makes a frame only on the ways that need one.
"""

from collections.abc import Sequence
from typing import Final

from riscv.backend.allocate import ALL, allocate
from riscv.backend.check import check
from riscv.backend.data import sections
from riscv.backend.emit import Emission
from riscv.backend.frame import Frame
from riscv.backend.lines import Code, Label, Line
from riscv.backend.peephole import peephole
from riscv.backend.select import select
from riscv.backend.wrap import split_at_door
from riscv.errors import Source
from riscv.ir.lower import lower
from riscv.ir.nodes import Program
from riscv.ir.verify import verify
from riscv.memory import STACK_TOP
from riscv.optimize import optimize
from riscv.pairs import paired
from riscv.recursion import Room
from riscv.requests import EXIT
from riscv.resolver import Resolved, resolve

LEVELS: Final = (0, 1)

START: Final[Sequence[Line | Label]] = (
    Label("_start"),
    Line("li", ("sp", STACK_TOP)),
    Line("call", ("main",)),
    Line("li", ("a0", 0)),
    Line("li", ("a7", EXIT)),
    Line("ecall", ()),
)


def translate(source: Source, level: int, checked: bool) -> str:
    """The assembly text of a source text; a mistake in it is a LanguageError."""
    with Room():
        return generate(resolve(source), level, checked)


def generate(resolved: Resolved, level: int, checked: bool) -> str:
    """The assembly text of a program, which starts at its first instruction.

    If it is to be checked, the verifier looks at the intermediate representation before and after optimisation and
    the allocation checker at the code of each function; what they find is a CompilerError.
    """
    program = lower(resolved)
    if checked:
        verify(program)
    choose(program, level)
    if checked:
        verify(program)
    return finish(program, level, checked)


def choose(program: Program, level: int) -> None:
    """Optimise at -O1, then choose the instructions."""
    if level:
        optimize(program)
    select_all(program, level)


def finish(program: Program, level: int, checked: bool) -> str:
    """The assembly text of chosen instructions; checked, the allocation checker looks at each function."""
    bodies = emit_all(program, level)
    if checked:
        for function, body in paired(program.functions, bodies):
            check(function, body)
    return "".join(f"{line}\n" for lines in (START, *bodies, sections(program)) for line in lines)


def select_all(program: Program, level: int) -> None:
    """Choose the instructions, and at -O1 the names that values have before and behind the making of a frame."""
    for function in program.functions:
        select(function)
        if level:
            split_at_door(function)


def emit_all(program: Program, level: int) -> list[Code]:
    """The code of each function, from a buffer of its own."""
    frames = []
    for function in program.functions:
        places = allocate(function, ALL if level else ())
        frames.append(Frame(function, Emission(function, places).emit(), level > 0))
    bodies = [frame.finish(frame.hole) for frame in frames]
    return [peephole(body) for body in bodies] if level else bodies
