"""What goes wrong with indices: bounds of slices and ranges, sizes of another axis, the neighbour's entry."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, called, code, integer, tight


def _beside(node: cst.BaseExpression) -> Iterator[Rewrite]:
    """The two numbers beside a bound."""
    literal = integer(node)
    if literal is None:
        yield Rewrite(node, f"{tight(node)} + 1")
        yield Rewrite(node, f"{tight(node)} - 1")
        return
    for other in (literal + 1, literal - 1):
        if not (literal == -1 and other == 0):  # x[:0] is nothing and x[0:] all, which is another fault
            yield Rewrite(node, str(other))


def _shift_slice(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None and code(bound) != "None":
                yield from _beside(bound)


def _shift_range(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Call) and called(node) in ("range", "arange"):
        for given in node.args[:2]:
            if given.keyword is None and not given.star:
                yield from _beside(given.value)


def _literal_index(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The literal indices of a subscript."""
    if isinstance(node, cst.Subscript):
        for element in node.slice:
            if isinstance(element.slice, cst.Index) and integer(element.slice.value) is not None:
                yield element.slice.value


def _is_shape(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Subscript) and isinstance(node.value, cst.Attribute) and node.value.attr.value == "shape"
    )


def _other_size(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if _is_shape(node):
        for index in _literal_index(node):
            number = integer(index) or 0
            yield Rewrite(index, str({0: 1, 1: 0, -1: -2, -2: -1}.get(number, number - 1)))


def _shift_index(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if not _is_shape(node):
        for index in _literal_index(node):
            number = integer(index) or 0
            yield Rewrite(index, str(number + 1))
            if number != 0:
                yield Rewrite(index, str(number - 1))


OPERATORS = [
    Operator(
        name="shift-slice",
        pattern="off-by-one",
        title="moves a bound of a slice by one",
        rewrites=_shift_slice,
        examples={
            "y = x[1:]": ["y = x[2:]", "y = x[0:]"],
            "y = x[:-1]": ["y = x[:-2]"],
            "y = x[:, a + b : n]": [
                "y = x[:, (a + b) + 1 : n]",
                "y = x[:, (a + b) - 1 : n]",
                "y = x[:, a + b : n + 1]",
                "y = x[:, a + b : n - 1]",
            ],
            "y = x[:, None]": [],
        },
    ),
    Operator(
        name="shift-range",
        pattern="off-by-one",
        title="counts one too far or not far enough",
        rewrites=_shift_range,
        examples={
            "r = range(1, n, 2)": [
                "r = range(2, n, 2)",
                "r = range(0, n, 2)",
                "r = range(1, n + 1, 2)",
                "r = range(1, n - 1, 2)",
            ],
            "r = np.arange(3)": ["r = np.arange(4)", "r = np.arange(2)"],
            "r = linspace(0, 1)": [],
        },
    ),
    Operator(
        name="other-size",
        pattern="wrong-axis",
        title="takes the size of another axis",
        rewrites=_other_size,
        examples={
            "n = x.shape[0]": ["n = x.shape[1]"],
            "n = x.shape[-1] * y.shape[2]": ["n = x.shape[-2] * y.shape[2]", "n = x.shape[-1] * y.shape[1]"],
            "n = x.shape[axis]": [],
            "n = x[0]": [],
        },
    ),
    Operator(
        name="shift-index",
        pattern="off-by-one",
        title="takes the entry beside the right one",
        rewrites=_shift_index,
        examples={
            "y = x[0]": ["y = x[1]"],
            "y = x[-1, i]": ["y = x[0, i]", "y = x[-2, i]"],
            "y = x.shape[0]": [],
            "y = x[i]": [],
        },
    ),
]
