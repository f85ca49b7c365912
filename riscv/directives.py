"""Directives: what puts data into a section. Every one gives an item, which knows its size and later its bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from riscv.memory import DATA_SIZE
from riscv.operands import Expression, Line, Operand, Symbols, parse

NOP: Final = (0x00000013).to_bytes(4, "little")
ALIGN_LIMIT: Final = 16  # as a power of two: 64 KiB, to which every section's base is aligned

#: Gives the value of an expression now.
Known = Callable[[Line, Operand], int]


class Item(Protocol):
    """Something that takes room in a section."""

    def size(self, address: int) -> int:
        """How many bytes it takes at an address."""

    def content(self, address: int, symbols: Symbols) -> bytes:
        """Its bytes."""


@dataclass(frozen=True)
class Values:
    """Numbers of one width, little-endian; each may be signed or unsigned."""

    line: Line
    width: int
    operands: Sequence[Expression]

    def size(self, address: int) -> int:
        """The numbers lie close together, whatever the address."""
        return self.width * len(self.operands)

    def content(self, address: int, symbols: Symbols) -> bytes:
        """The numbers, which must fit."""
        numbers = (symbols.value(self.line, expression, address).number for expression in self.operands)
        return b"".join(map(self.one, numbers, self.operands))

    def one(self, number: int, expression: Expression) -> bytes:
        """The bytes of a number."""
        top = 1 << 8 * self.width
        bottom = -(top >> 1)
        if not bottom <= number < top:
            raise self.line.error(f"{number} is not in {bottom}..{top - 1}", expression.column)
        return (number % top).to_bytes(self.width, "little")


@dataclass(frozen=True)
class Text:
    """Bytes that are known."""

    text: bytes

    def size(self, address: int) -> int:
        """As many as there are."""
        return len(self.text)

    def content(self, address: int, symbols: Symbols) -> bytes:
        """Themselves."""
        return self.text


@dataclass(frozen=True)
class Space:
    """Zeros."""

    length: int

    def size(self, address: int) -> int:
        """As many as were asked for."""
        return self.length

    def content(self, address: int, symbols: Symbols) -> bytes:
        """All zero."""
        return bytes(self.length)


@dataclass(frozen=True)
class Align:
    """Whatever leads to the next multiple of `boundary`: in the text instructions that do nothing."""

    boundary: int
    in_text: bool

    def size(self, address: int) -> int:
        """The way to the next multiple."""
        return -address % self.boundary

    def content(self, address: int, symbols: Symbols) -> bytes:
        """Zeros, in the text nops as far as there is room for whole ones."""
        nops, zeros = divmod(self.size(address), 4)
        return bytes(zeros) + (NOP if self.in_text else bytes(4)) * nops


def values(width: int, line: Line, operands: Sequence[Operand], _known: Known, _in_text: bool) -> Item:
    """.byte, .half or .word: numbers"""
    return Values(line, width, tuple(parse(line, operand) for operand in operands))


def text(ending: bytes, line: Line, operands: Sequence[Operand], _known: Known, _in_text: bool) -> Item:
    """.ascii or .asciz: texts"""
    return Text(b"".join(line.string(operand) + ending for operand in operands))


def space(line: Line, operands: Sequence[Operand], known: Known, _in_text: bool) -> Item:
    """.space length"""
    return Space(number(line, operands, known, DATA_SIZE))


def align(line: Line, operands: Sequence[Operand], known: Known, in_text: bool) -> Item:
    """.align power"""
    return Align(1 << number(line, operands, known, ALIGN_LIMIT), in_text)


def number(line: Line, operands: Sequence[Operand], known: Known, most: int) -> int:
    """The one operand, a number from 0 up to a limit."""
    if len(operands) > 1:
        raise line.error(f"write one number, not {len(operands)}", operands[1].column)
    value = known(line, operands[0])
    if not 0 <= value <= most:
        raise line.error(f"{value} is not in 0..{most}", operands[0].column)
    return value


DIRECTIVES: Final[Mapping[str, Callable[[Line, Sequence[Operand], Known, bool], Item]]] = {
    ".byte": partial(values, 1),
    ".half": partial(values, 2),
    ".word": partial(values, 4),
    ".ascii": partial(text, b""),
    ".asciz": partial(text, b"\0"),
    ".string": partial(text, b"\0"),
    ".space": space,
    ".zero": space,
    ".align": align,
    ".p2align": align,
}
