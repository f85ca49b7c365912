"""The reference: walks the syntax tree and does what the language definition says."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, TypeAlias, TypeVar

from riscv import operations, syntax
from riscv.errors import Source
from riscv.outcome import Outcome, Trap, TrapError, lines
from riscv.recursion import Room
from riscv.resolver import Local, Resolved, resolve
from riscv.values import Closure, Hash, Misuse, Value, show, truth

STEP_LIMIT: Final = 1_000_000
MAX_CALLS: Final = 500  # of an ordinary program have room on the stack of Python
MAX_LENGTH: Final = 2**16  # elements of an array, bytes of a string
OBJECT: Final = 64  # about what Python needs for one, besides its elements
MEMORY: Final = 2**27  # bytes of all values ever made, and of the output

Variables: TypeAlias = dict[Local, Value]
T = TypeVar("T")


def interpret(text: str, step_limit: int = STEP_LIMIT, name: str = "<source>") -> Outcome:
    """Run a source text; a LanguageError is raised, a run that does not end well is in the outcome's trap."""
    interpreter = Interpreter(resolve(Source(name, text)), step_limit)
    trap: Trap | None = None
    try:
        with Room():
            interpreter.block(interpreter.resolved.program.body, {})
    except TrapError as error:
        trap = Trap(error.kind, None, f"{error.kind}: {error.detail}")
    except RecursionError:  # few calls, but each of them deep in nested blocks and expressions
        trap = Trap("stack-overflow", None, "stack-overflow: calls and expressions are nested too deeply")
    return Outcome(lines(bytes(interpreter.output)), trap, (), interpreter.steps)


class Leave(Exception):
    """A loop is left by break, or its block by continue."""

    def __init__(self, loop: bool) -> None:
        self.loop = loop


class Returned(Exception):
    """A function is left by return."""

    def __init__(self, value: Value) -> None:
        self.value = value


