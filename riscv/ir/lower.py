"""Syntax tree to intermediate representation, in static single assignment from the start.

A variable is the value it holds at the moment; where ways meet whose values differ, the block gets parameters. At the
head of a loop every variable gets them, since its body is not known yet; those that the body leaves alone are dropped
in the end. A loop's test stands behind its body, so that a round costs one branch.
"""

from dataclasses import dataclass, field, replace

from riscv import syntax
from riscv.ir import operators
from riscv.ir.build import NOTHING, Arm, Variables
from riscv.ir.expressions import Expressions
from riscv.ir.kinds import INTEGER, infer
from riscv.ir.nodes import Block, Function, Instruction, Program, Value, jump
from riscv.ir.unit import CAPTURED, Pair, Unit, words
from riscv.recursion import Room
from riscv.resolver import Local, Resolved


@dataclass(frozen=True)
class Loop:
    """A loop around what is being lowered: the variables from before it, and the ways out of a round and of it all."""

    kept: list[Local]
    again: list[Arm] = field(default_factory=list)
    left: list[Arm] = field(default_factory=list)


def lower(resolved: Resolved) -> Program:
    """The top level and every function that it needs, in the order in which they are met, the runtime's last."""
    with Room():
        unit = Unit(resolved, infer(resolved), {})
        functions = [Lowering(unit, "main").program(resolved.program.body)]
        functions += [Lowering(unit, unit.label(node)).function(node) for node in unit.wanted]
        if unit.library:
            functions += [
                Lowering(unit.library, unit.library.label(node)).function(node) for node in unit.library.wanted
            ]
    return Program(functions, unit.data)


