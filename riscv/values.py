"""The values of the language, and what is defined for all of them: kind, truth, equality, text.

An integer is an int in [-2**31, 2**31), a string is bytes, an array is a list, null is None. The keys of a hash carry
their type, because True == 1 in Python and not in the language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Final, TypeAlias, Union

from riscv import syntax
from riscv.outcome import TrapError
from riscv.resolver import Local

MAX_SHOWN: Final = 8  # an array can contain itself, so its text has to end somewhere


@dataclass(frozen=True, eq=False)
class Closure:
    """A function and the values it captured."""

    function: syntax.Function
    captured: "dict[Local, Value]"


Key: TypeAlias = tuple[type, int | bool | bytes]
Hash: TypeAlias = "dict[Key, Value]"
Value: TypeAlias = Union[int, bool, None, bytes, "list[Value]", Hash, Closure]

KINDS: Final[Mapping[type, str]] = {
    int: "integer",
    bool: "boolean",
    NoneType: "null",
    bytes: "string",
    list: "array",
    dict: "hash",
    Closure: "function",
}


class Misuse(TrapError):
    """A value that an operation cannot take; whoever evaluates the program knows where that is."""


def kind(value: Value) -> str:
    """What a value is, as messages name it."""
    return KINDS[type(value)]


def truth(value: Value) -> bool:
    """Does a condition hold? Not for null, false and 0."""
    return value is not None and value != 0


def equal(a: Value, b: Value) -> bool:
    """a == b: never for two kinds; strings by their bytes, arrays and hashes by identity, functions not at all."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Closure):
        raise Misuse("type-error", "two functions cannot be compared")
    return a is b if isinstance(a, list | dict) else a == b


def key(value: Value) -> Key:
    """The key of a hash that a value is."""
    if isinstance(value, int | bytes):
        return type(value), value
    raise Misuse("type-error", f"a key is an integer, a boolean or a string, not {kind(value)}")


def show(value: Value, depth: int = 0) -> Iterator[bytes]:
    """The text of a value in pieces: what `puts` prints."""
    match value:
        case None:
            yield b"null"
        case bool():
            yield b"true" if value else b"false"
        case int():
            yield b"%d" % value
        case bytes():
            yield value
        case Closure():
            yield b"fn"
        case _ if depth == MAX_SHOWN:
            yield b"..."
        case list():
            yield b"["
            for index, element in enumerate(value):
                yield b", " if index else b""
                yield from show(element, depth + 1)
            yield b"]"
        case dict():
            yield b"{"
            for index, ((_, key), element) in enumerate(value.items()):
                yield b", " if index else b""
                yield from show(key)
                yield b": "
                yield from show(element, depth + 1)
            yield b"}"
