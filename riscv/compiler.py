"""Resolved syntax tree to assembly text: every value passes through a0, operands wait on the stack.

A function's frame, from s0 (the stack pointer at its entry) downwards; RISC-V ABI, "Integer Calling Convention":

    -4(s0)            return address
    -8(s0)            the caller's s0
    -12 .. -52(s0)    save slots of s1 .. s11
    -56(s0) ...       locals that found no register
    sp                operands, 16 bytes each so that sp stays aligned

Variables live in s1 to s11, first come first served. Which of these a function uses is known only at its end, so
its prologue has a hole, and `Function.finish` puts the saves of exactly those registers there.
"""

from collections.abc import Mapping
from typing import Final

from riscv import syntax
from riscv.assembler import load_immediate
from riscv.errors import CompileError, LanguageError
from riscv.memory import STACK_TOP
from riscv.resolver import Local, Resolved

SAVED: Final = ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11")
ARGUMENTS: Final = ("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7")
SAVE_AREA: Final = 8 + 4 * len(SAVED)
FRAME: Final = 64  # the save area, rounded up to keep sp a multiple of 16

# Requests to the environment: the number in a7, the argument in a0.
PRINT_INTEGER: Final = 1
PRINT_CHARACTER: Final = 11
EXIT: Final = 93
NEWLINE: Final = 10

# What computes `t0 operator a0` into a0.
OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "+": ("add a0, t0, a0",),
    "-": ("sub a0, t0, a0",),
    "*": ("mul a0, t0, a0",),
    "/": ("div a0, t0, a0",),
    "%": ("rem a0, t0, a0",),
    "<": ("slt a0, t0, a0",),
    ">": ("slt a0, a0, t0",),
    "<=": ("slt a0, a0, t0", "xori a0, a0, 1"),
    ">=": ("slt a0, t0, a0", "xori a0, a0, 1"),
    "==": ("sub a0, t0, a0", "seqz a0, a0"),
    "!=": ("sub a0, t0, a0", "snez a0, a0"),
}


