"""What goes wrong where gradients are made: assigned, left out, or taken for another."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, code, tight


def _assign(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.AddAssign) and scope.is_gradient(node.target):
        yield Rewrite(node, f"{code(node.target)} = {code(node.value)}")


def _drop_term(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if not (scope.makes_gradients and isinstance(node, cst.BinaryOperation)):
        return
    if isinstance(node.operator, cst.Add):
        yield Rewrite(node, code(node.left))
        yield Rewrite(node, code(node.right))
    elif isinstance(node.operator, cst.Subtract):
        yield Rewrite(node, code(node.left))
        yield Rewrite(node, f"-{tight(node.right)}")


def _return_upstream(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation) and isinstance(
        node.operator, cst.Multiply | cst.Divide | cst.MatrixMultiply
    ):
        for operand in (node.left, node.right):
            if scope.is_gradient(operand):
                yield Rewrite(node, code(operand))


def _drop_call(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    """self.norm.backward(dy) hands the gradient through a layer."""
    if isinstance(node, cst.Call) and scope.makes_gradients and len(node.args) == 1 and not node.args[0].star:
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        if name.endswith("backward"):
            yield Rewrite(node, tight(node.args[0].value))


OPERATORS = [
    Operator(
        name="assign-gradient",
        pattern="assigned-not-accumulated",
        title="assigns a gradient in place of adding to it",
        rewrites=_assign,
        examples={
            "self.weight.grad += dy": ["self.weight.grad = dy"],
            "p.grad[rows] += dy[0]": ["p.grad[rows] = dy[0]"],
            "def backward(self, dy):\n    dx += dy * 2": ["def backward(self, dy):\n    dx = dy * 2"],
            "def forward(self, x):\n    data += x": [],
            "self.weight.grad -= dy": [],
        },
    ),
    Operator(
        name="drop-term",
        pattern="simplified-backward",
        title="leaves out a term of a sum",
        rewrites=_drop_term,
        examples={
            "def backward(self, dy):\n    return dy + g": [
                "def backward(self, dy):\n    return dy",
                "def backward(self, dy):\n    return g",
            ],
            "def derivative(self, x):\n    return a * (1 - t**2)": [
                "def derivative(self, x):\n    return a * (1)",
                "def derivative(self, x):\n    return a * (-(t**2))",
            ],
            "def forward(self, x):\n    return x + g": [],
        },
    ),
    Operator(
        name="return-upstream",
        pattern="identity-derivative",
        title="takes a gradient in place of its product with a derivative",
        rewrites=_return_upstream,
        examples={
            "def backward(self, dy):\n    return dy * (1 - y**2)": ["def backward(self, dy):\n    return dy"],
            "def backward(self, dy):\n    dx = w @ dy[0]": ["def backward(self, dy):\n    dx = dy[0]"],
            "def forward(self, dt):\n    return dt * a": [],
            "def backward(self, dy):\n    return a * b": [],
        },
    ),
    Operator(
        name="skip-layer-backward",
        pattern="identity-derivative",
        title="hands a gradient past a layer",
        rewrites=_drop_call,
        examples={
            "def backward(self, dy):\n    return self.norm.backward(dy + g)": [
                "def backward(self, dy):\n    return (dy + g)"
            ],
            "def backward(self, dy):\n    return self.cell.backward(dy, state)": [],
            "def forward(self, x):\n    return self.norm.forward(x)": [],
        },
    ),
]
