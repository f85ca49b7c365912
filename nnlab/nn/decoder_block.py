"""Blocks of language models that read from left to right."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.gate import SwiGLU
from nnlab.nn.grouped_attention import GroupedQueryAttention, Layout
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.norm import RMSNorm

__all__ = ["LlamaDecoderLayer"]


class LlamaDecoderLayer(Module):
    """y = h + W swiglu(norm2(h)), h = x + attend(norm1(x)): RMS norms, and causal rotary attention in grouped queries.

    x and y have shape (N, T, d_model), and dim_feedforward is the size between swiglu and W = linear2. Linear maps
    have no bias unless asked for, and nothing is dropped. Source: Touvron et al., "LLaMA: Open and Efficient Foundation
    Language Models", 2023, section 2.2, with the grouped queries of "Llama 2: Open Foundation and Fine-Tuned Chat
    Models", 2023, section 2.2.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(8, 2, 1, 5, x=Normal((2, 3, 8))),
        Case(12, 3, 3, 7, norm_eps=0.1, rotary="halves", rotary_base=20.0, x=Normal((1, 5, 12))),
        Case(8, 4, 2, 3, bias=True, x=Normal((3, 4, 8)), train=False),
    )

    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_kv_heads: int,
        dim_feedforward: int,
        norm_eps: float = 1e-5,
        bias: bool = False,
        rotary: Layout = "interleaved",
        rotary_base: float = 10000.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.norm1 = RMSNorm(d_model, norm_eps, dtype=dtype)
        self.self_attn = GroupedQueryAttention(
            d_model,
            nhead,
            num_kv_heads,
            bias=bias,
            is_causal=True,
            rotary=rotary,
            rotary_base=rotary_base,
            rng=rng,
            dtype=dtype,
        )
        self.norm2 = RMSNorm(d_model, norm_eps, dtype=dtype)
        self.swiglu = SwiGLU(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (None, None, *self.norm1.normalized_shape))
        h = x + self.self_attn(self.norm1(x))
        y: Array = h + self.linear2(self.swiglu(self.norm2(h)))
        self.cache = y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        dy = borrow(self, dy, self.cache, name="dy")
        dh = dy + self.norm2.backward(self.swiglu.backward(self.linear2.backward(dy)))
        dx: Array = dh + self.norm1.backward(self.self_attn.backward(dh))
        return dx
