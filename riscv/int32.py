"""Arithmetic on 32-bit integers in two's complement, the one definition the interpreter and the ISA share.

A value is a Python int in [-2**31, 2**31). Division follows the M extension (unprivileged spec, chapter M,
table "Semantics for division by zero and division overflow"): nothing here ever raises.
"""

from collections.abc import Callable, Mapping
from typing import Final


def wrap(value: int) -> int:
    """The 32-bit integer that equals `value` modulo 2**32."""
    return ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def unsigned(value: int) -> int:
    """The same 32 bits read as a number in [0, 2**32)."""
    return value & 0xFFFF_FFFF


def add(a: int, b: int) -> int:
    """a + b, wrapping."""
    return wrap(a + b)


def sub(a: int, b: int) -> int:
    """a - b, wrapping."""
    return wrap(a - b)


def mul(a: int, b: int) -> int:
    """The low 32 bits of a * b."""
    return wrap(a * b)


def div(a: int, b: int) -> int:
    """a / b rounded towards zero; a / 0 = -1 and -2**31 / -1 = -2**31."""
    if b == 0:
        return -1
    quotient = abs(a) // abs(b)  # Python's own // rounds down, the machine's towards zero
    return wrap(-quotient if a ^ b < 0 else quotient)


def rem(a: int, b: int) -> int:
    """What `div` leaves, a - b * (a / b); it has the sign of a, and a % 0 = a."""
    return wrap(a - b * div(a, b))


def and_(a: int, b: int) -> int:
    """The bits that a and b share."""
    return a & b


def or_(a: int, b: int) -> int:
    """The bits of a and those of b."""
    return a | b


def xor(a: int, b: int) -> int:
    """The bits in which a and b differ."""
    return a ^ b


def sll(a: int, b: int) -> int:
    """a shifted left; as in all shifts only the low five bits of b count (spec, "Integer Register-Register")."""
    return wrap(a << (b & 31))


def sra(a: int, b: int) -> int:
    """a shifted right, filled with its sign."""
    return a >> (b & 31)


def srl(a: int, b: int) -> int:
    """a shifted right, filled with zeros."""
    return wrap(unsigned(a) >> (b & 31))


def lt(a: int, b: int) -> int:
    """1 if a < b, else 0."""
    return int(a < b)


def le(a: int, b: int) -> int:
    """1 if a <= b, else 0."""
    return int(a <= b)


def gt(a: int, b: int) -> int:
    """1 if a > b, else 0."""
    return int(a > b)


def ge(a: int, b: int) -> int:
    """1 if a >= b, else 0."""
    return int(a >= b)


def eq(a: int, b: int) -> int:
    """1 if a == b, else 0."""
    return int(a == b)


def ne(a: int, b: int) -> int:
    """1 if a != b, else 0."""
    return int(a != b)


#: What the operators of the language do to two integers; a comparison gives 1 or 0, the language makes it a boolean.
ARITHMETIC: Final[Mapping[str, Callable[[int, int], int]]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": div,
    "%": rem,
    "&": and_,
    "|": or_,
    "^": xor,
    "<<": sll,
    ">>": sra,
    ">>>": srl,
}
COMPARISONS: Final[Mapping[str, Callable[[int, int], int]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
