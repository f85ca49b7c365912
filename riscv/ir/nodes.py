"""The intermediate representation: functions of basic blocks over 32-bit words, in static single assignment.

A value is defined once, by an instruction or as a parameter of a block; an edge hands over arguments for the
parameters of the block it goes to (what other books write as phi). An operand is a value or a number.

    add sub mul ...     any instruction of `isa` with two source registers: result = op(a, b)
    copy                result = a
    la                  result = the address of a function or of data
    lw lbu              result = what is in memory at a + number
    sw sb               memory at b + number = a
    ecall               a request to the environment: its number, its arguments
    call                results = callee(arguments)
    callr               results = the function at an address(arguments), the address first
    jump                to its one edge
    beq bne blt ...     any conditional branch of `isa`: to the first edge if it holds for (a, b), else to the second
    return              gives back its arguments
    tail tailr          returns what callee(arguments) returns, in the frame of the caller
    trap                a request to the environment that ends the program

From `jump` on they end a block. Instruction selection adds the immediate forms (`addi` ...).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from riscv.formats import BRANCH, IMMEDIATE, REGISTER, SHIFT
from riscv.isa import INSTRUCTIONS

BINARY: Final = frozenset(name for name, row in INSTRUCTIONS.items() if row.format is REGISTER)
IMMEDIATES: Final = frozenset(name for name, row in INSTRUCTIONS.items() if row.format in (IMMEDIATE, SHIFT))
BRANCHES: Final = frozenset(name for name, row in INSTRUCTIONS.items() if row.format is BRANCH)
LOADS: Final = frozenset({"lw", "lbu"})
STORES: Final = frozenset({"sw", "sb"})
ENDS: Final = BRANCHES | {"jump", "return", "tail", "tailr", "trap"}
CALLS: Final = frozenset({"call", "tail"})
INDIRECT: Final = frozenset({"callr", "tailr"})
#: Labels of every program that allocates: the heap, the word that says where free memory begins, and where it ends.
HEAP_START: Final = "heap.start"
HEAP_FREE: Final = "heap.free"
HEAP_LIMIT: Final = "heap.limit"


@dataclass(eq=False)
class Value:
    """A virtual register: what it holds never changes, and it is compared by identity."""


Operand: TypeAlias = Value | int


@dataclass(eq=False)
class Edge:
    """A way to a block, with an argument for each of its parameters."""

    block: "Block"
    args: list[Operand] = field(default_factory=list)


@dataclass(eq=False)
class Instruction:
    """One operation; `callee` is the label in a `call`, `tail` or `la`, `edges` are those of what ends a block."""

    op: str
    args: list[Operand]
    results: tuple[Value, ...] = ()
    callee: str = ""
    edges: tuple[Edge, ...] = ()

    def operands(self) -> list[Operand]:
        """What is read: the arguments, and those of the edges."""
        return [*self.args, *(arg for edge in self.edges for arg in edge.args)]

    def uses(self) -> list[Value]:
        """The values that are read."""
        return [operand for operand in self.operands() if isinstance(operand, Value)]

    def substitute(self, known: Mapping[Value, Operand]) -> None:
        """Read other operands in place of some values; an operand found there may itself be one of them."""
        self.args = [find(known, arg) for arg in self.args]
        for edge in self.edges:
            edge.args = [find(known, arg) for arg in edge.args]


def find(known: Mapping[Value, Operand], operand: Operand) -> Operand:
    """What an operand stands for in the end."""
    while isinstance(operand, Value) and operand in known:
        operand = known[operand]
    return operand


@dataclass(eq=False)
class Block:
    """Instructions that run one after the other; the last one says where to go on."""

    name: str
    params: list[Value] = field(default_factory=list)
    code: list[Instruction] = field(default_factory=list)

    @property
    def end(self) -> Instruction:
        """The instruction that ends the block."""
        return self.code[-1]


@dataclass(eq=False)
class Function:
    """The first block is where it starts, whose parameters are the function's; each return gives `results` words."""

    label: str
    blocks: list[Block]
    results: int

    @property
    def params(self) -> list[Value]:
        """The parameters."""
        return self.blocks[0].params

    def instructions(self) -> Iterator[Instruction]:
        """All instructions, block after block."""
        for block in self.blocks:
            yield from block.code


#: A piece of data: numbers and labels as words, and bytes.
Datum: TypeAlias = tuple[int | str | bytes, ...]


@dataclass(eq=False)
class Program:
    """All functions, of which the first is the top level, and the data that is never written, by its labels."""

    functions: list[Function]
    data: dict[str, Datum] = field(default_factory=dict)


def jump(block: Block, args: list[Operand]) -> Instruction:
    """The end of a block that goes on in another."""
    return Instruction("jump", [], edges=(Edge(block, args),))


def text(function: Function) -> str:
    """A function as text; values and blocks are numbered in the order in which they stand."""
    values: dict[Value, str] = {}
    blocks = {block: f"{block.name}{number}" for number, block in enumerate(function.blocks)}

    def name(operand: Operand) -> str:
        return values.setdefault(operand, f"v{len(values)}") if isinstance(operand, Value) else str(operand)

    def names(operands: list[Operand]) -> str:
        return ", ".join(name(operand) for operand in operands)

    lines = []
    for block in function.blocks:
        lines.append(f"{blocks[block]}({names([*block.params])}):")
        for instruction in block.code:
            results = f"{names([*instruction.results])} = " if instruction.results else ""
            operands = [instruction.callee] if instruction.callee else []
            operands += [name(arg) for arg in instruction.args]
            operands += [f"{blocks[edge.block]}({names(edge.args)})" for edge in instruction.edges]
            lines.append(f"    {results}{instruction.op} {', '.join(operands)}".rstrip())
    return "\n".join(lines)
