"""Embedding: look-up, duplicates, the padding row, the limit to norms."""

import numpy as np
import pytest

from nnlab.nn import Embedding
from tests.nn.peers import torch_is_wanted

needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")


def table(padding_idx: int | None = None) -> Embedding:
    return Embedding(5, 3, padding_idx, rng=np.random.default_rng(8))


def test_embedding_looks_rows_up() -> None:
    layer = table()
    np.testing.assert_array_equal(layer([[4, 0], [2, 4]])[1, 1], layer.weight.data[4])


def test_embedding_of_one_index_is_a_copy_of_its_row() -> None:
    layer = table()
    assert not np.shares_memory(layer(np.array(2)), layer.weight.data)


def test_embedding_gradient_adds_up_over_duplicates() -> None:
    layer = table()
    layer([1, 3, 1, 1])
    assert layer.backward(np.array([[1.0, 2, 3], [4, 5, 6], [10, 20, 30], [100, 200, 300]])) is None
    np.testing.assert_array_equal(layer.weight.grad[1], [111, 222, 333])
    np.testing.assert_array_equal(layer.weight.grad[3], [4, 5, 6])
    assert not layer.weight.grad[[0, 2, 4]].any()


def test_embedding_padding_row_starts_at_zero_and_receives_no_gradient() -> None:
    for padding_idx, row in ((0, 0), (3, 3), (-1, 4), (-5, 0)):
        layer = table(padding_idx)
        assert layer.padding_idx == row
        assert not layer.weight.data[row].any()
        layer(np.arange(5))
        layer.backward(np.ones((5, 3)))
        assert not layer.weight.grad[row].any()
        assert np.delete(layer.weight.grad, row, axis=0).all()


def test_embedding_declares_its_padding_row_constant() -> None:
    constant = table(-2).weight.constant
    assert constant is not None
    np.testing.assert_array_equal(np.broadcast_to(constant, (5, 3)).all(1), [False, False, False, True, False])
    assert table().weight.constant is None


def test_embedding_draws_the_same_table_with_and_without_padding() -> None:
    np.testing.assert_array_equal(table(1).weight.data[2:], table().weight.data[2:])


def test_embedding_keeps_the_indices_of_its_forward() -> None:
    layer, index = table(), np.array([1, 2])
    layer(index)
    index[...] = 0
    layer.backward(np.ones((2, 3)))
    assert not layer.weight.grad[0].any()


ROWS = np.array([[3.0, 4.0], [-6.0, 8.0], [0.0, 0.0], [30.0, 40.0], [0.3, -0.4]])


def limited(max_norm: float, norm_type: float = 2.0, padding_idx: int | None = None) -> Embedding:
    layer = Embedding(5, 2, padding_idx, max_norm, norm_type, rng=np.random.default_rng(8))
    layer.weight.data[...] = ROWS
    return layer


def test_embedding_shortens_in_place_the_rows_that_it_looks_up_and_that_are_too_long() -> None:
    layer = limited(5.0)
    weight = layer.weight.data
    y = layer([[1, 4], [1, 0]])
    assert layer.weight.data is weight
    np.testing.assert_allclose(weight, [ROWS[0], ROWS[1] * (5 / 10.0000001), *ROWS[2:]], rtol=1e-14)
    np.testing.assert_array_equal(y, weight[[[1, 4], [1, 0]]])


def test_embedding_shortens_a_row_once_however_often_it_is_looked_up() -> None:
    once, often = limited(0.001), limited(0.001)
    once([0, 3])
    often([[3, 3, 0], [0, 3, 3]])
    np.testing.assert_array_equal(often.weight.data, once.weight.data)


def test_embedding_leaves_a_row_alone_whose_norm_is_the_limit() -> None:
    layer = limited(5.0)
    layer([0])
    np.testing.assert_array_equal(layer.weight.data, ROWS)


@pytest.mark.parametrize(
    ("norm_type", "length"), [(1.0, 14), (2.0, 10), (np.inf, 8), (3.0, 728 ** (1 / 3)), (0.0, 2), (-np.inf, 6)]
)
def test_embedding_measures_rows_in_the_norm_it_is_told(norm_type: float, length: float) -> None:
    layer = limited(0.5, norm_type)
    layer([1])
    np.testing.assert_allclose(layer.weight.data[1], ROWS[1] * (0.5 / (length + 1e-7)), rtol=1e-14)


def test_embedding_sets_no_limit_unless_told_to() -> None:
    layer = table()
    assert (layer.max_norm, layer.norm_type) == (None, 2.0)
    layer.weight.data[...] = 1e9
    assert (layer([0, 1]) == 1e9).all()


def test_embedding_with_a_limit_passes_gradients_as_without() -> None:
    layer = limited(0.1, padding_idx=0)
    layer([[1, 1], [0, 3]])
    layer.backward(np.ones((2, 2, 2)))
    np.testing.assert_array_equal(layer.weight.grad, [[0, 0], [2, 2], [0, 0], [1, 1], [0, 0]])


@needs_torch
def test_embedding_shortens_as_torch_does() -> None:
    import torch

    for norm_type in (1.0, 2.0, 3.5, float("inf")):
        layer = limited(2.0, norm_type)
        theirs = torch.nn.Embedding(5, 2, max_norm=2.0, norm_type=norm_type).double()
        theirs.weight.data[...] = torch.tensor(ROWS)
        index = np.array([[0, 3, 0], [3, 2, 4]])
        y, wanted = layer(index), theirs(torch.tensor(index))
        np.testing.assert_allclose(y, wanted.detach(), rtol=1e-14)
        np.testing.assert_allclose(layer.weight.data, theirs.weight.detach(), rtol=1e-14)
