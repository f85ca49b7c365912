"""Binary losses: probabilities of 0 and 1, huge logits, masks that are empty."""

import numpy as np
import pytest

from nnlab.nn import BCELoss, BCEWithLogitsLoss, DiceLoss, FocalLoss


def test_bce_of_certain_probabilities_is_bounded_as_in_torch() -> None:
    loss = BCELoss(reduction="none")
    assert loss(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])).tolist() == [0, 100, 100, 0]
    dinput, dtarget = loss.backward(np.ones(4))
    assert dinput.tolist() == [0, 1e12, -1e12, 0]
    assert dtarget.tolist() == [100, -100, 100, -100]


def test_bce_of_probabilities_next_to_certain_is_bounded() -> None:
    loss = BCELoss(reduction="none")
    assert loss(np.array([1e-300]), np.array([1.0])).tolist() == [100]
    assert loss.backward(np.ones(1))[0].tolist() == [-1e12]


def test_bce_with_logits_is_bce_of_the_sigmoid() -> None:
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((3, 4)), rng.uniform(size=(3, 4))
    assert BCEWithLogitsLoss()(x, target) == pytest.approx(float(BCELoss()(1 / (1 + np.exp(-x)), target)))


def test_a_weight_broadcasts_to_the_input() -> None:
    zeros = np.zeros((2, 2))
    loss = BCEWithLogitsLoss([[1.0], [3.0]], "none")
    np.testing.assert_allclose(loss(zeros, zeros), np.log(2) * np.array([[1, 1], [3, 3]]))
    assert BCEWithLogitsLoss(2.0)(zeros, zeros) == pytest.approx(2 * np.log(2))


def test_focal_loss_of_huge_logits_neither_overflows_nor_vanishes() -> None:
    loss = FocalLoss(reduction="none")
    assert loss(np.array([1e3, -1e3, 1e3, -1e3]), [1, 1, 0, 0]).tolist() == [0, 250, 750, 0]
    assert loss.backward(np.ones(4))[0].tolist() == [0, -0.25, 0.75, 0]


def test_focal_loss_with_gamma_zero_and_no_alpha_is_bce() -> None:
    x, target = np.random.default_rng(1).standard_normal((3, 4)), np.arange(12).reshape(3, 4) % 2
    assert FocalLoss(None, 0.0)(x, target) == pytest.approx(float(BCEWithLogitsLoss()(x, target.astype(float))))


def test_focal_loss_takes_alpha_at_both_ends() -> None:
    assert FocalLoss(1.0, 0.0, "sum")(np.zeros(2), [1, 0]) == pytest.approx(np.log(2))
    assert FocalLoss(0.0, 0.0, "none")(np.zeros(2), [1, 0]).tolist() == pytest.approx([0, np.log(2)])


def test_dice_loss_is_zero_for_equal_masks_also_for_empty_ones_and_one_for_disjoint_ones() -> None:
    mask = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert DiceLoss(reduction="none")(mask, mask).tolist() == [0, 0]
    assert DiceLoss(1e-9)(mask[:1], 1 - mask[:1]) == pytest.approx(1)
