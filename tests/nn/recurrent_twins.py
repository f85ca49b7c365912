"""torch's recurrent layers, with lengths as packed sequences, and dropout between single layers as `twins` draws it."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class RNN(torch.nn.RNN):
    def forward(self, x: Tensor, hx: Any = None, lengths: Tensor | None = None) -> Any:
        return _run(self, torch.nn.RNN, x, hx, lengths, nonlinearity=self.nonlinearity)


class LSTM(torch.nn.LSTM):
    def forward(self, x: Tensor, hx: Any = None, lengths: Tensor | None = None) -> Any:
        return _run(self, torch.nn.LSTM, x, hx, lengths)


class GRU(torch.nn.GRU):
    def forward(self, x: Tensor, hx: Any = None, lengths: Tensor | None = None) -> Any:
        return _run(self, torch.nn.GRU, x, hx, lengths)


def _run(module: Any, kind: Any, x: Tensor, hx: Any, lengths: Tensor | None, **options: Any) -> tuple[Tensor, Any]:
    """torch's forward; layer by layer where it drops something in between."""
    if module.dropout == 0 or not module.training:
        return _padded(kind.forward, module, x, hx, lengths)
    options |= {"bias": module.bias, "batch_first": module.batch_first, "bidirectional": module.bidirectional}
    directions = 2 if module.bidirectional else 1
    weights = len(module._flat_weights) // module.num_layers
    last = []
    for k in range(module.num_layers):
        layer = kind(x.shape[-1], module.hidden_size, **options)
        layer._flat_weights = module._flat_weights[weights * k : weights * (k + 1)]
        own = slice(directions * k, directions * (k + 1))
        state = tuple(h[own] for h in hx) if isinstance(hx, tuple) else None if hx is None else hx[own]
        x, end = _padded(kind.forward, layer, x if k == 0 else _dropped(module, x), state, lengths)
        last.append(end)
    if isinstance(last[0], tuple):
        return x, tuple(torch.cat(states) for states in zip(*last, strict=True))
    return x, torch.cat(last)


def _dropped(module: Any, x: Tensor) -> Tensor:
    """x after dropout, whose mask is drawn with the steps first."""
    turned = x.transpose(0, 1) if module.batch_first else x
    dropped = functional.dropout(turned, module.dropout, True)
    return dropped.transpose(0, 1) if module.batch_first else dropped


def _padded(forward: Any, layer: Any, x: Tensor, hx: Any, lengths: Tensor | None) -> tuple[Tensor, Any]:
    """forward, packed and padded again where there are lengths."""
    if lengths is None:
        return forward(layer, x, hx)
    packed, last = forward(layer, pack_padded_sequence(x, lengths, layer.batch_first, enforce_sorted=False), hx)
    axis = 1 if layer.batch_first else 0
    return pad_packed_sequence(packed, layer.batch_first, total_length=x.shape[axis])[0], last
