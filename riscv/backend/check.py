"""The allocation checker: runs the lines of a function on symbols and compares each step with what the IR wants.

Every register and every word of the frame holds a set of symbols: the values that it is known to hold at once, a
number, an address, what a register held at entry. Where ways meet, what both know is left; this is repeated until
nothing changes. A line that carries out an instruction of the IR must be the next one that the IR wants, and must
read its operands; whatever else the line could do to the machine is forbidden to it. The method is that of the
checker of regalloc2 (https://github.com/bytecodealliance/regalloc2, src/checker.rs); none of the allocator's own
liveness, places or frame is believed, only the text of the lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from riscv.backend.lines import Code, Label, Line
from riscv.errors import CompilerError
from riscv.ir.nodes import BINARY, BRANCHES, LOADS, STORES, Block, Edge, Function, Instruction, Operand, Value
from riscv.pairs import paired

# Written down once more here, so that a mistake in the compiler's own lists is found.
ARGUMENTS: Final = tuple(f"a{n}" for n in range(8))
KEPT: Final = ("ra", *(f"s{n}" for n in range(12)))
CALL_LOSES: Final = ("ra", *(f"t{n}" for n in range(7)), *ARGUMENTS)
REQUEST: Final = ("a7", "a0", "a1", "a2")
TEMPORARY: Final = CALL_LOSES[1:8]
FREE: Final = frozenset({*KEPT[1:], *CALL_LOSES[1:]})
OPPOSITE: Final = {"beq": "bne", "bne": "beq", "blt": "bge", "bge": "blt", "bltu": "bgeu", "bgeu": "bltu"}
NOWHERE: Final = 1 << 40
REACH: Final = 1 << 24  # bytes, far more than there is stack


class Entry(NamedTuple):
    """What a register held when the function was entered."""

    register: str


class Address(NamedTuple):
    """An address in the stack, by its distance from sp at entry."""

    distance: int


Symbol: TypeAlias = Value | int | Entry | Address
Symbols: TypeAlias = frozenset[Symbol]
#: A register by its name, a word of the stack by its distance from sp at entry.
Holder: TypeAlias = str | int


class Cursor(NamedTuple):
    """The instruction of the IR that is next."""

    block: Block
    place: int

    @property
    def instruction(self) -> Instruction:
        return self.block.code[self.place]


@dataclass
class State:
    """Before a line: what is next in the IR, what is held where, and which values are known to be which number."""

    cursor: Cursor
    held: dict[Holder, Symbols]
    numbers: dict[Value, int]

    def copy(self) -> "State":
        """The same, to go another way."""
        return State(self.cursor, dict(self.held), dict(self.numbers))

    def symbols(self, holder: Holder) -> Symbols:
        """What something holds."""
        return self.number(0) if holder == "zero" else self.held.get(holder, frozenset())

    def number(self, number: int) -> Symbols:
        """A number, under all its names."""
        return frozenset([number, *(value for value, known in self.numbers.items() if known == number)])

    def sp(self) -> int:
        """How far sp is from where it was at entry."""
        return address(self.symbols("sp"))

    def define(self, pairs: Iterable[tuple[Value, Operand]]) -> None:
        """Values come into being at once, each as what an operand is before; their former selves are gone."""
        made = dict(pairs)
        changing = {*made, *made.values()}
        for holder, symbols in self.held.items():
            if not symbols.isdisjoint(changing):
                names = {value for value, operand in made.items() if operand in symbols}
                self.held[holder] = (symbols - made.keys()) | names
        known = {v: o if isinstance(o, int) else self.numbers.get(o) for v, o in made.items()}
        for value, number in known.items():
            self.numbers.pop(value, None)
            if number is not None:
                self.numbers[value] = number

    def advance(self, cursor: Cursor) -> None:
        """Go on in the IR, through all that needs no line: names for what is there already."""
        seen: set[Block] = set()
        while True:
            instruction = cursor.instruction
            if instruction.op == "jump" and cursor.block not in seen:
                seen.add(cursor.block)
                cursor = self.enter(instruction.edges[0])
            elif instruction.op == "copy":
                self.define(paired(instruction.results, instruction.args))
                cursor = Cursor(cursor.block, cursor.place + 1)
            else:
                break
        self.cursor = cursor

    def enter(self, edge: Edge) -> Cursor:
        """Name the parameters of a block; the place where it starts."""
        self.define(paired(edge.block.params, edge.args))
        return Cursor(edge.block, 0)

    def meet(self, other: "State") -> "State":
        """What is known whichever way one came."""
        held = {holder: symbols & other.symbols(holder) for holder, symbols in self.held.items()}
        numbers = dict(self.numbers.items() & other.numbers.items())
        return State(self.cursor, held, numbers)


def address(symbols: Symbols) -> int:
    """The one address among some symbols; a made-up one, out of reach, where there is none."""
    return next((symbol.distance for symbol in symbols if isinstance(symbol, Address)), NOWHERE)


def check(function: Function, code: Code) -> None:
    """Raise a CompilerError unless the lines do what the function says and keep the calling convention."""
    Checker(function, code).check()


class Checker:
    """The lines of a function and what is known before those that can be reached."""

    def __init__(self, function: Function, code: Code) -> None:
        self.function = function
        self.code = code
        self.labels = {item.name: index for index, item in enumerate(code) if isinstance(item, Label)}
        self.starts = set(self.labels.values())
        self.known: dict[int, State] = {}
        self.todo: list[int] = []

    def check(self) -> None:
        """Run from the entry until nothing new is learnt."""
        state = State(Cursor(self.function.blocks[0], 0), {"sp": frozenset([Address(0)])}, {})
        for register in KEPT:
            state.held[register] = frozenset([Entry(register)])
        for index, param in enumerate(self.function.params):
            state.held[ARGUMENTS[index] if index < 8 else 4 * (index - 8)] = frozenset([param])
        state.advance(state.cursor)
        self.reach(0, state)
        while self.todo:
            index = self.todo.pop()
            self.run(index, self.known[index].copy())

    def reach(self, index: int, state: State) -> None:
        """A way to a line: it must be at the same point of the IR as every other way there."""
        before = self.known.get(index)
        if before is None:
            self.known[index] = state
            self.todo.append(index)
            return
        same = before.cursor == state.cursor
        self.require(same, index, f"two ways meet, before {before.cursor.instruction.op} and before another")
        met = before.meet(state)
        if met != before:
            self.known[index] = met
            self.todo.append(index)

    def require(self, holds: bool, index: int, message: str) -> None:
        """Complain unless a rule holds."""
        if not holds:
            raise self.error(index, message)

    def error(self, index: int, message: str) -> CompilerError:
        """The complaint that names a line."""
        line = str(self.code[index]).strip() if index < len(self.code) else "the end"
        return CompilerError(f"{self.function.label}: line {index}, {line}: {message}; this is a bug of the compiler")

    def run(self, index: int, state: State) -> None:
        """Lines one after the other, up to the next label or the next line that goes elsewhere."""
        while True:
            self.require(index < len(self.code), index, "control runs out of the function")
            line = self.code[index]
            if isinstance(line, Line) and not self.line(index, line, state):
                return
            index += 1
            if index in self.starts:
                self.reach(index, state)
                return

    def line(self, index: int, line: Line, state: State) -> bool:
        """The effect of a line; does the next one follow?"""
        if line.source is None:
            return self.plain(index, line, state)
        source = line.source
        wanted = state.cursor.instruction
        self.require(wanted is source, index, f"it carries out {source.op} where {wanted.op} is next")
        match source.op:
            case "return" | "tail" | "tailr":
                self.leave(index, line, state)
                return False
            case "trap":
                self.call(index, line, state)
                return False
            case op if op in BRANCHES:
                self.branch(index, line, state)
                return True
            case "call" | "callr" | "ecall":
                self.call(index, line, state)
            case op if op in LOADS or op in STORES:
                self.memory(index, line, state)
            case _:
                self.operation(index, line, state)
        state.advance(Cursor(state.cursor.block, state.cursor.place + 1))
        return True

    def plain(self, index: int, line: Line, state: State) -> bool:
        """A line that only moves things; True if the next one follows."""
        match line.mnemonic, line.operands:
            case "j", (str(label),):
                self.reach(self.target(index, label), state)
                return False
            case "li", (str(register), int(number)):
                state.held[register] = state.number(number)
            case "mv", (str(register), str(source)):
                state.held[register] = state.symbols(source)
            case "addi", (str(register), str(source), int(number)):
                state.held[register] = frozenset([Address(address(state.symbols(source)) + number)])
            case "add", (str(register), str(source), str(number)):
                base = address(state.symbols(source))
                numbers = [symbol for symbol in state.symbols(number) if isinstance(symbol, int)]
                state.held[register] = frozenset(Address(base + number) for number in numbers)
            case "lw", (str(register), int(offset), str(base)):
                state.held[register] = state.symbols(self.word(index, state, offset, base))
            case "sw", (str(register), int(offset), str(base)):
                word = self.word(index, state, offset, base)
                self.require(word < 0, index, "it writes into the frame of the caller")
                state.held[word] = state.symbols(register)
            case _:
                raise self.error(index, "it does something that the IR does not want")
        if line.operands[0] == "sp":
            self.require(state.sp() in range(-REACH, 1), index, "sp leaves the frame")
            for word in [word for word in state.held if isinstance(word, int) and word < state.sp()]:
                del state.held[word]
        return True

    def target(self, index: int, label: str) -> int:
        """The line that a label stands before."""
        self.require(label in self.labels, index, "there is no such label in this function")
        return self.labels[label]

    def word(self, index: int, state: State, offset: int, base: str) -> int:
        """The word at an address: in the stack, not below sp."""
        word = address(state.symbols(base)) + offset
        inside = word % 4 == 0 and word in range(state.sp(), REACH)
        self.require(inside, index, "the address is not a word of the frame")
        return word

    def reads(self, index: int, state: State, register: object, operand: Operand) -> None:
        """A register must hold an operand."""
        holds = isinstance(register, str) and operand in state.symbols(register)
        self.require(holds, index, f"{register} does not hold the operand")

    def passes(self, index: int, state: State, args: Iterable[Operand]) -> None:
        """Arguments must be where the calling convention wants them."""
        for number, arg in enumerate(args):
            holder: Holder = ARGUMENTS[number] if number < 8 else state.sp() + 4 * (number - 8)
            self.require(arg in state.symbols(holder), index, f"argument {number} is not in its place")

    def operation(self, index: int, line: Line, state: State) -> None:
        """The same operation, on registers that hold its operands."""
        source = state.cursor.instruction
        self.require(line.mnemonic == source.op, index, f"it is not {source.op}")
        register, *operands = line.operands
        if source.op == "la":
            self.require(operands.pop() == source.callee, index, f"it is not the address of {source.callee}")
        self.require(len(operands) == len(source.args), index, f"it does not read {len(source.args)} operands")
        for place, arg in enumerate(source.args):
            if source.op in BINARY or isinstance(arg, Value):
                self.reads(index, state, operands[place], arg)
            else:
                self.require(operands[place] == arg, index, f"the immediate is not {arg}")
        self.gives(state, [self.free(index, register)])

    def memory(self, index: int, line: Line, state: State) -> None:
        """The same load or store, at an address and of a value that registers hold; it is not about the stack."""
        source = state.cursor.instruction
        register, offset, base = line.operands
        *stored, address, wanted = source.args
        self.require((line.mnemonic, offset) == (source.op, wanted), index, f"it is not {source.op} at {wanted}")
        self.reads(index, state, base, address)
        for operand in stored:
            self.reads(index, state, register, operand)
        if not stored:
            self.gives(state, [self.free(index, register)])

    def free(self, index: int, register: object) -> str:
        """A register that may be overwritten with a result."""
        self.require(register in FREE, index, f"{register} may not be overwritten with a result")
        return str(register)

    def gives(self, state: State, registers: Sequence[str]) -> None:
        """Results come into being in registers."""
        source = state.cursor.instruction
        state.define((result, Value()) for result in source.results)
        for place, result in enumerate(source.results):
            state.held[registers[place]] = frozenset([result])

    def call(self, index: int, line: Line, state: State) -> None:
        """Arguments in their places; what the callee may overwrite is lost, its results are there."""
        source = state.cursor.instruction
        lost: list[Holder]
        if source.op in ("call", "callr"):
            args = self.called(index, line, state, ("call", "jalr"))
            self.require(state.sp() % 16 == 0, index, "sp is not a multiple of 16")
            self.passes(index, state, args)
            lost = [*CALL_LOSES, *(state.sp() + 4 * n for n in range(len(args) - 8))]
        else:
            self.require((line.mnemonic, line.operands) == ("ecall", ()), index, "it is no ecall")
            lost = [*REQUEST[: len(source.args)]]
            for register, arg in paired(lost, source.args):
                self.reads(index, state, register, arg)
        for holder in lost:
            state.held.pop(holder, None)
        self.gives(state, ARGUMENTS)

    def called(self, index: int, line: Line, state: State, mnemonics: tuple[str, str]) -> list[Operand]:
        """The arguments of a call by label or by an address, which a register must hold that carries none of them."""
        source = state.cursor.instruction
        if source.op in ("call", "tail"):
            expected = mnemonics[0], (source.callee,)
            self.require((line.mnemonic, line.operands) == expected, index, "it is another call")
            return source.args
        self.require(line.mnemonic == mnemonics[1], index, "it is another call")
        address, *args = source.args
        (register,) = line.operands
        self.require(register in TEMPORARY, index, f"{register} is not free to hold an address")
        self.reads(index, state, register, address)
        return args

    def branch(self, index: int, line: Line, state: State) -> None:
        """The same branch, or its opposite with the edges exchanged."""
        source = state.cursor.instruction
        taken, otherwise = source.edges
        *operands, label = line.operands
        if line.mnemonic == OPPOSITE[source.op]:
            taken, otherwise = otherwise, taken
        else:
            self.require(line.mnemonic == source.op, index, f"it is not {source.op}")
        self.require(len(operands) == len(source.args), index, f"it does not read {len(source.args)} operands")
        for place, arg in enumerate(source.args):
            self.reads(index, state, operands[place], arg)
        there = state.copy()
        there.advance(there.enter(taken))
        self.reach(self.target(index, str(label)), there)
        state.advance(state.enter(otherwise))

    def leave(self, index: int, line: Line, state: State) -> None:
        """A return or a tail call: all is as at entry, and what is handed over is in its place."""
        source = state.cursor.instruction
        if source.op == "return":
            self.require((line.mnemonic, line.operands) == ("ret", ()), index, "it is not return")
            self.passes(index, state, source.args)
        else:
            self.passes(index, state, self.called(index, line, state, ("j", "jr")))
        self.require(state.sp() == 0, index, "sp is not what it was at entry")
        for register in KEPT:
            kept = Entry(register) in state.symbols(register)
            self.require(kept, index, f"{register} is not what it was at entry")
