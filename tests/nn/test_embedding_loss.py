"""Losses of embeddings, where torch has no number for it."""

import numpy as np
import pytest

from nnlab.nn import CrossEntropyLoss, InfoNCELoss, TripletMarginLoss


def test_infonce_is_cross_entropy_of_the_similarities_with_the_own_key_as_class() -> None:
    rng = np.random.default_rng(0)
    query, key = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    assert InfoNCELoss(0.5)(query, key) == pytest.approx(float(CrossEntropyLoss()(query @ key.T / 0.5, np.arange(4))))


def test_infonce_of_huge_similarities_is_finite() -> None:
    loss = InfoNCELoss(reduction="none")
    x = np.array([[1e3, 0.0], [0.0, -1e3]])
    assert loss(x, -x).tolist() == [1e6, 1e6]
    assert all(np.isfinite(d).all() for d in loss.backward(np.ones(2)))


def test_infonce_of_a_single_pair_is_zero() -> None:
    loss = InfoNCELoss()
    assert loss(np.ones((1, 3)), np.ones((1, 3))) == 0
    assert not loss.backward()[0].any()


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_distance_of_a_pair_that_agrees_has_a_gradient_of_zero(p: float) -> None:
    loss = TripletMarginLoss(p=p, eps=0.0)
    assert loss(np.ones((1, 2)), np.ones((1, 2)), np.array([[1.0, 1.5]])) == 0.5
    assert loss.backward()[1].tolist() == [[0, 0]]
