"""Source text to tokens: one regular expression, one loop."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from riscv.errors import Source

KEYWORDS: Final = frozenset(
    {"let", "set", "fn", "if", "else", "while", "do", "for", "in", "break", "continue", "return"}
    | {"true", "false", "null"}
)

LEXEME: Final = re.compile(
    r"""
    (?P<space>   (?: \s | //[^\n]* )+ )
  | (?P<number>  [0-9]\w* )
  | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
  | (?P<string>  " (?: [^"\\\n] | \\. )* " )
  | (?P<symbol>  >>> | << | >> | <= | >= | == | != | && | \|\| | [-+*/%!~&|^<>=(){}\[\],;:?] )
  | (?P<other>   . )
    """,
    re.VERBOSE,
)
NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
PART: Final = re.compile(r"([^\\]+)|\\x([0-9a-fA-F]{2})|\\(.)")
ESCAPES: Final[Mapping[str, bytes]] = {"n": b"\n", "t": b"\t", '"': b'"', "\\": b"\\"}


@dataclass(frozen=True)
class Token:
    """A lexeme: `kind` is "number", "name", "string", "end", or the text itself for a keyword or a symbol."""

    kind: str
    text: str
    position: int


def tokenize(source: Source) -> list[Token]:
    """All tokens of a source, with an "end" token behind the last."""
    tokens = []
    for match in LEXEME.finditer(source.text):
        text, position, kind = match.group(), match.start(), match.lastgroup
        if kind == "other":
            unclosed = text == '"'
            message = "the string is not closed on its line" if unclosed else f"unexpected character {text!r}"
            raise source.error(position, message)
        if kind == "number":
            check_number(source, position, text)
            tokens.append(Token("number", text, position))
        elif kind == "string" or (kind == "name" and text not in KEYWORDS):
            tokens.append(Token(kind, text, position))
        elif kind != "space":
            tokens.append(Token(text, text, position))
    tokens.append(Token("end", "end of the program", len(source.text)))
    return tokens


def check_number(source: Source, position: int, text: str) -> None:
    """Raise unless the text is a decimal or hexadecimal number below 2**32."""
    if NUMBER.fullmatch(text) is None:
        raise source.error(position, f"malformed number '{text}'; write 42 or 0x2a")
    if number_value(text) >= 2**32:
        raise source.error(position, f"number '{text}' does not fit in 32 bits")


def number_value(text: str) -> float:
    """The value of a number token, exact below 2**53; float takes zeros in front and any number of digits."""
    return int(text, 16) if text[:2] in ("0x", "0X") else float(text)


def string_value(source: Source, position: int, text: str) -> bytes:
    """The bytes of a string token: its characters in UTF-8, its escapes resolved."""
    parts = []
    for match in PART.finditer(text, 1, len(text) - 1):
        plain, byte, escape = match.groups()
        if escape and escape not in ESCAPES:
            message = rf"unknown escape '\{escape}'; there are \n \t \" \\ and \x with two digits"
            raise source.error(position + match.start(), message)
        parts.append(plain.encode(errors="surrogatepass") if plain else ESCAPES.get(escape) or bytes.fromhex(byte))
    return b"".join(parts)
