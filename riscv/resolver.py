"""Names to what they mean: every mistake about a name is found here, so the later stages cannot meet one."""

from dataclasses import dataclass, field
from typing import Final

from riscv import syntax
from riscv.errors import LanguageError, Source
from riscv.parser import parse

MAX_PARAMETERS: Final = 8  # the calling convention passes so many in registers, a0 to a7


@dataclass(frozen=True, eq=False)
class Local:
    """A variable or parameter; `owner` is the function it lives in, None at the top level."""

    owner: syntax.Function | None


@dataclass(frozen=True)
class Resolved:
    """A program and the meaning of its names; a call that is not in `callees` calls puts."""

    program: syntax.Program
    locals: dict[object, Local] = field(default_factory=dict)
    callees: dict[syntax.Call, syntax.Function] = field(default_factory=dict)


def resolve(source: Source) -> Resolved:
    """Parse a source and settle every name in it."""
    program = parse(source)
    resolver = Resolver(source, Resolved(program))
    resolver.block(program.body, {})
    return resolver.result


class Resolver:
    """A stack of scopes, innermost last; a scope maps a name to its variable or its function."""

    def __init__(self, source: Source, result: Resolved) -> None:
        self.source = source
        self.result = result
        self.scopes: list[dict[str, Local | syntax.Function]] = []
        self.owner: syntax.Function | None = None

    def block(self, body: syntax.Block, scope: dict[str, Local | syntax.Function]) -> None:
        """Resolve statements in a scope of their own; its functions see each other wherever they stand."""
        self.scopes.append(scope)
        for statement in body:
            if isinstance(statement, syntax.Function):
                self.declare(statement.position, statement.name, statement)
        for statement in body:
            self.statement(statement)
        self.scopes.pop()

    def statement(self, node: syntax.Statement) -> None:
        """Resolve the names of one statement, in the order they run."""
        match node:
            case syntax.Let():
                self.expression(node.value)  # before the name exists: let x = x is about an outer x
                self.declare_local(node, node.name)
            case syntax.Set():
                self.expression(node.value)
                self.result.locals[node] = self.variable(node.position, node.name)
            case syntax.Function():
                self.function(node)
            case syntax.If():
                self.expression(node.condition)
                self.block(node.then, {})
                self.block(node.otherwise or (), {})
            case syntax.While():
                self.expression(node.condition)
                self.block(node.body, {})
            case syntax.Return():
                if self.owner is None:
                    message = "return outside of a function; move the statements into one and call it"
                    raise self.error(node.position, message)
                self.expression(node.value)
            case syntax.Evaluate():
                self.expression(node.expression)

    def function(self, node: syntax.Function) -> None:
        """Resolve a function's body, where variables of the functions around it may not be used."""
        if len(node.parameters) > MAX_PARAMETERS:
            extra = node.parameters[MAX_PARAMETERS]
            message = f"'{node.name}' has more than {MAX_PARAMETERS} parameters; split the function"
            raise self.error(extra.position, message)
        outer = self.owner
        self.owner = node
        self.scopes.append({})
        for parameter in node.parameters:
            self.declare_local(parameter, parameter.name)
        self.block(node.body, self.scopes.pop())
        self.owner = outer

    def expression(self, node: syntax.Expression) -> None:
        """Resolve the names of an expression, left to right."""
        match node:
            case syntax.Name():
                self.result.locals[node] = self.variable(node.position, node.name)
            case syntax.Unary():
                self.expression(node.operand)
            case syntax.Binary() | syntax.Logical():
                self.expression(node.left)
                self.expression(node.right)
            case syntax.Call():
                self.call(node)

    def call(self, node: syntax.Call) -> None:
        """Find the function that is called and check the number of its arguments."""
        for argument in node.arguments:
            self.expression(argument)
        if node.name == "puts":
            return
        meaning = self.lookup(node.name)
        if meaning is None:
            raise self.error(node.position, f"undefined function '{node.name}'")
        if isinstance(meaning, Local):
            raise self.error(node.position, f"'{node.name}' is a variable, not a function")
        if len(node.arguments) != len(meaning.parameters):
            message = f"'{node.name}' takes {len(meaning.parameters)} arguments, not {len(node.arguments)}"
            raise self.error(node.position, message)
        self.result.callees[node] = meaning

    def variable(self, position: int, name: str) -> Local:
        """The variable a name means here."""
        meaning = self.lookup(name)
        if meaning is None and name != "puts":
            raise self.error(position, f"undefined variable '{name}'")
        if not isinstance(meaning, Local):
            raise self.error(position, f"'{name}' is a function; it can only be called, as {name}(...)")
        if meaning.owner is not self.owner:
            place = "the top level" if meaning.owner is None else f"function '{meaning.owner.name}'"
            message = f"'{name}' belongs to {place} and there are no closures yet; pass it as a parameter"
            raise self.error(position, message)
        return meaning

    def lookup(self, name: str) -> Local | syntax.Function | None:
        """The innermost meaning of a name."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def declare_local(self, node: syntax.Let | syntax.Parameter, name: str) -> None:
        """Give a let or a parameter its variable."""
        local = Local(self.owner)
        self.declare(node.position, name, local)
        self.result.locals[node] = local

    def declare(self, position: int, name: str, meaning: Local | syntax.Function) -> None:
        """Enter a name into the innermost scope, where it must be new."""
        if name == "puts":
            raise self.error(position, "'puts' is built in; choose another name")
        if name in self.scopes[-1]:
            raise self.error(position, f"'{name}' is already declared in this block; use set to change it")
        self.scopes[-1][name] = meaning

    def error(self, position: int, message: str) -> LanguageError:
        """The error that points at a position of the source."""
        return self.source.error(position, message)