class Lowering(Expressions):
    """Statements."""

    def __init__(self, unit: Unit, label: str) -> None:
        super().__init__(unit, label)
        self.loops: list[Loop] = []

    def program(self, body: syntax.Block) -> Function:
        """The top level, which gives 0."""
        self.body(body)
        if self.is_open():
            self.emit(Instruction("return", [0]))
        return self.finished()

    def function(self, node: syntax.Function) -> Function:
        """A function; one that ends without return gives null."""
        self.built.results = self.unit.results(node)
        if self.unit.takes_closure(node):
            closure = Value()
            self.block.params.append(closure)
            self.captured(node, closure)
        for parameter in node.parameters:
            local = self.unit.resolved.locals[parameter]
            self.variables[local], values = self.fresh(self.unit.kinds(local))
            self.built.params.extend(values)
        self.body(node.body)
        if self.is_open():
            self.give(NOTHING)
        return self.finished()

    def captured(self, node: syntax.Function, closure: Value) -> None:
        """Read what a function captured out of its closure."""
        offset = CAPTURED
        for _, inner in self.unit.captures(node):
            kinds = self.unit.kinds(inner)
            self.variables[inner] = self.pair(self.load(closure, offset, kinds), kinds)
            offset += 4 * len(words(NOTHING, kinds))

    # Statements

    def body(self, body: syntax.Block) -> None:
        """Statements one after the other, up to the one behind which nothing runs."""
        for statement in body:
            if self.is_open():
                self.statement(statement)

    def statement(self, node: syntax.Statement) -> None:
        """One statement; a function is lowered when it is used."""
        match node:
            case syntax.Let() | syntax.Set():
                self.assign(self.unit.resolved.locals[node], self.value(node.value))
            case syntax.Functions():
                self.functions(node)
            case syntax.SetElement():
                operators.set_element(self, node, *self.values((node.object, node.index, node.value)))
            case syntax.If():
                self.if_stmt(node)
            case syntax.While():
                self.while_stmt(node)
            case syntax.DoWhile():
                self.do_while_stmt(node)
            case syntax.ForIn():
                self.for_in_stmt(node)
            case syntax.Break():
                self.leave(self.loops[-1].left)
            case syntax.Continue():
                self.leave(self.loops[-1].again)
            case syntax.Return():
                self.give(self.value(node.value))
            case syntax.Evaluate():
                self.value(node.expression)

    def give(self, pair: Pair) -> None:
        """Return a value, in as many words as the callers expect."""
        self.emit(Instruction("return", [pair.payload, pair.tag][: self.built.results]))
        self.closed.add(self.block)

    def functions(self, node: syntax.Functions) -> None:
        """Make the closures of functions that stand together, then let them capture each other and the rest."""
        closures = [function for function in node.functions if function in self.unit.closures]
        for function in closures:
            local = self.unit.resolved.locals[function]
            self.variables[local] = self.pair([self.new_closure(function)], self.unit.kinds(local))
        for function in closures:
            self.capture(function, self.variables[self.unit.resolved.locals[function]].payload)

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
            if self.is_open():
                arms.append((self.block, self.variables))
        self.meet("end", arms, before)

    # Loops

    def while_stmt(self, node: syntax.While) -> None:
        """The way in goes to the test, which stands behind the body and leads back to it."""
        test, body, end = Block("test"), Block("body"), Block("end")
        loop = Loop(list(self.variables))
        variables = self.enter(test)
        self.start(body)
        self.variables = dict(variables)
        self.round(loop, node.body)
        self.again(loop, test)
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
        if self.is_open():
            self.condition(node.condition, again, end)
            self.start(again)
            self.jump(body, self.carried(loop.kept, self.variables))
            self.behind(loop, end)
        else:
            self.meet("end", loop.left, loop.kept)

    def for_in_stmt(self, node: syntax.ForIn) -> None:
        """A loop over a new array of what there is to go through; the place in it is one more variable."""
        iterable = self.value(node.iterable)
        array = self.runtime("items", iterable.payload, iterable.tag)
        length = self.result("lw", array, 0)
        first = self.result("add", array, operators.LENGTH)
        end_of_array = self.result("add", first, self.result("mul", length, operators.ELEMENT))
        local = self.unit.resolved.locals[node]
        place = replace(local)
        self.variables[place] = self.pair([first, INTEGER], self.unit.kinds(place))
        test, body, end = Block("test"), Block("body"), Block("end")
        loop = Loop(list(self.variables))
        variables = self.enter(test)
        self.start(body)
        self.variables = dict(variables)
        kinds = self.unit.kinds(local)
        self.variables[local] = self.pair(self.load(variables[place].payload, 0, kinds), kinds)
        following = self.result("add", variables[place].payload, operators.ELEMENT)
        self.variables[place] = self.pair([following, INTEGER], self.unit.kinds(place))
        self.round(loop, node.body)
        self.again(loop, test)
        self.start(test)
        self.variables = variables
        self.branch("bne", [variables[place].payload, end_of_array], body, end)
        self.behind(loop, end)
        del self.variables[place]

    def enter(self, head: Block) -> Variables:
        """Go to the head of a loop, which gets parameters for every variable."""
        self.jump(head, self.carried(self.variables, self.variables))
        variables: Variables = {}
        for local in self.variables:
            variables[local], values = self.fresh(self.unit.kinds(local))
            head.params += values
        return variables

    def round(self, loop: Loop, body: syntax.Block) -> None:
        """One round of a loop."""
        self.loops.append(loop)
        self.body(body)
        if self.is_open():
            self.leave(loop.again)
        self.loops.pop()

    def again(self, loop: Loop, head: Block) -> None:
        """The rounds that end lead back to the head."""
        for last, variables in loop.again:
            last.code.append(jump(head, self.carried(loop.kept, variables)))

    def leave(self, arms: list[Arm]) -> None:
        """Close the block; where it leads is known later."""
        arms.append((self.block, self.variables))
        self.closed.add(self.block)

    def behind(self, loop: Loop, end: Block) -> None:
        """Go on behind a loop, which its test and each break lead to."""
        self.start(end)
        if loop.left:
            self.meet("end", [(end, self.variables), *loop.left], loop.kept)
