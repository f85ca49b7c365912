"""Layers of splines and of radial functions, in torch operations. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


class KANLayer(torch.nn.Module):
    def __init__(
        self,
        in_features: int,
        out_features: int,
        grid_size: int = 5,
        k: int = 3,
        grid_range: tuple[float, float] = (-1.0, 1.0),
    ) -> None:
        super().__init__()
        self.base_weight = torch.nn.Parameter(torch.empty(out_features, in_features))
        self.spline_weight = torch.nn.Parameter(torch.empty(out_features, in_features))
        self.coef = torch.nn.Parameter(torch.empty(out_features, in_features, grid_size + k))
        low, high = grid_range
        self.knots = [low + (high - low) * g / grid_size for g in range(-k, grid_size + k + 1)]
        self.k = k

    def spline(self, x: Tensor, g: int, p: int) -> Tensor:
        """B_g of degree p by its definition."""
        t = self.knots
        if p == 0:
            return ((t[g] <= x) & (x < t[g + 1])).double()
        rising = (x - t[g]) / (t[g + p] - t[g]) * self.spline(x, g, p - 1)
        return rising + (t[g + p + 1] - x) / (t[g + p + 1] - t[g + 1]) * self.spline(x, g + 1, p - 1)

    def forward(self, x: Tensor) -> Tensor:
        splines = torch.stack([self.spline(x, g, self.k) for g in range(self.coef.shape[2])], -1)
        curves = (splines[..., None, :, :] * self.coef).sum(-1)
        y: Tensor = (self.base_weight * functional.silu(x)[..., None, :] + self.spline_weight * curves).sum(-1)
        return y


class RBF(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.centers = torch.nn.Parameter(torch.empty(out_features, in_features))
        self.log_betas = torch.nn.Parameter(torch.empty(out_features))

    def forward(self, x: Tensor) -> Tensor:
        units = zip(self.centers, self.log_betas, strict=True)
        return torch.stack([torch.exp(-log_beta.exp() * ((x - c) ** 2).sum(-1)) for c, log_beta in units], -1)
