"""Layers of latent variables, in torch's operations. Discovered by `twins.py`."""

import torch
from torch import Tensor


class HyperLinear(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int, z_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight_map = torch.nn.Linear(z_features, out_features * in_features)
        self.bias_map = torch.nn.Linear(z_features, out_features) if bias else None
        self.shape = (out_features, in_features)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        found = []
        for one_x, one_z in zip(x, z, strict=True):
            bias = None if self.bias_map is None else self.bias_map(one_z)
            found.append(torch.nn.functional.linear(one_x, self.weight_map(one_z).reshape(self.shape), bias))
        return torch.stack(found)


class AffineCoupling(torch.nn.Module):
    """With a mask in place of halves: equation 9 of the paper."""

    def __init__(self, module: torch.nn.Module, split: int, swap: bool = False) -> None:
        super().__init__()
        self.module, self.split, self.swap = module, split, swap

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        passes = (torch.arange(x.shape[-1]) < self.split) != self.swap
        s, t = torch.zeros_like(x), torch.zeros_like(x)
        s[..., ~passes], t[..., ~passes] = self.module(x[..., passes]).chunk(2, -1)
        return x * passes + ~passes * (x * torch.exp(s) + t), s.sum(-1)


class SoftSort(torch.nn.Module):
    def __init__(self, tau: float = 1.0) -> None:
        super().__init__()
        self.tau = tau

    def forward(self, s: Tensor) -> Tensor:
        one = torch.ones_like(s)[..., None, :]
        largest_first = torch.sort(s, descending=True, stable=True).values[..., None]
        return torch.softmax(-(largest_first @ one - one.mT @ s[..., None, :]).abs() / self.tau, -1)


class Reparameterize(torch.nn.Module):
    """eps is what `same_conventions` makes of randn_like."""

    def __init__(self, kl: bool = False) -> None:
        super().__init__()
        self.kl = kl

    def forward(self, mu: Tensor, log_var: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu) if self.training else mu + 0 * log_var
        kl = -0.5 * (1 + log_var - mu**2 - log_var.exp())
        return (z, kl.sum(-1)) if self.kl else z


class VectorQuantizer(torch.nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int, commitment_cost: float = 0.25) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(num_embeddings, embedding_dim))
        self.commitment_cost = commitment_cost

    def forward(
        self, z: Tensor, held_z: Tensor | None = None, held_q: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        held_z = z.detach() if held_z is None else held_z
        k = torch.cdist(held_z.reshape(-1, z.shape[-1]), self.weight).argmin(-1).reshape(z.shape[:-1])
        q = self.weight[k]
        held_q = q.detach() if held_q is None else held_q
        mse = torch.nn.functional.mse_loss
        return z + (held_q - held_z), mse(held_z, q), self.commitment_cost * mse(z, held_q), k