class Function:
    """The code of one function while it is being emitted."""

    def __init__(self, label: str, *start: str) -> None:
        self.end = f"{label}.end"
        self.code = [f"{label}:", *start]
        self.prologue()
        self.registers: list[str] = []
        self.slots = 0
        self.depth = 0
        self.home: dict[Local, str | int] = {}

    def emit(self, *lines: str) -> None:
        """Append instructions."""
        self.code += lines

    def prologue(self) -> None:
        """Make the frame; its last line is where the saves will go."""
        self.emit(f"addi sp, sp, -{FRAME}", f"sw ra, {FRAME - 4}(sp)", f"sw s0, {FRAME - 8}(sp)")
        self.emit(f"addi s0, sp, {FRAME}")
        self.hole = len(self.code)

    def epilogue(self) -> list[str]:
        """Give back the frame; sp comes last, so that nothing is read below it."""
        restores = [f"lw {register}, {save_slot(register)}(s0)" for register in self.registers]
        return [*restores, "mv t0, s0", "lw ra, -4(s0)", "lw s0, -8(s0)", "mv sp, t0"]

    def finish(self, *leave: str) -> list[str]:
        """The whole code, once the body is emitted: the hole filled, the common epilogue, the way out."""
        assert self.depth == 0, f"{self.end}: {self.depth} operands left on the stack"
        saves = [f"sw {register}, {save_slot(register)}(s0)" for register in self.registers]
        self.code[self.hole : self.hole] = self.enlarge() + saves
        return [*self.code, f"{self.end}:", *self.epilogue(), *leave]

    def enlarge(self) -> list[str]:
        """Room for the locals in the frame that the smallest frame does not have."""
        extra = -(-(SAVE_AREA + 4 * self.slots) // 16) * 16 - FRAME
        return [f"li t0, {-extra}", "add sp, sp, t0"] if extra else []

    def allocate(self, local: Local) -> None:
        """Give a variable its home: the next register, or else the next slot of the frame."""
        if len(self.registers) < len(SAVED):
            self.registers.append(SAVED[len(self.registers)])
            self.home[local] = self.registers[-1]
        else:
            self.slots += 1
            self.home[local] = -(SAVE_AREA + 4 * self.slots)

    def load(self, local: Local) -> None:
        """a0 = variable."""
        home = self.home[local]
        self.emit(f"mv a0, {home}" if isinstance(home, str) else f"lw a0, {self.slot(home)}")

    def store(self, local: Local, register: str) -> None:
        """variable = register."""
        home = self.home[local]
        self.emit(f"mv {home}, {register}" if isinstance(home, str) else f"sw {register}, {self.slot(home)}")

    def slot(self, offset: int) -> str:
        """The address of a slot; t0 helps when the offset does not fit an instruction."""
        if offset >= -2048:
            return f"{offset}(s0)"
        self.emit(f"li t0, {offset}", "add t0, t0, s0")
        return "0(t0)"

    def push(self) -> None:
        """Put a0 on the stack."""
        self.depth += 1
        self.emit("addi sp, sp, -16", "sw a0, 0(sp)")

    def pop(self, register: str) -> None:
        """Take the top of the stack."""
        self.depth -= 1
        self.emit(f"lw {register}, 0(sp)", "addi sp, sp, 16")


def save_slot(register: str) -> int:
    """The offset from s0 at which a function keeps its caller's value of a register."""
    return -12 - 4 * SAVED.index(register)


def generate(resolved: Resolved) -> str:
    """The assembly text of a program; execution starts at its first instruction."""
    return Compiler(resolved).generate()


class Compiler:
    """Walks the tree and emits into the current function; finished functions are collected."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        # The top level sets up sp before its prologue; ra and s0 are 0, the end of the chain of frames.
        self.function = Function("main", *load_immediate("sp", STACK_TOP), "li ra, 0", "li s0, 0")
        self.finished: list[str] = []
        self.labels: dict[syntax.Function, str] = {}
        self.count = 0

    def generate(self) -> str:
        """The top-level program, which ends with exit(0), then all functions."""
        self.block(self.resolved.program.body)
        main = self.function.finish("li a0, 0", f"li a7, {EXIT}", "ecall")
        lines = main + self.finished
        return "".join(f"{line}\n" if line.endswith(":") else f"    {line}\n" for line in lines)

    def label(self, node: syntax.Function) -> str:
        """The label of a function; a number keeps functions of one name apart."""
        if node not in self.labels:
            self.labels[node] = f"{node.name}.{len(self.labels) + 1}"
        return self.labels[node]

    def new_label(self, purpose: str) -> str:
        """A label for use inside a function."""
        self.count += 1
        return f".{purpose}.{self.count}"

    # Statements

    def block(self, body: syntax.Block) -> None:
        """Compile statements one after the other; each leaves the stack as it found it."""
        for statement in body:
            self.statement(statement)
            assert self.function.depth == 0

    def statement(self, node: syntax.Statement) -> None:
        """Compile one statement."""
        match node:
            case syntax.Let():
                self.value(node.value)
                self.function.allocate(self.resolved.locals[node])
                self.function.store(self.resolved.locals[node], "a0")
            case syntax.Set():
                self.value(node.value)
                self.function.store(self.resolved.locals[node], "a0")
            case syntax.Functions():
                for function in node.functions:
                    self.nested_function(function)
            case syntax.If():
                self.if_stmt(node)
            case syntax.While():
                self.while_stmt(node)
            case syntax.Return():
                self.value(node.value)
                self.function.emit(f"j {self.function.end}")
            case syntax.Evaluate():
                self.value(node.expression)
            case _:
                raise self.unknown(node)

    def unknown(self, node: syntax.Statement | syntax.Expression) -> LanguageError:
        """The error for what the language has and this compiler has not."""
        return self.resolved.program.source.error(node.position, "not compiled yet", CompileError)

    def nested_function(self, node: syntax.Function) -> None:
        """Compile a function where it is met, into a buffer of its own."""
        variables = [local for local in self.resolved.frames[node].captures if local.function is None]
        if variables or len(node.parameters) > len(ARGUMENTS):
            raise self.unknown(node)
        outer = self.function
        self.function = Function(self.label(node))
        for index, parameter in enumerate(node.parameters):
            self.function.allocate(self.resolved.locals[parameter])
            self.function.store(self.resolved.locals[parameter], f"a{index}")
        self.block(node.body)
        self.function.emit("li a0, 0")
        self.finished += self.function.finish("ret")
        self.function = outer

    def if_stmt(self, node: syntax.If) -> None:
        """Branch over the then-block when the condition is 0."""
        otherwise, end = self.new_label("else"), self.new_label("end")
        self.value(node.condition)
        self.function.emit(f"beqz a0, {otherwise}")
        self.block(node.then)
        self.function.emit(f"j {end}", f"{otherwise}:")
        self.block(node.otherwise or ())
        self.function.emit(f"{end}:")

    def while_stmt(self, node: syntax.While) -> None:
        """Test at the top, jump back at the bottom."""
        loop, end = self.new_label("while"), self.new_label("end")
        self.function.emit(f"{loop}:")
        self.value(node.condition)
        self.function.emit(f"beqz a0, {end}")
        self.block(node.body)
        self.function.emit(f"j {loop}", f"{end}:")

    # Expressions

    def value(self, node: syntax.Expression) -> None:
        """Compile an expression; its value ends up in a0."""
        match node:
            case syntax.Number():
                self.function.emit(f"li a0, {node.value}")
            case syntax.Boolean():
                self.function.emit(f"li a0, {int(node.value)}")
            case syntax.Name():
                local = self.resolved.locals[node]
                if local.function is not None:
                    raise self.unknown(node)
                self.function.load(local)
            case syntax.Unary(operator="-" | "!"):
                self.value(node.operand)
                self.function.emit("neg a0, a0" if node.operator == "-" else "seqz a0, a0")
            case syntax.Binary() if node.operator in OPERATIONS:
                self.value(node.left)
                self.function.push()
                self.value(node.right)
                self.function.pop("t0")
                self.function.emit(*OPERATIONS[node.operator])
            case syntax.Logical():
                self.logical(node)
            case syntax.Call():
                self.call(node)
            case _:
                raise self.unknown(node)

    def logical(self, node: syntax.Logical) -> None:
        """The right side runs only when the left one does not decide."""
        end = self.new_label("end")
        self.value(node.left)
        self.function.emit("snez a0, a0")
        self.function.emit(f"{'beqz' if node.operator == '&&' else 'bnez'} a0, {end}")
        self.value(node.right)
        self.function.emit("snez a0, a0", f"{end}:")

    def call(self, node: syntax.Call) -> None:
        """Arguments wait on the stack until all are known; a call inside an argument may use every a-register."""
        if self.resolved.builtins.get(node) == "puts":
            self.puts(node)
            return
        callee = self.resolved.callees.get(node)
        if callee is None or not isinstance(node.function, syntax.Name):
            raise self.unknown(node)
        for argument in node.arguments:
            self.value(argument)
            self.function.push()
        for index in reversed(range(len(node.arguments))):
            self.function.pop(f"a{index}")
        self.function.emit(f"call {self.label(callee)}")

    def puts(self, node: syntax.Call) -> None:
        """Print each argument, and a newline after it, before the next is evaluated; the value is 0."""
        for argument in node.arguments:
            self.value(argument)
            self.function.emit(f"li a7, {PRINT_INTEGER}", "ecall")
            self.function.emit(f"li a0, {NEWLINE}", f"li a7, {PRINT_CHARACTER}", "ecall")
        self.function.emit("li a0, 0")
