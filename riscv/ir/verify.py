"""What every function must obey, checked after each pass that is asked to prove itself."""

from collections.abc import Collection, Mapping

from riscv.errors import CompilerError
from riscv.ir.graph import dominators
from riscv.ir.nodes import (
    BINARY,
    BRANCHES,
    CALLS,
    ENDS,
    HEAP_FREE,
    HEAP_LIMIT,
    IMMEDIATES,
    INDIRECT,
    LOADS,
    STORES,
    Block,
    Function,
    Instruction,
    Program,
    Value,
)

#: How many arguments, results and edges an operation has; calls and returns depend on functions.
SHAPES = {
    **dict.fromkeys(BINARY | IMMEDIATES, (2, 1, 0)),
    **dict.fromkeys(BRANCHES, (2, 0, 2)),
    "copy": (1, 1, 0),
    **dict.fromkeys(LOADS, (2, 1, 0)),
    **dict.fromkeys(STORES, (3, 0, 0)),
    "la": (0, 1, 0),
    "trap": (2, 0, 0),
    "jump": (0, 0, 1),
}


def verify(program: Program) -> None:
    """Raise a CompilerError for the first broken rule."""
    functions = {function.label: function for function in program.functions}
    labels = {*functions, *program.data, HEAP_FREE, HEAP_LIMIT}
    for function in program.functions:
        Verifier(function, functions, labels).verify()


class Verifier:
    """One function among those it may call, and all labels whose addresses it may take."""

    def __init__(self, function: Function, functions: Mapping[str, Function], labels: Collection[str]) -> None:
        self.function = function
        self.functions = functions
        self.labels = labels

    def verify(self) -> None:
        """All rules."""
        for block in self.function.blocks:
            self.shape(block)
        for block in self.function.blocks:
            for instruction in block.code:
                self.instruction(block, instruction)
        self.definitions()

    def require(self, holds: bool, block: Block, message: str) -> None:
        """Complain unless a rule holds."""
        if not holds:
            raise CompilerError(f"{self.function.label}: {block.name}: {message}; this is a bug of the compiler")

    def shape(self, block: Block) -> None:
        """A block ends once, at its end, and leads to blocks of this function other than the first."""
        ends = [instruction.op in ENDS for instruction in block.code]
        self.require(ends[-1:] == [True] and sum(ends) == 1, block, "one instruction must end it, the last")
        for edge in block.end.edges:
            self.require(edge.block in self.function.blocks[1:], block, f"it may not go to {edge.block.name}")
            given, wanted = len(edge.args), len(edge.block.params)
            self.require(given == wanted, block, f"{edge.block.name} takes {wanted} arguments, not {given}")

    def instruction(self, block: Block, instruction: Instruction) -> None:
        """An instruction has as many arguments, results and edges as its operation says."""
        op = instruction.op
        shape = len(instruction.args), len(instruction.results), len(instruction.edges)
        if op in CALLS:
            self.require(instruction.callee in self.functions, block, f"there is no function {instruction.callee}")
            callee = self.functions[instruction.callee]
            expected = len(callee.params), callee.results if op == "call" else 0, 0
            same = op == "call" or callee.results == self.function.results
            self.require(same, block, f"{callee.label} returns another number of words")
        elif op == "return":
            expected = self.function.results, 0, 0
        elif op in INDIRECT:
            self.require(len(instruction.args) > 0, block, f"{op} needs an address")
            same = op == "callr" or self.function.results == 2
            self.require(same, block, "a function that is called by address returns two words")
            expected = len(instruction.args), 2 if op == "callr" else 0, 0
        elif op == "ecall":
            self.require(1 < len(instruction.args) < 5, block, "ecall takes a number and one to three arguments")
            expected = len(instruction.args), 0, 0
        else:
            if op == "la":
                self.require(instruction.callee in self.labels, block, f"there is no {instruction.callee}")
            self.require(op in SHAPES, block, f"unknown operation {op}")
            expected = SHAPES[op]
        self.require(shape == expected, block, f"{op} has {shape} arguments, results and edges, not {expected}")

    def definitions(self) -> None:
        """A value is defined once, and on every way to each of its uses."""
        above = dominators(self.function)
        home: dict[Value, Block] = {}
        for block in self.function.blocks:
            for value in [*block.params, *(value for i in block.code for value in i.results)]:
                self.require(value not in home, block, "it defines a value again")
                home[value] = block
        for block, dominating in above.items():
            inside = set(block.params)
            for instruction in block.code:
                for value in instruction.uses():
                    outside = home.get(value) in dominating - {block}
                    self.require(value in inside or outside, block, f"{instruction.op} reads an undefined value")
                inside |= set(instruction.results)
