"""Linear maps with generated weights."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import HyperLinear, Linear


def layer(**kwargs: Any) -> HyperLinear:
    return HyperLinear(4, 3, 2, rng=np.random.default_rng(61), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(62).standard_normal(shape)


def test_each_example_goes_through_a_linear_map_of_its_own() -> None:
    hyper, x, z = layer(), draw(3, 5, 4), draw(3, 2)
    assert hyper.bias_map is not None
    weight, bias = hyper.weight_map(z), hyper.bias_map(z)
    for i, y in enumerate(hyper(x, z)):
        np.testing.assert_allclose(y, x[i] @ weight[i].reshape(3, 4).T + bias[i], rtol=1e-13)


def test_the_parameters_begin_as_those_of_a_linear_divided_by_the_root_of_in_features() -> None:
    rng, state = np.random.default_rng(61), layer().state_dict()
    for name, size in (("weight_map", 12), ("bias_map", 3)):
        for key, array in Linear(2, size, rng=rng).state_dict().items():
            np.testing.assert_array_equal(state[f"{name}.{key}"], array / 2)


def test_without_bias_there_is_no_map_for_it_and_zero_stays_zero() -> None:
    hyper = layer(bias=False)
    assert sorted(hyper.state_dict()) == ["weight_map.bias", "weight_map.weight"]
    assert not hyper(np.zeros((5, 4)), draw(5, 2)).any()


def test_no_positions_and_many_axes_of_them_are_taken() -> None:
    hyper = layer()
    for shape in ((3, 4), (3, 2, 4), (3, 2, 5, 4), (0, 4), (3, 0, 4)):
        y = hyper(draw(*shape), draw(shape[0], 2))
        assert y.shape == (*shape[:-1], 3)
        dx, dz = hyper.backward(y)
        assert dx.shape == shape
        assert dz.shape == (shape[0], 2)


def run(x: Any, z: Any, dy: Any = None) -> None:
    hyper = layer()
    hyper(x, z)
    if dy is not None:
        hyper.backward(dy)


def misfit(name: str, got: str, wanted: str) -> str:
    return f"HyperLinear: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


X, Z = np.zeros((2, 4)), np.zeros((2, 2))

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: run(np.zeros((2, 5)), Z), misfit("x", "(2, 5)", "(2, 4)")),
    (lambda: run(np.zeros((3, 6, 4)), Z), misfit("x", "(3, 6, 4)", "(2, *, 4)")),
    (lambda: run(X, np.zeros((2, 3))), misfit("z", "(2, 3)", "(*, 2)")),
    (lambda: run(X, Z, np.zeros((2, 4))), misfit("dy", "(2, 4)", "(2, 3)")),
    (
        lambda: run(X.astype(np.float32), Z),
        "HyperLinear: x has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
    (
        lambda: run(X, Z.astype(np.float32)),
        "HyperLinear: z has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
    (
        lambda: run(X, [[1, 2], [3, 4]]),
        "HyperLinear: z must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
