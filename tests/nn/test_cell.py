"""Cells: the same step as the layers take, states that are not given, single examples."""

from typing import Any

import numpy as np
import pytest

from nnlab.nn import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from tests.nn.subjects import leaves

PAIRS = [(RNNCell, RNN), (LSTMCell, LSTM), (GRUCell, GRU)]
KINDS = [RNNCell, LSTMCell, GRUCell]
every_kind = pytest.mark.parametrize("kind", KINDS)


def rng() -> np.random.Generator:
    return np.random.default_rng(41)


@pytest.mark.parametrize(("kind", "layer_kind"), PAIRS)
def test_a_cell_over_time_is_a_layer(kind: Any, layer_kind: Any) -> None:
    x, cell, layer = rng().standard_normal((5, 2, 3)), kind(3, 4, rng=rng()), layer_kind(3, 4, rng=rng())
    state, hidden = None, []
    for step in x:
        state = cell(step, state)
        hidden.append(next(leaves(state)))
    output, last = layer(x)
    np.testing.assert_allclose(np.stack(hidden), output, atol=1e-15)
    np.testing.assert_allclose(state, np.squeeze(last, axis=-3), atol=1e-15)


@every_kind
def test_a_single_example_is_a_batch_of_one(kind: Any) -> None:
    x, cell = rng().standard_normal(3), kind(3, 4, rng=rng())
    one, dx = cell(x), cell.backward(np.ones(4))
    for found, wanted in zip(leaves(one), leaves(cell(x[None])), strict=True):
        np.testing.assert_array_equal(found, wanted[0])
    np.testing.assert_array_equal(dx, cell.backward(np.ones((1, 4)))[0])


@every_kind
def test_a_state_that_is_not_given_is_zero_and_gets_no_gradient(kind: Any) -> None:
    x, zero, cell = rng().standard_normal((2, 3)), np.zeros((2, 4)), kind(3, 4, rng=rng())
    without = cell(x)
    dx = cell.backward(np.ones((2, 4)))
    assert dx.shape == (2, 3)
    given = cell(x, (zero, zero) if kind is LSTMCell else zero)
    np.testing.assert_array_equal(without, given)
    again, dstate = cell.backward(np.ones((2, 4)))
    np.testing.assert_array_equal(again, dx)
    assert [d.shape for d in leaves(dstate)] == [(2, 4)] * (2 if kind is LSTMCell else 1)


def test_a_cotangent_of_the_lstms_memory_that_is_not_given_is_zero() -> None:
    cell = LSTMCell(3, 4, rng=rng())
    cell(np.ones((2, 3)))
    dh = rng().standard_normal((2, 4))
    np.testing.assert_array_equal(cell.backward(dh), cell.backward(dh, np.zeros((2, 4))))


@every_kind
def test_cells_stay_in_float32_without_states(kind: Any) -> None:
    cell = kind(3, 4, rng=rng(), dtype=np.float32)
    after = cell(np.ones((2, 3), np.float32))
    assert {h.dtype for h in leaves(after)} == {np.dtype(np.float32)}
    assert cell.backward(np.ones((2, 4), np.float32)).dtype == np.float32


@every_kind
def test_cells_have_torchs_defaults_and_names(kind: Any) -> None:
    cell = kind(3, 4, rng=rng())
    assert (cell.input_size, cell.hidden_size) == (3, 4)
    assert [name for name, _ in cell.named_parameters()] == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    assert kind is not RNNCell or cell.nonlinearity == "tanh"
    assert RNNCell(3, 4, True, "relu", rng=rng()).nonlinearity == "relu"
    bare = kind(3, 4, False, rng=rng())
    assert bare.bias_ih is bare.bias_hh is None


@every_kind
def test_an_empty_batch_passes_through_a_cell(kind: Any) -> None:
    cell = kind(3, 4, rng=rng())
    assert [h.shape for h in leaves(cell(np.zeros((0, 3))))] == [(0, 4)] * (2 if kind is LSTMCell else 1)
    assert cell.backward(np.zeros((0, 4))).shape == (0, 3)


@every_kind
def test_cells_saturate_without_overflow(kind: Any) -> None:
    cell = kind(2, 3, rng=rng())
    for value in (-1000.0, 1000.0):
        state = np.full((1, 3), value)
        after = cell(np.full((1, 2), value), (state, state) if kind is LSTMCell else state)
        gradients = cell.backward(np.ones((1, 3)))
        assert all(np.isfinite(array).all() for array in leaves((after, gradients)))


def test_a_relu_cell_passes_no_gradient_where_it_is_zero() -> None:
    cell = RNNCell(1, 1, bias=False, nonlinearity="relu", rng=rng())
    cell.load_state_dict({"weight_ih": [[1.0]], "weight_hh": [[0.5]]})
    assert cell(np.array([[2.0], [-3.0], [0.0]])).ravel().tolist() == [2.0, 0.0, 0.0]
    assert np.ravel(cell.backward(np.ones((3, 1)))).tolist() == [1.0, 0.0, 0.0]
