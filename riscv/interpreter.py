"""The reference: walks the syntax tree and does what the language definition says."""

import sys
from typing import Final

from riscv import int32, syntax
from riscv.errors import CompileError, LanguageError, Source
from riscv.outcome import Outcome, Trap, TrapError
from riscv.resolver import Local, Resolved, resolve

STEP_LIMIT: Final = 1_000_000
MAX_CALLS: Final = 500
PYTHON_FRAMES: Final = 12_000  # what MAX_CALLS calls of an ordinary program need

Frame = dict[Local, int]


def interpret(text: str, step_limit: int = STEP_LIMIT, name: str = "<source>") -> Outcome:
    """Run a source text; a LanguageError is raised, a run that does not end well is in the outcome's trap."""
    interpreter = Interpreter(resolve(Source(name, text)), step_limit)
    trap: Trap | None = None
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(PYTHON_FRAMES)
    try:
        interpreter.block(interpreter.resolved.program.body, {})
    except TrapError as error:
        trap = Trap(error.kind, None, f"{error.kind}: {error.detail}")
    except RecursionError:  # few calls, but each of them deep in nested blocks and expressions
        trap = Trap("stack-overflow", None, "stack-overflow: calls and expressions are nested too deeply")
    finally:
        sys.setrecursionlimit(before)
    return Outcome(tuple(interpreter.output), trap, (), interpreter.steps)


class Interpreter:
    """A run of one program: what it has printed, how many steps it took, how deep its calls are."""

    def __init__(self, resolved: Resolved, step_limit: int) -> None:
        self.resolved = resolved
        self.step_limit = step_limit
        self.steps = 0
        self.calls = 0
        self.output: list[str] = []

    def block(self, body: syntax.Block, frame: Frame) -> int | None:
        """Run statements; a number means that a return statement was reached and gives its value."""
        for statement in body:
            value = self.statement(statement, frame)
            if value is not None:
                return value
        return None

    def statement(self, node: syntax.Statement, frame: Frame) -> int | None:
        """Run one statement; the result is that of `block`."""
        match node:
            case syntax.Let() | syntax.Set():
                frame[self.resolved.locals[node]] = self.value(node.value, frame)
            case syntax.If():
                if self.value(node.condition, frame):
                    return self.block(node.then, frame)
                return self.block(node.otherwise or (), frame)
            case syntax.While():
                while self.value(node.condition, frame):
                    value = self.block(node.body, frame)
                    if value is not None:
                        return value
            case syntax.Return():
                return self.value(node.value, frame)
            case syntax.Evaluate():
                self.value(node.expression, frame)
            case syntax.Functions():
                pass
            case _:
                raise self.unknown(node)
        return None  # also for a function: the resolver has told every call what it calls

    def value(self, node: syntax.Expression, frame: Frame) -> int:
        """The value of an expression; operands are evaluated left to right."""
        self.step()
        match node:
            case syntax.Number():
                return node.value
            case syntax.Name():
                return frame[self.resolved.locals[node]]
            case syntax.Unary():
                operand = self.value(node.operand, frame)
                return int32.sub(0, operand) if node.operator == "-" else int32.eq(operand, 0)
            case syntax.Binary():
                left = self.value(node.left, frame)
                return int32.OPERATORS[node.operator](left, self.value(node.right, frame))
            case syntax.Logical():
                left = int32.ne(self.value(node.left, frame), 0)
                if left == (node.operator == "||"):
                    return left
                return int32.ne(self.value(node.right, frame), 0)
            case syntax.Call():
                return self.call(node, frame)
            case syntax.Boolean():
                return int(node.value)
        raise self.unknown(node)

    def unknown(self, node: syntax.Statement | syntax.Expression) -> LanguageError:
        """The error for what the language has and this interpreter has not."""
        return self.resolved.program.source.error(node.position, "not interpreted yet", CompileError)

    def call(self, node: syntax.Call, frame: Frame) -> int:
        """Call a function; puts prints each argument before it evaluates the next."""
        callee = self.resolved.callees.get(node)
        if callee is None:
            if node not in self.resolved.builtins:
                raise self.unknown(node)
            for argument in node.arguments:
                self.output.append(str(self.value(argument, frame)))
            return 0
        values = [self.value(argument, frame) for argument in node.arguments]
        if self.calls == MAX_CALLS:
            raise TrapError("stack-overflow", f"'{callee.name}' is called more than {MAX_CALLS} calls deep")
        self.calls += 1
        own = {self.resolved.locals[p]: values[index] for index, p in enumerate(callee.parameters)}
        result = self.block(callee.body, own)
        self.calls -= 1
        return result or 0

    def step(self) -> None:
        """Count an evaluated expression; every loop and every call evaluates one."""
        if self.steps >= self.step_limit:
            raise TrapError("step-limit", f"stopped after {self.step_limit} steps")
        self.steps += 1
