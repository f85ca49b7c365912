"""What goes wrong in formulas: a factor, a sign or an epsilon."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, code, tight

_SIGNS: dict[type[cst.BaseBinaryOp], str] = {cst.Add: "-", cst.Subtract: "+"}


def _drop_factor(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Multiply):
            yield Rewrite(node, code(node.left))
            yield Rewrite(node, code(node.right))
        elif isinstance(node.operator, cst.Divide | cst.FloorDivide | cst.Power):
            yield Rewrite(node, code(node.left))
    elif isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.MultiplyAssign | cst.DivideAssign):
        yield Rewrite(node, "pass")


def _flip_sign(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation) and type(node.operator) in _SIGNS:
        if not isinstance(node.left, cst.SimpleString | cst.FormattedString | cst.Tuple | cst.List):
            yield Rewrite(node, f"{code(node.left)} {_SIGNS[type(node.operator)]} {tight(node.right)}")
    elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        if not isinstance(node.expression, cst.Integer):
            yield Rewrite(node, code(node.expression))
    elif isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.AddAssign | cst.SubtractAssign):
        sign = "-" if isinstance(node.operator, cst.AddAssign) else "+"
        yield Rewrite(node, f"{code(node.target)} {sign}= {code(node.value)}")


def _drop_epsilon(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        if "eps" in code(node.right).lower():
            yield Rewrite(node, code(node.left))
        elif "eps" in code(node.left).lower():
            yield Rewrite(node, code(node.right))


OPERATORS = [
    Operator(
        name="drop-epsilon",
        pattern="epsilon",
        title="leaves out the epsilon",
        rewrites=_drop_epsilon,
        examples={
            "y = np.sqrt(v + self.eps)": ["y = np.sqrt(v)"],
            "y = 1 / (EPS + n)": ["y = 1 / (n)"],
            "y = np.sqrt(v + 1)": [],
        },
    ),
    Operator(
        name="drop-factor",
        pattern="scale",
        title="leaves out a factor",
        rewrites=_drop_factor,
        examples={
            "y = (a + b) * c": ["y = a + b", "y = c"],
            "y = a / n": ["y = a"],
            "y *= mask": ["pass"],
            "y = a + b": [],
        },
        general=True,
    ),
    Operator(
        name="flip-sign",
        pattern="sign",
        title="takes a term with the other sign",
        rewrites=_flip_sign,
        examples={
            "y = a - b": ["y = a + b"],
            "y = a + (b - c)": ["y = a - (b - c)", "y = a + (b + c)"],
            "y = -x": ["y = x"],
            "y += x": ["y -= x"],
            "y = x[-1]": [],
            "y = 'a' + b": [],
        },
    ),
]
