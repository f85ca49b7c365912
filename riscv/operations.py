"""What operators, indices and builtins do to values: the definition, case by case; each says what it cannot take.

An integer has the type int exactly: True and False, too, are ints to isinstance.
"""

from collections.abc import Callable, Mapping
from typing import Final

from riscv import int32
from riscv.values import Closure, Misuse, Value, equal, key, kind, truth


def binary(operator: str, left: Value, right: Value) -> Value:
    """left operator right, for all operators but && and ||."""
    if operator in ("==", "!="):
        return equal(left, right) == (operator == "==")
    if type(left) is int and type(right) is int:
        if operator in int32.COMPARISONS:
            return bool(int32.COMPARISONS[operator](left, right))
        return int32.ARITHMETIC[operator](left, right)
    if operator == "+" and isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    wanted = "two integers or two strings" if operator == "+" else "two integers"
    raise Misuse("type-error", f"'{operator}' takes {wanted}, not {kind(left)} and {kind(right)}")


def unary(operator: str, operand: Value) -> Value:
    """-operand, ~operand or !operand."""
    if operator == "!":
        return not truth(operand)
    if type(operand) is not int:
        raise Misuse("type-error", f"'{operator}' takes an integer, not {kind(operand)}")
    return int32.sub(0, operand) if operator == "-" else ~operand


def element(container: Value, index: Value) -> Value:
    """container[index]; a hash gives null where it has no such key, a string gives strings of one byte."""
    match container:
        case dict():
            return container.get(key(index))
        case list():
            return container[position(index, container)]
        case bytes():
            at = position(index, container)
            return container[at : at + 1]
    raise Misuse("type-error", f"{kind(container)} has no elements; arrays, strings and hashes have")


def set_element(container: Value, index: Value, value: Value) -> int:
    """set container[index] = value, and by how many elements it grew: a hash takes new keys, an array does not."""
    match container:
        case dict():
            before = len(container)
            container[key(index)] = value
            return len(container) - before
        case list():
            container[position(index, container)] = value
            return 0
    raise Misuse("type-error", f"{kind(container)} has no elements that can be set; arrays and hashes have")


def position(index: Value, container: list[Value] | bytes) -> int:
    """An index of an array or a string."""
    if type(index) is not int:
        raise Misuse("type-error", f"the index is an integer, not {kind(index)}")
    if not 0 <= index < len(container):
        place = f"is outside of 0 to {len(container) - 1}" if container else f"of an empty {kind(container)}"
        raise Misuse("index-error", f"index {index} {place}")
    return index


def elements(container: Value) -> list[Value]:
    """What `for` goes through, as it is when the loop starts: elements, bytes as strings, keys."""
    match container:
        case list():
            return list(container)
        case bytes():
            return [container[at : at + 1] for at in range(len(container))]
        case dict():
            return [key for _, key in container]
    raise Misuse("type-error", f"for goes through arrays, strings and hashes, not {kind(container)}")


def callee(function: Value, count: int) -> Closure:
    """What is called, with so many arguments."""
    if not isinstance(function, Closure):
        raise Misuse("type-error", f"{kind(function)} cannot be called")
    parameters = len(function.function.parameters)
    if count != parameters:
        raise Misuse("argument-error", f"the function takes {parameters} arguments, not {count}")
    return function


def length(container: Value) -> Value:
    """len: elements of an array, bytes of a string, keys of a hash."""
    if isinstance(container, list | bytes | dict):
        return len(container)
    raise Misuse("type-error", f"'len' takes an array, a string or a hash, not {kind(container)}")


def array(name: str, value: Value) -> list[Value]:
    """The argument of a builtin that takes an array."""
    if isinstance(value, list):
        return value
    raise Misuse("type-error", f"'{name}' takes an array, not {kind(value)}")


def first(value: Value) -> Value:
    """The first element, or null."""
    elements = array("first", value)
    return elements[0] if elements else None


def last(value: Value) -> Value:
    """The last element, or null."""
    elements = array("last", value)
    return elements[-1] if elements else None


def rest(value: Value) -> Value:
    """A new array of all elements but the first, or null."""
    elements = array("rest", value)
    return elements[1:] if elements else None


def push(value: Value, element: Value) -> Value:
    """A new array with one more element at its end."""
    return [*array("push", value), element]


#: All builtins but puts.
BUILTINS: Final[Mapping[str, Callable[..., Value]]] = {
    "len": length,
    "first": first,
    "last": last,
    "rest": rest,
    "push": push,
}
