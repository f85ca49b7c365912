"""Layers with a state or a memory, in torch's operations and step by step. Discovered by `twins.py`."""

import torch
from torch import Tensor


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
