"""EmbeddingBag: what a bag is, ties, padding, and what does not fit."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import EmbeddingBag
from tests.nn.peers import torch_is_wanted

needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")

TABLE = np.array([[1.0, 9.0], [2.0, 4.0], [3.0, 0.0], [-5.0, -7.0]])


def bag(mode: Any = "sum", **kwargs: Any) -> EmbeddingBag:
    layer = EmbeddingBag(4, 2, mode=mode, rng=np.random.default_rng(61), **kwargs)
    layer.weight.data[...] = TABLE
    return layer


def gradient(layer: EmbeddingBag, dy: Any) -> Any:
    layer.backward(np.array(dy, float))
    return layer.weight.grad.tolist()


def test_the_mean_is_taken_unless_told_otherwise() -> None:
    layer = EmbeddingBag(4, 2, rng=np.random.default_rng(61))
    assert (layer.mode, layer.include_last_offset, layer.padding_idx) == ("mean", False, None)
    assert (layer.max_norm, layer.norm_type) == (None, 2.0)


def test_rows_of_a_matrix_are_bags() -> None:
    assert bag()([[0, 1], [1, 1]]).tolist() == [[3, 13], [4, 8]]
    assert bag("mean")([[0, 1], [1, 1]]).tolist() == [[1.5, 6.5], [2, 4]]
    assert bag("max")([[0, 1], [1, 3]]).tolist() == [[2, 9], [2, 4]]


def test_a_bag_ends_where_the_next_one_begins() -> None:
    assert bag()([0, 1, 2], [0, 1]).tolist() == [[1, 9], [5, 4]]
    assert bag()([0, 1, 2], [0]).tolist() == [[6, 13]]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_an_empty_bag_gives_zeros_wherever_it_stands(mode: str) -> None:
    layer = bag(mode)
    y = layer([3, 3, 1], [0, 0, 2, 2, 3])
    assert (y != 0).any(1).tolist() == [False, True, False, True, False]
    layer.backward(np.ones((5, 2)))
    assert not layer.weight.grad[[0, 2]].any()
    assert layer.weight.grad[[1, 3]].all()


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_may_all_be_empty(mode: str) -> None:
    none = np.zeros((2, 0), int)
    assert bag(mode)(none).tolist() == [[0, 0], [0, 0]]
    assert gradient_of_nothing(bag(mode), none) == [[0, 0]] * 4


def gradient_of_nothing(layer: EmbeddingBag, none: Any) -> Any:
    layer(none)
    return gradient(layer, np.ones((2, 2)))


def test_the_last_offset_may_be_the_length_of_the_input() -> None:
    assert bag(include_last_offset=True)([0, 1, 2], [0, 1, 3]).tolist() == [[1, 9], [5, 4]]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_padding_is_as_if_it_were_not_there(mode: str) -> None:
    padded, plain = bag(mode, padding_idx=-2), bag(mode)
    np.testing.assert_array_equal(padded([2, 0, 2, 1, 2], [0, 3, 4]), plain([0, 1], [0, 1, 2]))
    assert gradient(padded, [[1, 2], [3, 4], [5, 6]]) == gradient(plain, [[1, 2], [3, 4], [5, 6]])


def test_the_greatest_is_taken_by_column_and_gets_the_gradient() -> None:
    layer = bag("max")
    assert layer([0, 2, 1, 3], [0, 3]).tolist() == [[3, 9], [-5, -7]]
    assert gradient(layer, [[1, 2], [3, 4]]) == [[0, 2], [0, 0], [1, 0], [3, 4]]


def test_of_equals_the_first_gets_the_gradient() -> None:
    layer = bag("max")
    layer.weight.data[2] = TABLE[0]
    layer([[2, 0, 2], [0, 2, 1]])
    assert gradient(layer, [[1, 2], [3, 5]]) == [[0, 5], [3, 0], [1, 2], [0, 0]]


def test_the_mean_shares_the_gradient_out() -> None:
    layer = bag("mean")
    layer([0, 0, 1, 3], [0, 3])
    np.testing.assert_allclose(gradient(layer, [[3, 6], [1, 2]]), [[2, 4], [1, 2], [0, 0], [1, 2]])


def test_weights_scale_entries_and_get_gradients() -> None:
    layer = bag(padding_idx=3)
    layer.weight.data[3] = 1.0
    assert layer([[0, 1, 3], [1, 3, 3]], None, [[2.0, -1.0, 5.0], [0.5, 6.0, 7.0]]).tolist() == [[0, 14], [1, 2]]
    *nothing, dweights = layer.backward(np.array([[1.0, 1.0], [1.0, -1.0]]))
    assert nothing == [None, None]
    assert dweights is not None
    assert dweights.tolist() == [[10, 6, 0], [-2, 0, 0]]
    assert layer.weight.grad.tolist() == [[2, 2], [-0.5, -1.5], [0, 0], [0, 0]]


def test_without_weights_there_is_no_gradient_of_them() -> None:
    layer = bag()
    layer([[0, 1]])
    assert layer.backward(np.ones((1, 2))) == (None, None, None)


def test_rows_that_are_too_long_are_shortened_in_place_also_padding() -> None:
    layer = bag(max_norm=4.0, norm_type=1.0, padding_idx=3)
    layer.weight.data[...] = TABLE
    y = layer([[1, 3, 1]])
    wanted = TABLE.copy()
    wanted[1] *= 4 / 6.0000001
    wanted[3] *= 4 / 12.0000001
    np.testing.assert_allclose(layer.weight.data, wanted, rtol=1e-14)
    np.testing.assert_allclose(y, [2 * wanted[1]], rtol=1e-14)


def test_the_padding_row_starts_at_zero() -> None:
    assert not EmbeddingBag(4, 2, padding_idx=-1, rng=np.random.default_rng(61)).weight.data[3].any()


@needs_torch
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_agree_with_torch_on_random_offsets(mode: Any) -> None:
    import torch

    rng = np.random.default_rng(62)
    for padding_idx in (None, 2):
        layer = EmbeddingBag(5, 3, 1.1, mode=mode, padding_idx=padding_idx, rng=rng)
        theirs = torch.nn.EmbeddingBag(5, 3, 1.1, mode=mode, padding_idx=padding_idx).double()
        theirs.load_state_dict({"weight": torch.tensor(layer.weight.data)})
        index, offsets = rng.integers(5, size=30), np.sort(rng.integers(31, size=9))
        offsets[0] = 0
        dy = rng.standard_normal((9, 3))
        y, wanted = layer(index, offsets), theirs(torch.tensor(index), torch.tensor(offsets))
        np.testing.assert_allclose(y, wanted.detach(), atol=1e-12)
        layer.backward(dy)
        wanted.backward(torch.tensor(dy))
        np.testing.assert_allclose(layer.weight.grad, theirs.weight.grad, atol=1e-12)


RISE = "but must be integers that rise from 0 to at most 3, the length of input; say where each bag begins"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bag("min"), "mode is 'min' but must be 'sum', 'mean' or 'max'; choose one of them"),
        (
            lambda: bag(padding_idx=4),
            "padding_idx must lie in [-4, 4) but is 4; name one of the 4 rows, or leave it out",
        ),
        (
            lambda: bag()([0, 1, 2]),
            "input has shape (3,) and offsets are missing, but an input of one dimension needs them "
            "and one of two has none; pass or drop them, or reshape the input",
        ),
        (
            lambda: bag()([[0, 1, 2]], [0]),
            "input has shape (1, 3) and offsets are given, but an input of one dimension needs them "
            "and one of two has none; pass or drop them, or reshape the input",
        ),
        (
            lambda: bag()([[[0]]]),
            "input has shape (1, 1, 1) but must have (*, *); reshape it or build the layer for its size",
        ),
        (
            lambda: bag()([0, 4], [0]),
            "input must lie in [0, 4) but spans [0, 4]; check the vocabulary or the number of classes",
        ),
        (
            lambda: bag()([0, 1, 2], [[0]]),
            "offsets has shape (1, 1) but must have (*,); reshape it or build the layer for its size",
        ),
        (lambda: bag()([0, 1, 2], [1, 2]), f"offsets are [1, 2] {RISE}"),
        (lambda: bag()([0, 1, 2], [0, 2, 1]), f"offsets are [0, 2, 1] {RISE}"),
        (lambda: bag()([0, 1, 2], np.array([0, 2, 1], np.uint8)), f"offsets are [0, 2, 1] {RISE}"),
        (lambda: bag()([0, 1, 2], [0, 4]), f"offsets are [0, 4] {RISE}"),
        (lambda: bag()([0, 1, 2], [0.0, 1.0]), f"offsets are [0.0, 1.0] {RISE}"),
        (lambda: bag()([0, 1, 2], np.zeros(0, int)), f"offsets are [] {RISE}"),
        (
            lambda: bag(include_last_offset=True)([0, 1, 2], [0, 2]),
            "offsets are [0, 2] but must be integers that rise from 0 to 3, the length of input; "
            "say where each bag begins",
        ),
        (
            lambda: bag("mean")([[0, 1]], None, [[1.0, 2.0]]),
            "per_sample_weights are for mode 'sum' but mode is 'mean'; "
            "leave them out, or build the layer with mode='sum'",
        ),
        (
            lambda: bag()([[0, 1]], None, [1.0, 2.0]),
            "per_sample_weights has shape (2,) but must have (1, 2); reshape it or build the layer for its size",
        ),
        (
            lambda: bag()([[0, 1]], None, np.ones((1, 2), np.float32)),
            "per_sample_weights has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
    ],
    ids=[
        "mode",
        "padding",
        "no offsets",
        "offsets of a matrix",
        "dimensions",
        "index",
        "matrix of offsets",
        "late",
        "falling",
        "unsigned",
        "beyond",
        "floats",
        "none",
        "last",
        "weights of a mean",
        "shape of weights",
        "dtype of weights",
    ],
)
def test_the_refusal_says_rule_value_and_next_step(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^EmbeddingBag: {re.escape(message)}$"):
        call()


def test_a_refused_input_leaves_the_table_as_it_is() -> None:
    layer = bag(max_norm=0.1)
    with pytest.raises(InputError):
        layer([0, 1, 2], [0, 4])
    np.testing.assert_array_equal(layer.weight.data, TABLE)


def test_gradients_of_another_shape_or_dtype_are_refused() -> None:
    layer = bag()
    layer([[0, 1]])
    with pytest.raises(InputError, match=r"^EmbeddingBag: dy has shape \(2, 2\) but must have \(1, 2\);"):
        layer.backward(np.ones((2, 2)))
    with pytest.raises(InputError, match=r"^EmbeddingBag: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(np.ones((1, 2), np.float32))
