"""Recurrent layers, one sample and one step after the other."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid

#: The next states from z_x = W_ih x + b_ih, z_h = W_hh h + b_hh and the states before, all of one sample.
Step = Callable[..., tuple[Array, ...]]


def run(given: Given, hidden_size: int, bias: bool, batch_first: bool, states: int, step: Step) -> tuple[Any, ...]:
    """The first state after every step, and all states after the last, each of shape (1, N, hidden_size)."""
    x = given.x.swapaxes(0, 1) if batch_first else given.x
    y = np.zeros((*x.shape[:2], hidden_size))
    (start,) = given.optional(1, None)
    last = [np.zeros((1, x.shape[1], hidden_size)) for _ in range(states)]
    for n in range(x.shape[1]):
        state = tuple(np.zeros(hidden_size) for _ in range(states))
        if start is not None:
            state = tuple(s[0, n] for s in (start if isinstance(start, tuple) else (start,)))
        for t in range(len(x)):
            z_x = np.einsum("oi,i->o", given["weight_ih_l0"], x[t, n])
            z_h = np.einsum("oi,i->o", given["weight_hh_l0"], state[0])
            if bias:
                z_x, z_h = z_x + given["bias_ih_l0"], z_h + given["bias_hh_l0"]
            state = step(z_x, z_h, *state)
            y[t, n] = state[0]
        for kept, after in zip(last, state, strict=True):
            kept[0, n] = after
    return y.swapaxes(0, 1) if batch_first else y, last[0] if states == 1 else tuple(last)


def rnn(
    given: Given,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    nonlinearity: str = "tanh",
    bias: bool = True,
    batch_first: bool = False,
) -> tuple[Any, ...]:
    def step(z_x: Array, z_h: Array, h: Array) -> tuple[Array]:
        return (np.tanh(z_x + z_h) if nonlinearity == "tanh" else np.maximum(z_x + z_h, 0),)

    return run(given, hidden_size, bias, batch_first, 1, step)


def lstm(
    given: Given, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False
) -> tuple[Any, ...]:
    def step(z_x: Array, z_h: Array, h: Array, c: Array) -> tuple[Array, Array]:
        z_i, z_f, z_g, z_o = (z_x + z_h).reshape(4, hidden_size)
        i, f, o = (entrywise(sigmoid, z) for z in (z_i, z_f, z_o))
        after = f * c + i * np.tanh(z_g)
        return o * np.tanh(after), after

    return run(given, hidden_size, bias, batch_first, 2, step)


def gru(
    given: Given, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False
) -> tuple[Any, ...]:
    def step(z_x: Array, z_h: Array, h: Array) -> tuple[Array]:
        (r_x, u_x, n_x), (r_h, u_h, n_h) = z_x.reshape(3, hidden_size), z_h.reshape(3, hidden_size)
        r, u = entrywise(sigmoid, r_x + r_h), entrywise(sigmoid, u_x + u_h)
        n = np.tanh(n_x + r * n_h)
        return (n + u * (h - n),)

    return run(given, hidden_size, bias, batch_first, 1, step)


REFERENCES = {"GRU": gru, "LSTM": lstm, "RNN": rnn}
