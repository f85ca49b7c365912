"""What goes wrong with reductions: another axis, dropped or kept dimensions, a sum for a mean."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, argument, called, code, integer, is_numpy

#: Methods and functions with an axis, and which of the arguments of the method it is; np.… takes the array first.
_AXIS = {
    **dict.fromkeys(("sum", "mean", "max", "min", "var", "std", "prod", "any", "all", "argmax", "argmin"), 0),
    **dict.fromkeys(("cumsum", "cumprod", "sort", "argsort", "norm", "flip", "expand_dims", "squeeze"), 0),
    **dict.fromkeys(("concatenate", "stack", "log_softmax", "softmax", "logsumexp"), 0),
    **dict.fromkeys(("take", "repeat", "roll", "split", "array_split", "take_along_axis"), 1),
    "put_along_axis": 2,
}
_NEIGHBOURS = {0: (1, -1), -1: (0, -2), -2: (-1, -3), 1: (0, 2)}


def _change_axis(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if not isinstance(node, cst.Call) or called(node) not in _AXIS:
        return
    shift = is_numpy(node.func) or isinstance(node.func, cst.Name)
    axis = argument(node, _AXIS[called(node)] + shift, "axis")
    if axis is None:
        return
    literal = integer(axis)
    if literal is not None:
        for other in _NEIGHBOURS.get(literal, (literal - 1, literal + 1)):
            yield Rewrite(axis, str(other))
    elif isinstance(axis, cst.Tuple) and len(axis.elements) > 1:
        for left in range(len(axis.elements)):
            kept = [code(element.value) for i, element in enumerate(axis.elements) if i != left]
            yield Rewrite(axis, f"{', '.join(kept)}{',' if len(kept) == 1 else ''}")


def _toggle_keepdims(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Arg) and code(node).rstrip(", ") in ("keepdims=True", "keepdims=False"):
        yield Rewrite(node.value, str(code(node.value) == "False"))


def _sum_for_mean(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if called(node) == "mean" and isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        yield Rewrite(node.func.attr, "sum")


def _mean_for_sum(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if called(node) == "sum" and isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        yield Rewrite(node.func.attr, "mean")


OPERATORS = [
    Operator(
        name="change-axis",
        pattern="wrong-axis",
        title="reduces or joins along another axis",
        rewrites=_change_axis,
        examples={
            "m = x.mean(-1, keepdims=True)": ["m = x.mean(0, keepdims=True)", "m = x.mean(-2, keepdims=True)"],
            "m = np.concatenate(parts, axis=1)": [
                "m = np.concatenate(parts, axis=0)",
                "m = np.concatenate(parts, axis=2)",
            ],
            "m = x.sum((0, 2))": ["m = x.sum((2,))", "m = x.sum((0,))"],
            "m = sum(values)": [],
            "m = x.sum(axes)": [],
            "m = x.reshape(0)": [],
        },
    ),
    Operator(
        name="toggle-keepdims",
        pattern="shape",
        title="drops a dimension that it should keep, or the reverse",
        rewrites=_toggle_keepdims,
        examples={
            "m = x.mean(-1, keepdims=True)": ["m = x.mean(-1, keepdims=False)"],
            "m = x.mean(-1, keepdims=keep)": [],
            "m = x.mean(-1)": [],
        },
    ),
    Operator(
        name="sum-for-mean",
        pattern="missing-mean",
        title="sums where it should take the mean",
        rewrites=_sum_for_mean,
        examples={"m = x.mean(0)": ["m = x.sum(0)"], "m = np.mean(x)": ["m = np.sum(x)"], "m = mean(x)": []},
    ),
    Operator(
        name="mean-for-sum",
        pattern="scale",
        title="takes the mean where it should sum",
        rewrites=_mean_for_sum,
        examples={"m = x.sum(0)": ["m = x.mean(0)"], "m = np.sum(x)": ["m = np.mean(x)"], "m = sum(x)": []},
    ),
]
