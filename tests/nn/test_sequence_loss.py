"""CTC: against every path, targets that cannot be spelled, layouts of targets."""

import itertools
from typing import Any

import numpy as np
import pytest

from nnlab.nn import CTCLoss


def spelled(path: tuple[int, ...], blank: int) -> list[int]:
    """The path without repeats and then without blanks."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


@pytest.mark.parametrize(
    ("target", "blank"), [([], 0), ([1], 0), ([1, 1], 0), ([1, 2], 0), ([0, 2, 0], 1), ([2, 2], 1)]
)
def test_ctc_is_the_sum_over_all_paths_that_spell_the_target(target: list[int], blank: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    paths = [path for path in itertools.product(range(3), repeat=4) if spelled(path, blank) == target]
    weights = np.array([np.exp(x[range(4), path].sum()) for path in paths])
    loss = CTCLoss(blank, "sum")
    assert loss(x, np.array(target, int), 4, len(target)) == pytest.approx(-np.log(weights.sum()))
    occupied = np.zeros((4, 3))
    for path, weight in zip(paths, weights / weights.sum(), strict=True):
        occupied[range(4), path] += weight
    np.testing.assert_allclose(loss.backward()[0], -occupied, atol=1e-15)


def test_a_target_that_cannot_be_spelled_has_loss_inf_or_zero_and_no_gradient() -> None:
    x = np.zeros((2, 2, 3))
    for zero, wanted in ((False, np.inf), (True, 0.0)):
        loss = CTCLoss(reduction="none", zero_infinity=zero)
        losses = loss(x, [[1, 1], [1, 2]], [2, 2], [2, 2])
        assert losses.tolist() == pytest.approx([wanted, 0])
        dlog_probs = loss.backward(np.ones(2))[0]
        assert not dlog_probs[:, 0].any()
        assert dlog_probs[:, 1].tolist() == [[0, -1, 0], [0, 0, -1]]


def test_ctc_without_frames_spells_only_the_empty_target() -> None:
    loss = CTCLoss(reduction="none")
    assert loss(np.zeros((3, 2, 3)), [[1], [1]], [0, 0], [0, 1]).tolist() == [0, np.inf]
    assert not loss.backward(np.ones(2))[0].any()


def test_ctc_of_huge_log_probabilities_does_not_underflow() -> None:
    loss = CTCLoss(reduction="sum")
    assert loss(np.full((50, 1, 3), -1e3), [[1] * 25], [50], [25]) == pytest.approx(5e4, rel=1e-3)
    np.testing.assert_allclose(loss.backward()[0].sum(-1), -1)


def test_ctc_of_a_class_that_is_impossible_is_finite() -> None:
    x = np.zeros((3, 1, 3))
    x[..., 2] = -np.inf
    loss = CTCLoss(reduction="sum")
    assert loss(x, [[1]], [3], [1]) == pytest.approx(-np.log(6))
    assert np.isfinite(loss.backward()[0]).all()


def test_targets_in_one_row_are_those_in_rows() -> None:
    x = np.random.default_rng(1).standard_normal((5, 3, 4))
    rows: Any = [[1, 9, 9], [2, 3, 1], [9, 9, 9]]
    by_rows, in_one = CTCLoss(reduction="none"), CTCLoss(reduction="none")
    wanted = by_rows(x, rows, [5, 5, 4], [1, 3, 0])
    assert in_one(x, [1, 2, 3, 1], [5, 5, 4], [1, 3, 0]).tolist() == wanted.tolist()
    assert np.array_equal(in_one.backward(np.ones(3))[0], by_rows.backward(np.ones(3))[0])


def test_frames_beyond_the_length_of_an_input_do_not_matter() -> None:
    x = np.random.default_rng(2).standard_normal((5, 1, 3))
    short, padded = CTCLoss(), CTCLoss()
    assert padded(x, [[1, 2]], [3], [2]) == short(x[:3], [[1, 2]], [3], [2])
    assert padded.backward()[0][3:].tolist() == np.zeros((2, 1, 3)).tolist()


def test_the_mean_divides_each_loss_by_the_length_of_its_target() -> None:
    x = np.random.default_rng(3).standard_normal((6, 2, 3))
    targets, lengths = [[1, 2, 1], [1, 0, 0]], ([6, 6], [3, 0])
    first, second = CTCLoss(reduction="none")(x, targets, *lengths)
    assert CTCLoss()(x, targets, *lengths) == pytest.approx((first / 3 + second) / 2)


def test_behind_a_log_softmax_the_gradient_of_the_logits_is_that_of_torch() -> None:
    x = np.zeros((3, 1, 3))
    loss = CTCLoss()
    loss(x - np.log(3), [[1, 1]], [3], [2])
    dlog_probs = loss.backward()[0]
    dlogits = dlog_probs - dlog_probs.sum(-1, keepdims=True) / 3
    wanted = [[[1, -2, 1]], [[-2, 1, 1]], [[1, -2, 1]]]
    np.testing.assert_allclose(dlogits, np.array(wanted) / 6)
