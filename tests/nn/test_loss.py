"""Losses: reductions, extreme logits, classes in other places."""

import math

import numpy as np
import pytest

from nnlab.nn import CrossEntropyLoss, MSELoss


def test_losses_average_by_default_and_sum_or_list_on_request() -> None:
    x, t = np.array([[1.0, 2.0], [3.0, 5.0]]), np.zeros((2, 2))
    assert MSELoss()(x, t) == pytest.approx(39 / 4)
    assert MSELoss("sum")(x, t) == pytest.approx(39)
    assert MSELoss("none")(x, t).tolist() == [[1, 4], [9, 25]]


def test_a_reduced_loss_is_an_array_of_no_dimensions() -> None:
    for loss in (MSELoss()(np.ones(3), np.zeros(3)), CrossEntropyLoss()(np.ones((2, 3)), [0, 1])):
        assert isinstance(loss, np.ndarray)
        assert loss.shape == ()


def test_backward_without_an_argument_is_that_of_the_loss_itself() -> None:
    loss = MSELoss()
    loss(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    dinput, dtarget = loss.backward()
    assert dinput.tolist() == [1.0, -2.0]
    assert dtarget.tolist() == [-1.0, 2.0]
    entropy = CrossEntropyLoss()
    entropy(np.zeros((2, 4)), [0, 3])
    np.testing.assert_allclose(entropy.backward()[0], np.array([[-3, 1, 1, 1], [1, 1, 1, -3]]) / 8)


def test_cross_entropy_averages_over_targets_not_over_entries() -> None:
    assert CrossEntropyLoss()(np.zeros((2, 4)), [0, 3]) == pytest.approx(math.log(4))
    assert CrossEntropyLoss("sum")(np.zeros((2, 4)), [0, 3]) == pytest.approx(2 * math.log(4))


def test_cross_entropy_of_huge_logits_is_finite() -> None:
    loss = CrossEntropyLoss("none")
    assert loss(np.array([[1e4, 0.0], [1e4, 0.0]]), [0, 1]).tolist() == [0.0, 1e4]
    assert np.isfinite(loss.backward(np.ones(2))[0]).all()


def test_cross_entropy_of_a_row_far_below_the_others_is_finite() -> None:
    loss = CrossEntropyLoss("none")(np.array([[1e4, 0.0], [-1e4, -2e4]]), [0, 1])
    assert loss.tolist() == [0.0, 1e4]


def test_cross_entropy_of_a_batch_of_one_is_a_list_of_one() -> None:
    assert CrossEntropyLoss("none")(np.zeros((1, 4)), [2]).shape == (1,)
    assert CrossEntropyLoss("none")(np.zeros((1, 4, 1)), [[2]]).shape == (1, 1)


def test_cross_entropy_finds_the_classes_in_the_second_dimension() -> None:
    logits = np.random.default_rng(0).standard_normal((2, 3, 4))
    target = np.array([[0, 1, 2, 0], [2, 2, 1, 0]])
    rows = CrossEntropyLoss("none")(np.moveaxis(logits, 1, 2).reshape(8, 3), target.ravel())
    np.testing.assert_allclose(CrossEntropyLoss("none")(logits, target), rows.reshape(2, 4))


def test_cross_entropy_of_one_sample_takes_one_class() -> None:
    assert CrossEntropyLoss()(np.zeros(5), 2) == pytest.approx(math.log(5))


def test_a_loss_that_was_listed_may_be_overwritten() -> None:
    loss = CrossEntropyLoss("none")
    listed = loss(np.zeros((2, 4)), [0, 3])
    listed[...] = 7
    np.testing.assert_allclose(loss.backward(np.ones(2))[0].sum(1), 0, atol=1e-15)
