"""Recurrent layers: one layer, one direction."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """The parameters that the recurrent layers share, and the way in and out of the time loop.

    Inside, sequences are time-major; z_x = x W_ihᵀ + b_ih is computed for all steps at once, z_h = h W_hhᵀ + b_hh step
    by step, each with `gates` blocks of hidden_size columns.
    """

    def __init__(
        self,
        gates: int,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        if num_layers != 1:
            raise InputError(
                f"{type(self).__name__}: num_layers is {num_layers} but a layer holds one; "
                f"feed the output of one layer to the next"
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.batch_first = batch_first
        rows = gates * hidden_size
        self.weight_ih_l0 = Parameter(fan_in_uniform(rng, (rows, input_size), hidden_size, dtype))
        self.weight_hh_l0 = Parameter(fan_in_uniform(rng, (rows, hidden_size), hidden_size, dtype))
        self.bias_ih_l0 = Parameter(fan_in_uniform(rng, (rows,), hidden_size, dtype)) if bias else None
        self.bias_hh_l0 = Parameter(fan_in_uniform(rng, (rows,), hidden_size, dtype)) if bias else None

    def _steps(self, x: ArrayLike) -> Array:
        """A private time-major copy of x."""
        x = own(self, x, (None, None, self.input_size), self.weight_ih_l0.data.dtype)
        steps = self._turned(x)
        if not len(steps):
            raise InputError(f"{type(self).__name__}: x has shape {x.shape}, no time step; pass at least one")
        return steps

    def _turned(self, sequence: Array) -> Array:
        """From the caller's order of the axes to time-major, and back."""
        return sequence.swapaxes(0, 1) if self.batch_first else sequence

    def _history(self, x: Array, start: ArrayLike | None, name: str) -> Array:
        """Room for the states before, between and after the steps of x, the first of them filled in."""
        steps, batch, _ = x.shape
        history = np.zeros((steps + 1, batch, self.hidden_size), x.dtype)
        if start is not None:
            history[0] = borrow(self, start, (1, batch, self.hidden_size), x.dtype, name)[0]
        return history

    def _upstream(self, history: Array, dy: ArrayLike, dlast: ArrayLike | None, name: str) -> tuple[Array, Array]:
        """dy in time-major order, and a copy of the gradient of the last state."""
        steps, batch, width = history[1:].shape
        shape = (batch, steps, width) if self.batch_first else (steps, batch, width)
        dy = self._turned(borrow(self, dy, shape, history.dtype, "dy"))
        return dy, self._last(history, dlast, name)

    def _last(self, history: Array, dlast: ArrayLike | None, name: str) -> Array:
        """A copy of the gradient of the last state."""
        last = np.zeros(history.shape[1:], history.dtype)
        if dlast is not None:
            last += borrow(self, dlast, history[:1].shape, history.dtype, name)[0]
        return last

    def _from_input(self, x: Array) -> Array:
        z_x: Array = x @ self.weight_ih_l0.data.T
        if self.bias_ih_l0 is not None:
            z_x += self.bias_ih_l0.data
        return z_x

    def _from_hidden(self, h: Array) -> Array:
        z_h: Array = h @ self.weight_hh_l0.data.T
        if self.bias_hh_l0 is not None:
            z_h += self.bias_hh_l0.data
        return z_h

    def _add_gradients(self, x: Array, h: Array, dz_x: Array, dz_h: Array) -> Array:
        """Add the parameters' gradients, summed over steps and batch; return dx in the caller's order."""
        over = ((0, 1), (0, 1))
        self.weight_ih_l0.grad += np.tensordot(dz_x, x, over)
        self.weight_hh_l0.grad += np.tensordot(dz_h, h[:-1], over)
        if self.bias_ih_l0 is not None:
            self.bias_ih_l0.grad += dz_x.sum(axis=(0, 1))
        if self.bias_hh_l0 is not None:
            self.bias_hh_l0.grad += dz_h.sum(axis=(0, 1))
        dx: Array = self._turned(dz_x @ self.weight_ih_l0.data)
        return dx


