"""Random programs over the whole language that end: loops count down or go through arrays, calls burn fuel.

They mean to reach what hand-written tests forget: closures in loops, hidden names, aliases, returns inside loops before
a later let, constants at the edges of an immediate, divisions and shifts by anything. One in four is daring: it may end
in a type-error, an index-error or an argument-error.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from riscv.random_expressions import KEYS, KINDS, Expressions, Variable


def program(random: Random) -> str:
    """The text of a random program that prints its variables at the end."""
    return Programs(random).program()


class Programs(Expressions):
    """Writes lines of one program."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.lines: list[str] = []
        self.indent = ""
        self.own: set[str] = set()
        self.level = 0  # of functions
        self.loops = 0

    def program(self) -> str:
        """Some functions, then a top level that uses them."""
        for _ in range(self.random.randint(0, 3)):
            self.random.choice((self.declared, self.declared, self.pair))()
        self.statements(self.random.randint(1, 10))
        self.write(f"puts({', '.join(name for name in self.scope if self.scope[name].kind != 'function')})")
        return "\n".join(self.lines) + "\n"

    def write(self, line: str) -> None:
        """Append a line."""
        self.lines.append(self.indent + line)

    def declare(self, name: str, variable: Variable) -> None:
        """Let a name mean something from here to the end of its block."""
        self.scope[name] = variable
        self.own.add(name)

    # Functions

    def declared(self) -> None:
        """A function; its first parameter is fuel, without which it returns before it calls itself."""
        name = self.new_name("f")
        parameters = [self.new_name("p") for _ in range(self.random.choice((1, 2, 3, 7, 8, 9, 10)))]
        self.write(f"let {name} = fn({', '.join(parameters)}) {{")
        self.body(parameters, partial(self.recursive, name, parameters))
        self.write("};")
        self.declare(name, Variable("function", count=len(parameters), fuel=True))

    def recursive(self, name: str, parameters: list[str]) -> None:
        """The statements of a function, and its value: alone, or with what it gives for less fuel."""
        self.write(f"if ({parameters[0]} <= 0) {{ return {self.expression('integer', 1)} }}")
        self.statements(self.random.randint(1, 6))
        arguments = [f"{parameters[0]} - 1", *(self.expression("integer", 1) for _ in parameters[1:])]
        again = f"{name}({', '.join(arguments)})"
        value = self.expression("integer", 2)
        self.write(self.random.choice((value, f"return {value}", f"{value} + {again}", f"return {again}")))

    def pair(self) -> None:
        """Two functions that call each other."""
        names = [self.new_name("f"), self.new_name("f")]
        for name, other in (names, reversed(names)):
            parameter = self.new_name("p")
            self.write(f"let {name} = fn({parameter}) {{")
            self.body([parameter], partial(self.alternate, parameter, other))
            self.write("};")
        for name in names:
            self.declare(name, Variable("function", fuel=True))

    def alternate(self, fuel: str, other: str) -> None:
        """The value of one of two functions: its own, or the other's for less fuel."""
        self.write(f"{fuel} <= 0 ? {self.expression('integer', 1)} : {other}({fuel} - 1) + {fuel}")

    def body(self, parameters: list[str], write: Callable[[], None]) -> None:
        """What `write` writes, in a function of its own; its first parameter is never set."""
        outer, own, loops = dict(self.scope), self.own, self.loops
        self.level, self.own, self.loops = self.level + 1, set(parameters), 0
        for parameter in parameters:
            self.scope[parameter] = Variable("integer", None if parameter == parameters[0] else self.level)
        self.indented(write)
        self.level -= 1
        self.scope, self.own, self.loops = outer, own, loops

    def indented(self, write: Callable[[], None]) -> None:
        """What `write` writes, further to the right."""
        self.indent += "    "
        write()
        self.indent = self.indent[4:]

    # Statements

    def statements(self, count: int) -> None:
        """A first variable, then statements of every kind."""
        self.let()
        kinds = (self.let, self.let, self.set, self.set_element, self.branch, self.loop, self.put, self.closure)
        for _ in range(count):
            self.random.choice(kinds)()

    def let(self) -> None:
        """A new variable, perhaps under the name of one outside of the block."""
        hidden = [name for name in self.scope if name not in self.own and self.scope[name].setter is not None]
        kind = self.random.choice(("integer", "integer", *KINDS[:-1]))
        value = self.expression(kind, 3)
        name = self.random.choice(hidden) if hidden and self.random.randrange(4) == 0 else self.new_name("v")
        # A function behind let would be a declaration, which cannot be set.
        self.write(f"let {name} = [{value}][0];" if value.startswith("fn(") else f"let {name} = {value};")
        self.declare(name, Variable(kind, self.level))

    def closure(self) -> None:
        """A function of one parameter as a variable, so that only its value is known."""
        value = self.expression("function", 2)
        name = self.new_name("g")
        self.write(f"let {name} = [{value}][0];")
        self.declare(name, Variable("function"))

    def set(self) -> None:
        """A new value for a variable of this function."""
        names = [name for name, of in self.scope.items() if of.setter == self.level]
        if names:
            name = self.random.choice(names)
            self.write(f"set {name} = {self.expression(self.scope[name].kind, 3)};")

    def set_element(self) -> None:
        """A new value in an array or a hash, which others may share; also in one that was captured."""
        names = [name for name in self.scope if self.scope[name].kind in ("array", "hash")]
        if names:
            name = self.random.choice(names)
            index = self.random.choice(KEYS) if self.scope[name].kind == "hash" else self.index(name, 1)
            self.write(f"set {name}[{index}] = {self.expression('integer', 2)};")

    def put(self) -> None:
        """A line of output."""
        self.write(f"puts({self.expression(self.random.choice(KINDS), 2)});")

    def branch(self) -> None:
        """An if, perhaps with an else."""
        self.write(f"if ({self.expression(self.random.choice(('boolean', 'boolean', *KINDS)), 2)}) {{")
        self.inner()
        if self.random.getrandbits(1):
            self.write("} else {")
            self.inner()
        self.write("}")

    def loop(self) -> None:
        """One of the three loops, with few rounds."""
        if self.loops == 2:
            return
        self.loops += 1
        kind = self.random.choice(("while", "do", "for"))
        counter = self.new_name("c")
        if kind == "for":
            iterable = self.expression(self.random.choice(("array", "string", "hash")), 1)
            self.write(f"for ({counter} in {iterable}) {{")
        else:
            self.write(f"let {counter} = {self.random.randint(1, 3)};")
            self.declare(counter, Variable("integer"))
            self.write(f"while ({counter} > 0) {{" if kind == "while" else "do {")
            self.write(f"    set {counter} = {counter} - 1;")
        self.inner()
        self.write(f"}} while ({counter} > 0);" if kind == "do" else "}")
        self.loops -= 1

    def leave(self) -> None:
        """A way out of the middle of a loop or a function, under a condition."""
        ways = ["break", "continue"] if self.loops else []
        if self.level:
            ways.append(f"return {self.expression('integer', 1)}")
        if ways:
            self.write(f"if ({self.expression('boolean', 1)}) {{ {self.random.choice(ways)} }}")

    def inner(self) -> None:
        """A few statements without calls, so that loops cannot multiply the work; the new variables end here."""
        outer, own, calls = dict(self.scope), self.own, self.calls
        self.own, self.calls = set(), False
        self.indented(self.few)
        self.scope, self.own, self.calls = outer, own, calls

    def few(self) -> None:
        """The statements of an inner block."""
        kinds = (self.let, self.set, self.put, self.leave, self.set_element, self.closure, self.loop)
        for _ in range(self.random.randint(1, 4)):
            self.random.choice(kinds)()
