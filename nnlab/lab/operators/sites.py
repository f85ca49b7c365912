"""Where operators look: the nodes of a function whose change would change what it computes."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Scope, last_name

#: Texts for people, which no detector compares.
_TEXTS = {"__repr__", "__str__"}
#: How the names of functions begin that only look whether an argument fits.
_CHECKS = ("check", "borrow", "demand", "refuse", "require", "validate", "within", "writable")


def sites(qualname: str, function: cst.FunctionDef, text: str) -> tuple[Scope, list[cst.CSTNode]]:
    """The scope of a function and the nodes that operators may rewrite, in the order of the source.

    Left out are annotations, docstrings, messages of errors, assertions, guards, which only raise, and calls of
    functions that only check: what is refused, and in which words, is no value that a detector compares.
    """
    parents: dict[cst.CSTNode, cst.CSTNode] = {}
    nodes: list[cst.CSTNode] = []

    def walk(node: cst.CSTNode) -> None:
        nodes.append(node)
        for child in node.children:
            if not is_left_out(child):
                parents[child] = node
                walk(child)

    if function.name.value not in _TEXTS and not is_check(function.name):
        parents[function.body] = function
        walk(function.body)
    return Scope(qualname, function, parents, text), nodes


def is_left_out(node: cst.CSTNode) -> bool:
    """Whether nothing that the node computes is a result."""
    match node:
        case cst.Annotation() | cst.Raise() | cst.Assert() | cst.Expr(value=cst.SimpleString() | cst.Ellipsis()):
            return True
        case cst.Expr(value=cst.Call() as call) | cst.Assign(value=cst.Call() as call):
            return is_check(call.func)
        case _:
            return only_raises(node)


def is_check(name: cst.CSTNode) -> bool:
    """Whether a function of this name only looks whether an argument fits."""
    return last_name(name).lstrip("_").startswith(_CHECKS)


def only_raises(node: cst.CSTNode) -> bool:
    """Whether the node is an `if` that ends in an error, and without it in nothing."""
    if not isinstance(node, cst.If) or node.orelse is not None:
        return False
    *_, last = simple_statements(node.body)
    return isinstance(last, cst.Raise)


def simple_statements(block: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    """The statements of a block; of a line with several each, of a compound statement the whole."""
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement
