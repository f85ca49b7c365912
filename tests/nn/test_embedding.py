"""Embedding: look-up, duplicates, the padding row."""

import numpy as np

from nnlab.nn import Embedding


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
