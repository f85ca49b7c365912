"""What a gradient term is: the rules of `nnlab.lab.terms`, each on a line or two of source."""

import ast
from textwrap import indent

import pytest

from nnlab.lab.terms import gradient_terms


def terms(source: str) -> list[str]:
    return [ast.unparse(term.expression) for term in gradient_terms(ast.parse(source))]


def backward(body: str) -> list[str]:
    """The terms of a method with this body, in which the upstream gradient is dy."""
    return terms(f"class Layer:\n    def backward(self, dy):\n{indent(body, ' ' * 8)}\n")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("dx = dy * w", ["dy * w"]),
        ("dx: Array = dy * w", ["dy * w"]),
        ("return dy * w", ["dy * w"]),
        ("dx = a * dy + b * dy - c * dy", ["a * dy", "b * dy", "c * dy"]),
        ("dx = r * (dy - dy.mean() - h * (dy * h).mean())", ["dy", "dy.mean()", "h * (dy * h).mean()"]),
        ("dx = (dy + dz) @ w", ["dy", "dz"]),
        ("dx = (dy - dz) / n", ["dy", "dz"]),
        ("dx = dy / (1 + n)", ["dy / (1 + n)"]),
        ("dx = dy * (1 - y) * (1 + x * (2 - y))", ["1", "y", "1", "2", "y"]),
        ("dx = -dy * w", ["-dy * w"]),
        ("dx = -(dy - dy.sum())", ["dy", "dy.sum()"]),
        ("dx = (dy - dy.sum(1)).sum(0).reshape(3)", ["dy", "dy.sum(1)"]),
        ("dx = dy ** 2", ["dy ** 2"]),
    ],
)
def test_a_sum_falls_into_its_summands_through_products(body: str, found: list[str]) -> None:
    assert backward(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("dx = np.where(x > 0, dy, s * dy)", ["dy", "s * dy"]),
        ("dx = np.where(x > 0, 0, s * dy)", ["np.where(x > 0, 0, s * dy)"]),
        ("dx = np.where(x > 0, 0.0, np.where(x < 0, dy, -dy))", ["dy", "-dy"]),
        ("dx = dy * a if flag else dy * b", ["dy * a", "dy * b"]),
        ("dx = (a - b if flag else c) * dy", ["a", "b", "c"]),
        ("dx = np.concatenate([dy * a, dz], 1)", ["dy * a", "dz"]),
        ("dx = [dy * w for w in weights]", ["dy * w"]),
        ("da, db = dy * a, dy * b", ["dy * a", "dy * b"]),
        ("return dy * a, (None, dy[None]), -dy", ["dy * a", "dy[None]", "-dy"]),
    ],
)
def test_alternatives_and_members_have_terms_of_their_own(body: str, found: list[str]) -> None:
    assert backward(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("self.weight.grad += dy * x", ["dy * x"]),
        ("self.weight.grad -= dy", ["dy"]),
        ("self.weight.grad[rows] += x", ["x"]),
        ("dx += dy", ["dy"]),
        ("dx *= mask", ["mask"]),
        ("dx /= 1 + n", ["1", "n"]),
        ("np.add.at(self.weight.grad, index, dy[mask])", ["dy[mask]"]),
        ("np.put_along_axis(dz, chosen, dy, -1)", ["dy"]),
        ("np.add.at(counts, index, 1)", []),
        ("dz[t] = dy * z", ["dy * z"]),
    ],
)
def test_what_is_added_or_written_is_a_term_even_if_it_is_a_bare_name(body: str, found: list[str]) -> None:
    assert backward(f"dx = dy\ndz = dy\n{body}") == found


@pytest.mark.parametrize(
    "body",
    [
        "x, y = self.cache",
        "g = dy",
        "return dy",
        "return None",
        "dy = borrow(self, dy, x.shape)",
        "dx = self.inner.backward(dy)",
        "return softmax_backward(dy, y, -1)",
        "rows = tuple(range(dy.ndim - 1))",
        "n = len(dy) + dy.shape[0] * dy.size",
        "dz = np.zeros(n)\nreturn dz",
        "dx = np.zeros_like(dy)",
        "direction = v / n",
        "dq, dk = np.split(dy, 2)",
        "y = x * 2",
    ],
)
def test_what_makes_no_gradient_is_no_term(body: str) -> None:
    assert backward(body) == []


def test_room_that_is_filled_in_afterwards_is_no_term() -> None:
    assert backward("dw = self.view(dy)\ndw[0] += dy[0]") == ["dy[0]"]
    assert backward("dw = self.view(dy)\ndx = dw[0]") == ["self.view(dy)", "dw[0]"]


def test_several_values_at_once_have_no_factor_and_those_made_one_by_one_have() -> None:
    assert backward("dstate = tuple(d * w for d in dy)") == ["d * w"]
    assert backward("dx = self.inner.backward(*dy)\nreturn dx, tuple(dy)") == []
    assert backward("dstate = chosen(dy)\ndh, *others = dstate\nreturn dh + dy[0], *others") == ["dh", "dy[0]"]
    assert backward("dz = np.concatenate([*dy, dy * e, -dy], -1)") == ["dy * e", "-dy"]
    assert backward("parts = np.split(dy, 2)\ndx = parts[0]") == ["parts[0]"]


def test_names_made_from_gradients_are_gradients_whatever_they_are_called() -> None:
    assert backward("g = dy * w\nh = g - g.mean()\nz = x - 1") == ["dy * w", "g", "g.mean()"]
    assert backward("near, far = self.norm_backward(dy)\nboth = near + far") == ["near", "far"]


def test_d_and_another_name_is_a_gradient_even_if_no_other_is_in_it() -> None:
    assert backward("phi = self.cache\ndphi = 2 * phi + 1") == ["2 * phi", "1"]


def test_arguments_of_other_backwards_are_taken_apart() -> None:
    assert backward("dx = self.norm.backward(dy + self.feed_backward(dy), w)") == ["dy", "self.feed_backward(dy)"]
    assert backward("dh = dy + self.norm.backward(dy * 2)") == ["dy", "self.norm.backward(dy * 2)", "dy * 2"]


def test_derivatives_and_functions_that_add_to_a_grad_count_and_others_do_not() -> None:
    assert terms("class Tanh:\n    def derivative(self, x):\n        t = tanh(x)\n        return 1 - t**2") == [
        "1",
        "t ** 2",
    ]
    assert terms("class A:\n    def derivative(self, x):\n        slope = x > 0\n        return slope") == ["x > 0"]
    assert terms("def gather(self, dz):\n    self.bias.grad += dz.sum(0)\n    return dz @ w") == ["dz.sum(0)", "dz @ w"]
    assert terms("def forward(self, dx):\n    return dx * 2") == []
    assert terms("def clip(p, rate):\n    p.grad *= rate") == []
    assert terms("def norm_backward(x, dy, slope):\n    return dy * slope") == ["dy * slope"]


def test_terms_know_where_they_stand() -> None:
    source = "class A:\n    class B:\n        def backward(self, dy):\n            return dy + 2 * dy\n"
    assert {(t.qualname, t.function.name, t.expression.lineno) for t in gradient_terms(ast.parse(source))} == {
        ("A.B.backward", "backward", 4)
    }
