"""Layers with a state or a memory, in torch's operations and step by step. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


class DiagonalSSM(torch.nn.Module):
    """The recurrence itself."""

    def __init__(self, features: int, states: int = 32, dt_min: float = 0.001, dt_max: float = 0.1) -> None:
        super().__init__()
        for name in ("log_A_real", "A_imag", "B_real", "B_imag", "C_real", "C_imag"):
            setattr(self, name, torch.nn.Parameter(torch.empty(features, states)))
        self.D = torch.nn.Parameter(torch.empty(features))
        self.log_dt = torch.nn.Parameter(torch.empty(features))

    def forward(self, x: Tensor) -> Tensor:
        a = torch.complex(-torch.exp(self.log_A_real), self.A_imag)
        b, c = torch.complex(self.B_real, self.B_imag), torch.complex(self.C_real, self.C_imag)
        a_bar = torch.exp(torch.exp(self.log_dt)[:, None] * a)
        b_bar = (a_bar - 1) / a * b
        h = torch.zeros(len(x), *a.shape, dtype=a.dtype)
        y = []
        for t in range(x.shape[1]):
            h = a_bar * h + b_bar * x[:, t, :, None]
            y.append(2 * (c * h).sum(-1).real + self.D * x[:, t])
        return torch.stack(y, 1)


class NTMHead(torch.nn.Module):
    def __init__(self, controller_size: int, width: int, max_shift: int = 1) -> None:
        super().__init__()
        self.sizes = [width, 1, 1, 2 * max_shift + 1, 1, width, width]
        self.interface = torch.nn.Linear(controller_size, sum(self.sizes))
        self.max_shift = max_shift

    def forward(self, h: Tensor, memory: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        key, beta, gate, shift, gamma, erase, add = self.interface(h).split(self.sizes, -1)
        cos = functional.cosine_similarity(key[..., None, :], memory, dim=-1)
        content = torch.softmax(functional.softplus(beta) * cos, -1)
        g, s = torch.sigmoid(gate), torch.softmax(shift, -1)
        gated = g * content + (1 - g) * weights
        turned = torch.zeros_like(gated)
        for i, turn in enumerate(range(-self.max_shift, self.max_shift + 1)):
            turned = turned + s[..., i : i + 1] * torch.roll(gated, turn, -1)
        powers = turned ** (1 + functional.softplus(gamma))
        w = powers / powers.sum(-1, keepdim=True)
        read = torch.einsum("...s,...sw->...w", w, memory)
        erased = memory * (1 - torch.einsum("...s,...w->...sw", w, torch.sigmoid(erase)))
        return read, erased + torch.einsum("...s,...w->...sw", w, add), w
