"""Syntax tree to intermediate representation, in static single assignment from the start.

A variable is the operand it holds at the moment; where ways meet whose operands differ, the block gets a parameter.
At the head of a loop every variable gets one, since its body is not known yet; those that the body leaves alone are
dropped in the end. A loop's test stands behind its body, so that a round costs one branch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from riscv import syntax
from riscv.errors import CompileError, LanguageError
from riscv.ir.graph import prune_blocks, prune_params
from riscv.ir.nodes import Block, Edge, Function, Instruction, Operand, Program, Value, jump
from riscv.resolver import Local, Resolved

# Requests to the environment: the number in a7, the argument in a0.
PRINT_INTEGER: Final = 1
PRINT_CHARACTER: Final = 11
NEWLINE: Final = 10

ARITHMETIC: Final[Mapping[str, str]] = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "sll",
    ">>": "sra",
}

#: The branch for `left operator right`, and whether it compares right with left.
COMPARISONS: Final[Mapping[str, tuple[str, bool]]] = {
    "==": ("beq", False),
    "!=": ("bne", False),
    "<": ("blt", False),
    ">=": ("bge", False),
    ">": ("blt", True),
    "<=": ("bge", True),
}

Variables: TypeAlias = dict[Local, Operand]
#: The end of a block that is still open, and what the variables are there.
Arm: TypeAlias = tuple[Block, Variables]


@dataclass(frozen=True)
class Loop:
    """A loop around what is being lowered: the variables from before it, and the ways out of a round and of it all."""

    kept: list[Local]
    again: list[Arm] = field(default_factory=list)
    left: list[Arm] = field(default_factory=list)


def lower(resolved: Resolved) -> Program:
    """The top level and every function that it needs, in the order in which they are first called."""
    unit = Unit(resolved)
    functions = [Lowering(unit, "main").lower((), resolved.program.body)]
    for node in unit.wanted:
        functions.append(Lowering(unit, unit.label(node)).lower(node.parameters, node.body))
    return Program(functions)


class Unit:
    """What the functions of a program share: the meaning of names, and who has been called."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.wanted: list[syntax.Function] = []

    def label(self, node: syntax.Function) -> str:
        """The label of a function; a number keeps functions of one name apart."""
        if node not in self.wanted:
            self.wanted.append(node)
        return f"{node.name}.{self.wanted.index(node) + 1}"