class RNN(_Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), or relu instead of tanh.

    x has shape (T, N, input_size), or (N, T, input_size) if batch_first; hx, zero if not given, and h_n have shape
    (1, N, hidden_size). Source: Elman, Cognitive Science 14, 1990.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, nonlinearity="relu", x=[Normal((4, 3, 2)), Normal((1, 3, 5))]),
        Case(4, 3, bias=False, batch_first=True, x=[Normal((2, 5, 4)), Normal((1, 2, 3))]),
        Case(2, 3, x=[Normal((1, 4, 2)), Normal((1, 4, 3))], train=False),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise InputError(f"RNN: nonlinearity is {nonlinearity!r}; choose 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity
        super().__init__(1, input_size, hidden_size, num_layers, bias, batch_first, rng, dtype)

    def forward(self, x: ArrayLike, hx: ArrayLike | None = None) -> tuple[Array, Array]:
        x = self._steps(x)
        h = self._history(x, hx, "hx")
        z_x = self._from_input(x)
        for t, z in enumerate(z_x):
            a = z + self._from_hidden(h[t])
            h[t + 1] = np.tanh(a) if self.nonlinearity == "tanh" else np.maximum(a, 0)
        self.cache = x, h, hx is not None
        return self._turned(h[1:]).copy(), h[-1:].copy()

    def backward(self, dy: ArrayLike, dh_n: ArrayLike | None = None) -> Array | tuple[Array, Array]:
        x, h, hx_given = self.cache
        dy, dh = self._upstream(h, dy, dh_n, "dh_n")
        da = np.zeros_like(dy)
        for t in reversed(range(len(x))):
            dh += dy[t]
            da[t] = dh * (1 - h[t + 1] ** 2) if self.nonlinearity == "tanh" else dh * (h[t + 1] > 0)
            dh = da[t] @ self.weight_hh_l0.data
        dx = self._add_gradients(x, h, da, da)
        return (dx, dh[None]) if hx_given else dx


class LSTM(_Recurrent):
    """c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t), with gates i, f, o = σ(z) and g = tanh(z) of z = z_x + z_h.

    x has shape (T, N, input_size), or (N, T, input_size) if batch_first; hx = (h_0, c_0), zero if not given, and
    (h_n, c_n) have shape (1, N, hidden_size) each. The blocks of the parameters are in the order i, f, g, o.
    Source: Hochreiter and Schmidhuber, 1997; the forget gate f: Gers, Schmidhuber and Cummins, 2000.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, x=[Normal((4, 3, 2)), (Normal((1, 3, 5)), Normal((1, 3, 5)))]),
        Case(4, 3, bias=False, batch_first=True, x=[Normal((2, 5, 4)), (Normal((1, 2, 3)), Normal((1, 2, 3)))]),
        Case(2, 3, x=[Normal((1, 4, 2)), (Normal((1, 4, 3)), Normal((1, 4, 3)))], train=False),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(4, input_size, hidden_size, num_layers, bias, batch_first, rng, dtype)

    def forward(self, x: ArrayLike, hx: tuple[ArrayLike, ArrayLike] | None = None) -> tuple[Array, tuple[Array, Array]]:
        x = self._steps(x)
        h_0, c_0 = _pair(hx, "hx", "(h_0, c_0)")
        h = self._history(x, h_0, "h_0")
        c = self._history(x, c_0, "c_0")
        z_x = self._from_input(x)
        gates = []
        for t, z in enumerate(z_x):
            i, f, g, o = np.split(z + self._from_hidden(h[t]), 4, axis=1)
            i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
            c[t + 1] = f * c[t] + i * g
            h[t + 1] = o * np.tanh(c[t + 1])
            gates.append((i, f, g, o))
        self.cache = x, h, c, gates, hx is not None
        return self._turned(h[1:]).copy(), (h[-1:].copy(), c[-1:].copy())

    def backward(
        self, dy: ArrayLike, dhc_n: tuple[ArrayLike, ArrayLike] | None = None
    ) -> Array | tuple[Array, tuple[Array, Array]]:
        x, h, c, gates, hx_given = self.cache
        dh_n, dc_n = _pair(dhc_n, "dhc_n", "(dh_n, dc_n)")
        dy, dh = self._upstream(h, dy, dh_n, "dh_n")
        dc = self._last(c, dc_n, "dc_n")
        dz = np.zeros((*dy.shape[:2], 4 * self.hidden_size), dy.dtype)
        for t in reversed(range(len(x))):
            i, f, g, o = gates[t]
            tanh_c = np.tanh(c[t + 1])
            dh += dy[t]
            dc += dh * o * (1 - tanh_c**2)
            di, df, dg, do = dc * g, dc * c[t], dc * i, dh * tanh_c
            dz[t] = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
            dh = dz[t] @ self.weight_hh_l0.data
            dc *= f
        dx = self._add_gradients(x, h, dz, dz)
        return (dx, (dh[None], dc[None])) if hx_given else dx


class GRU(_Recurrent):
    """h_t = (1 - u) n + u h_{t-1}, with r, u = σ(z_x + z_h) and n = tanh(z_x + r z_h), each from its block.

    x has shape (T, N, input_size), or (N, T, input_size) if batch_first; hx, zero if not given, and h_n have shape
    (1, N, hidden_size). The blocks of the parameters are in the order r, u, n. Source: Cho et al., EMNLP 2014,
    section 2.3, but with r applied after the matrix product, as in torch and cuDNN.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, x=[Normal((4, 3, 2)), Normal((1, 3, 5))]),
        Case(4, 3, bias=False, batch_first=True, x=[Normal((2, 5, 4)), Normal((1, 2, 3))]),
        Case(2, 3, x=[Normal((1, 4, 2)), Normal((1, 4, 3))], train=False),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(3, input_size, hidden_size, num_layers, bias, batch_first, rng, dtype)

    def forward(self, x: ArrayLike, hx: ArrayLike | None = None) -> tuple[Array, Array]:
        x = self._steps(x)
        h = self._history(x, hx, "hx")
        z_x = self._from_input(x)
        gates = []
        for t, z in enumerate(z_x):
            r_x, u_x, n_x = np.split(z, 3, axis=1)
            r_h, u_h, n_h = np.split(self._from_hidden(h[t]), 3, axis=1)
            r, u = _sigmoid(r_x + r_h), _sigmoid(u_x + u_h)
            n = np.tanh(n_x + r * n_h)
            h[t + 1] = (1 - u) * n + u * h[t]
            gates.append((r, u, n, n_h))
        self.cache = x, h, gates, hx is not None
        return self._turned(h[1:]).copy(), h[-1:].copy()

    def backward(self, dy: ArrayLike, dh_n: ArrayLike | None = None) -> Array | tuple[Array, Array]:
        x, h, gates, hx_given = self.cache
        dy, dh = self._upstream(h, dy, dh_n, "dh_n")
        dz_x = np.zeros((*dy.shape[:2], 3 * self.hidden_size), dy.dtype)
        dz_h = np.zeros_like(dz_x)
        for t in reversed(range(len(x))):
            r, u, n, n_h = gates[t]
            dh += dy[t]
            dn = dh * (1 - u) * (1 - n**2)
            du = dh * (h[t] - n) * u * (1 - u)
            dr = dn * n_h * r * (1 - r)
            dz_x[t] = np.concatenate([dr, du, dn], axis=1)
            dz_h[t] = np.concatenate([dr, du, dn * r], axis=1)
            dh = dh * u + dz_h[t] @ self.weight_hh_l0.data
        dx = self._add_gradients(x, h, dz_x, dz_h)
        return (dx, dh[None]) if hx_given else dx


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), which tanh computes without overflow."""
    y: Array = 0.5 * (1 + np.tanh(0.5 * z))
    return y


def _pair(states: Any, name: str, parts: str) -> tuple[ArrayLike | None, ArrayLike | None]:
    """The two states of an LSTM."""
    if states is None:
        return None, None
    if not (isinstance(states, tuple) and len(states) == 2):
        raise InputError(f"LSTM: {name} must be a tuple {parts} but is of type {type(states).__name__}; pass both")
    return states
