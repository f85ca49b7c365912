"""Flatten, Unflatten and Permute."""

import numpy as np

from nnlab.nn import Flatten, Permute, Unflatten

X = np.arange(24.0).reshape(2, 3, 4)


def test_flatten_keeps_the_batch_unless_told_otherwise() -> None:
    np.testing.assert_array_equal(Flatten()(X), X.reshape(2, 12))
    np.testing.assert_array_equal(Flatten(0)(X), X.ravel())
    np.testing.assert_array_equal(Flatten(0, -2)(X), X.reshape(6, 4))
    np.testing.assert_array_equal(Flatten(2, 2)(X), X)
    np.testing.assert_array_equal(Flatten(-3, 1)(X), X.reshape(6, 4))


def test_unflatten_undoes_flatten() -> None:
    for dim, sizes in ((1, (3, 4)), (-1, [3, -1]), (-1, (-1, 4))):
        np.testing.assert_array_equal(Unflatten(dim, sizes)(Flatten()(X)), X)
    np.testing.assert_array_equal(Unflatten(0, (1, 2))(X), X[None])


def test_permute_and_its_gradient_undo_each_other() -> None:
    layer = Permute([2, 0, -2])
    assert layer.dims == (2, 0, -2)
    np.testing.assert_array_equal(layer(X), X.transpose(2, 0, 1))
    np.testing.assert_array_equal(layer.backward(layer(X)), X)


def test_an_empty_batch_passes_through() -> None:
    assert Flatten()(X[:0]).shape == (0, 12)
    assert Unflatten(1, (3, 1))(X[:0]).shape == (0, 3, 1, 4)
    assert Permute((1, 0, 2))(X[:0]).shape == (3, 0, 4)
