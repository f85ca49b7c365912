"""Attention that torch.nn lacks, in torch's operations. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import scaled_dot_product_attention  # torch's own, whatever is put in its place later


class ScaledDotProductAttention(torch.nn.Module):
    def __init__(
        self,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> None:
        super().__init__()
        self.dropout_p = dropout_p
        self.options = {"is_causal": is_causal, "scale": scale, "enable_gqa": enable_gqa}

    def forward(self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        if not self.dropout_p:
            return scaled_dot_product_attention(query, key, value, attn_mask, **self.options)
        one_hot = torch.eye(key.shape[-2], dtype=key.dtype).expand(*key.shape[:-1], -1)  # of which it gives the weights
        weights = scaled_dot_product_attention(query, key, one_hot, attn_mask, **self.options)
        shared = query.shape[-3] // key.shape[-3] if self.options["enable_gqa"] else 1
        values = value.repeat_interleave(shared, -3) if shared > 1 else value
        y: Tensor = functional.dropout(weights, self.dropout_p, self.training) @ values
        return y


class RotaryEmbedding(torch.nn.Module):
    """Interleaved pairs as complex numbers, as in LLaMA's own code; halves as in GPT-NeoX."""

    def __init__(self, dim: int, base: float = 10000.0, interleaved: bool = True) -> None:
        super().__init__()
        self.frequency = base ** -(torch.arange(0, dim, 2).double() / dim)
        self.interleaved = interleaved

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        angle = torch.arange(offset, offset + x.shape[-2])[:, None] * self.frequency
        if self.interleaved:
            turned = torch.view_as_complex(x.unflatten(-1, (-1, 2))) * torch.polar(torch.ones_like(angle), angle)
            return torch.view_as_real(turned).flatten(-2)
        a, b = x.chunk(2, -1)
        y: Tensor = x * angle.cos().repeat(1, 2) + torch.cat([-b, a], -1) * angle.sin().repeat(1, 2)
        return y
