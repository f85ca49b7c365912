"""Retrieval from a modern Hopfield network in torch operations. Discovered by `twins.py`."""

import torch
from torch import Tensor


class Hopfield(torch.nn.Module):
    def __init__(self, beta: float | None = None, update_steps: int = 1) -> None:
        super().__init__()
        self.beta = beta
        self.update_steps = update_steps

    def forward(self, state: Tensor, stored: Tensor) -> Tensor:
        beta = self.beta or state.shape[-1] ** -0.5
        for _ in range(self.update_steps):
            energy = beta * torch.einsum("...ld,...sd->...ls", state, stored)
            state = torch.einsum("...ls,...sd->...ld", energy.softmax(-1), stored)
        return state
