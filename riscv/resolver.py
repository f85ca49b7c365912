"""Names to what they mean: every mistake about a name is found here, so the later stages cannot meet one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from riscv import syntax
from riscv.errors import LanguageError, Source
from riscv.parser import parse
from riscv.recursion import Room

# How many arguments each builtin takes; None is any number.
BUILTINS: Final[Mapping[str, int | None]] = {"puts": None, "len": 1, "first": 1, "last": 1, "rest": 1, "push": 2}

Owner: TypeAlias = syntax.Function | None


@dataclass(frozen=True, eq=False)
class Local:
    """A variable, parameter, declared function or captured value: slot `slot` of the frame of its owner.

    The owner is a function, None at the top level. `function` is what it holds if it was declared as a function,
    also where that is captured: such a local is never set.
    """

    owner: Owner
    slot: int
    function: Owner


@dataclass(frozen=True)
class Frame:
    """The locals of a function, parameters first, and those of them that are captured when it is made.

    `captures` maps a local of the enclosing function to the one that receives its value, so what an inner function
    needs from further out goes through every function between.
    """

    locals: list[Local] = field(default_factory=list)
    captures: dict[Local, Local] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolved:
    """A program and the meaning of its names.

    `locals` has the local of each Name that is read, of each Let, Set, ForIn and Parameter, and of each Function that
    is declared. A Call is in `builtins` if it calls one, in `callees` if its function is known by declaration.
    """

    program: syntax.Program
    locals: dict[object, Local] = field(default_factory=dict)
    builtins: dict[syntax.Call, str] = field(default_factory=dict)
    callees: dict[syntax.Call, syntax.Function] = field(default_factory=dict)
    frames: dict[Owner, Frame] = field(default_factory=dict)


def resolve(source: Source, builtins: Mapping[str, int | None] = BUILTINS) -> Resolved:
    """Parse a source and settle every name in it."""
    with Room():
        program = parse(source)
        resolver = Resolver(source, Resolved(program), builtins)
        resolver.function(None, (), program.body)
    return resolver.result


class Resolver:
    """A stack of scopes, innermost last; a scope maps a name to its local, whichever function owns that."""

    def __init__(self, source: Source, result: Resolved, builtins: Mapping[str, int | None]) -> None:
        self.source = source
        self.result = result
        self.builtins = builtins
        self.scopes: list[dict[str, Local]] = []
        self.owners: list[Owner] = []
        self.loops: list[int] = []  # how many are open, in each function

    # Functions and statements

    def function(self, owner: Owner, parameters: tuple[syntax.Parameter, ...], body: syntax.Block) -> None:
        """Resolve a function, or the whole program."""
        self.owners.append(owner)
        self.loops.append(0)
        self.result.frames[owner] = Frame()
        self.scopes.append({})
        for parameter in parameters:
            self.declare(parameter, parameter.name)
        self.statements(body)
        self.scopes.pop()
        self.owners.pop()
        self.loops.pop()

    def block(self, body: syntax.Block) -> None:
        """Resolve statements in a scope of their own."""
        self.scopes.append({})
        self.statements(body)
        self.scopes.pop()

    def loop(self, body: syntax.Block) -> None:
        """Resolve the block of a loop."""
        self.loops[-1] += 1
        self.block(body)
        self.loops[-1] -= 1

    def statements(self, body: syntax.Block) -> None:
        """Resolve statements in the order they run."""
        for statement in body:
            self.statement(statement)

    def statement(self, node: syntax.Statement) -> None:
        """Resolve the names of one statement, in the order they run."""
        match node:
            case syntax.Let():
                self.expression(node.value)  # before the name exists: let x = x is about an outer x
                self.declare(node, node.name)
            case syntax.Functions():
                for function in node.functions:
                    self.declare(function, function.name)
                self.expressions(*node.functions)
            case syntax.Set():
                self.expression(node.value)
                self.set(node)
            case syntax.SetElement():
                self.expressions(node.object, node.index, node.value)
            case syntax.If():
                self.expression(node.condition)
                self.block(node.then)
                self.block(node.otherwise or ())
            case syntax.While():
                self.expression(node.condition)
                self.loop(node.body)
            case syntax.DoWhile():
                self.loop(node.body)
                self.expression(node.condition)
            case syntax.ForIn():
                self.expression(node.iterable)
                self.scopes.append({})
                self.declare(node, node.name)
                self.loop(node.body)
                self.scopes.pop()
            case syntax.Return():
                if self.owners[-1] is None:
                    raise self.error(node, "return outside of a function; move the statements into one and call it")
                self.expression(node.value)
            case syntax.Evaluate():
                self.expression(node.expression)
            case syntax.Break() | syntax.Continue():
                self.leave(node, "break" if isinstance(node, syntax.Break) else "continue")

    def leave(self, node: syntax.Break | syntax.Continue, word: str) -> None:
        """Check that there is a loop to leave in this function."""
        if not self.loops[-1]:
            raise self.error(node, f"{word} outside of a loop")

    def set(self, node: syntax.Set) -> None:
        """Find the variable that is set, which must be of this function."""
        meaning = self.lookup(node, node.name)
        if meaning.function is not None:
            raise self.error(node, f"'{node.name}' is a function; set changes variables only")
        if meaning.owner is not self.owners[-1]:
            message = f"'{node.name}' is captured by value and cannot be set here; share an array and set its element"
            raise self.error(node, message)
        self.result.locals[node] = meaning

    # Expressions

    def expressions(self, *nodes: syntax.Expression) -> None:
        """Resolve several expressions, left to right."""
        for node in nodes:
            self.expression(node)

    def expression(self, node: syntax.Expression) -> None:
        """Resolve the names of an expression, left to right."""
        match node:
            case syntax.Name():
                self.result.locals[node] = self.captured(self.lookup(node, node.name), len(self.owners) - 1)
            case syntax.Array():
                self.expressions(*node.elements)
            case syntax.Hash():
                for pair in node.pairs:
                    self.expressions(*pair)
            case syntax.Unary():
                self.expression(node.operand)
            case syntax.Binary() | syntax.Logical():
                self.expressions(node.left, node.right)
            case syntax.Conditional():
                self.expressions(node.condition, node.then, node.otherwise)
            case syntax.Index():
                self.expressions(node.object, node.index)
            case syntax.Call():
                self.call(node)
            case syntax.Function():
                self.function(node, node.parameters, node.body)

    def call(self, node: syntax.Call) -> None:
        """Find what is called, and check the number of its arguments where it is known."""
        name = node.function.name if isinstance(node.function, syntax.Name) else "fn"
        count: int | None = None
        if name in self.builtins and self.find(name) is None:
            self.result.builtins[node] = name
            count = self.builtins[name]
        else:
            self.expression(node.function)
            callee = self.declared(node.function)
            if callee is not None:
                self.result.callees[node] = callee
                count = len(callee.parameters)
        if count not in (None, len(node.arguments)):
            raise self.error(node, f"'{name}' takes {count} arguments, not {len(node.arguments)}")
        self.expressions(*node.arguments)

    def declared(self, node: syntax.Expression) -> Owner:
        """The function that an expression is known to give: itself, or the one declared by that name."""
        if isinstance(node, syntax.Name):
            return self.result.locals[node].function
        return node if isinstance(node, syntax.Function) else None

    # Names

    def lookup(self, node: syntax.Name | syntax.Set, name: str) -> Local:
        """The innermost meaning of a name."""
        meaning = self.find(name)
        if meaning is not None:
            return meaning
        if name in self.builtins:
            raise self.error(node, f"'{name}' is built in; it can only be called, as {name}(...)")
        raise self.error(node, f"undefined variable '{name}'")

    def find(self, name: str) -> Local | None:
        """The innermost local of a name."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def captured(self, local: Local, depth: int) -> Local:
        """The local as the function at `depth` of the stack of owners sees it: captured on the way, once for each."""
        owner = self.owners[depth]
        if local.owner is owner:
            return local
        outer = self.captured(local, depth - 1)
        captures = self.result.frames[owner].captures
        if outer not in captures:
            captures[outer] = self.new_local(owner, local.function)
        return captures[outer]

    def declare(self, node: syntax.Let | syntax.ForIn | syntax.Parameter | syntax.Function, name: str) -> None:
        """Enter a name into the innermost scope, where it must be new."""
        if name in self.scopes[-1]:
            raise self.error(node, f"'{name}' is already declared in this block; use set to change it")
        local = self.new_local(self.owners[-1], node if isinstance(node, syntax.Function) else None)
        self.scopes[-1][name] = local
        self.result.locals[node] = local

    def new_local(self, owner: Owner, function: Owner) -> Local:
        """The next slot of a frame."""
        frame = self.result.frames[owner]
        frame.locals.append(Local(owner, len(frame.locals), function))
        return frame.locals[-1]

    def error(self, node: syntax.Statement | syntax.Expression | syntax.Parameter, message: str) -> LanguageError:
        """The error that points at a node."""
        return self.source.error(node.position, message)
