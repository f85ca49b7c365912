"""Assembly text to an image: sections, labels, pseudo-instructions, and branches that reach as far as they must.

A line is `label: mnemonic operands`, each part optional; `#` starts a comment. A conditional branch whose label is
too far away becomes the opposite branch over a jump. Execution starts at `_start`, or else with the first instruction.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from riscv.directives import DIRECTIVES, Align, Item, Space
from riscv.errors import AssemblyError
from riscv.image import Image
from riscv.isa import INSTRUCTIONS
from riscv.memory import DATA_BASE, DATA_SIZE, RODATA_BASE, RODATA_SIZE, TEXT_BASE, TEXT_SIZE, Segment
from riscv.operands import LABEL, Expression, Line, Operand, Symbols, Value, constant, parse
from riscv.pseudo import LOAD_SYMBOL, PSEUDO, load_immediate
from riscv.statement import Statement, statement

__all__ = ["Assembler", "assemble", "load_immediate"]

#: Where each section starts; `.bss` follows `.data`.
SECTIONS: Final[Mapping[str, int]] = {
    ".text": TEXT_BASE,
    ".rodata": RODATA_BASE,
    ".data": DATA_BASE,
    ".bss": DATA_BASE,
}
#: What other tools write and what changes nothing here.
IGNORED: Final = frozenset({".type", ".size", ".file", ".ident", ".attribute", ".option"})
QUOTED: Final = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'"
CODE: Final = re.compile(rf"(?:{QUOTED}|[^#])*")
HEAD: Final = re.compile(r"\s*([^\s\"',:]*)\s*:")
MNEMONIC: Final = re.compile(r"\s*(\S+)\s*")
PIECE: Final = re.compile(rf"\s*((?:{QUOTED}|[^,])*)(,|$)")
PLACEHOLDER: Final = re.compile(r"\{(\d)\}")


class Place(NamedTuple):
    """Before the item at this position in a section."""

    section: str
    position: int


def assemble(text: str) -> Image:
    """Assemble a text whose first section is .text."""
    return Assembler(text).assemble()


class Assembler:
    """The items of each section, and before which of them each label stands."""

    def __init__(self, text: str) -> None:
        self.sections: dict[str, list[Item]] = {name: [] for name in SECTIONS}
        self.section = ".text"
        self.labels: dict[str, Place] = {}
        self.constants: dict[str, tuple[Line, Expression, Place]] = {}
        self.known: dict[str, int] = {}  # the constants that do not depend on a label
        self.exported: list[tuple[Line, Operand]] = []
        for number, line in enumerate(text.splitlines(), 1):
            self.read(Line(number, line))

    def read(self, line: Line) -> None:
        """Take one line: labels, then an instruction or a directive, or nothing."""
        code = CODE.match(line.text)[0].rstrip()  # type: ignore[index]  # it matches the empty text
        start = 0
        while label := HEAD.match(code, start):
            self.define(line, Operand(label[1], label.start(1)))
            self.labels[label[1]] = self.place()
            start = label.end()
        found = MNEMONIC.match(code, start)
        if found is not None:
            self.take(line, Operand(found[1], found.start(1)), split(code, found.end()))

    def place(self) -> Place:
        """Where the next item will be."""
        return Place(self.section, len(self.sections[self.section]))

    def define(self, line: Line, name: Operand) -> None:
        """Refuse what is no name or has a value already."""
        if LABEL.fullmatch(name.text) is None or name.text in (".", *self.labels, *self.constants):
            raise line.error(f"'{name.text}' is not a new label", name.column)

    def take(self, line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> None:
        """An instruction, a pseudo-instruction or a directive."""
        name = mnemonic.text
        if name == "li":
            self.load_immediate(line, mnemonic, operands)
        elif name[0] == ".":
            self.directive(line, mnemonic, operands)
        elif (name, len(operands)) in PSEUDO:
            self.expand(line, mnemonic, PSEUDO[name, len(operands)], operands)
        elif name in INSTRUCTIONS:
            self.instruction(line, mnemonic, operands)
        elif counts := [count for pseudo, count in PSEUDO if pseudo == name]:
            raise line.error(f"'{name}' takes {counts[0]} operands, not {len(operands)}", mnemonic.column)
        else:
            raise line.error(f"unknown instruction '{name}'", mnemonic.column)

    def expand(self, line: Line, mnemonic: Operand, patterns: Sequence[str], operands: Sequence[Operand]) -> None:
        """The instructions that a pseudo-instruction stands for; messages point at what was written."""
        texts = [operand.text for operand in operands]
        for pattern in patterns:
            name, _, rest = pattern.partition(" ")
            filled = []
            for piece in split(rest, 0):
                index = PLACEHOLDER.search(piece.text)
                column = operands[int(index[1])].column if index else mnemonic.column
                filled.append(Operand(piece.text.format(*texts), column))
            self.instruction(line, Operand(name, mnemonic.column), filled)

    def instruction(self, line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> None:
        """A machine instruction."""
        if self.section != ".text":
            raise line.error(f"instructions go into .text, not into {self.section}", mnemonic.column)
        self.sections[".text"].append(statement(line, mnemonic, operands))

    def load_immediate(self, line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> None:
        """As few instructions as the number needs, two for what is not known yet."""
        if len(operands) != 2:
            raise line.error(f"write 'li rd, number', not '{line.text.strip()}'", mnemonic.column)
        number = constant(parse(line, operands[1]), self.known)
        if number is None:
            self.expand(line, mnemonic, LOAD_SYMBOL, operands)
            return
        if not -0x8000_0000 <= number <= 0xFFFF_FFFF:
            raise line.error(f"{number} is not in -2147483648..4294967295", operands[1].column)
        self.expand(line, mnemonic, load_immediate("{0}", number), operands)

    def directive(self, line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> None:
        """What begins with a dot."""
        name = mnemonic.text
        if name == ".section" and operands:
            name = operands[0].text
        if name in SECTIONS:
            self.section = name
        elif name in (".globl", ".global"):
            self.exported += [(line, operand) for operand in operands]
        elif name in (".equ", ".set"):
            self.equate(line, mnemonic, operands)
        elif name in DIRECTIVES and not operands:
            raise line.error(f"'{name}' needs a value", mnemonic.column)
        elif name in DIRECTIVES:
            item = DIRECTIVES[name](line, operands, self.number, self.section == ".text")
            if self.section == ".bss" and not isinstance(item, Space | Align):
                raise line.error("only .space and .align go into .bss, which is zero", mnemonic.column)
            self.sections[self.section].append(item)
        elif name not in IGNORED:
            raise line.error(f"unknown directive '{name}'", mnemonic.column)

    def equate(self, line: Line, mnemonic: Operand, operands: Sequence[Operand]) -> None:
        """A constant; one that depends on labels gets its value when they have theirs."""
        if len(operands) != 2:
            raise line.error(f"write '{mnemonic.text} name, value', not '{line.text.strip()}'", mnemonic.column)
        name, expression = operands[0], parse(line, operands[1])
        self.define(line, name)
        self.constants[name.text] = line, expression, self.place()
        number = constant(expression, self.known)
        if number is not None:
            self.known[name.text] = number

    def number(self, line: Line, operand: Operand) -> int:
        """A number that must be known at once."""
        number = constant(parse(line, operand), self.known)
        if number is None:
            raise line.error("this must be a number, or made of constants defined above", operand.column)
        return number

    def assemble(self) -> Image:
        """Widen the branches that do not reach until all do, then give every item its bytes."""
        addresses = self.layout()
        symbols = self.symbols(addresses)
        while self.widen(addresses[".text"], symbols):
            addresses = self.layout()
            symbols = self.symbols(addresses)
        for line, name in self.exported:
            if name.text not in symbols.table:
                raise line.error(f"undefined label '{name.text}'", name.column)
        labels = {label: symbols.table[label].number for label in self.labels}
        return Image(self.segments(addresses, symbols), labels.get("_start", TEXT_BASE), labels)

    def layout(self) -> dict[str, list[int]]:
        """The address of each item by section, and at the end of each that of its end."""
        addresses: dict[str, list[int]] = {}
        for name, items in self.sections.items():
            base = SECTIONS[name]
            places = [addresses[".data"][-1] + -addresses[".data"][-1] % 16 if name == ".bss" else base]
            for item in items:
                places.append(places[-1] + item.size(places[-1]))
            used, room = places[-1] - base, {".text": TEXT_SIZE, ".rodata": RODATA_SIZE}.get(name, DATA_SIZE)
            if used > room:
                raise AssemblyError(f"the {name[1:]} has {used} bytes, {room} are available")
            addresses[name] = places
        return addresses

    def symbols(self, addresses: Mapping[str, Sequence[int]]) -> Symbols:
        """The values of labels and constants when the items lie at these addresses."""
        symbols = Symbols()
        for label, place in self.labels.items():
            symbols.table[label] = Value(addresses[place.section][place.position], 1)
        for name, (line, expression, place) in self.constants.items():
            symbols.table[name] = symbols.value(line, expression, addresses[place.section][place.position])
        for index, item in enumerate(self.sections[".text"]):
            address = addresses[".text"][index]
            if isinstance(item, Statement) and item.relocation == "pcrel_hi":
                symbols.upper[address] = symbols.value(item.line, item.immediate, address).number
        return symbols

    def widen(self, addresses: Sequence[int], symbols: Symbols) -> bool:
        """Make the branches wide that do not reach; is there a new one?"""
        near = {
            i: item for i, item in enumerate(self.sections[".text"]) if isinstance(item, Statement) and not item.wide
        }
        far = [item for index, item in near.items() if item.is_far(addresses[index], symbols)]
        for item in far:
            item.wide = True
        return bool(far)

    def segments(self, addresses: Mapping[str, Sequence[int]], symbols: Symbols) -> tuple[Segment, ...]:
        """What goes into memory; a section without content does not, unless it is the text."""
        content = {}
        for name, items in self.sections.items():
            places = addresses[name]
            content[name] = b"".join(item.content(places[index], symbols) for index, item in enumerate(items))
        size = addresses[".bss"][-1] - DATA_BASE
        found = [segment(TEXT_BASE, content[".text"], executable=True)]
        if content[".rodata"]:
            found.append(segment(RODATA_BASE, content[".rodata"]))
        if size:
            found.append(segment(DATA_BASE, content[".data"], size, writable=True))
        return tuple(found)


def segment(address: int, content: bytes, size: int = 0, writable: bool = False, executable: bool = False) -> Segment:
    """A segment of whole words."""
    size = max(size, len(content))
    return Segment(address, content, size + -size % 4, writable, executable)


def split(code: str, start: int) -> list[Operand]:
    """The operands from a column on, which commas separate."""
    operands = []
    while start < len(code) and (piece := PIECE.match(code, start)):
        operands.append(Operand(piece[1].rstrip(), piece.start(1)))
        start = piece.end()
    return operands
