"""Random programs on integers that are well defined and end: loops count down, calls burn fuel or go to earlier ones.

They mean to reach what hand-written tests forget: more locals than registers, returns inside loops before a later
let, calls inside arguments, constants at the edges of an immediate, divisions by anything.
"""

from random import Random
from typing import Final

EDGES: Final = (0, 1, -1, 2, 7, 10, 0x7FF, 0x800, 0xFFF, -0x800, -0x801, 0x7FFFF800, 0x7FFFFFFF, -0x80000000)
ARITHMETIC: Final = ("+", "-", "*", "/", "%")
COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")
LOGIC: Final = ("&&", "||")


def program(random: Random) -> str:
    """The text of a random program that prints all its variables at the end."""
    return Generator(random).program()


class Generator:
    """Writes lines of one program; knows the variables in scope and the functions that may be called."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.indent = ""
        self.names = 0
        self.functions: list[tuple[str, int]] = []
        self.variables: list[str] = []

    def program(self) -> str:
        """Some functions, then a top level that uses them."""
        for _ in range(self.random.randint(0, 3)):
            self.function()
        self.body(self.random.randint(1, 14))
        self.write(f"puts({', '.join(self.variables)})")
        return "\n".join(self.lines) + "\n"

    def write(self, line: str) -> None:
        """Append a line."""
        self.lines.append(self.indent + line)

    def new_name(self, letter: str) -> str:
        """A name that is not taken."""
        self.names += 1
        return f"{letter}{self.names}"

    def function(self) -> None:
        """A function; its first parameter is fuel, without which it returns before it calls itself."""
        name = self.new_name("f")
        parameters = [self.new_name("p") for _ in range(self.random.randint(1, 8))]
        self.write(f"let {name} = fn({', '.join(parameters)}) {{")
        outer, self.variables = self.variables, parameters[1:]
        self.indent = "    "
        self.write(f"if ({parameters[0]} <= 0) {{ return {self.expression(1)} }}")
        self.body(self.random.randint(1, 14))
        if self.random.getrandbits(1):
            arguments = [f"{parameters[0]} - 1"] + [self.expression(1) for _ in parameters[1:]]
            self.write(f"return {self.expression(1)} + {name}({', '.join(arguments)})")
        else:
            self.write(f"return {self.expression(2)}")
        self.indent = ""
        self.write("};")
        self.variables = outer
        self.functions.append((name, len(parameters)))

    def body(self, count: int) -> None:
        """A first variable, then statements of every kind."""
        self.let()
        for _ in range(count):
            self.random.choice((self.let, self.let, self.set, self.branch, self.loop, self.put))()

    def let(self) -> None:
        """A new variable."""
        value = self.expression(3)
        name = self.new_name("v")
        self.write(f"let {name} = {value};")
        self.variables.append(name)

    def set(self) -> None:
        """A new value for a variable."""
        self.write(f"set {self.random.choice(self.variables)} = {self.expression(3)};")

    def put(self) -> None:
        """A line of output."""
        self.write(f"puts({self.expression(2)});")

    def branch(self) -> None:
        """An if with an else; their variables end with them."""
        self.write(f"if ({self.condition(2)}) {{")
        self.inner()
        self.write("} else {")
        self.inner()
        self.write("}")

    def loop(self) -> None:
        """A loop that counts a variable of its own down, which nothing else sets; it may return halfway."""
        counter = self.new_name("c")
        self.write(f"let {counter} = {self.random.randint(1, 3)};")
        self.write(f"while ({counter} > 0) {{")
        self.write(f"    set {counter} = {counter} - 1;")
        if self.indent and self.random.getrandbits(1):
            self.write(f"    if ({self.condition(1)}) {{ return {self.expression(1)} }}")
        self.inner()
        self.write("}")

    def inner(self) -> None:
        """A few statements without calls, so that loops cannot multiply the work; the new variables end here."""
        outer = list(self.variables)
        functions, self.functions = self.functions, []
        self.indent += "    "
        self.let()
        self.random.choice((self.set, self.put, self.let))()
        self.indent = self.indent[4:]
        self.variables, self.functions = outer, functions

    def condition(self, depth: int) -> str:
        """Something that holds or not: integers hold unless they are 0."""
        kind = self.random.randrange(6)
        if depth == 0 or kind == 0:
            return self.expression(1)
        if kind == 1:
            return f"!{self.condition(depth - 1)}"
        if kind == 2:
            return f"({self.condition(depth - 1)} {self.random.choice(LOGIC)} {self.condition(depth - 1)})"
        return f"({self.expression(depth - 1)} {self.random.choice(COMPARISONS)} {self.expression(depth - 1)})"

    def expression(self, depth: int) -> str:
        """An integer expression of some depth over the variables in scope."""
        kind = self.random.randrange(20)
        if depth == 0 or kind < 4:
            return self.atom()
        if kind < 6:
            return f"-{self.expression(depth - 1)}"
        if kind < 9 and self.functions:
            name, count = self.random.choice(self.functions)
            fuel = self.random.choice("0123")
            # One deep argument is enough to have calls in calls; all of them would exceed the parser's limit.
            arguments = [fuel, self.expression(depth - 1), *(self.atom() for _ in range(count - 2))][:count]
            return f"{name}({', '.join(arguments)})"
        operator = self.random.choice(ARITHMETIC)
        return f"({self.expression(depth - 1)} {operator} {self.expression(depth - 1)})"

    def atom(self) -> str:
        """A variable or a constant."""
        if self.variables and self.random.randrange(5) < 3:
            return self.random.choice(self.variables)
        return str(self.random.choice(EDGES))
