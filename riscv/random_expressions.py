"""Random expressions of a wanted kind over the variables in scope, the half of `random_programs` below statements.

Kinds are integer, boolean, string, array (of integers, never empty), hash (to integers) and function (of integers, to
an integer; the number of its parameters is its variable's `count`). An expression of a kind cannot fail; in a daring
program one in FAILURES is replaced by one of any kind, or an index may lie outside.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

EDGES: Final = (0, 1, -1, 2, 7, 10, 31, 32, 0x7FF, 0x800, 0xFFF, -0x800, -0x801, 0x7FFFF800, 0x7FFFFFFF, -0x80000000)
ARITHMETIC: Final = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>")
COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")
TEXTS: Final = ("", "a", "b", "ab", "two words", "\\n", "\\xff", "é")
KEYS: Final = ("0", "1", "-1", "true", "false", '""', '"k"', '"ab"')
KINDS: Final = ("integer", "boolean", "string", "array", "hash", "function")
FAILURES: Final = 40


@dataclass(frozen=True)
class Variable:
    """What a name means: its kind, and the level of the function whose statements may set it, if they may.

    For a function `count` is the number of its parameters, and `fuel` says that the first bounds its recursion.
    """

    kind: str
    setter: int | None = None
    count: int = 1
    fuel: bool = False


class Expressions:
    """Writes expressions; `scope` has the visible variables, innermost meaning only."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.daring = random.randrange(4) == 0
        self.scope: dict[str, Variable] = {}
        self.names = 0
        self.calls = True

    def new_name(self, letter: str) -> str:
        """A name that is not taken."""
        self.names += 1
        return f"{letter}{self.names}"

    def visible(self, kind: str) -> list[str]:
        """The variables of a kind."""
        return [name for name, variable in self.scope.items() if variable.kind == kind]

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a kind, with at most so many levels of operators."""
        if self.daring and self.random.randrange(FAILURES) == 0:
            kind = self.random.choice(KINDS)
        if depth == 0 or self.random.randrange(5) == 0:
            return self.atom(kind)
        choices = {
            "integer": (self.arithmetic, self.arithmetic, self.element, self.call, self.unary, self.size, self.choice),
            "boolean": (self.comparison, self.comparison, self.logic, self.sameness),
            "string": (self.concatenation, self.letter, self.choice),
            "array": (self.push, self.listed, self.choice),
            "hash": (self.table, self.choice),
            "function": (self.function, self.choice),
        }
        write = self.random.choice(choices[kind])
        if write == self.call and not self.calls:
            write = self.arithmetic
        return write(kind, depth - 1)

    def atom(self, kind: str) -> str:
        """A variable of a kind, or a constant."""
        names = self.visible(kind)
        if kind == "function":
            names = [name for name in names if self.scope[name].count == 1 and not self.scope[name].fuel]
        if names and self.random.randrange(5) < 3:
            return self.random.choice(names)
        match kind:
            case "integer":
                return str(self.random.choice(EDGES))
            case "boolean":
                return self.random.choice(("true", "false"))
            case "string":
                return f'"{self.random.choice(TEXTS)}"'
            case "array":
                return f"[{self.random.choice(EDGES)}]"
            case "hash":
                return "{}"
        return "fn(x) { x + 1 }"

    # Integers

    def arithmetic(self, _kind: str, depth: int) -> str:
        """Two integers and an operator."""
        operator = self.random.choice(ARITHMETIC)
        return f"({self.expression('integer', depth)} {operator} {self.expression('integer', depth)})"

    def unary(self, _kind: str, depth: int) -> str:
        """An operator before an integer."""
        return f"{self.random.choice('-~')}{self.expression('integer', depth)}"

    def index(self, container: str, depth: int) -> str:
        """An index of something that has a name and is not empty."""
        if self.daring and self.random.randrange(FAILURES // 4) == 0:
            return self.expression("integer", depth)
        return f"({self.expression('integer', depth)} & 0x7fffffff) % len({container})"

    def element(self, _kind: str, depth: int) -> str:
        """An element of an array, or of a hash if it has one."""
        hashes, arrays = self.visible("hash"), self.visible("array")
        if hashes and self.random.getrandbits(1):
            found = f"{self.random.choice(hashes)}[{self.random.choice(KEYS)}]"
            return f"({found} == null ? {self.expression('integer', depth)} : {found})"
        if arrays and self.random.randrange(4):
            name = self.random.choice(arrays)
            return f"{name}[{self.index(name, depth)}]"
        return f"{self.random.choice(('first', 'last'))}({self.expression('array', depth)})"

    def size(self, _kind: str, depth: int) -> str:
        """The length of something."""
        return f"len({self.expression(self.random.choice(('string', 'array', 'hash')), depth)})"

    def call(self, _kind: str, depth: int) -> str:
        """A call of a function by name, of one that stands there, or of what an expression gives."""
        names = self.visible("function")
        if names and self.random.randrange(4):
            name = self.random.choice(names)
            function = self.scope[name]
            first = self.random.choice("0123") if function.fuel else self.expression("integer", depth)
            if self.daring and not function.fuel and self.random.randrange(FAILURES // 4) == 0:
                return f"{name}()"
            return f"{name}({', '.join([first, *(self.atom('integer') for _ in range(function.count - 1))])})"
        return f"{self.expression('function', depth)}({self.expression('integer', depth)})"

    # Booleans, strings, arrays, hashes, functions

    def comparison(self, _kind: str, depth: int) -> str:
        """Two integers compared."""
        operator = self.random.choice(COMPARISONS)
        return f"({self.expression('integer', depth)} {operator} {self.expression('integer', depth)})"

    def logic(self, _kind: str, depth: int) -> str:
        """&&, || or ! of anything."""
        left, right = (self.expression(self.random.choice(KINDS), depth) for _ in range(2))
        return self.random.choice((f"({left} && {right})", f"({left} || {right})", f"!{left}"))

    def sameness(self, _kind: str, depth: int) -> str:
        """Equality of values of any kinds, of which the right one is no function."""
        left = self.expression(self.random.choice(KINDS), depth)
        right = self.expression(self.random.choice(KINDS[:-1]), depth)
        return f"({left} {self.random.choice(('==', '!='))} {right})"

    def concatenation(self, _kind: str, depth: int) -> str:
        """Two strings."""
        return f"({self.expression('string', depth)} + {self.expression('string', depth)})"

    def letter(self, _kind: str, depth: int) -> str:
        """A byte of a string with a letter in front, so that it is not empty."""
        left, right = self.expression("string", depth), self.expression("integer", depth)
        return f'("x" + {left})[{right} & 0]'

    def push(self, _kind: str, depth: int) -> str:
        """An array with one more element, perhaps without the first."""
        pushed = f"push({self.expression('array', depth)}, {self.expression('integer', depth)})"
        return self.random.choice((pushed, f"rest({pushed})"))

    def listed(self, _kind: str, depth: int) -> str:
        """A new array."""
        return f"[{', '.join(self.expression('integer', depth) for _ in range(self.random.randint(1, 4)))}]"

    def table(self, _kind: str, depth: int) -> str:
        """A new hash."""
        keys = [self.random.choice(KEYS) for _ in range(self.random.randint(0, 3))]
        pairs = [f"{key}: {self.expression('integer', depth)}" for key in keys]
        return f"{{{', '.join(pairs)}}}"

    def choice(self, kind: str, depth: int) -> str:
        """One of two, as a ternary or as an if."""
        condition = self.expression("boolean", depth)
        then, otherwise = self.expression(kind, depth), self.expression(kind, depth)
        if self.random.getrandbits(1):
            return f"({condition} ? {then} : {otherwise})"
        return f"(if ({condition}) {{ {then} }} else {{ {otherwise} }})"

    def function(self, _kind: str, depth: int) -> str:
        """A function of one parameter, which captures what it mentions."""
        parameter = self.new_name("p")
        outer, self.scope = self.scope, {**self.scope, parameter: Variable("integer")}
        body = self.expression("integer", depth)
        self.scope = outer
        return f"fn({parameter}) {{ {body} }}"