class Interpreter:
    """A run of one program: what it has printed, how many steps it took, how deep its calls are."""

    def __init__(self, resolved: Resolved, step_limit: int) -> None:
        self.resolved = resolved
        self.step_limit = step_limit
        self.steps = 0
        self.calls = 0
        self.memory = MEMORY
        self.output = bytearray()

    # Statements

    def block(self, body: syntax.Block, frame: Variables) -> None:
        """Run statements."""
        for statement in body:
            self.statement(statement, frame)

    def statement(self, node: syntax.Statement, frame: Variables) -> None:
        """Run one statement."""
        match node:
            case syntax.Let() | syntax.Set():
                frame[self.resolved.locals[node]] = self.value(node.value, frame)
            case syntax.Functions():
                self.declare(node.functions, frame)
            case syntax.SetElement():
                self.set_element(node, frame)
            case syntax.If():
                holds = truth(self.value(node.condition, frame))
                self.block(node.then if holds else node.otherwise or (), frame)
            case syntax.While() | syntax.DoWhile() | syntax.ForIn():
                self.loop(node, frame)
            case syntax.Break() | syntax.Continue():
                raise Leave(loop=isinstance(node, syntax.Break))
            case syntax.Return():
                raise Returned(self.value(node.value, frame))
            case syntax.Evaluate():
                self.value(node.expression, frame)

    def declare(self, functions: Iterable[syntax.Function], frame: Variables) -> None:
        """Make adjacent functions together, since each may capture the others."""
        closures = [Closure(function, {}) for function in functions]
        for closure in closures:
            frame[self.resolved.locals[closure.function]] = closure
        for closure in closures:
            closure.captured.update(self.captured(closure.function, frame))

    def captured(self, function: syntax.Function, frame: Variables) -> Variables:
        """The values that a function captures when it is made."""
        captures = self.resolved.frames[function].captures
        self.charge(OBJECT + 8 * len(captures))
        return {inner: frame[outer] for outer, inner in captures.items()}

    def set_element(self, node: syntax.SetElement, frame: Variables) -> None:
        """Evaluate from left to right, then store."""
        container = self.value(node.object, frame)
        index = self.value(node.index, frame)
        added = self.at(node, operations.set_element, container, index, self.value(node.value, frame))
        self.charge(OBJECT * added)

    def loop(self, node: syntax.While | syntax.DoWhile | syntax.ForIn, frame: Variables) -> None:
        """Run the rounds of a loop, until one of them leaves it."""
        rounds = self.items(node, frame) if isinstance(node, syntax.ForIn) else self.conditions(node, frame)
        for _ in rounds:
            try:
                self.block(node.body, frame)
            except Leave as leave:
                if leave.loop:
                    return

    def conditions(self, node: syntax.While | syntax.DoWhile, frame: Variables) -> Iterable[None]:
        """As many rounds as the condition asks for."""
        if isinstance(node, syntax.DoWhile):
            yield
        while truth(self.value(node.condition, frame)):
            yield

    def items(self, node: syntax.ForIn, frame: Variables) -> Iterable[None]:
        """A round for each element."""
        for element in self.new(self.at(node, operations.elements, self.value(node.iterable, frame))):
            frame[self.resolved.locals[node]] = element
            yield

    # Expressions

    def values(self, nodes: Iterable[syntax.Expression], frame: Variables) -> list[Value]:
        """The values of several expressions, left to right."""
        return [self.value(node, frame) for node in nodes]

    def value(self, node: syntax.Expression, frame: Variables) -> Value:
        """The value of an expression; operands are evaluated left to right, and checked when all are known."""
        self.step()
        match node:
            case syntax.Number() | syntax.Boolean() | syntax.String():
                return node.value
            case syntax.Array():
                return self.new(self.values(node.elements, frame))
            case syntax.Hash():
                return self.new(self.hash(node, frame))
            case syntax.Function():
                return Closure(node, self.captured(node, frame))
            case syntax.Name():
                return frame[self.resolved.locals[node]]
            case syntax.Unary():
                return self.at(node, operations.unary, node.operator, self.value(node.operand, frame))
            case syntax.Binary():
                left = self.value(node.left, frame)
                return self.new(self.at(node, operations.binary, node.operator, left, self.value(node.right, frame)))
            case syntax.Logical():
                left = truth(self.value(node.left, frame))
                return left if left == (node.operator == "||") else truth(self.value(node.right, frame))
            case syntax.Conditional():
                holds = truth(self.value(node.condition, frame))
                return self.value(node.then if holds else node.otherwise, frame)
            case syntax.Index():
                container = self.value(node.object, frame)
                return self.at(node, operations.element, container, self.value(node.index, frame))
            case syntax.Call():
                return self.call(node, frame)
        return None  # syntax.Null

    def hash(self, node: syntax.Hash, frame: Variables) -> Hash:
        """A new hash; each pair is entered before the next is evaluated."""
        table: Hash = {}
        for left, right in node.pairs:
            index = self.value(left, frame)
            self.at(left, operations.set_element, table, index, self.value(right, frame))
        return table

    def call(self, node: syntax.Call, frame: Variables) -> Value:
        """Call a builtin or a function."""
        builtin = self.resolved.builtins.get(node)
        if builtin == "puts":
            return self.puts(node, frame)
        if builtin is not None:
            return self.new(self.at(node, operations.BUILTINS[builtin], *self.values(node.arguments, frame)))
        function = self.value(node.function, frame)
        arguments = self.values(node.arguments, frame)
        return self.apply(self.at(node, operations.callee, function, len(arguments)), arguments)

    def puts(self, node: syntax.Call, frame: Variables) -> Value:
        """Print each argument on a line of its own before the next is evaluated; the value is null."""
        for argument in node.arguments:
            for piece in chain(show(self.value(argument, frame)), [b"\n"]):
                self.charge(8 + len(piece))
                self.output += piece
        return None

    def apply(self, closure: Closure, arguments: list[Value]) -> Value:
        """Run a function; null is what it gives without a return."""
        if self.calls == MAX_CALLS:
            raise TrapError("stack-overflow", f"'{closure.function.name}' is called more than {MAX_CALLS} calls deep")
        self.calls += 1
        frame = dict(closure.captured)
        for index, parameter in enumerate(closure.function.parameters):
            frame[self.resolved.locals[parameter]] = arguments[index]
        value: Value = None
        try:
            self.block(closure.function.body, frame)
        except Returned as returned:
            value = returned.value
        self.calls -= 1
        return value

    # Limits

    def at(self, node: syntax.Statement | syntax.Expression, operation: Callable[..., T], *operands: Value | str) -> T:
        """Operate on values; the trap for values that do not fit shows the place."""
        try:
            return operation(*operands)
        except Misuse as error:
            place = self.resolved.program.source.error(node.position, error.detail)
            raise TrapError(error.kind, str(place)) from None

    def step(self) -> None:
        """Count an evaluated expression; every loop and every call evaluates one."""
        if self.steps >= self.step_limit:
            raise TrapError("step-limit", f"stopped after {self.step_limit} steps")
        self.steps += 1

    def new(self, value: T) -> T:
        """Count the memory of a new array, string or hash."""
        if isinstance(value, list | bytes | dict):
            if len(value) > MAX_LENGTH:
                raise TrapError("out-of-memory", f"an array or a string of more than {MAX_LENGTH} elements")
            self.charge(OBJECT + 8 * len(value))
        return value

    def charge(self, size: int) -> None:
        """Use so many bytes."""
        self.memory -= size
        if self.memory < 0:
            raise TrapError("out-of-memory", f"the program has used {MEMORY} bytes")
