"""A function while it is being built: the open block, the values of variables there, where ways meet, traps."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from riscv import syntax
from riscv.ir.graph import prune_params
from riscv.ir.kinds import INTEGER, NULL, Kinds
from riscv.ir.nodes import Block, Edge, Function, Instruction, Operand, Value, jump
from riscv.ir.unit import Pair, Unit, tag, words
from riscv.outcome import TrapKind
from riscv.pairs import paired
from riscv.requests import FAILURES
from riscv.resolver import Local

#: The payload of a value, and its tag unless that is known.
Words: TypeAlias = Sequence[Operand]
Variables: TypeAlias = dict[Local, Pair]
#: The end of a block that is still open, and what the variables are there.
Arm: TypeAlias = tuple[Block, Variables]

NOTHING = Pair(0, NULL, frozenset({NULL}))


class Builder:
    """One function: blocks that are closed, one that is open, and those that end the program, which come last."""

    def __init__(self, unit: Unit, label: str) -> None:
        self.unit = unit
        self.built = Function(label, [], 1)
        self.variables: Variables = {}
        self.closed: set[Block] = set()
        self.failures: list[Block] = []
        self.start(Block("entry"))

    # Blocks

    def start(self, block: Block) -> None:
        """Go on in a new block."""
        self.built.blocks.append(block)
        self.block = block

    def is_open(self) -> bool:
        """Can control reach the end of the block?"""
        return self.block not in self.closed

    def emit(self, instruction: Instruction) -> None:
        """Append to the open block."""
        self.block.code.append(instruction)

    def result(self, op: str, *args: Operand) -> Value:
        """Append an instruction that has a result."""
        value = Value()
        self.emit(Instruction(op, [*args], (value,)))
        return value

    def address(self, label: str) -> Value:
        """The address of a function or of data."""
        value = Value()
        self.emit(Instruction("la", [], (value,), label))
        return value

    def jump(self, block: Block, args: list[Operand]) -> None:
        """End the block and go on in another."""
        self.emit(jump(block, args))

    def branch(self, op: str, operands: list[Operand], then: Block, otherwise: Block) -> None:
        """End the block with a conditional branch."""
        self.emit(Instruction(op, operands, edges=(Edge(then), Edge(otherwise))))

    # Values

    def pair(self, found: Words, kinds: Kinds) -> Pair:
        """A value of some kinds from its words, of which the second is its tag where that is not known."""
        known = tag(kinds)
        return Pair(found[0], found[1] if known is None else known, kinds)

    def fresh(self, kinds: Kinds) -> tuple[Pair, list[Value]]:
        """A new value of some kinds, and the words of it, for parameters and results."""
        values = [Value() for _ in range(2 if tag(kinds) is None else 1)]
        return self.pair(values, kinds), values

    def load(self, address: Operand, offset: int, kinds: Kinds) -> Words:
        """The words of the value at an address."""
        return [self.result("lw", address, at) for at in range(offset, offset + (8 if tag(kinds) is None else 4), 4)]

    def store(self, pair: Pair, address: Operand, offset: int) -> None:
        """Put both words of a value to an address."""
        self.emit(Instruction("sw", [pair.payload, address, offset]))
        self.emit(Instruction("sw", [pair.tag, address, offset + 4]))

    def runtime(self, name: str, *args: Operand) -> Value:
        """Call a function of the runtime, which gives one word."""
        value = Value()
        self.emit(Instruction("call", [*args], (value,), self.unit.helper(name)))
        return value

    # Variables

    def assign(self, local: Local, pair: Pair) -> None:
        """A variable has this value from now on."""
        self.variables[local] = self.pair([pair.payload, pair.tag], self.unit.kinds(local))

    def carried(self, locals_: Iterable[Local], variables: Variables) -> list[Operand]:
        """The words of some variables."""
        return [word for local in locals_ for word in words(variables[local], self.unit.kinds(local))]

    def meet(self, name: str, arms: Sequence[Arm], kept: Iterable[Local]) -> None:
        """Go on behind the arms with the variables that are kept; where there is no arm, nothing goes on."""
        if not arms:
            return
        block = Block(name)
        ways: list[list[Operand]] = [[] for _ in arms]
        variables: Variables = {}
        for local in kept:
            pairs = [before[local] for _, before in arms]
            payload = join(block, ways, [pair.payload for pair in pairs])
            carried = join(block, ways, [pair.tag for pair in pairs])
            variables[local] = self.pair([payload, carried], self.unit.kinds(local))
        for (end, _), args in paired(arms, ways):
            end.code.append(jump(block, args))
        self.variables = variables
        self.start(block)

    # Traps

    def stop(self, error: TrapKind, node: syntax.Expression | syntax.Statement) -> None:
        """End the program here; what is built behind that is never reached."""
        self.guard("beq", 0, 0, error, node)

    def guard(
        self, op: str, a: Operand, b: Operand, error: TrapKind, node: syntax.Expression | syntax.Statement
    ) -> None:
        """End the program if a branch on two operands would be taken; tags that are known need no branch."""
        trap = Instruction("trap", [FAILURES[error], self.unit.line(node)])
        failure, then = Block("fail", [], [trap]), Block("then")
        self.failures.append(failure)
        self.branch(op, [a, b], failure, then)
        self.start(then)

    def require(self, kind: int, node: syntax.Expression | syntax.Statement, *pairs: Pair) -> None:
        """A type-error unless all values are of a kind; what is known of them is not asked again."""
        if any(pair.kinds and kind not in pair.kinds for pair in pairs):
            self.stop("type-error", node)
            return
        open_ = [pair.tag for pair in pairs if tag(pair.kinds) is None]
        if kind == INTEGER and len(open_) == 2:
            open_ = [self.result("or", *open_)]
        for carried in open_:
            self.guard("bne", carried, kind, "type-error", node)

    def finished(self) -> Function:
        """The function; a block is started only where something leads to it, so that all can be reached."""
        self.built.blocks += self.failures
        prune_params(self.built)
        return self.built


def join(block: Block, ways: Sequence[list[Operand]], operands: Sequence[Operand]) -> Operand:
    """What several ways bring to a block: the operand of all of them, or a parameter."""
    if len(set(operands)) == 1:
        return operands[0]
    param = Value()
    block.params.append(param)
    for args, operand in paired(ways, operands):
        args.append(operand)
    return param
