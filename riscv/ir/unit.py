"""What the functions of one source text share while they are lowered, and how they are called.

A value is two words, payload and tag; where its kind is known there is no tag. A function takes its closure, if it
needs one, then the words of its arguments, and gives the words of its result. A function that is used as a value takes
its closure and two words for everything, so that all of them are called alike.

A closure is the address of the code, the number of parameters, and the words of what was captured. A function that
captures no variable, but for functions that do not either, needs none: as a value it is a constant.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final

from riscv import syntax
from riscv.ir import runtime
from riscv.ir.kinds import FUNCTION, INTEGER, Facts, Kinds, infer
from riscv.ir.nodes import Datum, Operand
from riscv.resolver import Local, Resolved

CAPTURED: Final = 8  # where in a closure the words of what was captured begin


@dataclass(frozen=True)
class Pair:
    """A value of the language: its payload, its tag (a number where it is known), the kinds it can have."""

    payload: Operand
    tag: Operand
    kinds: Kinds


class Unit:
    """A resolved source and its facts; which of its functions are wanted, and what constant data they use."""

    def __init__(self, resolved: Resolved, facts: Facts, data: dict[str, Datum], prefix: str = "") -> None:
        self.resolved = resolved
        self.facts = facts
        self.data = data
        self.prefix = prefix
        self.wanted: list[syntax.Function] = []
        self.closures = closures(resolved)
        self.library: Unit | None = None

    def helper(self, name: str) -> str:
        """The label of a function of the runtime, which is read when the first one is wanted."""
        if self.library is None:
            resolved = runtime.load()
            self.library = Unit(resolved, infer(resolved, frozenset({INTEGER})), self.data, runtime.PREFIX)
        return self.library.label(runtime.function(self.library.resolved, name))

    def line(self, node: syntax.Expression | syntax.Statement) -> int:
        """The line in which something stands; in the runtime it is negative."""
        line = self.resolved.program.source.text[: node.position].count("\n") + 1
        return -line if self.prefix else line

    def label(self, node: syntax.Function) -> str:
        """The label of a function, which is wanted from now on; a number keeps functions of one name apart."""
        if node not in self.wanted:
            self.wanted.append(node)
        return f"{self.prefix}{node.name}.{self.wanted.index(node) + 1}"

    def value(self, node: syntax.Function) -> str:
        """The label of a function that needs no closure, as a value."""
        label = f"{self.label(node)}.value"
        self.data[label] = (self.label(node), len(node.parameters))
        return label

    def string(self, text: bytes) -> str:
        """The label of a constant string: its length and its bytes."""
        datum = (len(text), text)
        for label, other in self.data.items():
            if other == datum:
                return label
        label = f"constant.text.{len(self.data) + 1}"  # no function is called so
        self.data[label] = datum
        return label

    # Conventions

    def kinds(self, local: Local) -> Kinds:
        """The kinds that a variable can have."""
        return self.facts.locals[local] if local.function is None else frozenset({FUNCTION})

    def results(self, node: syntax.Function) -> int:
        """How many words a function gives."""
        return 2 if node in self.facts.values or tag(self.facts.results[node]) is None else 1

    def takes_closure(self, node: syntax.Function) -> bool:
        """Is the closure the first argument of a function?"""
        return node in self.closures or node in self.facts.values

    def captures(self, node: syntax.Function) -> Iterable[tuple[Local, Local]]:
        """What is in a closure: a local of the function around it, and the one inside that receives its value."""
        for outer, inner in self.resolved.frames[node].captures.items():
            if inner.function is None or inner.function in self.closures:
                yield outer, inner


def tag(kinds: Kinds) -> int | None:
    """The tag of all values of some kinds, None if it must be carried; any will do where there never is a value."""
    return next(iter(kinds), INTEGER) if len(kinds) < 2 else None


def words(pair: Pair, kinds: Kinds) -> list[Operand]:
    """What must be carried of a value where values of some kinds are expected."""
    return [pair.payload] if tag(kinds) is not None else [pair.payload, pair.tag]


def closures(resolved: Resolved, known: Set[syntax.Function] = frozenset()) -> Set[syntax.Function]:
    """The functions that capture variables, or functions that do, of which some are known."""
    found = set()
    for node, frame in resolved.frames.items():
        if node and any(inner.function is None or inner.function in known for inner in frame.captures.values()):
            found.add(node)
    return found if found == known else closures(resolved, found)
