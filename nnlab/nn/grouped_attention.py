"""Attention whose heads share keys and values."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.attention_core import ScaledDotProductAttention
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.rotary import RotaryEmbedding

__all__ = ["GroupedQueryAttention"]

Layout = Literal["interleaved", "halves"]
_ALLOWED = [[True, False, True, True, False], [False] * 5, [True] * 5, [False, True, True, False, True], [True] * 5]


class GroupedQueryAttention(Module):
    """y = concat(head₁ … head_h) W_O, headᵢ = softmax(qᵢ kⱼᵀ / √d + mask) vⱼ: h / num_kv_heads heads share each j.

    q, k, v are linear in x of shape (N, T, embed_dim), over heads of size d = embed_dim / num_heads. attn_mask, dropout
    and is_causal are those of ScaledDotProductAttention. rotary says in which layout RotaryEmbedding turns q and k, if
    at all. One key-value head is multi-query attention, num_heads of them multi-head attention. Source: Ainslie et al.,
    "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints", 2023, section 2.2.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(6, 3, 1, x=Normal((2, 5, 6))),
        Case(16, 4, 2, bias=False, is_causal=True, rotary="halves", x=Normal((2, 3, 16))),
        Case(8, 2, 2, 0.4, rotary="interleaved", rotary_base=50.0, x=[Normal((3, 5, 8)), Fixed(_ALLOWED)]),
        Case(12, 6, 3, 0.3, x=Normal((1, 4, 12)), train=False),
    )

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_kv_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        is_causal: bool = False,
        rotary: Layout | None = None,
        rotary_base: float = 10000.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if num_heads < 1 or embed_dim % num_heads:
            raise InputError(
                f"GroupedQueryAttention: num_heads={num_heads} must divide embed_dim={embed_dim}; choose a divisor"
            )
        if num_kv_heads < 1 or num_heads % num_kv_heads:
            raise InputError(
                f"GroupedQueryAttention: num_kv_heads={num_kv_heads} must divide num_heads={num_heads}; "
                f"choose a divisor"
            )
        if rotary not in (None, "interleaved", "halves"):
            raise InputError(
                f"GroupedQueryAttention: rotary is {rotary!r} but must be 'interleaved', 'halves' or None; "
                f"choose one of them"
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        self.k_proj = Linear(embed_dim, num_kv_heads * self.head_dim, bias, rng=rng, dtype=dtype)
        self.v_proj = Linear(embed_dim, num_kv_heads * self.head_dim, bias, rng=rng, dtype=dtype)
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        self.rotary = RotaryEmbedding(self.head_dim, rotary_base, rotary == "interleaved") if rotary else None
        self.attention = ScaledDotProductAttention(dropout, is_causal, enable_gqa=True, rng=rng)

    def forward(self, x: ArrayLike, attn_mask: NDArray[np.generic] | None = None) -> Array:
        x = borrow(self, x, (None, None, self.embed_dim))
        q, k, v = (self._split_heads(project(x)) for project in (self.q_proj, self.k_proj, self.v_proj))
        if self.rotary is not None:
            q, k = np.split(self.rotary(np.concatenate([q, k], 1)), [self.num_heads], 1)
        heads = self.attention(q, k, v, attn_mask)
        y: Array = self.out_proj(self._join_heads(heads))
        return y

    def backward(self, dy: ArrayLike) -> Array:
        dheads = self._split_heads(self.out_proj.backward(dy))
        dq, dk, dv = self.attention.backward(dheads)
        if self.rotary is not None:
            dq, dk = np.split(self.rotary.backward(np.concatenate([dq, dk], 1)), [self.num_heads], 1)
        dx: Array = self.q_proj.backward(self._join_heads(dq))
        dx += self.k_proj.backward(self._join_heads(dk)) + self.v_proj.backward(self._join_heads(dv))
        return dx

    def _split_heads(self, x: Array) -> Array:
        """(N, T, heads · d) to (N, heads, T, d)."""
        n, t, features = x.shape
        return x.reshape(n, t, features // self.head_dim, self.head_dim).swapaxes(1, 2)

    def _join_heads(self, x: Array) -> Array:
        """(N, heads, T, d) to (N, T, heads · d)."""
        n, heads, t, d = x.shape
        return x.swapaxes(1, 2).reshape(n, t, heads * d)
