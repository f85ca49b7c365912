"""What goes wrong with masks: they are left out."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, called, code, last_name, tight

_NAMES = ("mask", "keep", "kept", "used", "valid", "padding", "ignore", "drop")


def _drop_where(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Call) and called(node) == "where" and len(node.args) == 3:
        for branch in node.args[1:]:
            yield Rewrite(node, tight(branch.value))


def _drop_mask(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply | cst.BitAnd):
        for mask, other in ((node.left, node.right), (node.right, node.left)):
            if _is_mask(mask):
                yield Rewrite(node, code(other))
    elif isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and _is_mask(index.value):
            yield Rewrite(node, f"{code(node.value)}[...]")


def _is_mask(node: cst.CSTNode) -> bool:
    while isinstance(node, cst.Subscript):
        node = node.value
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        node = node.expression
    return any(name in last_name(node).lower() for name in _NAMES)


OPERATORS = [
    Operator(
        name="drop-where",
        pattern="mask",
        title="takes one side of a choice everywhere",
        rewrites=_drop_where,
        examples={
            "y = 2 * np.where(x > 0, x, a + b)": ["y = 2 * x", "y = 2 * (a + b)"],
            "y = np.where(mask)": [],
        },
    ),
    Operator(
        name="drop-mask",
        pattern="mask",
        title="leaves out a mask",
        rewrites=_drop_mask,
        examples={
            "y = x * self.mask": ["y = x"],
            "y = ~padding & other": ["y = other"],
            "y = x[valid]": ["y = x[...]"],
            "y = x * scale": [],
            "y = x[i]": [],
        },
    ),
]
