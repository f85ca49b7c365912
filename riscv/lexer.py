"""Source text to tokens: one regular expression, one loop."""

import re
from dataclasses import dataclass
from typing import Final

from riscv.errors import Source

KEYWORDS: Final = frozenset({"let", "set", "fn", "if", "else", "while", "return", "true", "false"})

LEXEME: Final = re.compile(
    r"""
    (?P<space>   (?: \s | //[^\n]* )+ )
  | (?P<number>  [0-9]\w* )
  | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
  | (?P<symbol>  <= | >= | == | != | && | \|\| | [-+*/%!<>=(){},;] )
  | (?P<other>   . )
    """,
    re.VERBOSE,
)
NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")


@dataclass(frozen=True)
class Token:
    """A lexeme: `kind` is "number", "name", "end", or the text itself for a keyword or a symbol."""

    kind: str
    text: str
    position: int


def tokenize(source: Source) -> list[Token]:
    """All tokens of a source, with an "end" token behind the last."""
    tokens = []
    for match in LEXEME.finditer(source.text):
        text, position = match.group(), match.start()
        if match.lastgroup == "other":
            raise source.error(position, f"unexpected character {text!r}")
        if match.lastgroup == "number":
            check_number(source, position, text)
            tokens.append(Token("number", text, position))
        elif match.lastgroup == "name" and text not in KEYWORDS:
            tokens.append(Token("name", text, position))
        elif match.lastgroup != "space":
            tokens.append(Token(text, text, position))
    tokens.append(Token("end", "end of the program", len(source.text)))
    return tokens


def check_number(source: Source, position: int, text: str) -> None:
    """Raise unless the text is a decimal or hexadecimal number below 2**32."""
    if NUMBER.fullmatch(text) is None:
        raise source.error(position, f"malformed number '{text}'; write 42 or 0x2a")
    if number_value(text) >= 2**32:
        raise source.error(position, f"number '{text}' does not fit in 32 bits")


def number_value(text: str) -> int:
    """The value of a number token; unlike int(text, 0) it lets a decimal start with zeros."""
    return int(text, 16) if text[:2] in ("0x", "0X") else int(text)
