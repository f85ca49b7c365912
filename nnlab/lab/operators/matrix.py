"""What goes wrong with matrices: operands in the wrong order, axes the wrong way round."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, called, code, is_numpy, tight

_PRODUCTS = {"matmul", "dot", "tensordot", "outer"}
_TURNS = {"transpose", "swapaxes", "moveaxis", "rollaxis"}


def _swap(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.MatrixMultiply):
        if code(node.left) != code(node.right):
            yield Rewrite(node, f"{tight(node.right)} @ {tight(node.left)}")
    elif isinstance(node, cst.Call) and is_numpy(node.func):
        operands = [given for given in node.args if given.keyword is None and not given.star]
        skip = 1 if called(node) == "einsum" else 0
        if (skip or called(node) in _PRODUCTS) and len(operands) >= 2 + skip:
            first, second = (given.value for given in operands[skip : skip + 2])
            if code(first) != code(second):
                texts = [code(given) for given in node.args]
                texts[skip : skip + 2] = code(second), code(first)
                yield Rewrite(node, f"{code(node.func)}({', '.join(text.rstrip(', ') for text in texts)})")


def _drop_transpose(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Attribute) and node.attr.value in ("T", "mT"):
        yield Rewrite(node, tight(node.value))
    elif called(node) in _TURNS and isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if not is_numpy(node.func):
            yield Rewrite(node, tight(node.func.value))
        elif node.args and not node.args[0].star:
            yield Rewrite(node, tight(node.args[0].value))


OPERATORS = [
    Operator(
        name="swap-matmul",
        pattern="transposed",
        title="swaps matrix operands",
        rewrites=_swap,
        examples={
            "y = x @ w.T": ["y = w.T @ x"],
            "y = (a + b) @ c": ["y = c @ (a + b)"],
            "y = np.tensordot(dy, x, (rows, rows))": ["y = np.tensordot(x, dy, (rows, rows))"],
            "y = np.einsum('ij,jk->ik', a, b, optimize=True)": ["y = np.einsum('ij,jk->ik', b, a, optimize=True)"],
            "y = x @ x": [],
            "y = a * b": [],
            "y = np.einsum('ij->ji', a)": [],
        },
    ),
    Operator(
        name="drop-transpose",
        pattern="transposed",
        title="does not turn the axes",
        rewrites=_drop_transpose,
        examples={
            "y = x @ w.T": ["y = x @ w"],
            "y = (a + b).swapaxes(0, 1)": ["y = (a + b)"],
            "y = np.moveaxis(a + b, 0, 1)": ["y = (a + b)"],
            "y = self.transpose": [],
        },
    ),
]
