"""Clipping of gradients, as torch does it."""

from math import inf, nan
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Parameter, clip_grad_norm_, clip_grad_value_
from tests.nn.peers import torch_is_wanted

ENTRIES = ([[3.0, -4.0], [0.0, 1.0]], [12.0, -0.5])


def parameters(dtype: Any = np.float64, *entries: Any) -> list[Parameter]:
    found = []
    for grad in entries or ENTRIES:
        found.append(Parameter(np.ones(np.shape(grad), dtype)))
        found[-1].grad[...] = grad
    return found


def gradients(clipped: list[Parameter]) -> list[Any]:
    return [p.grad.tolist() for p in clipped]


@pytest.mark.parametrize(
    ("norm_type", "norm"), [(1, 20.5), (2, 170.25**0.5), (2.0, 170.25**0.5), (inf, 12.0), (3, 1820.125 ** (1 / 3))]
)
def test_gradients_are_scaled_to_the_norm_and_their_own_is_returned(norm_type: float, norm: float) -> None:
    clipped = parameters()
    grad = clipped[0].grad
    returned = clip_grad_norm_(clipped, 2.0, norm_type)
    assert returned == pytest.approx(norm)
    assert type(returned) is float
    assert clipped[0].grad is grad
    for p, entries in zip(clipped, ENTRIES, strict=True):
        np.testing.assert_allclose(p.grad, 2 / (norm + 1e-6) * np.array(entries), rtol=1e-12)
    assert clip_grad_norm_(clipped, 9.0, norm_type) == pytest.approx(2.0)


def test_two_is_the_usual_norm() -> None:
    assert clip_grad_norm_(parameters(), 1.0) == pytest.approx(170.25**0.5)


def test_short_gradients_stay_as_they_are() -> None:
    clipped = parameters()
    clip_grad_norm_(clipped, 14.0)
    assert gradients(clipped) == list(ENTRIES)


def test_a_gradient_of_zero_can_be_clipped() -> None:
    (p,) = parameters(np.float64, [0.0, 0.0])
    assert clip_grad_norm_(p, 1.0) == 0.0
    assert not p.grad.any()


def test_one_parameter_none_and_a_generator_will_do() -> None:
    one, other = parameters()
    assert clip_grad_norm_(one, 1.0, inf) == 4.0
    clip_grad_value_(one, 0.1)
    assert one.grad.max() == pytest.approx(0.1)
    for norm_type in (2, inf):
        assert clip_grad_norm_([], 1.0, norm_type) == 0.0
    assert clip_grad_norm_((p for p in [other]), 1.0, inf) == 12.0
    assert np.abs(other.grad).max() == pytest.approx(1.0)
    clip_grad_value_((p for p in [other]), 0.1)
    assert np.abs(other.grad).max() == pytest.approx(0.1)


def test_float32_stays_and_does_not_overflow() -> None:
    (p,) = parameters(np.float32, [3e30, -4e30])
    assert clip_grad_norm_(p, 1.0) == pytest.approx(5e30, rel=1e-6)
    assert p.grad.dtype == np.float32
    np.testing.assert_allclose(p.grad, [0.6, -0.8], rtol=1e-6)


def test_an_infinite_norm_makes_zeros_and_nans_as_in_torch() -> None:
    (p,) = parameters(np.float64, [inf, 3.0])
    assert clip_grad_norm_(p, 1.0) == inf
    np.testing.assert_array_equal(p.grad, [nan, 0.0])


def test_a_norm_that_is_no_number_makes_nans_as_in_torch() -> None:
    one, other = parameters(np.float64, [nan, 3.0], [1.0])
    clip_grad_norm_([one, other], 1.0)
    np.testing.assert_array_equal(one.grad, [nan, nan])
    np.testing.assert_array_equal(other.grad, [nan])


@pytest.mark.parametrize("bad", [inf, nan])
def test_a_norm_that_is_not_finite_is_refused_on_request_and_nothing_changed(bad: float) -> None:
    (p,) = parameters(np.float64, [bad, 3.0])
    with pytest.raises(InputError) as caught:
        clip_grad_norm_(p, 1.0, error_if_nonfinite=True)
    assert str(caught.value) == (
        f"clip_grad_norm_: the gradients have norm {bad}, so they cannot be clipped; "
        "look for the step that made them so, or pass error_if_nonfinite=False"
    )
    np.testing.assert_array_equal(p.grad, [bad, 3.0])


def test_a_finite_norm_passes_the_request() -> None:
    assert clip_grad_norm_(parameters(), 1.0, 1, True) == 20.5


def test_values_are_cut_at_both_ends_in_place() -> None:
    clipped = parameters()
    grad = clipped[0].grad
    clip_grad_value_(clipped, 3.5)
    assert gradients(clipped) == [[[3.0, -3.5], [0.0, 1.0]], [3.5, -0.5]]
    assert clipped[0].grad is grad


@pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")
@pytest.mark.parametrize("norm_type", [1, 2, 2.5, inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_torch_clips_alike(norm_type: float, max_norm: float) -> None:
    import torch

    theirs = [torch.nn.Parameter(torch.ones(p.data.shape, dtype=torch.float64)) for p in parameters()]
    for t, p in zip(theirs, parameters(), strict=True):
        t.grad = torch.tensor(p.grad)
    norm = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    clipped = parameters()
    assert clip_grad_norm_(clipped, max_norm, norm_type) == pytest.approx(norm.item(), rel=1e-12)
    for t, p in zip(theirs, clipped, strict=True):
        assert t.grad is not None
        np.testing.assert_allclose(p.grad, t.grad.numpy(), rtol=1e-12)
