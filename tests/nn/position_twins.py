"""Positions in torch's operations."""

import torch
from torch import Tensor
from torch.nn import functional


class SinusoidalPositionalEncoding(torch.nn.Module):
    def __init__(self, embed_dim: int, dropout: float = 0.0, max_len: int = 5000) -> None:
        super().__init__()
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        length, size = x.shape[-2:]
        column = torch.arange(size)
        rate = torch.exp(-torch.log(torch.tensor(10000.0, dtype=x.dtype)) * (column - column % 2) / size)
        phase = torch.arange(length)[:, None] * rate
        code = torch.where(column % 2 == 0, torch.sin(phase), torch.cos(phase))
        return functional.dropout(x + code, self.dropout, self.training)


class LearnedPositionalEmbedding(torch.nn.Module):
    def __init__(self, max_len: int, embed_dim: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(max_len, embed_dim))

    def forward(self, x: Tensor) -> Tensor:
        return x + functional.embedding(torch.arange(x.shape[-2]), self.weight)


class ALiBi(torch.nn.Module):
    def __init__(self, num_heads: int) -> None:
        super().__init__()
        self.slopes = torch.tensor(slopes(num_heads), dtype=torch.float64)

    def forward(self, scores: Tensor) -> Tensor:
        queries, keys = scores.shape[-2:]
        distance = (torch.arange(queries)[:, None] - torch.arange(keys) + keys - queries).abs()
        return scores - self.slopes.to(scores.dtype)[:, None, None] * distance


def slopes(heads: int) -> list[float]:
    """By the recursion of the paper's code."""
    power = 1
    while 2 * power <= heads:
        power *= 2
    if power == heads:
        return [0.5 ** (8 * (head + 1) / heads) for head in range(heads)]
    return slopes(power) + slopes(2 * power)[::2][: heads - power]
