"""The syntax tree: plain records, compared by identity, each with the position it starts at in the source."""

from dataclasses import dataclass
from typing import TypeAlias

from riscv.errors import Source


@dataclass(frozen=True, eq=False)
class Number:
    position: int
    value: int


@dataclass(frozen=True, eq=False)
class Name:
    """A variable that is read."""

    position: int
    name: str


@dataclass(frozen=True, eq=False)
class Unary:
    """`-` or `!` before an operand."""

    position: int
    operator: str
    operand: "Expression"


@dataclass(frozen=True, eq=False)
class Binary:
    """Arithmetic or comparison; `position` is the operator's."""

    position: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, eq=False)
class Logical:
    """`&&` or `||`: the right side runs only when it matters, the value is 1 or 0."""

    position: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, eq=False)
class Call:
    position: int
    name: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, eq=False)
class Let:
    position: int
    name: str
    value: "Expression"


@dataclass(frozen=True, eq=False)
class Set:
    position: int
    name: str
    value: "Expression"


@dataclass(frozen=True, eq=False)
class Parameter:
    position: int
    name: str


@dataclass(frozen=True, eq=False)
class Function:
    """`let name = fn(parameters) { body }`."""

    position: int
    name: str
    parameters: tuple[Parameter, ...]
    body: "Block"


@dataclass(frozen=True, eq=False)
class If:
    """`else if` is an otherwise-block that holds one If."""

    position: int
    condition: "Expression"
    then: "Block"
    otherwise: "Block | None"


@dataclass(frozen=True, eq=False)
class While:
    position: int
    condition: "Expression"
    body: "Block"


@dataclass(frozen=True, eq=False)
class Return:
    position: int
    value: "Expression"


@dataclass(frozen=True, eq=False)
class Evaluate:
    """An expression whose value is dropped."""

    position: int
    expression: "Expression"


Block: TypeAlias = "tuple[Statement, ...]"
Expression: TypeAlias = Number | Name | Unary | Binary | Logical | Call
Statement: TypeAlias = Let | Set | Function | If | While | Return | Evaluate


@dataclass(frozen=True, eq=False)
class Program:
    """A whole source text, parsed."""

    source: Source
    body: Block
