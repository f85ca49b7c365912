"""What goes wrong with steps: one is left out."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, called, code

_STARTS = ("__init__", "__post_init__")


def _skip(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    match node:
        case cst.AugAssign() | cst.Expr(value=cst.Call()):
            yield Rewrite(node, "pass")
        case cst.Assign() if called(node.value) != "own" and _changes_something(node, scope):
            yield Rewrite(node, "pass")
        case cst.If(orelse=None) if not _is_elif(node, scope):
            yield Rewrite(node.test, "False")


def _is_elif(node: cst.If, scope: Scope) -> bool:
    return isinstance(scope.parents.get(node), cst.If)


def _changes_something(node: cst.Assign, scope: Scope) -> bool:
    """Whether without the assignment an earlier value would be read, and not simply none."""
    targets = [target.target for target in node.targets]
    if all(isinstance(target, cst.Subscript) for target in targets):
        return True
    if all(isinstance(target, cst.Attribute) for target in targets):
        return scope.name not in _STARTS
    return all(isinstance(target, cst.Name) and _is_bound_before(target, node, scope) for target in targets)


def _is_bound_before(name: cst.Name, node: cst.Assign, scope: Scope) -> bool:
    if name.value in scope.parameters:
        return True
    for other in scope.parents:  # in the order of the source
        if other is node:
            return False
        if isinstance(other, cst.Assign | cst.For | cst.AnnAssign):
            targets = [t.target for t in other.targets] if isinstance(other, cst.Assign) else [other.target]
            if any(name.value in code(target).replace(",", " ").split() for target in targets):
                return True
    return False


OPERATORS = [
    Operator(
        name="skip-statement",
        pattern="dropped-statement",
        title="leaves out a step",
        rewrites=_skip,
        examples={
            "total += x": ["pass"],
            "self.add(x)": ["pass"],
            "table[i] = x": ["pass"],
            "def f(x):\n    x = x / 2": ["def f(x):\n    pass"],
            "def f(x):\n    a, y = x\n    y = 2 * a": ["def f(x):\n    a, y = x\n    pass"],
            "if x > 0:\n    x -= 1": ["if False:\n    x -= 1", "if x > 0:\n    pass"],
            "y = x / 2": [],
            "def f(x):\n    x = own(self, x, (2,))": [],  # see keep-alias
            "def f(x):\n    x = borrow(self, x, (2,))\n    self.check(x)": [],
            "def __init__(self):\n    self.t = 0": [],
            "if x < 0:\n    raise ValueError(x)": [],
            "raise ValueError(total(x))": [],
        },
        general=True,
    ),
]
