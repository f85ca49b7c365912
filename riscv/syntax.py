"""The syntax tree: plain records, compared by identity, each with its position in the source (where errors point)."""

from dataclasses import dataclass
from typing import TypeAlias

from riscv.errors import Source

# Expressions


@dataclass(frozen=True, eq=False)
class Number:
    position: int
    value: int


@dataclass(frozen=True, eq=False)
class Boolean:
    position: int
    value: bool


@dataclass(frozen=True, eq=False)
class Null:
    """`null`, also where a value is left out: `return;` and an `if` without `else` as an expression."""

    position: int


@dataclass(frozen=True, eq=False)
class String:
    """The bytes between the quotes, escapes resolved."""

    position: int
    value: bytes


@dataclass(frozen=True, eq=False)
class Array:
    position: int
    elements: "tuple[Expression, ...]"


@dataclass(frozen=True, eq=False)
class Hash:
    """`{key: value, …}`, in the order of the text."""

    position: int
    pairs: "tuple[tuple[Expression, Expression], ...]"


@dataclass(frozen=True, eq=False)
class Name:
    """A variable or function that is read."""

    position: int
    name: str


@dataclass(frozen=True, eq=False)
class Unary:
    """`-`, `!` or `~` before an operand."""

    position: int
    operator: str
    operand: "Expression"


@dataclass(frozen=True, eq=False)
class Binary:
    """Arithmetic, bits or comparison; `position` is the operator's."""

    position: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, eq=False)
class Logical:
    """`&&` or `||`: the right side runs only when it matters, the value is a boolean."""

    position: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, eq=False)
class Conditional:
    """`condition ? then : otherwise`, or an `if` inside an expression."""

    position: int
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, eq=False)
class Index:
    """`object[index]`; `position` is the bracket's."""

    position: int
    object: "Expression"
    index: "Expression"


@dataclass(frozen=True, eq=False)
class Call:
    """`function(arguments)`; the resolver knows whether a name in front is a builtin or a declared function."""

    position: int
    function: "Expression"
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, eq=False)
class Parameter:
    position: int
    name: str


@dataclass(frozen=True, eq=False)
class Function:
    """`fn(parameters) { body }`; its name is the one it was declared by, or "fn".

    The last statement of a body is a Return wherever the value of that statement is the function's value.
    """

    position: int
    name: str
    parameters: tuple[Parameter, ...]
    body: "Block"


# Statements


@dataclass(frozen=True, eq=False)
class Let:
    position: int
    name: str
    value: "Expression"


@dataclass(frozen=True, eq=False)
class Functions:
    """Adjacent declarations `let name = fn(…) { … }`: these functions come into being together and see each other."""

    position: int
    functions: tuple[Function, ...]


@dataclass(frozen=True, eq=False)
class Set:
    position: int
    name: str
    value: "Expression"


@dataclass(frozen=True, eq=False)
class SetElement:
    """`set object[index] = value`; `position` is the bracket's."""

    position: int
    object: "Expression"
    index: "Expression"
    value: "Expression"


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
class DoWhile:
    position: int
    body: "Block"
    condition: "Expression"


@dataclass(frozen=True, eq=False)
class ForIn:
    """`for (name in iterable) { body }`; `position` is the name's, a new variable in each round."""

    position: int
    name: str
    iterable: "Expression"
    body: "Block"


@dataclass(frozen=True, eq=False)
class Break:
    position: int


@dataclass(frozen=True, eq=False)
class Continue:
    position: int


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
Expression: TypeAlias = (
    Number
    | Boolean
    | Null
    | String
    | Array
    | Hash
    | Name
    | Unary
    | Binary
    | Logical
    | Conditional
    | Index
    | Call
    | Function
)
Statement: TypeAlias = (
    Let | Functions | Set | SetElement | If | While | DoWhile | ForIn | Break | Continue | Return | Evaluate
)


@dataclass(frozen=True, eq=False)
class Program:
    """A whole source text, parsed."""

    source: Source
    body: Block
