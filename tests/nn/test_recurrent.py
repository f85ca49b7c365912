"""Recurrent layers: states in and out, order of the axes, defaults."""

from typing import Any

import numpy as np
import pytest

from nnlab.nn import GRU, LSTM, RNN
from tests.nn.subjects import leaves

KINDS = [RNN, LSTM, GRU]
every_kind = pytest.mark.parametrize("kind", KINDS)


def rng() -> np.random.Generator:
    return np.random.default_rng(31)


def states(kind: Any, batch: int) -> Any:
    """A given state: h_0, or (h_0, c_0)."""
    drawn = tuple(np.random.default_rng(32).standard_normal((2, 1, batch, 4)))
    return drawn if kind is LSTM else drawn[0]


@every_kind
def test_output_and_last_state_have_torchs_shapes(kind: Any) -> None:
    output, last = kind(3, 4, rng=rng())(np.ones((5, 2, 3)))
    assert output.shape == (5, 2, 4)
    for state in last if kind is LSTM else (last,):
        assert state.shape == (1, 2, 4)


@every_kind
def test_last_hidden_state_is_the_last_output(kind: Any) -> None:
    output, last = kind(3, 4, rng=rng())(np.ones((5, 2, 3)))
    np.testing.assert_array_equal((last[0] if kind is LSTM else last)[0], output[-1])


@every_kind
def test_batch_first_only_turns_the_sequence(kind: Any) -> None:
    x = rng().standard_normal((5, 2, 3))
    output, last = kind(3, 4, rng=rng())(x, states(kind, 2))
    turned, turned_last = kind(3, 4, batch_first=True, rng=rng())(x.swapaxes(0, 1), states(kind, 2))
    np.testing.assert_array_equal(turned.swapaxes(0, 1), output)
    np.testing.assert_array_equal(turned_last, last)


@every_kind
def test_a_state_that_is_not_given_is_zero(kind: Any) -> None:
    x, zero = rng().standard_normal((5, 2, 3)), np.zeros((1, 2, 4))
    without, _ = kind(3, 4, rng=rng())(x)
    given, _ = kind(3, 4, rng=rng())(x, (zero, zero) if kind is LSTM else zero)
    np.testing.assert_array_equal(without, given)


@every_kind
def test_a_sequence_may_be_cut_in_two_and_its_state_passed_on(kind: Any) -> None:
    x = rng().standard_normal((5, 2, 3))
    layer = kind(3, 4, rng=rng())
    whole, last = layer(x)
    first, state = layer(x[:2])
    second, end = layer(x[2:], state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-15)
    np.testing.assert_allclose(end, last, atol=1e-15)


@every_kind
def test_a_cotangent_of_the_last_state_that_is_not_given_is_zero(kind: Any) -> None:
    x, dy, zero = rng().standard_normal((5, 2, 3)), np.ones((5, 2, 4)), np.zeros((1, 2, 4))
    layer = kind(3, 4, rng=rng())
    layer(x)
    without = layer.backward(dy)
    np.testing.assert_array_equal(layer.backward(dy, (zero, zero) if kind is LSTM else zero), without)


@every_kind
def test_float32_stays_float32_without_states(kind: Any) -> None:
    layer = kind(3, 4, rng=rng(), dtype=np.float32)
    output, last = layer(np.ones((5, 2, 3), np.float32))
    assert {y.dtype for y in leaves((output, last))} == {np.dtype(np.float32)}
    assert layer.backward(output).dtype == np.float32


@every_kind
def test_the_state_gets_a_gradient_exactly_if_it_was_given(kind: Any) -> None:
    x, dy = rng().standard_normal((5, 2, 3)), np.ones((5, 2, 4))
    layer = kind(3, 4, rng=rng())
    layer(x)
    assert layer.backward(dy).shape == x.shape
    layer(x, states(kind, 2))
    dx, dstate = layer.backward(dy)
    assert dx.shape == x.shape
    assert [d.shape for d in (dstate if kind is LSTM else (dstate,))] == [(1, 2, 4)] * (2 if kind is LSTM else 1)


@every_kind
def test_defaults_are_torchs(kind: Any) -> None:
    layer = kind(3, 4, 1, rng=rng())
    assert (layer.input_size, layer.hidden_size, layer.batch_first) == (3, 4, False)
    assert [name for name, _ in layer.named_parameters()] == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
    ]
    assert kind is not RNN or layer.nonlinearity == "tanh"


def test_gates_saturate_without_overflow() -> None:
    for kind in (LSTM, GRU):
        output, _ = kind(1, 1, rng=rng())(np.array([[[-1e4]], [[1e4]]]))
        assert np.isfinite(output).all()


def test_relu_passes_no_gradient_where_it_is_zero() -> None:
    layer = RNN(1, 1, nonlinearity="relu", bias=False, rng=rng())
    layer.load_state_dict({"weight_ih_l0": [[1.0]], "weight_hh_l0": [[0.5]]})
    output, _ = layer(np.array([[[2.0]], [[-3.0]], [[0.0]]]))
    assert output.ravel().tolist() == [2.0, 0.0, 0.0]
    assert np.ravel(layer.backward(np.ones((3, 1, 1)))).tolist() == [1.0, 0.0, 0.0]


def test_an_empty_batch_passes_through() -> None:
    for kind in KINDS:
        layer: Any = kind(3, 4, rng=rng())
        output, _ = layer(np.zeros((5, 0, 3)))
        assert output.shape == (5, 0, 4)
        assert layer.backward(output).shape == (5, 0, 3)
