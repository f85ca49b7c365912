"""SoftSort: order, ties and limits."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import SoftSort


def test_a_small_tau_gives_the_permutation_that_sorts_the_largest_first() -> None:
    s = np.array([[2.0, -1.0, 3.0], [0.0, 7.0, 5.0]])
    p = SoftSort(1e-3)(s)
    assert p.tolist() == [[[0, 0, 1], [1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]]
    assert (p @ s[..., None])[..., 0].tolist() == [[3, 2, -1], [7, 5, 0]]


def test_rows_sum_to_one_and_are_largest_at_the_entry_of_that_rank() -> None:
    s = np.random.default_rng(66).standard_normal((4, 6))
    p = SoftSort(0.5)(s)
    np.testing.assert_allclose(p.sum(-1), 1)
    np.testing.assert_array_equal(p.argmax(-1), np.argsort(-s, -1))


def test_one_row_by_hand() -> None:
    a, b = np.exp(-1.5), np.exp(-0.5)
    p = SoftSort(2.0)(np.array([0.0, 3.0, 2.0]))
    np.testing.assert_allclose(p[0], np.array([a, 1, b]) / (a + 1 + b))


def test_equal_entries_share_their_rows_and_the_gradient_goes_by_their_places() -> None:
    """The numbers are those of torch, with torch.sort(s, descending=True, stable=True)."""
    layer = SoftSort()
    p = layer(np.array([1.0, 2.0, 2.0, 0.0]))
    np.testing.assert_array_equal(p[0], p[1])
    np.testing.assert_array_equal(p[:, 1], p[:, 2])
    ds = layer.backward(np.arange(16.0).reshape(4, 4) ** 2)
    np.testing.assert_allclose(ds, TIED, rtol=1e-11)


TIED = [6.133150788002, 2.947289536800, -1.714761946543, -7.365678378259]


def test_many_equal_entries_keep_their_order_too() -> None:
    rng = np.random.default_rng(76)
    layer, s, dp = SoftSort(), rng.integers(3, size=90).astype(float), rng.standard_normal((90, 90))
    p = layer(s)
    wanted = np.zeros(90)
    for rank, place in enumerate(sorted(range(90), key=lambda i: -s[i])):
        dapart = -np.sign(s[place] - s) * p[rank] * (dp[rank] - dp[rank] @ p[rank])
        wanted[place] += dapart.sum()
        wanted -= dapart
    np.testing.assert_allclose(layer.backward(dp), wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_entries_of_a_thousand_do_not_overflow(dtype: Any) -> None:
    layer = SoftSort()
    assert layer(np.array([-1e3, 1e3, 0.0], dtype)).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert layer.backward(np.ones((3, 3), dtype)).tolist() == [0, 0, 0]


def test_one_entry_is_sorted() -> None:
    assert SoftSort()(np.array([[5.0], [6.0]])).tolist() == [[[1]], [[1]]]


def run(s: Any, dp: Any) -> None:
    layer = SoftSort()
    layer(s)
    layer.backward(dp)


def too_small(tau: object) -> str:
    return f"SoftSort: tau is {tau} but must be above 0; the smaller it is, the harder the sorting"


def misfit(name: str, got: str, wanted: str) -> str:
    return f"SoftSort: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: SoftSort(0), too_small(0)),
    (lambda: SoftSort(-1.0), too_small(-1.0)),
    (lambda: SoftSort(float("nan")), too_small("nan")),
    (lambda: SoftSort()(np.zeros(())), misfit("s", "()", "(..., *)")),
    (lambda: run(np.zeros((2, 3)), np.zeros((2, 3))), misfit("dp", "(2, 3)", "(2, 3, 3)")),
    (
        lambda: run(np.zeros(2), np.zeros((2, 2), np.float32)),
        "SoftSort: dp has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
