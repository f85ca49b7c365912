"""Recurrent layers: one layer, direction, sample and step after the other."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from nnlab.detectors.references.cell import Step, gru_step, lstm_step, rnn_step, stepped
from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.given import Array, Given


@dataclass(frozen=True)
class Stack:
    """The constructor's arguments, and how many states a step has: h, or h and c."""

    step: Step
    states: int
    hidden_size: int
    num_layers: int
    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool

    def run(self, given: Given) -> tuple[Any, ...]:
        """h of the last layer after every step, and all states after the last; a single sequence is a batch of one."""
        hx, lengths = given.optional(1, None, None)
        is_batch = given.x.ndim == 3
        is_turned = is_batch and self.batch_first
        x = given.x if is_batch else given.x[:, None]
        x = x.swapaxes(0, 1) if is_turned else x
        passes = self.num_layers * (2 if self.bidirectional else 1)
        start = np.zeros((self.states, passes, x.shape[1], self.hidden_size))
        if hx is not None:
            start[...] = np.reshape(hx, start.shape)
        y, last = self.batch(given, x, start, list(lengths) if lengths is not None else [len(x)] * x.shape[1])
        y = y.swapaxes(0, 1) if is_turned else y
        y, last = (y, last) if is_batch else (y[:, 0], last[:, :, 0])
        return y, last[0] if self.states == 1 else tuple(last)

    def batch(self, given: Given, x: Array, start: Array, lengths: list[int]) -> tuple[Array, Array]:
        """y (T, N, directions · hidden_size), and the last states (states, passes, N, hidden_size)."""
        suffixes = ("", "_reverse") if self.bidirectional else ("",)
        last = np.zeros_like(start)
        for layer in range(self.num_layers):
            x = dropped(given, x, self.dropout) if layer > 0 else x
            y = np.zeros((*x.shape[:2], len(suffixes), self.hidden_size))
            for (d, suffix), n in product(enumerate(suffixes), range(x.shape[1])):
                state = tuple(start[:, layer * len(suffixes) + d, n])
                for t in sorted(range(lengths[n]), reverse=suffix != ""):
                    state = stepped(given, f"_l{layer}{suffix}", self.bias, self.step, x[t, n], state)
                    y[t, n, d] = state[0]
                last[:, layer * len(suffixes) + d, n] = state
            x = y.reshape(*y.shape[:2], -1)
        return x, last


def rnn(
    given: Given,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    nonlinearity: str = "tanh",
    bias: bool = True,
    batch_first: bool = False,
    dropout: float = 0.0,
    bidirectional: bool = False,
) -> tuple[Any, ...]:
    step = rnn_step(nonlinearity)
    return Stack(step, 1, hidden_size, num_layers, bias, batch_first, dropout, bidirectional).run(given)


def lstm(
    given: Given,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bias: bool = True,
    batch_first: bool = False,
    dropout: float = 0.0,
    bidirectional: bool = False,
) -> tuple[Any, ...]:
    return Stack(lstm_step, 2, hidden_size, num_layers, bias, batch_first, dropout, bidirectional).run(given)


def gru(
    given: Given,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bias: bool = True,
    batch_first: bool = False,
    dropout: float = 0.0,
    bidirectional: bool = False,
) -> tuple[Any, ...]:
    return Stack(gru_step, 1, hidden_size, num_layers, bias, batch_first, dropout, bidirectional).run(given)


REFERENCES = {"GRU": gru, "LSTM": lstm, "RNN": rnn}
