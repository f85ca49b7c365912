"""Allocated functions to lines of assembly, each function into a buffer of its own.

What is not known before the whole function is there stays open: the offsets of words of the frame, the prologue, and
at each way out, a line `leave`, the epilogue. `frame` fills them in.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from riscv.backend.lines import MEMORY, Code, Label, Line
from riscv.backend.moves import Move, in_order
from riscv.backend.places import TARGET, Incoming, Place, passed, wanted
from riscv.backend.registers import ARGUMENTS, FIRST, SECOND
from riscv.ir.nodes import BINARY, Block, Function, Instruction, Operand, Value
from riscv.pairs import paired

OPPOSITE: Final[Mapping[str, str]] = {
    "beq": "bne",
    "bne": "beq",
    "blt": "bge",
    "bge": "blt",
    "bltu": "bgeu",
    "bgeu": "bltu",
}
#: What passes arguments and goes on behind, and what passes them and does not.
CALLING: Final[Mapping[str, tuple[str, ...]]] = {"call": ("call",), "callr": ("jalr", TARGET), "ecall": ("ecall",)}
LEAVING: Final[Mapping[str, tuple[str, ...]]] = {
    "return": ("ret",),
    "tail": ("j",),
    "tailr": ("jr", TARGET),
    "trap": ("ecall",),
}


class Emission:
    """The lines of one function, block by block."""

    def __init__(self, function: Function, places: Mapping[Value, Place]) -> None:
        self.function = function
        self.places = places
        self.labels = {block: f".{function.label}.{n}.{block.name}" for n, block in enumerate(function.blocks)}
        self.labels[function.blocks[0]] = function.label
        self.blocks: dict[Block, Code] = {}

    def emit(self) -> Mapping[Block, Code]:
        """The lines of each block; those of the first begin with the way in."""
        following = [*self.function.blocks[1:], None]
        for block, after in paired(self.function.blocks, following):
            self.code: Code = [Label(self.labels[block])]
            self.blocks[block] = self.code
            if block is self.function.blocks[0]:
                self.move(paired(self.values(block.params), passed(len(block.params), Incoming)))
            for instruction in block.code[:-1]:
                self.instruction(instruction)
            self.end(block.end, after)
        return self.blocks

    def line(self, mnemonic: str, *operands: str | int, source: Instruction | None = None) -> None:
        """Append a line."""
        self.code.append(Line(mnemonic, operands, source))

    def values(self, values: Sequence[Value]) -> list[Place]:
        """Where some values are."""
        return [self.places[value] for value in values]

    def sources(self, operands: Sequence[Operand]) -> list[Place | int]:
        """Where some operands are; a number is itself."""
        return [self.places[operand] if isinstance(operand, Value) else operand for operand in operands]

    # Moves

    def move(self, moves: Iterable[Move]) -> None:
        """Moves that happen at once."""
        for to, source in in_order(moves):
            if isinstance(to, str):
                self.load(to, source)
            else:
                register = self.register(source, FIRST)
                self.code.append(Line("sw", (register, to, "sp")))

    def load(self, register: str, source: Place | int) -> None:
        """register = source."""
        if isinstance(source, int):
            self.line("li", register, source)
        elif isinstance(source, str):
            self.line("mv", register, source)
        else:
            self.code.append(Line("lw", (register, source, "sp")))

    def register(self, source: Place | int, scratch: str) -> str:
        """The register that holds a source: its own, x0 for 0, or a scratch register that it is loaded into."""
        if source == 0:
            return "zero"
        if isinstance(source, str):
            return source
        self.load(scratch, source)
        return scratch

    # Instructions

    def instruction(self, instruction: Instruction) -> None:
        """Anything but the end of a block."""
        if instruction.op in CALLING:
            self.move(paired(wanted(instruction), self.sources(instruction.args)))
            self.line(*CALLING[instruction.op], *labels(instruction), source=instruction)
            results = self.values(instruction.results)
            self.move(paired(results, ARGUMENTS[: len(results)]))
        elif instruction.op == "copy":
            self.move(paired(self.values(instruction.results), self.sources(instruction.args)))
        elif instruction.op in MEMORY:
            self.memory(instruction)
        else:
            self.operation(instruction)

    def memory(self, instruction: Instruction) -> None:
        """A load or a store; in assembly the offset stands before the base."""
        match instruction.args:
            case [base, int(offset)]:
                (place,), (source,) = self.values(instruction.results), self.sources([base])
                register = place if isinstance(place, str) else FIRST
                self.line(instruction.op, register, offset, self.register(source, FIRST), source=instruction)
                self.move([(place, register)])
            case [stored, base, int(offset)]:
                value, source = self.sources([stored, base])
                operands = self.register(value, SECOND), offset, self.register(source, FIRST)
                self.line(instruction.op, *operands, source=instruction)

    def operation(self, instruction: Instruction) -> None:
        """An instruction of the machine: operands from registers, the result into one and from there to its place."""
        places = self.values(instruction.results)
        result = [place if isinstance(place, str) else FIRST for place in places]
        operands: list[str | int] = [*labels(instruction)]
        for number, arg in enumerate(instruction.args):
            if isinstance(arg, int) and instruction.op not in BINARY:
                operands.append(arg)
            else:
                (source,) = self.sources([arg])
                operands.append(self.register(source, (FIRST, SECOND)[number]))
        self.line(instruction.op, *result, *operands, source=instruction)
        self.move(paired(places, result))

    def end(self, instruction: Instruction, after: Block | None) -> None:
        """The end of a block; where the next one follows, nothing jumps there."""
        match instruction.op:
            case "jump":
                (edge,) = instruction.edges
                self.move(paired(self.values(edge.block.params), self.sources(edge.args)))
                if edge.block is not after:
                    self.line("j", self.labels[edge.block])
            case "return" | "tail" | "tailr" | "trap" as op:
                self.move(paired(wanted(instruction), self.sources(instruction.args)))
                if op != "trap":
                    self.line("leave")
                self.line(*LEAVING[op], *labels(instruction), source=instruction)
            case _:
                self.branch(instruction, after)

    def branch(self, instruction: Instruction, after: Block | None) -> None:
        """Branch to one block and fall into the other, or jump there if it does not follow."""
        a, b = self.sources(instruction.args)
        operands = self.register(a, FIRST), self.register(b, SECOND)
        then, otherwise = (edge.block for edge in instruction.edges)
        if then is after:
            self.line(OPPOSITE[instruction.op], *operands, self.labels[otherwise], source=instruction)
        else:
            self.line(instruction.op, *operands, self.labels[then], source=instruction)
            if otherwise is not after:
                self.line("j", self.labels[otherwise])


def labels(instruction: Instruction) -> list[str]:
    """The label that an instruction names, if it names one."""
    return [instruction.callee] if instruction.callee else []
