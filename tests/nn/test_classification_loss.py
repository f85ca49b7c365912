"""Losses over classes: extreme logits, classes in other places, targets that are ignored."""

import math

import numpy as np
import pytest

from nnlab.nn import CrossEntropyLoss, NLLLoss


def test_cross_entropy_averages_over_targets_not_over_entries() -> None:
    assert CrossEntropyLoss()(np.zeros((2, 4)), [0, 3]) == pytest.approx(math.log(4))
    assert CrossEntropyLoss(reduction="sum")(np.zeros((2, 4)), [0, 3]) == pytest.approx(2 * math.log(4))


def test_cross_entropy_of_huge_logits_is_finite() -> None:
    loss = CrossEntropyLoss(reduction="none")
    assert loss(np.array([[1e4, 0.0], [1e4, 0.0]]), [0, 1]).tolist() == [0.0, 1e4]
    assert np.isfinite(loss.backward(np.ones(2))[0]).all()


def test_cross_entropy_of_a_row_far_below_the_others_is_finite() -> None:
    loss = CrossEntropyLoss(reduction="none")(np.array([[1e4, 0.0], [-1e4, -2e4]]), [0, 1])
    assert loss.tolist() == [0.0, 1e4]


def test_cross_entropy_of_a_batch_of_one_is_a_list_of_one() -> None:
    assert CrossEntropyLoss(reduction="none")(np.zeros((1, 4)), [2]).shape == (1,)
    assert CrossEntropyLoss(reduction="none")(np.zeros((1, 4, 1)), [[2]]).shape == (1, 1)


def test_cross_entropy_finds_the_classes_in_the_second_dimension() -> None:
    logits = np.random.default_rng(0).standard_normal((2, 3, 4))
    target = np.array([[0, 1, 2, 0], [2, 2, 1, 0]])
    rows = CrossEntropyLoss(reduction="none")(np.moveaxis(logits, 1, 2).reshape(8, 3), target.ravel())
    np.testing.assert_allclose(CrossEntropyLoss(reduction="none")(logits, target), rows.reshape(2, 4))


def test_cross_entropy_of_one_sample_takes_one_class() -> None:
    assert CrossEntropyLoss()(np.zeros(5), 2) == pytest.approx(math.log(5))


def test_an_ignored_target_neither_adds_to_the_mean_nor_counts_in_it() -> None:
    logits = np.random.default_rng(0).standard_normal((4, 3))
    some, fewer = CrossEntropyLoss(), CrossEntropyLoss()
    assert some(logits, [0, -100, 2, -100]) == pytest.approx(float(fewer(logits[::2], [0, 2])))
    np.testing.assert_allclose(some.backward()[0][::2], fewer.backward()[0])
    assert not some.backward()[0][1::2].any()


def test_the_mean_divides_by_the_weights_of_the_targets() -> None:
    log_p = np.array([[-1.0, -2.0], [-3.0, -5.0]])
    assert NLLLoss([1.0, 3.0])(log_p, [0, 1]) == (1 * 1 + 3 * 5) / (1 + 3)
    assert NLLLoss([1.0, 3.0], reduction="sum")(log_p, [0, 1]) == 1 * 1 + 3 * 5


def test_where_every_target_is_ignored_sum_and_list_are_zero() -> None:
    for kind in (CrossEntropyLoss, NLLLoss):
        total = kind(reduction="sum")
        assert total(np.ones((2, 3)), [-100, -100]) == 0
        assert not total.backward()[0].any()
        assert kind(reduction="none")(np.ones((2, 3)), [-100, -100]).tolist() == [0, 0]


def test_cross_entropy_of_classes_is_that_of_their_probabilities() -> None:
    logits = np.random.default_rng(1).standard_normal((4, 3))
    target = np.array([2, 0, 1, 2])
    for smoothing in (0.0, 0.3, 1.0):
        by_class = CrossEntropyLoss(label_smoothing=smoothing)
        by_probability = CrossEntropyLoss(label_smoothing=smoothing)
        assert by_class(logits, target) == pytest.approx(float(by_probability(logits, np.eye(3)[target])))
        np.testing.assert_allclose(by_class.backward()[0], by_probability.backward()[0], atol=1e-15)


def test_cross_entropy_is_nll_of_the_log_softmax() -> None:
    logits = np.random.default_rng(2).standard_normal((4, 3))
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    target, weight = np.array([2, 0, 1, 2]), [0.5, 2.0, 1.0]
    assert CrossEntropyLoss(weight)(logits, target) == pytest.approx(float(NLLLoss(weight)(log_p, target)))


def test_a_class_of_probability_zero_adds_nothing_even_where_its_logit_is_minus_infinity() -> None:
    loss = CrossEntropyLoss(reduction="none")
    assert loss(np.array([[0.0, -np.inf]]), np.array([[1.0, 0.0]])).tolist() == [0.0]
    assert loss.backward(np.ones(1))[0].tolist() == [[0.0, 0.0]]


def test_a_negative_ignore_index_goes_with_probabilities() -> None:
    assert CrossEntropyLoss(ignore_index=-1)(np.zeros((1, 2)), np.array([[0.5, 0.5]])) == pytest.approx(math.log(2))


def test_an_ignored_target_need_not_fit_the_number_of_classes() -> None:
    assert NLLLoss()(np.full((2, 1), -3.0), [0, -100]) == 3