class Lowering:
    """One function while it is being built: the open block, and what each variable is there."""

    def __init__(self, unit: Unit, label: str) -> None:
        self.unit = unit
        self.locals = unit.resolved.locals
        self.function = Function(label, [], 1)
        self.variables: Variables = {}
        self.loops: list[Loop] = []
        self.start(Block("entry"))

    def lower(self, parameters: Iterable[syntax.Parameter], body: syntax.Block) -> Function:
        """The whole function; one that ends without return gives 0."""
        for parameter in parameters:
            value = Value()
            self.block.params.append(value)
            self.variables[self.locals[parameter]] = value
        self.body(body)
        if self.open:
            self.emit(Instruction("return", [0]))
        prune_blocks(self.function)
        prune_params(self.function)
        return self.function

    # Blocks

    def start(self, block: Block) -> None:
        """Go on in a new block."""
        self.function.blocks.append(block)
        self.block = block
        self.open = True

    def emit(self, instruction: Instruction) -> None:
        """Append to the open block."""
        self.block.code.append(instruction)

    def result(self, op: str, *args: Operand) -> Value:
        """Append an instruction that has a result."""
        value = Value()
        self.emit(Instruction(op, [*args], (value,)))
        return value

    def meet(self, name: str, arms: list[Arm], kept: Iterable[Local]) -> None:
        """Go on behind the arms with the variables that are kept; where there is no arm, nothing goes on."""
        self.open = bool(arms)
        if not arms:
            return
        block = Block(name)
        merged = [local for local in kept if len({variables[local] for _, variables in arms}) > 1]
        for end, variables in arms:
            end.code.append(jump(block, [variables[local] for local in merged]))
        self.variables = {local: arms[0][1][local] for local in kept}
        for local in merged:
            value = Value()
            block.params.append(value)
            self.variables[local] = value
        self.start(block)

    # Statements

    def body(self, body: syntax.Block) -> None:
        """Statements one after the other, up to the one behind which nothing runs."""
        for statement in body:
            if self.open:
                self.statement(statement)

    def statement(self, node: syntax.Statement) -> None:
        """One statement; a function is lowered when it is called."""
        match node:
            case syntax.Let() | syntax.Set():
                self.variables[self.locals[node]] = self.value(node.value)
            case syntax.Functions():
                for function in node.functions:
                    self.known(function)
            case syntax.If():
                self.if_stmt(node)
            case syntax.While():
                self.while_stmt(node)
            case syntax.DoWhile():
                self.do_while_stmt(node)
            case syntax.Break():
                self.leave(self.loops[-1].left)
            case syntax.Continue():
                self.leave(self.loops[-1].again)
            case syntax.Return():
                self.emit(Instruction("return", [self.value(node.value)]))
                self.open = False
            case syntax.Evaluate():
                self.value(node.expression)
            case _:
                raise self.unknown(node)

    def unknown(self, node: syntax.Statement | syntax.Expression) -> LanguageError:
        """The error for what the language has and this compiler has not."""
        return self.unit.resolved.program.source.error(node.position, "not compiled yet", CompileError)

    def known(self, node: syntax.Function) -> None:
        """Refuse a function that captures variables; other functions are known by their labels."""
        if any(local.function is None for local in self.unit.resolved.frames[node].captures):
            raise self.unknown(node)

    def if_stmt(self, node: syntax.If) -> None:
        """Two arms that meet; variables declared in them end there."""
        before = self.variables
        then, otherwise = Block("then"), Block("else")
        self.condition(node.condition, then, otherwise)
        arms: list[Arm] = []
        for block, body in ((then, node.then), (otherwise, node.otherwise or ())):
            self.start(block)
            self.variables = dict(before)
            self.body(body)
            if self.open:
                arms.append((self.block, self.variables))
        self.meet("end", arms, before)

    def while_stmt(self, node: syntax.While) -> None:
        """The way in goes to the test, which stands behind the body and leads back to it."""
        test, body, end = Block("test"), Block("body"), Block("end")
        loop = Loop(list(self.variables))
        variables = self.enter(test)
        self.start(body)
        self.variables = dict(variables)
        self.round(loop, node.body)
        for last, ending in loop.again:
            last.code.append(jump(test, [ending[local] for local in loop.kept]))
        self.start(test)
        self.variables = variables
        self.condition(node.condition, body, end)
        self.behind(loop, end)

    def do_while_stmt(self, node: syntax.DoWhile) -> None:
        """The body, then the test, which leads back to it."""
        body, again, end = Block("body"), Block("again"), Block("end")
        loop = Loop(list(self.variables))
        self.variables = self.enter(body)
        self.start(body)
        self.round(loop, node.body)
        self.meet("test", loop.again, loop.kept)
        if self.open:
            self.condition(node.condition, again, end)
            self.start(again)
            self.emit(jump(body, [self.variables[local] for local in loop.kept]))
            self.behind(loop, end)
        else:
            self.meet("end", loop.left, loop.kept)

    def enter(self, head: Block) -> Variables:
        """Go to the head of a loop, which gets a parameter for every variable."""
        self.emit(jump(head, [*self.variables.values()]))
        variables: Variables = {}
        for local in self.variables:
            value = Value()
            head.params.append(value)
            variables[local] = value
        return variables

    def round(self, loop: Loop, body: syntax.Block) -> None:
        """One round of a loop."""
        self.loops.append(loop)
        self.body(body)
        if self.open:
            self.leave(loop.again)
        self.loops.pop()

    def leave(self, arms: list[Arm]) -> None:
        """Close the block; where it leads is known later."""
        arms.append((self.block, self.variables))
        self.open = False

    def behind(self, loop: Loop, end: Block) -> None:
        """Go on behind a loop, which its test and each break lead to."""
        self.start(end)
        if loop.left:
            self.meet("end", [(end, self.variables), *loop.left], loop.kept)

    # Expressions

    def condition(self, node: syntax.Expression, then: Block, otherwise: Block) -> None:
        """Go to one block if the value is not 0, else to the other."""
        match node:
            case syntax.Unary(operator="!"):
                self.condition(node.operand, otherwise, then)
            case syntax.Logical():
                right = Block("right")
                decided = (right, otherwise) if node.operator == "&&" else (then, right)
                self.condition(node.left, *decided)
                self.start(right)
                self.condition(node.right, then, otherwise)
            case syntax.Binary() if node.operator in COMPARISONS:
                op, swapped = COMPARISONS[node.operator]
                operands = [self.value(node.left), self.value(node.right)]
                self.branch(op, operands[::-1] if swapped else operands, then, otherwise)
            case _:
                self.branch("bne", [self.value(node), 0], then, otherwise)

    def branch(self, op: str, operands: list[Operand], then: Block, otherwise: Block) -> None:
        """End the block with a conditional branch."""
        self.emit(Instruction(op, operands, edges=(Edge(then, []), Edge(otherwise, []))))

    def value(self, node: syntax.Expression) -> Operand:
        """The value of an expression; operands are evaluated left to right."""
        match node:
            case syntax.Number():
                return node.value
            case syntax.Boolean():
                return int(node.value)
            case syntax.Name() if self.locals[node].function is None:
                return self.variables[self.locals[node]]
            case syntax.Unary(operator="-"):
                return self.result("sub", 0, self.value(node.operand))
            case syntax.Unary(operator="~"):
                return self.result("xor", self.value(node.operand), -1)
            case syntax.Unary():
                return self.result("sltu", self.value(node.operand), 1)
            case syntax.Binary() if node.operator in ARITHMETIC:
                return self.result(ARITHMETIC[node.operator], self.value(node.left), self.value(node.right))
            case syntax.Binary():
                return self.comparison(node.operator, self.value(node.left), self.value(node.right))
            case syntax.Logical():
                return self.logical(node)
            case syntax.Conditional():
                return self.conditional(node)
            case syntax.Call():
                return self.call(node)
            case _:
                raise self.unknown(node)

    def comparison(self, operator: str, left: Operand, right: Operand) -> Value:
        """1 or 0, without a branch."""
        match operator:
            case "<":
                return self.result("slt", left, right)
            case ">":
                return self.result("slt", right, left)
            case "<=":
                return self.result("xor", self.result("slt", right, left), 1)
            case ">=":
                return self.result("xor", self.result("slt", left, right), 1)
            case "==":
                return self.result("sltu", self.result("xor", left, right), 1)
            case _:
                return self.result("sltu", 0, self.result("xor", left, right))

    def logical(self, node: syntax.Logical) -> Value:
        """The right side runs only when the left one does not decide."""
        yes, no, end, value = Block("yes"), Block("no"), Block("end"), Value()
        self.condition(node, yes, no)
        for block, number in ((yes, 1), (no, 0)):
            self.start(block)
            self.emit(jump(end, [number]))
        end.params = [value]
        self.start(end)
        return value

    def conditional(self, node: syntax.Conditional) -> Value:
        """One of two expressions."""
        then, otherwise, end, value = Block("then"), Block("else"), Block("end"), Value()
        self.condition(node.condition, then, otherwise)
        for block, expression in ((then, node.then), (otherwise, node.otherwise)):
            self.start(block)
            self.emit(jump(end, [self.value(expression)]))
        end.params = [value]
        self.start(end)
        return value

    def call(self, node: syntax.Call) -> Operand:
        """Call a function; puts prints each argument before it evaluates the next."""
        if self.unit.resolved.builtins.get(node) == "puts":
            for argument in node.arguments:
                self.emit(Instruction("ecall", [PRINT_INTEGER, self.value(argument)]))
                self.emit(Instruction("ecall", [PRINT_CHARACTER, NEWLINE]))
            return 0
        callee = self.unit.resolved.callees.get(node)
        if callee is None:
            raise self.unknown(node)
        self.known(callee)
        arguments = [self.value(argument) for argument in node.arguments]
        result = Value()
        self.emit(Instruction("call", arguments, (result,), self.unit.label(callee)))
        return result
