"""Recurrent layers: states in and out, order of the axes, layers, directions, lengths, defaults."""

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
def test_a_single_sequence_is_a_batch_of_one(kind: Any) -> None:
    x, layer = rng().standard_normal((5, 3)), kind(3, 4, 2, bidirectional=True, batch_first=True, rng=rng())
    output, last = layer(x)
    dx = layer.backward(output)
    batch, batch_last = layer(x[None])
    np.testing.assert_array_equal(output, batch[0])
    np.testing.assert_array_equal(dx, layer.backward(batch)[0])
    for state, batch_state in zip(leaves(last), leaves(batch_last), strict=True):
        np.testing.assert_array_equal(state, batch_state[:, 0])


@every_kind
def test_layers_upon_each_other_are_two_layers_in_a_row(kind: Any) -> None:
    x, both = rng().standard_normal((5, 2, 3)), kind(3, 4, 2, rng=rng())
    output, last = both(x)
    states = []
    for layer, size in enumerate((3, 4)):
        single = kind(size, 4, rng=rng())
        single.load_state_dict(
            {n.replace(f"_l{layer}", "_l0"): a for n, a in both.state_dict().items() if f"_l{layer}" in n}
        )
        x, state = single(x)
        states.append(state)
    np.testing.assert_array_equal(x, output)
    np.testing.assert_array_equal(np.concatenate(states, axis=-3), last)


@every_kind
def test_the_second_direction_reads_the_sequence_from_its_end(kind: Any) -> None:
    x, both = rng().standard_normal((5, 2, 3)), kind(3, 4, bidirectional=True, rng=rng())
    output, last = both(x)
    for direction, order in (("", 1), ("_reverse", -1)):
        single = kind(3, 4, rng=rng())
        single.load_state_dict({n: both.state_dict()[n + direction] for n in single.state_dict()})
        alone, end = single(x[::order])
        half = slice(4) if order == 1 else slice(4, None)
        np.testing.assert_array_equal(output[:, :, half], alone[::order])
        number = 0 if order == 1 else 1
        np.testing.assert_array_equal([h[number] for h in leaves(last)], [h[0] for h in leaves(end)])


def test_lengths_give_each_sequence_the_results_it_has_alone() -> None:
    for kind in KINDS:
        x, lengths = rng().standard_normal((5, 4, 3)), [2, 5, 1, 3]
        layer: Any = kind(3, 4, 2, bidirectional=True, rng=rng())
        output, last = layer(x, lengths=lengths)
        dx = layer.backward(output, last)
        for n, length in enumerate(lengths):
            alone, end = layer(x[:length, n])
            np.testing.assert_allclose(output[:length, n], alone, atol=1e-15)
            np.testing.assert_allclose(dx[:length, n], layer.backward(alone, end), atol=1e-14)
            for state, own in zip(leaves(last), leaves(end), strict=True):
                np.testing.assert_allclose(state[:, n], own, atol=1e-15)
            assert not output[length:, n].any()
            assert not dx[length:, n].any()


@every_kind
def test_what_stands_past_the_length_has_no_effect_whatever_it_is(kind: Any) -> None:
    lengths, found = np.array([3, 1]), []
    for padding in (0.0, np.nan, np.inf):
        layer = kind(3, 4, batch_first=True, bidirectional=True, rng=rng())
        x, dy = rng().standard_normal((2, 4, 3)), np.ones((2, 4, 8))
        for n, length in enumerate(lengths):
            x[n, length:] = dy[n, length:] = padding
        output, last = layer(x, lengths=lengths)
        results = (output, last, layer.backward(dy), *(p.grad for p in layer.parameters()))
        found.append([array.copy() for array in leaves(results)])
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


@every_kind
def test_lengths_that_are_all_whole_change_nothing(kind: Any) -> None:
    x, layer = rng().standard_normal((5, 2, 3)), kind(3, 4, bidirectional=True, rng=rng())
    for one, two in zip(leaves(layer(x)), leaves(layer(x, None, [5, 5])), strict=True):
        np.testing.assert_array_equal(one, two)


@every_kind
def test_later_changes_of_lengths_and_states_reach_no_gradient(kind: Any) -> None:
    x, dy, lengths, state = rng().standard_normal((5, 2, 3)), np.ones((5, 2, 4)), np.array([2, 5]), states(kind, 2)
    layer = kind(3, 4, rng=rng())
    layer(x, state, lengths)
    before, _ = layer.backward(dy)
    lengths[:] = 1
    for array in leaves(state):
        array[:] = 9.0
    after, _ = layer.backward(dy)
    np.testing.assert_array_equal(after, before)


@every_kind
def test_dropout_acts_between_the_layers_and_in_training_only(kind: Any) -> None:
    x = rng().standard_normal((5, 2, 3))
    layer = kind(3, 4, 2, dropout=1.0, rng=rng())
    dropped, _ = layer(x)
    np.testing.assert_array_equal(dropped, layer(0 * x + 1)[0])  # the second layer sees nothing but zeros
    assert dropped.all()  # and its own output is whole
    np.testing.assert_array_equal(layer.eval()(x)[0], kind(3, 4, 2, rng=rng())(x)[0])


@every_kind
def test_a_lone_layer_drops_nothing_and_draws_nothing(kind: Any) -> None:
    generator, x = rng(), rng().standard_normal((5, 2, 3))
    layer = kind(3, 4, dropout=0.9, rng=generator)
    before = generator.bit_generator.state
    np.testing.assert_array_equal(layer(x)[0], kind(3, 4, rng=rng())(x)[0])
    assert generator.bit_generator.state == before


@every_kind
def test_defaults_are_torchs(kind: Any) -> None:
    layer = kind(3, 4, rng=rng())
    assert (layer.input_size, layer.hidden_size, layer.num_layers, layer.dropout) == (3, 4, 1, 0.0)
    assert (layer.batch_first, layer.bidirectional) == (False, False)
    assert [name for name, _ in layer.named_parameters()] == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
    ]
    assert kind is not RNN or layer.nonlinearity == "tanh"


@every_kind
def test_settings_can_be_read_under_torchs_names(kind: Any) -> None:
    layer = kind(3, 4, 2, bias=False, batch_first=True, dropout=0.3, bidirectional=True, rng=rng())
    assert (layer.num_layers, layer.dropout, layer.batch_first, layer.bidirectional) == (2, 0.3, True, True)
    assert layer.bias_ih_l1_reverse is None
    shapes = {name: parameter.data.shape[1] for name, parameter in layer.named_parameters()}
    assert shapes == {
        "weight_ih_l0": 3,
        "weight_hh_l0": 4,
        "weight_ih_l0_reverse": 3,
        "weight_hh_l0_reverse": 4,
        "weight_ih_l1": 8,
        "weight_hh_l1": 4,
        "weight_ih_l1_reverse": 8,
        "weight_hh_l1_reverse": 4,
    }
    assert list(shapes)[:3] == ["weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse"]
    assert kind is not RNN or RNN(3, 4, nonlinearity="relu", rng=rng()).nonlinearity == "relu"


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
