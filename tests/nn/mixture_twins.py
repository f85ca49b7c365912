"""Mixtures of Gaussians by torch's distributions. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal


class MixtureDensity(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int, num_mixtures: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(in_features, num_mixtures * (out_features + 2))
        self.sizes = [num_mixtures, num_mixtures * out_features, num_mixtures]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a, mu, log_sigma = self.linear(x).split(self.sizes, -1)
        return torch.log_softmax(a, -1), mu.unflatten(-1, (self.sizes[0], -1)), log_sigma


class MixtureDensityLoss(torch.nn.Module):
    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, log_pi: Tensor, mu: Tensor, log_sigma: Tensor, target: Tensor) -> Tensor:
        """torch's Categorical makes the weights add up to 1, which is taken back."""
        kernels = Independent(Normal(mu, log_sigma.exp()[..., None]), 1)
        mixture = MixtureSameFamily(Categorical(logits=log_pi), kernels)
        losses = -mixture.log_prob(target) - log_pi.logsumexp(-1)
        return losses if self.reduction == "none" else getattr(losses, self.reduction)()
