"""Losses with a margin, where torch has no number for it."""

import numpy as np
import pytest

from nnlab.nn import CapsuleMarginLoss, HingeEmbeddingLoss, SoftMarginLoss


def test_soft_margin_of_huge_inputs_on_the_wrong_side_is_finite_where_torch_overflows() -> None:
    loss = SoftMarginLoss("none")
    assert loss(np.array([1e3, -1e3]), [-1, 1]).tolist() == [1000, 1000]
    assert loss.backward(np.ones(2))[0].tolist() == [1, -1]


def test_labels_may_be_floating_point_and_have_no_gradient() -> None:
    for kind in (HingeEmbeddingLoss, SoftMarginLoss):
        by_float, by_integer = kind(), kind()
        x = np.array([0.5, -0.25], np.float32)
        assert by_float(x, np.array([1.0, -1.0])) == by_integer(x, [1, -1])
        assert by_float.backward()[0].dtype == np.float32
        assert by_float.backward()[1] is None


def test_capsule_of_length_zero_has_a_gradient_of_zero() -> None:
    loss = CapsuleMarginLoss()
    assert loss(np.zeros((1, 2, 3)), [[1, 0]]) == pytest.approx(0.81)
    assert not loss.backward()[0].any()


def test_capsules_beyond_their_margins_have_no_loss() -> None:
    loss = CapsuleMarginLoss()
    assert loss(np.array([[[0.0, 0.95], [0.05, 0.0]]]), [[1, 0]]) == 0
    assert not loss.backward()[0].any()


def test_capsules_short_of_their_margins_have_a_squared_loss() -> None:
    loss = CapsuleMarginLoss(reduction="none")
    v = np.array([[[0.0, 0.5], [0.3, 0.4]]])
    assert loss(v, [[1, 0]]).tolist() == pytest.approx([0.4**2 + 0.5 * 0.4**2])
    np.testing.assert_allclose(loss.backward(np.ones(1))[0], [[[0, -0.8], [0.24, 0.32]]])
