"""Lines of assembly and the numbers that stand in them: sums of numbers, characters, labels and `.`, the place itself.

A sum knows how many addresses it holds: none makes it a number, one an address, and the difference of two labels is
a number again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from riscv.errors import AssemblyError

LABEL: Final = re.compile(r"[A-Za-z_.$][\w.$]*", re.ASCII)
NUMBER: Final = r"0[xX][0-9a-fA-F]{1,32}|0[bB][01]{1,128}|[0-9]{1,32}"
TERM: Final = re.compile(
    rf"\s*(?P<sign>[+-]?)\s*(?:(?P<number>(?:{NUMBER})(?![\w.$]))"
    rf"|(?P<symbol>{LABEL.pattern})|'(?P<character>\\.|[ -&(-\[\]-~])')\s*",
    re.ASCII,
)
STRING: Final = re.compile(r'"((?:\\.|[^"\\])*)"')
PIECE: Final = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.)|([^\\]+)")
ESCAPES: Final[Mapping[str, bytes]] = {
    "n": b"\n",
    "t": b"\t",
    "r": b"\r",
    "0": b"\0",
    "\\": b"\\",
    '"': b'"',
    "'": b"'",
}


class Operand(NamedTuple):
    """A piece of a line and the column where it starts."""

    text: str
    column: int


@dataclass(frozen=True)
class Line:
    """A line of assembly, for messages that point into it."""

    number: int
    text: str

    def error(self, message: str, column: int | None = None) -> AssemblyError:
        """The error that points at a column, else at where the line begins."""
        if column is None:
            column = len(self.text) - len(self.text.lstrip())
        shown = self.text.replace("\t", " ").rstrip()  # a tab would put the caret in the wrong column
        return AssemblyError(f"line {self.number}: {message}\n  {shown}\n  {' ' * column}^")

    def string(self, operand: Operand) -> bytes:
        """The bytes of a text in quotes, in UTF-8."""
        quoted = STRING.fullmatch(operand.text)
        if quoted is None:
            raise self.error('write a text in quotes, such as "text\\n"', operand.column)
        return self.unescape(Operand(quoted[1], operand.column + 1))

    def unescape(self, operand: Operand) -> bytes:
        """What stands between quotes, with everything behind a backslash replaced."""
        text = b""
        for piece in PIECE.finditer(operand.text):
            code, escape, plain = piece.groups()
            if escape and escape not in ESCAPES:
                raise self.error(f"unknown escape '\\{escape}'", operand.column + piece.start())
            text += bytes.fromhex(code) if code else ESCAPES[escape] if escape else plain.encode()
        return text


class Value(NamedTuple):
    """The sum of an expression, and how many addresses are in it."""

    number: int
    addresses: int


class Term(NamedTuple):
    """One summand: a number or a symbol, and its sign."""

    sign: int
    content: int | str


class Expression(NamedTuple):
    """A sum and the column where it starts."""

    terms: tuple[Term, ...]
    column: int


def parse(line: Line, operand: Operand) -> Expression:
    """The terms of a sum."""
    terms: list[Term] = []
    place = 0
    while place < len(operand.text) or not terms:
        found = TERM.match(operand.text, place)
        if found is None or not (found["sign"] or not terms):
            raise line.error("expected a number or a label", operand.column + place)
        sign = -1 if found["sign"] == "-" else 1
        if found["character"]:
            character = Operand(found["character"], operand.column + found.start("character"))
            terms.append(Term(sign, line.unescape(character)[0]))
        else:
            terms.append(Term(sign, integer(found["number"]) if found["number"] else found["symbol"]))
        place = found.end()
    return Expression(tuple(terms), operand.column)


def integer(text: str) -> int:
    """A number as it is written: decimal, 0x... or 0b..."""
    return int(text, {"x": 16, "b": 2}.get(text[1:2].lower(), 10))


def constant(expression: Expression, known: Mapping[str, int]) -> int | None:
    """The sum if it is made of numbers and known constants, else None."""
    total = 0
    for sign, content in expression.terms:
        number = content if isinstance(content, int) else known.get(content)
        if number is None:
            return None
        total += sign * number
    return total


class Symbols:
    """The values of labels and constants."""

    def __init__(self) -> None:
        self.table: dict[str, Value] = {}
        self.upper: dict[int, int] = {}  # where an %pcrel_hi stands, and of which address it is

    def value(self, line: Line, expression: Expression, here: int) -> Value:
        """The sum, with `.` being `here`."""
        number = addresses = 0
        for term in expression.terms:
            value = self.term(line, expression.column, term, here)
            number += term.sign * value.number
            addresses += term.sign * value.addresses
        if addresses not in (0, 1):
            raise line.error("of addresses only the difference of two makes sense", expression.column)
        return Value(number, addresses)

    def term(self, line: Line, column: int, term: Term, here: int) -> Value:
        """One summand without its sign."""
        if isinstance(term.content, int):
            return Value(term.content, 0)
        if term.content == ".":
            return Value(here, 1)
        if term.content not in self.table:
            raise line.error(f"undefined label '{term.content}'", column)
        return self.table[term.content]
