"""A path through a parameter that backward leaves out is named with the parameter."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import draw, parameter

PAST = draw(3, 3, seed=7)


class Gate:
    """y = sin(z Uᵀ) with z = n Wᵀ · tanh(n Vᵀ) · n P and n = γ x; `keep` is what comes back through W and V."""

    def __init__(self, keep: tuple[float, float] = (1.0, 1.0), together: bool = False) -> None:
        self.keep = keep
        w, v = draw(3, 3, seed=2), draw(3, 3, seed=3)
        self.together = together
        self.params = {"gamma": parameter(1 + draw(3, seed=1) / 4), "u": parameter(draw(4, 3, seed=4))}
        self.params |= {"wv": parameter(np.vstack([w, v]))} if together else {"w": parameter(w), "v": parameter(v)}

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield from self.params.items()

    def weights(self, what: str) -> Any:
        arrays = [getattr(p, what) for n, p in self.params.items() if n in ("w", "v", "wv")]
        return np.split(arrays[0], 2) if self.together else arrays

    def forward(self, x: Any) -> Any:
        self.x = x.copy()
        self.n = x * self.params["gamma"].data
        w, v = self.weights("data")
        self.h, self.t, self.r = self.n @ w.T, np.tanh(self.n @ v.T), self.n @ PAST.astype(x.dtype)
        self.z = self.h * self.t * self.r
        return np.sin(self.z @ self.params["u"].data.T)

    def backward(self, dy: Any) -> Any:
        w, v = self.weights("data")
        u = self.params["u"]
        du = dy * np.cos(self.z @ u.data.T)
        u.grad += du.T @ self.z
        dz = du @ u.data
        dh, dg = dz * self.t * self.r, dz * self.h * (1 - self.t**2) * self.r
        for grad, d in zip(self.weights("grad"), (dh, dg), strict=True):
            grad += d.T @ self.n
        dn = self.keep[0] * dh @ w + self.keep[1] * dg @ v + dz * self.h * self.t @ PAST.astype(dy.dtype).T
        self.params["gamma"].grad += (dn * self.x).sum(0)
        return dn * self.params["gamma"].data


def said(layer: Any) -> dict[str, str | None]:
    return {wrong.tensor: wrong.pattern for wrong in check(layer, draw(4, 3, seed=6)).disagreements}


@pytest.mark.parametrize(
    ("keep", "together", "names"),
    [
        ((0.0, 1.0), False, "w"),
        ((1.0, 0.0), False, "v"),
        ((0.0, 0.0), False, "w, v"),
        ((0.0, 0.0), True, "wv"),
        ((1.0, 0.0), True, "wv"),
        ((0.0, 1.0), True, "wv"),
    ],
)
def test_a_path_that_does_not_come_back_is_named(keep: tuple[float, float], together: bool, names: str) -> None:
    name = f"a path missing, not added: through {names}"
    assert said(Gate(keep, together)) == {"input 0": name, "gamma": name}


class Junction:
    """y = n + tanh(n) + b with n = x a + c, without the path past tanh."""

    def __init__(self) -> None:
        self.a, self.b, self.c = parameter(draw(3, seed=1)), parameter(draw(3, seed=2)), parameter(draw(3, seed=3))

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield from {"a": self.a, "b": self.b, "c": self.c}.items()

    def forward(self, x: Any) -> Any:
        self.x, self.n = x.copy(), x * self.a.data + self.c.data
        return self.n + np.tanh(self.n @ MIX) + self.b.data

    def backward(self, dy: Any) -> Any:
        dn = dy * (1 - np.tanh(self.n @ MIX) ** 2) @ MIX.T
        self.b.grad += dy.sum(0)
        self.a.grad += (dn * self.x).sum(0)
        self.c.grad += dn.sum(0)
        return (dn + dy) * self.a.data


MIX = draw(3, 3, seed=4)


def test_a_path_whose_gradient_another_tensor_has_is_named_with_it() -> None:
    assert said(Junction())["c"] == "a path missing, not added: that of b"


def test_few_outputs_suffice_since_a_matrix_is_one_path() -> None:
    layer = Gate((0.0, 1.0))
    layer.params["u"] = parameter(draw(1, 3, seed=4))
    found = {wrong.tensor: wrong.pattern for wrong in check(layer, draw(2, 3, seed=6)).disagreements}
    assert found["input 0"] == "a path missing, not added: through w"


def test_a_part_of_a_path_is_not_a_path() -> None:
    assert said(Gate((0.5, 1.0))) == {"input 0": None, "gamma": None}
    assert said(Gate((0.0, 0.5))) == {"input 0": None, "gamma": None}
