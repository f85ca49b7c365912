"""Transformer blocks one above the other."""

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.container import ModuleList
from nnlab.nn.module import Module
from nnlab.nn.norm import LayerNorm
from nnlab.nn.transformer import CAUSAL, TransformerEncoderLayer
from nnlab.nn.transformer_decoder import TransformerDecoderLayer

__all__ = ["TransformerDecoder", "TransformerEncoder"]

_MASK = [[False, True, False], [True, False, False], [False, False, False]]
_PADDED = [[False, False, True], [False, True, False]]


class _Stack(Module):
    """num_layers copies of a layer, and a norm or none above them.

    The copies begin with the layer's values, but each learns its own; all draw from the layer's Generator, one after
    the other, so no two drop the same entries.
    """

    def __init__(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        if num_layers < 1:
            raise InputError(f"{type(self).__name__}: num_layers is {num_layers} but at least one is needed; raise it")
        self.layers = ModuleList(_copy(layer) for _ in range(num_layers))
        self.norm = norm

    def _top(self, x: Any) -> Array:
        y: Array = x if self.norm is None else self.norm(x)
        return y

    def _top_backward(self, dy: Any) -> Array:
        dx: Array = dy if self.norm is None else self.norm.backward(dy)
        return dx


class TransformerEncoder(_Stack):
    """y = norm(layerₙ(… layer₁(x))), of num_layers layers that begin as copies of encoder_layer.

    Every layer gets the same masks. x and y have the shape that encoder_layer takes; without norm the last layer's
    output is y. The copies share no arrays, but draw from one Generator, in turn: no two drop the same entries.
    Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
    """

    cases = (
        Case(
            lambda rng: TransformerEncoderLayer(4, 2, 5, 0.0, rng=rng),
            3,
            norm=lambda rng: LayerNorm(4),
            x=[Normal((3, 2, 4)), Fixed(_MASK), Fixed(_PADDED)],
        ),
        Case(
            lambda rng: TransformerEncoderLayer(4, 1, 3, 0.3, "gelu", batch_first=True, rng=rng),
            2,
            x=[Normal((2, 3, 4)), Fixed(CAUSAL), Fixed(None), Fixed(True)],
        ),
        Case(
            lambda rng: TransformerEncoderLayer(6, 3, 4, 0.3, norm_first=True, rng=rng),
            2,
            x=Normal((3, 2, 6)),
            train=False,
        ),
    )

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self,
        x: ArrayLike,
        mask: NDArray[np.generic] | None = None,
        src_key_padding_mask: NDArray[np.generic] | None = None,
        is_causal: bool = False,
    ) -> Array:
        y: Any = x
        for layer in self.layers:
            y = layer(y, mask, src_key_padding_mask, is_causal)
        return self._top(y)

    def backward(self, dy: ArrayLike) -> Array:
        dx = self._top_backward(dy)
        for layer in reversed(self.layers):
            dx = layer.backward(dx)
        return dx


class TransformerDecoder(_Stack):
    """y = norm(layerₙ(… layer₁(tgt, memory) …, memory)), of num_layers layers that begin as copies of decoder_layer.

    Every layer gets the same memory and masks. tgt, memory and y have the shapes that decoder_layer takes; without norm
    the last layer's output is y. The copies share no arrays, but draw from one Generator, in turn: no two drop the same
    entries. Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
    """

    cases = (
        Case(
            lambda rng: TransformerDecoderLayer(4, 2, 5, 0.0, rng=rng),
            3,
            norm=lambda rng: LayerNorm(4),
            x=[
                Normal((3, 2, 4)),
                Normal((3, 2, 4)),
                Fixed(CAUSAL),
                Fixed(_MASK),
                Fixed(_PADDED),
                Fixed(_PADDED[::-1]),
                Fixed(True),
            ],
        ),
        Case(
            lambda rng: TransformerDecoderLayer(4, 1, 3, 0.3, "gelu", batch_first=True, rng=rng),
            2,
            x=[
                Normal((2, 3, 4)),
                Normal((2, 5, 4)),
                Fixed(None),
                Fixed(np.triu(np.ones((3, 5), bool), 1).tolist()),
                Fixed(None),
                Fixed(None),
                Fixed(False),
                Fixed(True),
            ],
        ),
        Case(
            lambda rng: TransformerDecoderLayer(6, 3, 4, 0.3, norm_first=True, rng=rng),
            2,
            x=[Normal((3, 2, 6)), Normal((5, 2, 6))],
            train=False,
        ),
    )

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: ArrayLike,
        memory: ArrayLike,
        tgt_mask: NDArray[np.generic] | None = None,
        memory_mask: NDArray[np.generic] | None = None,
        tgt_key_padding_mask: NDArray[np.generic] | None = None,
        memory_key_padding_mask: NDArray[np.generic] | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Array:
        paddings = tgt_key_padding_mask, memory_key_padding_mask
        y: Any = tgt
        for layer in self.layers:
            y = layer(y, memory, tgt_mask, memory_mask, *paddings, tgt_is_causal, memory_is_causal)
        return self._top(y)

    def backward(self, dy: ArrayLike) -> tuple[Array, Array]:
        dtgt = self._top_backward(dy)
        dmemories = []
        for layer in reversed(self.layers):
            dtgt, dmemory = layer.backward(dtgt)
            dmemories.append(dmemory)
        return dtgt, np.sum(dmemories, 0)


def _copy(layer: Module) -> Module:
    """The layer with arrays of its own, without gradients or the cache of a forward; its Generator is shared."""
    generators = [g for module in layer.modules() for g in vars(module).values() if isinstance(g, np.random.Generator)]
    twin = copy.deepcopy(layer, {id(generator): generator for generator in generators})
    twin.zero_grad()
    for module in twin.modules():
        module.cache = None
    return twin
