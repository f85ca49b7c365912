"""Expressions to instructions: operands, conditions, calls, and functions as values."""

from collections.abc import Sequence

from riscv import syntax
from riscv.ir import intrinsics, operators
from riscv.ir.build import NOTHING, Builder, Words
from riscv.ir.kinds import FUNCTION, HASH, INTEGER
from riscv.ir.nodes import Block, Instruction, Operand, Value
from riscv.ir.unit import CAPTURED, Pair, words
from riscv.pairs import paired
from riscv.requests import PRINT_CHARACTER, PRINT_INTEGER

NEWLINE = ord("\n")


class Expressions(Builder):
    """The values of expressions; operands are evaluated left to right, and checked when all are known."""

    def value(self, node: syntax.Expression) -> Pair:
        """The value of an expression, of the kinds that it can have."""
        return self.pair(self.expression(node), self.unit.facts.expressions[node])

    def values(self, nodes: Sequence[syntax.Expression]) -> list[Pair]:
        """The values of several expressions."""
        return [self.value(node) for node in nodes]

    def expression(self, node: syntax.Expression) -> Words:
        """The value of an expression."""
        match node:
            case syntax.Number():
                return [node.value]
            case syntax.Boolean():
                return [int(node.value)]
            case syntax.Null():
                return [0]
            case syntax.String():
                return [self.address(self.unit.string(node.value))]
            case syntax.Array():
                return self.array(node)
            case syntax.Hash():
                return self.hash(node)
            case syntax.Name():
                return self.name(node)
            case syntax.Unary():
                return operators.unary(self, node, self.value(node.operand))
            case syntax.Binary():
                return operators.binary(self, node, *self.values((node.left, node.right)))
            case syntax.Logical():
                return self.logical(node)
            case syntax.Conditional():
                return self.conditional(node)
            case syntax.Index():
                return operators.element(self, node, *self.values((node.object, node.index)))
            case syntax.Call():
                return self.call(node)
            case syntax.Function():
                return self.closure(node)

    # Conditions

    def condition(self, node: syntax.Expression, then: Block, otherwise: Block) -> None:
        """Go to one block if the value holds, else to the other; what does not hold has the payload 0."""
        match node:
            case syntax.Unary(operator="!"):
                self.condition(node.operand, otherwise, then)
            case syntax.Logical():
                right = Block("right")
                decided = (right, otherwise) if node.operator == "&&" else (then, right)
                self.condition(node.left, *decided)
                self.start(right)
                self.condition(node.right, then, otherwise)
            case syntax.Binary() if node.operator in operators.COMPARISONS:
                self.comparison(node, then, otherwise)
            case _:
                self.branch("bne", [self.value(node).payload, 0], then, otherwise)

    def comparison(self, node: syntax.Binary, then: Block, otherwise: Block) -> None:
        """A branch on what is compared."""
        left, right = self.values((node.left, node.right))
        op, swapped = operators.COMPARISONS[node.operator]
        operands = [left.payload, right.payload]
        if node.operator in ("==", "!="):
            if left.tag != right.tag or left.tag not in operators.PLAIN:
                operands = [operators.difference(self, left, right), 0]
        else:
            self.require(INTEGER, node, left, right)
        self.branch(op, operands[::-1] if swapped else operands, then, otherwise)

    def logical(self, node: syntax.Logical) -> Words:
        """The right side runs only when the left one does not decide."""
        yes, no, end, value = Block("yes"), Block("no"), Block("end"), Value()
        self.condition(node, yes, no)
        for block, number in ((yes, 1), (no, 0)):
            self.start(block)
            self.jump(end, [number])
        end.params = [value]
        self.start(end)
        return [value]

    def conditional(self, node: syntax.Conditional) -> Words:
        """One of two expressions."""
        then, otherwise, end = Block("then"), Block("else"), Block("end")
        kinds = self.unit.facts.expressions[node]
        self.condition(node.condition, then, otherwise)
        for block, expression in ((then, node.then), (otherwise, node.otherwise)):
            self.start(block)
            self.jump(end, words(self.value(expression), kinds))
        _, end.params = self.fresh(kinds)
        self.start(end)
        return [*end.params]

    # Arrays and hashes

    def array(self, node: syntax.Array) -> Words:
        """A new array: its length, then the two words of each element."""
        elements = self.values(node.elements)
        array = self.runtime("allocate", operators.LENGTH + operators.ELEMENT * len(elements))
        self.emit(Instruction("sw", [len(elements), array, 0]))
        for index, element in enumerate(elements):
            self.store(element, array, operators.LENGTH + operators.ELEMENT * index)
        return [array]

    def hash(self, node: syntax.Hash) -> Words:
        """A new hash; each pair is entered before the next is evaluated."""
        table = self.runtime("table")
        for key, element in node.pairs:
            index, value = self.value(key), self.value(element)
            self.store(value, self.runtime("place", table, HASH, index.payload, index.tag), 0)
        return [table]

    # Functions

    def name(self, node: syntax.Name) -> Words:
        """The value of a variable, or a declared function as a value."""
        local = self.unit.resolved.locals[node]
        if local.function is None or local.function in self.unit.closures:
            return [self.variables[local].payload, self.variables[local].tag]
        return [self.address(self.unit.value(local.function))]

    def closure(self, node: syntax.Function) -> Words:
        """A function where it stands, as a value."""
        if node not in self.unit.closures:
            return [self.address(self.unit.value(node))]
        closure = self.new_closure(node)
        self.capture(node, closure)
        return [closure]

    def new_closure(self, node: syntax.Function) -> Value:
        """A closure that has not captured anything yet."""
        size = sum(len(words(NOTHING, self.unit.kinds(inner))) for _, inner in self.unit.captures(node))
        closure = self.runtime("allocate", CAPTURED + 4 * size)
        self.emit(Instruction("sw", [self.address(self.unit.label(node)), closure, 0]))
        self.emit(Instruction("sw", [len(node.parameters), closure, 4]))
        return closure

    def capture(self, node: syntax.Function, closure: Operand) -> None:
        """Put the values that a function captures into its closure."""
        offset = CAPTURED
        for outer, inner in self.unit.captures(node):
            for word in words(self.variables[outer], self.unit.kinds(inner)):
                self.emit(Instruction("sw", [word, closure, offset]))
                offset += 4

    def call(self, node: syntax.Call) -> Words:
        """Call a builtin, a function that is known, or whatever function a value is."""
        builtin = self.unit.resolved.builtins.get(node)
        callee = self.unit.resolved.callees.get(node)
        if builtin == "puts":
            return self.puts(node)
        if builtin is not None:
            known = operators.BUILTINS.get(builtin)
            if known:
                return known(self, node, *self.values(node.arguments))
            return intrinsics.call(self, builtin, node, self.values(node.arguments))
        if callee is not None:
            return self.call_known(node, callee)
        return self.call_value(node)

    def puts(self, node: syntax.Call) -> Words:
        """Print each argument on a line of its own before the next is evaluated."""
        for argument in node.arguments:
            pair = self.value(argument)
            if pair.kinds == {INTEGER}:
                self.emit(Instruction("ecall", [PRINT_INTEGER, pair.payload]))
            else:
                self.runtime("show", pair.payload, pair.tag, 0)
            self.emit(Instruction("ecall", [PRINT_CHARACTER, NEWLINE]))
        return [0]

    def call_known(self, node: syntax.Call, callee: syntax.Function) -> Words:
        """Call a function by its label."""
        args: list[Operand] = []
        if callee in self.unit.closures:
            args.append(self.expression(node.function)[0])
        elif self.unit.takes_closure(callee):
            args.append(0)  # which it does not read
        for parameter, pair in paired(callee.parameters, self.values(node.arguments)):
            args += words(pair, self.unit.kinds(self.unit.resolved.locals[parameter]))
        return self.called("call", args, self.unit.results(callee), self.unit.label(callee))

    def call_value(self, node: syntax.Call) -> Words:
        """Call whatever an expression gives, which must be a function with so many parameters."""
        function = self.value(node.function)
        arguments = self.values(node.arguments)
        self.require(FUNCTION, node, function)
        count = self.result("lw", function.payload, 4)
        self.guard("bne", count, len(arguments), "argument-error", node)
        args = [self.result("lw", function.payload, 0), function.payload]
        for pair in arguments:
            args += [pair.payload, pair.tag]
        return self.called("callr", args, 2)

    def called(self, op: str, args: list[Operand], results: int, label: str = "") -> Words:
        """The call itself, and the words of its result."""
        values = tuple(Value() for _ in range(results))
        self.emit(Instruction(op, args, values, label))
        return values
