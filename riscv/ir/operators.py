"""What operators, indices and builtins do to values, as instructions: `riscv.operations`, compiled.

Each takes values that have been evaluated and the node where an error shows. What the kinds say is not tested at run
time; what takes more than a few instructions is called in the runtime.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from riscv import syntax
from riscv.ir.build import Builder
from riscv.ir.kinds import ARRAY, BOOLEAN, HASH, INTEGER, NULL, STRING
from riscv.ir.nodes import Block, Operand, Value
from riscv.ir.unit import Pair, of

Node: TypeAlias = syntax.Expression | syntax.Statement

ARITHMETIC: Final[Mapping[str, str]] = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "sll",
    ">>": "sra",
    ">>>": "srl",
}
#: The branch for `left operator right`, and whether it compares right with left.
COMPARISONS: Final[Mapping[str, tuple[str, bool]]] = {
    "==": ("beq", False),
    "!=": ("bne", False),
    "<": ("blt", False),
    ">=": ("bge", False),
    ">": ("blt", True),
    "<=": ("bge", True),
}
#: Kinds whose values are equal if their words are.
PLAIN: Final = frozenset({INTEGER, BOOLEAN, ARRAY, HASH, NULL})
SIZED: Final = frozenset({STRING, ARRAY, HASH})
LENGTH: Final = 4  # bytes of the length of an array or string, in front of its elements
ELEMENT: Final = 8  # bytes of an element of an array: payload and tag


def unary(builder: Builder, node: syntax.Unary, operand: Pair) -> Pair:
    """-operand, ~operand or !operand."""
    if node.operator == "!":
        return of(builder.result("sltu", operand.payload, 1), BOOLEAN)
    builder.require(INTEGER, node, operand)
    if node.operator == "-":
        return of(builder.result("sub", 0, operand.payload), INTEGER)
    return of(builder.result("xor", operand.payload, -1), INTEGER)


def binary(builder: Builder, node: syntax.Binary, left: Pair, right: Pair) -> Pair:
    """left operator right, for all operators but && and ||."""
    if node.operator in ("==", "!="):
        return of(truth(builder, node, left, right), BOOLEAN)
    if node.operator == "+" and STRING in left.kinds & right.kinds:
        return joined(builder, node, left, right)
    builder.require(INTEGER, node, left, right)
    if node.operator in ARITHMETIC:
        return of(builder.result(ARITHMETIC[node.operator], left.payload, right.payload), INTEGER)
    return of(order(builder, node.operator, left.payload, right.payload), BOOLEAN)


def order(builder: Builder, operator: str, left: Operand, right: Operand) -> Value:
    """1 or 0, without a branch."""
    match operator:
        case "<":
            return builder.result("slt", left, right)
        case ">":
            return builder.result("slt", right, left)
        case "<=":
            return builder.result("xor", builder.result("slt", right, left), 1)
        case _:
            return builder.result("xor", builder.result("slt", left, right), 1)


def joined(builder: Builder, node: syntax.Binary, left: Pair, right: Pair) -> Pair:
    """left + right where both may be strings: they are both integers, or must both be strings."""
    if INTEGER not in left.kinds & right.kinds:
        builder.require(STRING, node, left, right)
        return of(builder.runtime("concat", left.payload, right.payload), STRING)
    add, join, end = Block("add"), Block("join"), Block("end")
    builder.branch("beq", [builder.result("or", left.tag, right.tag), INTEGER], add, join)
    builder.start(add)
    builder.jump(end, [builder.result("add", left.payload, right.payload), INTEGER])
    builder.start(join)
    builder.require(STRING, node, left, right)
    builder.jump(end, [builder.runtime("concat", left.payload, right.payload), STRING])
    pair, end.params = builder.fresh(frozenset({INTEGER, STRING}))
    builder.start(end)
    return pair


def difference(builder: Builder, left: Pair, right: Pair) -> Operand:
    """0 if two values are equal, something else if not; two functions are a type-error."""
    both = left.kinds & right.kinds
    if not both:
        return 1
    if both <= PLAIN:
        payloads = builder.result("xor", left.payload, right.payload)
        if left.tag == right.tag:
            return payloads
        return builder.result("or", payloads, builder.result("xor", left.tag, right.tag))
    words = left.payload, left.tag, right.payload, right.tag
    return builder.result("xor", builder.runtime("equal", *words), 1)


def truth(builder: Builder, node: syntax.Binary, left: Pair, right: Pair) -> Operand:
    """Whether two values are equal, or differ, as 1 or 0."""
    if node.operator == "==":
        return builder.result("sltu", difference(builder, left, right), 1)
    return builder.result("sltu", 0, difference(builder, left, right))


# Elements


def slot(builder: Builder, node: Node, array: Pair, index: Pair) -> Value:
    """Where an element of an array is, whose length stands before it; the index must be inside."""
    builder.require(INTEGER, node, index)
    length = builder.result("lw", array.payload, 0)
    builder.guard("bgeu", index.payload, length, "index-error", node)
    return builder.result("add", array.payload, builder.result("mul", index.payload, ELEMENT))


def element(builder: Builder, node: syntax.Index, container: Pair, index: Pair) -> Pair:
    """container[index]."""
    kinds = builder.unit.facts.expressions[node]
    if container.kinds == {ARRAY}:
        return builder.load(slot(builder, node, container, index), LENGTH, kinds)
    words = container.payload, container.tag, index.payload, index.tag
    return builder.load(builder.runtime("element", *words), 0, kinds)


def set_element(builder: Builder, node: syntax.SetElement, container: Pair, index: Pair, value: Pair) -> None:
    """set container[index] = value."""
    if container.kinds == {ARRAY}:
        builder.store(value, slot(builder, node, container, index), LENGTH)
        return
    words = container.payload, container.tag, index.payload, index.tag
    builder.store(value, builder.runtime("place", *words), 0)


# Builtins


def length(builder: Builder, node: syntax.Call, container: Pair) -> Pair:
    """len: the first word of whatever has a length."""
    if container.kinds <= SIZED:
        return of(builder.result("lw", container.payload, 0), INTEGER)
    return of(builder.runtime("length", container.payload, container.tag), INTEGER)


def first(builder: Builder, node: syntax.Call, array: Pair) -> Pair:
    """The first element, or null."""
    return builder.load(builder.runtime("first", array.payload, array.tag), 0, builder.unit.facts.expressions[node])


def last(builder: Builder, node: syntax.Call, array: Pair) -> Pair:
    """The last element, or null."""
    return builder.load(builder.runtime("last", array.payload, array.tag), 0, builder.unit.facts.expressions[node])


def rest(builder: Builder, node: syntax.Call, array: Pair) -> Pair:
    """A new array, or null, which is 0."""
    payload = builder.runtime("rest", array.payload, array.tag)
    missing = builder.result("sltu", payload, 1)
    tag = builder.result("add", builder.result("mul", missing, NULL - ARRAY), ARRAY)
    return Pair(payload, tag, builder.unit.facts.expressions[node])


def push(builder: Builder, node: syntax.Call, array: Pair, value: Pair) -> Pair:
    """A new array with one more element."""
    return of(builder.runtime("push", array.payload, array.tag, value.payload, value.tag), ARRAY)


#: All builtins but puts.
BUILTINS: Final[Mapping[str, Callable[..., Pair]]] = {
    "len": length,
    "first": first,
    "last": last,
    "rest": rest,
    "push": push,
}
