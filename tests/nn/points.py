"""Activations at single points: kinks, jumps and limits, with the values and derivatives that torch gives there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from tests.nn.peers import torch_is_wanted

needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")
both_dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])


@dataclass(frozen=True)
class Points:
    """What `name(*args)` and its derivative are at each x."""

    name: str
    args: tuple[Any, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.name}{self.args} at {', '.join(map(str, self.x))}"

    def check(self, dtype: Any) -> None:
        """Compare nnlab with what stands here."""
        layer = getattr(nn, self.name)(*self.args)
        tolerance = 10 * np.finfo(dtype).eps
        y = layer(np.array(self.x, dtype))
        np.testing.assert_allclose(y, self.y, rtol=tolerance)
        np.testing.assert_allclose(layer.backward(np.ones_like(y)), self.slope, rtol=tolerance)

    def check_torch(self) -> None:
        """Compare torch with what stands here; its derivatives are not always exact in float64."""
        import torch

        x = torch.tensor(self.x, dtype=torch.float64, requires_grad=True)
        y = getattr(torch.nn, self.name)(*self.args)(x)
        y.sum().backward()
        np.testing.assert_allclose(y.detach().numpy(), self.y, rtol=1e-14)
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), self.slope, rtol=1e-7)
