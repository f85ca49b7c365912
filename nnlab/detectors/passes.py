"""What the detector `codegen` expects of single passes: a function before and behind one, as LLVM's tests of `opt` do.

Functions are written as `riscv.ir.nodes.text` prints them, with `;` between the lines; a line that ends in `:` begins
a block. What a later pass would put right, or what no program of the corpus asks for, shows here.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial

from nnlab.detectors.subjects import require
from riscv import compiler
from riscv.backend.allocate import allocate
from riscv.backend.moves import Move, in_order
from riscv.backend.places import Slot
from riscv.backend.select import select
from riscv.ir.graph import prune_params
from riscv.ir.nodes import CALLS, Block, Edge, Function, Instruction, Operand, Program, Value, text
from riscv.optimize import simplify
from riscv.optimize.control import merge_blocks

#: Parameters, operands, labels, edges: if the text left one out, `simplify` would not see it change and end too early.
WRITTEN = (
    "e0(v0, v1):; v2, v3 = call g, v0, 7; sw v2, v1, 4; blt v2, v3, a1(v2, 5), b2(); a1(v4, v5):; return v4; "
    "b2():; jump a1(v3, v0)"
)
#: A pass, a function, and what the pass makes of it.
PASSES: Mapping[str, tuple[Callable[[Function], None], str, str]] = {
    "the text of a function": (lambda function: None, WRITTEN, WRITTEN),
    "a number stands right, where instructions have it": (
        select,
        "e0(v0):; v1 = add 5, v0; return v1",
        "e0(v0):; v1 = addi v0, 5; return v1",
    ),
    "a number is added, not subtracted": (
        select,
        "e0(v0):; v1 = sub v0, 5; return v1",
        "e0(v0):; v1 = addi v0, -5; return v1",
    ),
    "an offset out of reach is added": (
        select,
        "e0(v0):; v1 = lw v0, 2047; sw v1, v0, 2048; return v1",
        "e0(v0):; v1 = lw v0, 2047; v2 = add v0, 2048; sw v1, v2, 0; return v1",
    ),
    "a parameter for what always comes": (
        prune_params,
        "e0(v0):; beq v0, 0, a1(v0), b2(); a1(v1):; return v1; b2():; jump a1(v0)",
        "e0(v0):; beq v0, 0, a1(), b2(); a1():; return v0; b2():; jump a1()",
    ),
    "a parameter for what a later one stands for": (
        prune_params,
        "e0(v0):; jump a1(v0); a1(v1):; beq v0, 0, b2(v1), c3(); b2(v2):; jump a1(v2); c3():; return v1",
        "e0(v0):; jump a1(); a1():; beq v0, 0, b2(), c3(); b2():; jump a1(); c3():; return v0",
    ),
    "a way through blocks that only jump": (
        simplify,
        "e0(v0):; beq v0, 0, a1(), b2(); a1():; jump c3(); b2():; v1 = call g, v0; jump c3(); c3():; return v0",
        "e0(v0):; beq v0, 0, c2(), b1(); b1():; v1 = call g, v0; jump c2(); c2():; return v0",
    ),
    "a block that two jumps lead to stays": (
        merge_blocks,
        "e0(v0):; beq v0, 0, a1(), b2(); a1():; jump c3(); b2():; sw 2, v0, 0; jump c3(); c3():; return v0",
        "e0(v0):; beq v0, 0, a1(), b2(); a1():; jump c3(); b2():; sw 2, v0, 0; jump c3(); c3():; return v0",
    ),
    "blocks that always follow one another": (
        simplify,
        "e0(v0):; jump a1(); a1():; v1 = call g, v0; jump b2(); b2():; return v1",
        "e0(v0):; v1 = call g, v0; return v1",
    ),
}
#: Registers, a function, and what its values are in, in the order of their definitions.
PLACES: Mapping[str, tuple[str, str, str]] = {
    "a parameter that a loop defines and reads is dearer than what it only reads": (
        "s0",
        "e0(v0):; jump a1(7); a1(v1):; v2 = add v1, v0; bne v2, 0, a1(v2), b2(); b2():; return v0",
        "frame s0 s0",
    ),
    "a result that nothing reads gives its register back": (
        "s0 s1",
        "e0(v0):; v1, v2 = call g, v0; v3 = add v1, 1; v4 = add v1, v3; return v4",
        "s0 s0 s1 s1 s0",
    ),
    "a copy stays where it is": (
        "s0 a0 a1",
        "e0(v0, v1):; v2 = copy v1; v3 = add v2, v0; return v3",
        "a0 a1 a1 a0",
    ),
}
#: A level, a function without optimisation, and its lines.
LINES: Mapping[str, tuple[int, str, str]] = {
    "a branch between blocks that do not follow": (
        1,
        "e0(v0):; beq v0, 0, b2(), c3(); a1(v1):; return v1; b2():; return 2; c3():; sw v0, v0, 0; jump a1(v0)",
        "beq a0, zero, .f.2.b; j .f.3.c; .f.1.a:; ret; .f.2.b:; li a0, 2; ret; .f.3.c:; sw a0, 0(a0); j .f.1.a",
    ),
    "numbers are loaded where they are read": (
        1,
        "e0(v0):; v1 = mul v0, 7; sw 5, v1, 0; sw 0, 16, 4; v2 = sub 3, v1; return v2",
        "li t1, 7; mul t3, a0, t1; li t1, 5; sw t1, 0(t3); li t0, 16; sw zero, 4(t0); li t0, 3; sub a0, t0, t3; ret",
    ),
    "at -O0 a frame is made at once": (
        0,
        "e0():; beq 0, 0, a1(), b2(); a1():; return 1; b2():; v1 = call f; return v1",
        "addi sp, sp, -16; sw ra, 0(sp); bne zero, zero, .f.2.b; .f.1.a:; li a0, 1; lw ra, 0(sp); addi sp, sp, 16; "
        "ret; .f.2.b:; call f; sw a0, 4(sp); lw a0, 4(sp); lw ra, 0(sp); addi sp, sp, 16; ret",
    ),
}


def _written(source: str) -> Function:
    """The function with these lines; values are v and a number."""
    values: dict[str, Value] = {}
    lines = source.split("; ")
    heads = [line.partition("(")[0] for line in lines if line.endswith(":")]
    blocks = {head: Block(head[:-1]) for head in heads}

    def operands(words: str) -> list[Operand]:
        found = re.findall(r"[\w-]+", words)
        return [values.setdefault(word, Value()) if word.startswith("v") else int(word) for word in found]

    def results(words: str) -> tuple[Value, ...]:
        return tuple(value for value in operands(words) if isinstance(value, Value))

    for line in lines:
        name, _, params = line.partition("(")
        if line.endswith(":"):
            block = blocks[name]
            block.params = [*results(params)]
        else:
            given, _, operation = line.rpartition(" = ")
            op, _, rest = operation.partition(" ")
            edges = tuple(Edge(blocks[to], operands(args)) for to, args in re.findall(r"(\w+)\((.*?)\)", rest))
            callee, _, rest = rest.partition(", ") if op in CALLS else ("", "", rest)
            args = operands(re.sub(r"\w+\(.*?\)", "", rest))
            block.code.append(Instruction(op, args, results(given), callee, edges))
    return Function("f", [*blocks.values()], 1)


def _printed(function: Function) -> str:
    return "; ".join(line.strip() for line in text(function).splitlines())


def _becomes(change: Callable[[Function], None], before: str, after: str, seed: int) -> None:
    function = _written(before)
    change(function)
    got = _printed(function)
    require(got == after, f"{before}: expected {after}, got {got}")


def _has_places(registers: str, source: str, expected: str, seed: int) -> None:
    function = _written(source)
    places = allocate(function, registers.split())
    defined = [
        [*block.params, *(result for line in block.code for result in line.results)] for block in function.blocks
    ]
    found = [places[value] for values in defined for value in values]
    got = " ".join(place if isinstance(place, str) else "frame" for place in found)
    require(got == expected, f"{source}: expected its values in {expected}, got {got}")


def _has_lines(level: int, source: str, expected: str, seed: int) -> None:
    assembly = compiler.finish(Program([_written(source)]), level, False)
    got = "; ".join(line.strip() for line in assembly.partition("f:\n")[2].splitlines())
    require(got == expected, f"{source} at -O{level}: expected {expected}, got {got}")


def _opens_a_circle(seed: int) -> None:
    """At the source of its first move: any other would do, but it is this one, and lines follow from it."""
    moves: list[Move] = [(Slot(1), "a0"), ("a0", "a1"), ("a1", Slot(1))]
    expected = [("t2", "a0"), ("a0", "a1"), ("a1", Slot(1)), (Slot(1), "t2")]
    got = in_order(moves)
    require(got == expected, f"{moves}: expected the order {expected}, got {got}")


SINGLE: Mapping[str, Callable[[int], None]] = {
    **{name: partial(_becomes, *row) for name, row in PASSES.items()},
    **{name: partial(_has_places, *row) for name, row in PLACES.items()},
    **{name: partial(_has_lines, *row) for name, row in LINES.items()},
    "a circle of moves": _opens_a_circle,
}
