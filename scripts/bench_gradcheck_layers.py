"""The six layers of scripts/bench_gradcheck.py, and one of them with an error planted in its gradient."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.peers import PureLayer
from nnlab.detectors.subjects import LayerSubject
from nnlab.nn import Case, Normal

LAYERS = {
    subject.layer.__name__: subject
    for subject in (
        LayerSubject(nn.Linear, Case(64, 64, x=Normal((8, 64)))),
        LayerSubject(nn.LayerNorm, Case(64, x=Normal((8, 64)))),
        LayerSubject(nn.Conv2d, Case(3, 8, 3, x=Normal((2, 3, 12, 12)))),
        LayerSubject(nn.MultiheadAttention, Case(32, 4, batch_first=True, x=[Normal((2, 8, 32))] * 3)),
        LayerSubject(nn.LSTM, Case(16, 16, batch_first=True, x=Normal((2, 6, 16)))),
        LayerSubject(nn.TransformerEncoderLayer, Case(16, 2, 32, 0.0, batch_first=True, x=Normal((2, 5, 16)))),
    )
}


class Planted(PureLayer):
    """The layer with one entry of one gradient off by `delta` times the root mean square of that gradient."""

    def __init__(self, subject: LayerSubject, seed: int, delta: float) -> None:
        super().__init__(subject, seed)
        rng = np.random.default_rng(seed)
        self.which = int(rng.integers(len(self.arrays)))
        self.entry = int(rng.integers(self.arrays[self.which].size))
        self.delta = delta

    def vjp(self, arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
        gradients = list(super().vjp(arrays, cotangents))
        wrong = np.array(gradients[self.which])
        wrong.flat[self.entry] += self.delta * np.sqrt((wrong**2).mean())
        gradients[self.which] = wrong
        return tuple(gradients)
