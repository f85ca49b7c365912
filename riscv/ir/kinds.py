"""Which kinds of values each expression can have, so that what is known need not be carried or checked at run time.

The least solution of what the program says of itself: a variable has the kinds of all that is put into it, wherever
that is; an operation that fails on other kinds has only those of its success. Sets grow until nothing changes. The
elements of all arrays and hashes share one set. A function that is also used as a value may be called from anywhere,
with anything.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from riscv import syntax
from riscv.pairs import paired
from riscv.resolver import Local, Resolved

# Tags at run time. The runtime relies on the order: keys of hashes come first, those that have a length in the middle.
INTEGER: Final = 0
BOOLEAN: Final = 1
STRING: Final = 2
ARRAY: Final = 3
HASH: Final = 4
NULL: Final = 5
FUNCTION: Final = 6

Kinds = frozenset[int]

ANY: Final[Kinds] = frozenset(range(7))
CONSTANTS: Final[Mapping[type[syntax.Expression], int]] = {
    syntax.Number: INTEGER,
    syntax.Boolean: BOOLEAN,
    syntax.Null: NULL,
    syntax.String: STRING,
}
KEYS: Final[Kinds] = frozenset({INTEGER, BOOLEAN, STRING})
RESULTS: Final[Mapping[str, Kinds]] = {
    "puts": frozenset({NULL}),
    "len": frozenset({INTEGER}),
    "rest": frozenset({ARRAY, NULL}),
    "push": frozenset({ARRAY}),
}


@dataclass(frozen=True)
class Facts:
    """The kinds of expressions, variables and results, of the elements of all arrays, and who is used as a value."""

    expressions: dict[syntax.Expression, Kinds] = field(default_factory=dict)
    locals: defaultdict[Local, Kinds] = field(default_factory=lambda: defaultdict(Kinds))
    results: defaultdict[syntax.Function, Kinds] = field(default_factory=lambda: defaultdict(Kinds))
    values: set[syntax.Function] = field(default_factory=set)


def infer(resolved: Resolved, entered: Kinds = frozenset()) -> Facts:
    """The facts of a program whose functions are also entered from outside, with arguments of some kinds."""
    return Inference(resolved, entered).settle()


def returns(body: syntax.Block) -> bool:
    """Does a block end in a return whichever way it is gone through?"""
    return any(
        isinstance(node, syntax.Return)
        or (isinstance(node, syntax.If) and returns(node.then) and returns(node.otherwise or ()))
        for node in body
    )


class Inference:
    """One walk after another over the whole tree."""

    def __init__(self, resolved: Resolved, entered: Kinds) -> None:
        self.resolved = resolved
        self.entered = entered
        self.facts = Facts()
        self.elements: Kinds = frozenset()
        self.owners: list[syntax.Function] = []

    def settle(self) -> Facts:
        """Walk until no set grows any more."""
        size = self.size()
        self.block(self.resolved.program.body)
        return self.facts if self.size() == size else self.settle()

    def size(self) -> int:
        """How much is known."""
        sets = [*self.facts.locals.values(), *self.facts.results.values(), self.facts.values, self.elements]
        return sum(map(len, sets))

    def put(self, local: Local, kinds: Kinds) -> None:
        """Add kinds to those of a variable."""
        self.facts.locals[local] |= kinds

    def store(self, kinds: Kinds) -> None:
        """Add kinds to what arrays and hashes hold."""
        self.elements |= kinds

    # Statements

    def block(self, body: syntax.Block) -> None:
        """Statements, also those that can never run."""
        for statement in body:
            self.statement(statement)

    def statement(self, node: syntax.Statement) -> None:
        """What a statement puts into variables, elements and results."""
        match node:
            case syntax.Let() | syntax.Set():
                self.put(self.resolved.locals[node], self.kinds(node.value))
            case syntax.Functions():
                for function in node.functions:
                    self.function(function)
            case syntax.SetElement():
                self.each(node.object, node.index)
                self.store(self.kinds(node.value))
            case syntax.If():
                self.each(node.condition)
                self.block(node.then)
                self.block(node.otherwise or ())
            case syntax.While() | syntax.DoWhile():
                self.each(node.condition)
                self.block(node.body)
            case syntax.ForIn():
                self.put(self.resolved.locals[node], self.items(self.kinds(node.iterable)))
                self.block(node.body)
            case syntax.Return():
                self.facts.results[self.owners[-1]] |= self.kinds(node.value)
            case syntax.Evaluate():
                self.each(node.expression)

    def function(self, node: syntax.Function) -> None:
        """A function that comes into being: what it captures, what it is called with, what it gives."""
        if node in self.facts.values:
            self.entering(node, ANY)
        elif not self.owners:
            self.entering(node, self.entered)
        for outer, inner in self.resolved.frames[node].captures.items():
            self.put(inner, self.facts.locals[outer])
        self.owners.append(node)
        self.block(node.body)
        if not returns(node.body):
            self.facts.results[node] |= {NULL}
        self.owners.pop()

    def entering(self, node: syntax.Function, kinds: Kinds) -> None:
        """Each parameter may be of any of some kinds."""
        for parameter in node.parameters:
            self.put(self.resolved.locals[parameter], kinds)

    # Expressions

    def each(self, *nodes: syntax.Expression) -> None:
        """Expressions whose kinds do not matter here."""
        for node in nodes:
            self.kinds(node)

    def kinds(self, node: syntax.Expression) -> Kinds:
        """The kinds of an expression, which are noted."""
        kinds = self.facts.expressions[node] = self.expression(node)
        return kinds

    def expression(self, node: syntax.Expression) -> Kinds:
        """The kinds of an expression as far as they are known by now."""
        match node:
            case syntax.Number() | syntax.Boolean() | syntax.Null() | syntax.String():
                return frozenset({CONSTANTS[type(node)]})
            case syntax.Array():
                for element in node.elements:
                    self.store(self.kinds(element))
                return frozenset({ARRAY})
            case syntax.Hash():
                for key, value in node.pairs:
                    self.each(key)
                    self.store(self.kinds(value))
                return frozenset({HASH})
            case syntax.Name():
                return self.name(node)
            case syntax.Unary():
                self.each(node.operand)
                return frozenset({BOOLEAN if node.operator == "!" else INTEGER})
            case syntax.Binary():
                return self.binary(node.operator, self.kinds(node.left), self.kinds(node.right))
            case syntax.Logical():
                self.each(node.left, node.right)
                return frozenset({BOOLEAN})
            case syntax.Conditional():
                self.each(node.condition)
                return self.kinds(node.then) | self.kinds(node.otherwise)
            case syntax.Index():
                self.each(node.index)
                return self.element(self.kinds(node.object))
            case syntax.Call():
                return self.call(node)
            case syntax.Function():
                self.facts.values.add(node)
                self.function(node)
                return frozenset({FUNCTION})

    def name(self, node: syntax.Name) -> Kinds:
        """The kinds of a variable; a declared function that is read is used as a value."""
        local = self.resolved.locals[node]
        if local.function is None:
            return self.facts.locals[local]
        self.facts.values.add(local.function)
        return frozenset({FUNCTION})

    def binary(self, operator: str, left: Kinds, right: Kinds) -> Kinds:
        """Comparisons give booleans, + may join strings, all else gives integers."""
        if operator in ("==", "!=", "<", "<=", ">", ">="):
            return frozenset({BOOLEAN})
        return left & right & {INTEGER, STRING} if operator == "+" else frozenset({INTEGER})

    def element(self, container: Kinds) -> Kinds:
        """What an index gives; a hash has null for a key that it has not."""
        found = container & {STRING}
        if ARRAY in container:
            found |= self.elements
        if HASH in container:
            found |= self.elements | {NULL}
        return found

    def items(self, container: Kinds) -> Kinds:
        """What `for` goes through."""
        found = container & {STRING}
        if ARRAY in container:
            found |= self.elements
        return found | KEYS if HASH in container else found

    def call(self, node: syntax.Call) -> Kinds:
        """What a builtin, a known function or any function gives."""
        builtin = self.resolved.builtins.get(node)
        callee = self.resolved.callees.get(node)
        if builtin is None and callee is None:
            self.each(node.function)
        elif callee is not None and callee is node.function:
            self.function(callee)
        arguments = [self.kinds(argument) for argument in node.arguments]
        if callee is not None:
            for parameter, kinds in paired(callee.parameters, arguments):
                self.put(self.resolved.locals[parameter], kinds)
            return self.facts.results[callee]
        if builtin == "push":
            self.store(arguments[1])
        if builtin in ("first", "last"):
            return self.elements | {NULL}
        return ANY if builtin is None else RESULTS.get(builtin, frozenset({INTEGER}))
