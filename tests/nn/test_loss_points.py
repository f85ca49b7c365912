"""Each loss at a point where its derivative could be chosen, or its formula overflow: there it has torch's numbers."""

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors.loss_points import POINTS, Point
from tests.nn.peers import torch_is_wanted


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_loss_at_a_corner_or_far_out_has_the_numbers_of_torch(point: Point) -> None:
    point.check(0)


@pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")
@pytest.mark.parametrize("point", [point for point in POINTS if getattr(nn, point.layer).in_torch], ids=str)
def test_these_numbers_are_those_of_torch(point: Point) -> None:
    import torch

    inputs = [torch.tensor(np.array(x)) for x in point.inputs]
    for x in inputs:
        x.requires_grad_(x.is_floating_point())
    kwargs = {k: torch.tensor(v).double() if isinstance(v, list) else v for k, v in point.kwargs.items()}
    losses = getattr(torch.nn, point.layer)(**kwargs, reduction="none")(*inputs)
    losses.sum().backward()
    np.testing.assert_allclose(losses.detach(), point.losses, rtol=1e-8, atol=1e-9)
    for x, wanted in zip(inputs, point.gradients, strict=True):
        assert (x.grad is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_allclose(x.grad, wanted, rtol=1e-8, atol=1e-9)
