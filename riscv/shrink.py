"""Delta debugging on the syntax tree: the smallest program that still fails, by leaving out one thing after another.

Greedy: of all programs that differ in one place from the one at hand, the first that fails and is smaller takes its
place, until none does. Whole runs of statements are tried before single ones, as in ddmin (Zeller and Hildebrandt,
"Simplifying and Isolating Failure-Inducing Input").
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from riscv import syntax
from riscv.errors import LanguageError, Source
from riscv.parser import parse
from riscv.recursion import Room
from riscv.unparse import unparse

CONSTANTS: Final = (syntax.Number(0, 0), syntax.Number(0, 1), syntax.Null(0))
ALONE: Final = syntax.Evaluate(0, syntax.Null(0))


def shrink(text: str, fails: Callable[[str], bool]) -> str:
    """A program as small as leaving out can make it, for which `fails` holds as it does for `text`.

    A program in which `fails` meets a LanguageError is no candidate.
    """
    with Room():
        best = parse(Source("shrink", text)).body
        if not holds(fails, unparse(best)):
            return text  # it depends on how the text is written
        while (found := next((body for body in smaller(best) if holds(fails, unparse(body))), None)) is not None:
            best = found
        return unparse(best)


def holds(fails: Callable[[str], bool], text: str) -> bool:
    """Does a program fail? Not if it is none."""
    try:
        return fails(text)
    except LanguageError:
        return False


def smaller(body: syntax.Block) -> Iterator[syntax.Block]:
    """The variants of a program whose text is shorter, or as long and earlier in the alphabet: digits before names."""

    def size(body: syntax.Block) -> tuple[int, str]:
        text = unparse(body)
        return len(text), text

    now = size(body)
    return (variant for variant in variants(body) if size(variant) < now)


def variants(node: Any) -> Iterator[Any]:
    """Everything that differs from a node or a tuple of nodes in one place, largest changes first."""
    if isinstance(node, tuple):
        yield from without(node)
        for index, item in enumerate(node):
            for other in pair_variants(item) if isinstance(item, tuple) else variants(item):
                yield (*node[:index], other, *node[index + 1 :])
    elif is_dataclass(node):
        if isinstance(node, syntax.Expression):
            yield from CONSTANTS
            yield from (part for part in parts(node) if isinstance(part, syntax.Expression))
        if isinstance(node, syntax.If):
            yield replace(node, otherwise=None)
        for field in fields(node):
            for other in variants(getattr(node, field.name)):
                # A declared function cannot be replaced by another expression.
                if field.name != "functions" or all(isinstance(item, syntax.Function) for item in other):
                    yield replace(node, **{field.name: other})  # type: ignore[type-var]


def pair_variants(pair: tuple[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """A key and a value of a hash, of which none can be left out."""
    for key in variants(pair[0]):
        yield key, pair[1]
    for value in variants(pair[1]):
        yield pair[0], value


def without(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """A tuple without a run of its items, longest runs first; a statement may leave a part behind."""
    size = len(items)
    while size:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size //= 2
    for index, item in enumerate(items):
        if isinstance(item, syntax.Statement):
            for part in parts(item):
                if isinstance(part, syntax.Expression):
                    yield (*items[:index], replace(ALONE, expression=part), *items[index + 1 :])
                elif isinstance(part, tuple) and all(isinstance(inner, syntax.Statement) for inner in part):
                    yield items[:index] + part + items[index + 1 :]


def parts(node: Any) -> Iterator[Any]:
    """The fields of a node, and what is in those that are tuples, or tuples of pairs."""
    for field in fields(node):
        value = getattr(node, field.name)
        yield value
        if isinstance(value, tuple):
            for item in value:
                yield from item if isinstance(item, tuple) else (item,)
