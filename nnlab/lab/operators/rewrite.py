"""What an operator is: a pattern of bugs as a rule that turns a piece of correct source into a faulty one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

_EMPTY = cst.Module([])
_COMPOUND = cst.BinaryOperation | cst.BooleanOperation | cst.Comparison | cst.IfExp | cst.UnaryOperation | cst.Lambda


@dataclass(frozen=True)
class Rewrite:
    """The text that takes the place of a node."""

    node: cst.CSTNode
    text: str


@dataclass(frozen=True)
class Scope:
    """The function around a node, and what each node in it stands in; `text` is that of the whole module."""

    qualname: str
    function: cst.FunctionDef
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    text: str

    @property
    def name(self) -> str:
        return self.function.name.value

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of its arguments, without self and cls."""
        given = self.function.params
        every = (*given.posonly_params, *given.params, *given.kwonly_params)
        return frozenset(parameter.name.value for parameter in every) - {"self", "cls"}

    @cached_property
    def makes_gradients(self) -> bool:
        """Whether it is a backward or derivative, or adds to a `.grad`."""
        if self.name.endswith("backward") or self.name == "derivative":
            return True
        return any(isinstance(node, cst.AugAssign) and ".grad" in code(node.target) for node in self.parents)

    def is_gradient(self, node: cst.CSTNode) -> bool:
        """Whether a node is named as a gradient is: `dy`, `dx[i]`, `weight.grad`."""
        while isinstance(node, cst.Subscript):
            node = node.value
        if isinstance(node, cst.Attribute):
            return node.attr.value == "grad"
        return isinstance(node, cst.Name) and node.value[:1] == "d" and self.makes_gradients

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What the node stands in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node


@dataclass(frozen=True)
class Operator:
    """A named rule: `rewrites(node, scope)` yields what may become of a node, which is mostly nothing.

    `title` follows the name of a function: "Linear.backward" + "swaps matrix operands". `examples` are tests: what
    becomes of a statement or function, which is nothing where the rule must not fit. What a `general` operator does
    as well as another one is left to that one.
    """

    name: str
    pattern: str
    title: str
    rewrites: Callable[[cst.CSTNode, Scope], Iterable[Rewrite]]
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: bool = False


def code(node: cst.CSTNode) -> str:
    """The text of a node, without the parentheses around it where it can do without."""
    text = _EMPTY.code_for_node(node)
    if not getattr(node, "lpar", ()) or isinstance(node, cst.Tuple | cst.GeneratorExp) or "\n" in text:
        return text
    return _EMPTY.code_for_node(node.with_changes(lpar=(), rpar=()))


def tight(node: cst.BaseExpression) -> str:
    """The text of an expression that may stand anywhere: in parentheses if it is compound."""
    return f"({code(node)})" if isinstance(node, _COMPOUND) else code(node)


def called(node: cst.CSTNode) -> str:
    """The last name of what is called: `sum` for x.sum(0) and np.sum(x); "" where nothing is."""
    return last_name(node.func) if isinstance(node, cst.Call) else ""


def last_name(node: cst.CSTNode) -> str:
    """The name, or the attribute's name."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def is_numpy(node: cst.CSTNode) -> bool:
    """Whether the node is an attribute of the module np."""
    return isinstance(node, cst.Attribute) and code(node.value) in ("np", "numpy")


def argument(call: cst.Call, position: int, keyword: str) -> cst.BaseExpression | None:
    """The argument of a call that is given by position or by keyword."""
    for i, given in enumerate(call.args):
        if given.star:
            return None
        if (i == position) if given.keyword is None else (given.keyword.value == keyword):
            return given.value
    return None


def integer(node: cst.CSTNode | None) -> int | None:
    """The value of an integer literal with or without a minus; None for all else."""
    if isinstance(node, cst.Integer):
        return int(node.value, 0)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = integer(node.expression)
        return None if inner is None else -inner
    return None


def assigned(node: cst.CSTNode) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """Target and value of a plain assignment to one target, annotated or not."""
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        return node.targets[0].target, node.value
    if isinstance(node, cst.AnnAssign) and node.value is not None:
        return node.target, node.value
    return None
