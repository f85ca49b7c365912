"""One step of a recurrent network, one sample after the other."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid

#: The next state (h, perhaps c) from z_x = W_ih x + b_ih, z_h = W_hh h + b_hh and the state before, all of one sample.
Step = Callable[..., tuple[Array, ...]]


def rnn_step(nonlinearity: str) -> Step:
    def step(z_x: Array, z_h: Array, h: Array) -> tuple[Array]:
        return (np.tanh(z_x + z_h) if nonlinearity == "tanh" else np.maximum(z_x + z_h, 0),)

    return step


def lstm_step(z_x: Array, z_h: Array, h: Array, c: Array) -> tuple[Array, Array]:
    z_i, z_f, z_g, z_o = (z_x + z_h).reshape(4, len(h))
    i, f, o = (entrywise(sigmoid, z) for z in (z_i, z_f, z_o))
    after = f * c + i * np.tanh(z_g)
    return o * np.tanh(after), after


def gru_step(z_x: Array, z_h: Array, h: Array) -> tuple[Array]:
    (r_x, u_x, n_x), (r_h, u_h, n_h) = z_x.reshape(3, len(h)), z_h.reshape(3, len(h))
    r, u = entrywise(sigmoid, r_x + r_h), entrywise(sigmoid, u_x + u_h)
    n = np.tanh(n_x + r * n_h)
    return (n + u * (h - n),)


def stepped(given: Given, suffix: str, bias: bool, step: Step, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
    """The state of one sample after one step, with the parameters whose names end so."""
    z_x = np.einsum("oi,i->o", given[f"weight_ih{suffix}"], x)
    z_h = np.einsum("oi,i->o", given[f"weight_hh{suffix}"], state[0])
    if bias:
        z_x, z_h = z_x + given[f"bias_ih{suffix}"], z_h + given[f"bias_hh{suffix}"]
    return step(z_x, z_h, *state)


def cell(given: Given, hidden_size: int, bias: bool, states: int, step: Step) -> tuple[Array, ...]:
    """The states after the step, each of shape (N, hidden_size), or (hidden_size,) of a single sample."""
    batch = given.x.shape[:-1]
    (hx,) = given.optional(1, None)
    before = [np.zeros((*batch, hidden_size))] * states
    if hx is not None:
        before = list(hx) if isinstance(hx, tuple) else [hx]
    after = tuple(np.zeros((*batch, hidden_size)) for _ in range(states))
    for n in np.ndindex(*batch):
        state = stepped(given, "", bias, step, given.x[n], tuple(h[n] for h in before))
        for h, new in zip(after, state, strict=True):
            h[n] = new
    return after


def rnn_cell(given: Given, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> Any:
    return cell(given, hidden_size, bias, 1, rnn_step(nonlinearity))[0]


def lstm_cell(given: Given, input_size: int, hidden_size: int, bias: bool = True) -> Any:
    return cell(given, hidden_size, bias, 2, lstm_step)


def gru_cell(given: Given, input_size: int, hidden_size: int, bias: bool = True) -> Any:
    return cell(given, hidden_size, bias, 1, gru_step)[0]


REFERENCES = {"GRUCell": gru_cell, "LSTMCell": lstm_cell, "RNNCell": rnn_cell}
