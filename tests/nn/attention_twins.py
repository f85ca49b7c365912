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
        angle = torch.arange(offset, offset + x.shape[-2])[:, None] * self.frequency.to(x.dtype)
        if self.interleaved:
            turned = torch.view_as_complex(x.unflatten(-1, (-1, 2))) * torch.polar(torch.ones_like(angle), angle)
            return torch.view_as_real(turned).flatten(-2)
        a, b = x.chunk(2, -1)
        y: Tensor = x * angle.cos().repeat(1, 2) + torch.cat([-b, a], -1) * angle.sin().repeat(1, 2)
        return y


class GroupedQueryAttention(torch.nn.Module):
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_kv_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        is_causal: bool = False,
        rotary: str | None = None,
        rotary_base: float = 10000.0,
    ) -> None:
        super().__init__()
        size = embed_dim // num_heads
        self.q_proj, self.out_proj = (torch.nn.Linear(embed_dim, embed_dim, bias) for _ in range(2))
        self.k_proj, self.v_proj = (torch.nn.Linear(embed_dim, size * num_kv_heads, bias) for _ in range(2))
        self.turn = RotaryEmbedding(size, rotary_base, rotary == "interleaved") if rotary else torch.nn.Identity()
        self.attend = ScaledDotProductAttention(dropout, is_causal, enable_gqa=True)
        self.size = size

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        projected = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        q, k, v = (p.unflatten(-1, (-1, self.size)).transpose(1, 2) for p in projected)
        heads = self.attend(self.turn(q), self.turn(k), v, attn_mask)
        y: Tensor = self.out_proj(heads.transpose(1, 2).flatten(-2))
        return y


class LlamaDecoderLayer(torch.nn.Module):
    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_kv_heads: int,
        dim_feedforward: int,
        norm_eps: float = 1e-5,
        bias: bool = False,
        rotary: str = "interleaved",
        rotary_base: float = 10000.0,
    ) -> None:
        super().__init__()
        self.norm1, self.norm2 = (torch.nn.RMSNorm(d_model, norm_eps) for _ in range(2))
        self.self_attn = GroupedQueryAttention(d_model, nhead, num_kv_heads, 0.0, bias, True, rotary, rotary_base)
        self.swiglu = torch.nn.ModuleDict(
            {name: torch.nn.Linear(d_model, dim_feedforward, bias) for name in ("gate", "value")}
        )
        self.linear2 = torch.nn.Linear(dim_feedforward, d_model, bias)

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.self_attn(self.norm1(x))
        z = self.norm2(h)
        y: Tensor = h + self.linear2(functional.silu(self.swiglu["gate"](z)) * self.swiglu["value"](z))
        return y
