"""Recurrent layers: the steps of `cell.py` over time, in one or both directions, and in layers upon each other."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.cell import (
    GRUStep,
    LSTMStep,
    Nonlinearity,
    Parameters,
    RNNStep,
    State,
    Step,
    add_gradients,
    draw_parameters,
    own_or_zero,
    pair,
    project,
)
from nnlab.nn.dropout import Dropout
from nnlab.nn.module import Module

__all__ = ["GRU", "LSTM", "RNN"]

Mask = NDArray[np.bool_]
Named = dict[str, ArrayLike | None]

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Pass:
    """The steps of one layer in one direction, over x of shape (T, N, ·).

    `used` (T, N, 1) says which steps are part of their sequence: the others leave the state as it is, so that a last
    state is that of the last step in use, and the reverse direction begins there. Their output is 0.
    """

    def __init__(self, step: Step, parameters: Parameters, is_reversed: bool) -> None:
        self.step = step
        self.parameters = parameters
        self.order = slice(None, None, -1 if is_reversed else 1)

    def forward(self, x: Array, state: State, used: Mask) -> tuple[Array, State]:
        """All outputs, and the last state."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.parameters
        x, used = x[self.order], used[self.order]
        before, after, kept = [], [], []
        for t, z_x in enumerate(project(x, weight_ih, bias_ih)):
            before.append(state[0])
            z_h = project(state[0], weight_hh, bias_hh)
            new, needed = self.step.forward(z_x, z_h, state)
            state = _chosen(used[t], new, state)
            after.append(state[0])
            kept.append(needed)
        y = np.where(used, after, 0)
        self.cache = x, np.stack(before), kept, used
        return y[self.order], state

    def backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        """The gradients of x, and of the state at the start."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.parameters
        x, h, kept, used = self.cache
        dy = np.where(used, dy[self.order], 0)
        dz_x = np.zeros((*x.shape[:2], len(weight_ih.data)), x.dtype)
        dz_h = np.zeros_like(dz_x)
        for t in reversed(range(len(x))):
            dh, *others = dstate
            dstate = dh + dy[t], *others
            dz_x[t], dz_h[t], (dh, *others) = self.step.backward(dstate, kept[t])
            dstate = _chosen(used[t], (dh + dz_h[t] @ weight_hh.data, *others), dstate)
        dz_x, dz_h = np.where(used, dz_x, 0), np.where(used, dz_h, 0)
        add_gradients(dz_x, x, weight_ih, bias_ih)
        add_gradients(dz_h, h, weight_hh, bias_hh)
        return (dz_x @ weight_ih.data)[self.order], dstate


def _chosen(is_used: Mask, new: State, old: State) -> State:
    """The new state of each sequence that goes on, the old one of the others."""
    if is_used.all():
        return new
    return tuple(np.where(is_used, h, old[i]) for i, h in enumerate(new))


class _Layer:
    """Dropout, then the passes of one layer over what is left of x, with their outputs side by side.

    The states, h and perhaps c, have shape (states, directions, N, ·).
    """

    def __init__(self, drop: Dropout, passes: list[_Pass]) -> None:
        self.drop = drop
        self.passes = passes

    def forward(self, x: Array, start: Array, used: Mask) -> tuple[Array, Array]:
        """All outputs, and the last states."""
        x = self.drop(x)
        ys, last = [], np.zeros_like(start)
        for i, one in enumerate(self.passes):
            y, last[:, i] = one.forward(x, tuple(start[:, i]), used)
            ys.append(y)
        return np.concatenate(ys, axis=2), last

    def backward(self, dy: Array, dlast: Array) -> tuple[Array, Array]:
        """The gradients of x, and of the states at the start."""
        parts = np.split(dy, len(self.passes), axis=2)
        dxs, dstart = [], np.zeros_like(dlast)
        for i, one in enumerate(self.passes):
            dx, dstart[:, i] = one.backward(parts[i], tuple(dlast[:, i]))
            dxs.append(dx)
        return self.drop.backward(np.sum(dxs, axis=0)), dstart


class _Recurrent(Module):
    """The parameters that the recurrent layers share, and the way in and out of their passes."""

    def __init__(
        self,
        step: Step,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        name = type(self).__name__
        if num_layers < 1:
            raise InputError(f"{name}: num_layers must be at least 1 but is {num_layers}; raise it")
        if not 0 <= dropout <= 1:
            raise InputError(f"{name}: dropout is a probability but is {dropout}; choose it in [0, 1]")
        self.step = step
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.rng = rng
        self.dtype = np.dtype(dtype)
        self.directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            width = len(self.directions) * hidden_size if layer else input_size
            for direction in self.directions:
                parameters = draw_parameters(step, width, hidden_size, bias, rng, dtype)
                for i, parameter_name in enumerate(_NAMES):
                    setattr(self, f"{parameter_name}_l{layer}{direction}", parameters[i])

    def _forward(self, x: ArrayLike, lengths: ArrayLike | None, **states: ArrayLike | None) -> tuple[Array, State]:
        """All outputs and the last states, from the first states by name."""
        is_batch = np.ndim(x) > 2
        x = borrow(self, x, (None, None, self.input_size) if is_batch else (None, self.input_size), self.dtype)
        x = self._turned(x) if is_batch else x[:, None]
        used = self._used(lengths, *x.shape[:2])
        x = np.where(used, x, np.zeros_like(x))
        inside = (self.num_layers, len(self.directions), x.shape[1], self.hidden_size)
        outside = (inside[0] * inside[1], *(inside[2:] if is_batch else inside[3:]))
        start = self._states(states, outside, inside)
        last = np.zeros_like(start)
        layers = [self._layer(number) for number in range(self.num_layers)]
        for number, layer in enumerate(layers):
            x, last[:, number] = layer.forward(x, start[:, number], used)
        y = self._turned(x) if is_batch else x[:, 0]
        self.cache = layers, y.shape, inside, outside, any(h is not None for h in states.values())
        return y, tuple(last.reshape(len(last), *outside))

    def _backward(self, dy: ArrayLike, **dstates: ArrayLike | None) -> tuple[Array, State | None]:
        """The gradients of x, and of the first states if any of them was given; from those of the last by name."""
        layers, shape, inside, outside, is_given = self.cache
        is_batch = len(outside) == 3
        dy = borrow(self, dy, shape, self.dtype, "dy")
        dlast = self._states(dstates, outside, inside)
        dstart = np.zeros_like(dlast)
        dx = self._turned(dy) if is_batch else dy[:, None]
        for number, layer in reversed(list(enumerate(layers))):
            dx, dstart[:, number] = layer.backward(dx, dlast[:, number])
        dx = self._turned(dx) if is_batch else dx[:, 0]
        return dx, tuple(dstart.reshape(len(dstart), *outside)) if is_given else None

    def _states(self, states: Named, outside: tuple[int, ...], inside: tuple[int, ...]) -> Array:
        """h and perhaps c, of the shape `outside`, in one array (states, num_layers, directions, N, hidden_size)."""
        return np.stack([own_or_zero(self, h, outside, self.dtype, name).reshape(inside) for name, h in states.items()])

    def _turned(self, sequence: Array) -> Array:
        """From the caller's order of the axes to (T, N, ·), and back."""
        return sequence.swapaxes(0, 1) if self.batch_first else sequence

    def _layer(self, number: int) -> _Layer:
        drop = Dropout(self.dropout, rng=self.rng).train(self.training and number > 0)
        passes = []
        for direction in self.directions:
            parameters = (getattr(self, f"{name}_l{number}{direction}") for name in _NAMES)
            passes.append(_Pass(self.step, tuple(parameters), bool(direction)))
        return _Layer(drop, passes)

    def _used(self, lengths: ArrayLike | None, steps: int, batch: int) -> Mask:
        """Which steps are part of their sequence, of shape (T, N, 1)."""
        if not steps:
            raise InputError(f"{type(self).__name__}: x has 0 time steps but must have at least one; pass a longer one")
        ends = np.asarray(np.full(batch, steps) if lengths is None else lengths)
        is_fit = np.issubdtype(ends.dtype, np.integer) and ends.shape == (batch,)
        if not is_fit or (ends < 1).any() or (ends > steps).any():
            raise InputError(
                f"{type(self).__name__}: lengths must be {batch} integers in [1, {steps}] but is {ends.tolist()}; "
                f"give the length of each sequence"
            )
        used: Mask = np.arange(steps)[:, None, None] < ends[:, None]
        return used


class RNN(_Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), or relu instead of tanh; the output is h of the last layer.

    x has shape (T, N, input_size), (N, T, input_size) if batch_first, or (T, input_size) for a single sequence. Layer
    k + 1 reads the output of layer k after a Dropout of rate `dropout`. Where it is bidirectional, each layer has a
    second pass with parameters of its own, from the last step to the first, whose h stands beside that of the first.
    hx, zero if not given, and h_n have shape (num_layers · directions, N, hidden_size), without N for one sequence.

    With `lengths`, N integers in [1, T] in any order, only so many steps of each sequence count, as in torch's packed
    sequences: past them y is 0, h_n is that of the last step that counts, and the reverse direction begins there.
    Source: Elman, Cognitive Science 14, 1990; Schuster and Paliwal, 1997, for the two directions.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, nonlinearity="relu", x=[Normal((4, 3, 2)), Normal((1, 3, 5))]),
        Case(4, 3, 2, bias=False, batch_first=True, x=[Normal((2, 5, 4)), Normal((2, 2, 3))]),
        Case(3, 2, 3, dropout=0.3, bidirectional=True, x=[Normal((4, 2, 3)), Normal((6, 2, 2))]),
        Case(3, 2, bidirectional=True, batch_first=True, x=[Normal((4, 5, 3)), Normal((2, 4, 2)), Fixed([2, 5, 1, 3])]),
        Case(2, 3, 2, dropout=0.4, x=[Normal((1, 4, 2)), Normal((2, 4, 3))], train=False),
        Case(3, 2, 2, "relu", x=[Normal((5, 3)), Normal((2, 2))]),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.nonlinearity = nonlinearity
        step = RNNStep(self, nonlinearity)
        super().__init__(
            step, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        )

    def forward(
        self, x: ArrayLike, hx: ArrayLike | None = None, lengths: ArrayLike | None = None
    ) -> tuple[Array, Array]:
        y, (h_n,) = self._forward(x, lengths, hx=hx)
        return y, h_n

    def backward(self, dy: ArrayLike, dh_n: ArrayLike | None = None) -> Array | tuple[Array, Array]:
        dx, dhx = self._backward(dy, dh_n=dh_n)
        return dx if dhx is None else (dx, dhx[0])


class LSTM(_Recurrent):
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with i, f, o = σ(z) and g = tanh(z) of the blocks i, f, g, o of z.

    z = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh. hx = (h_0, c_0) and (h_n, c_n) are pairs; all else is as in RNN. Torch's
    proj_size is left out. Source: Hochreiter and Schmidhuber, 1997; the forget gate f: Gers, Schmidhuber and Cummins,
    2000.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, x=[Normal((4, 3, 2)), (Normal((1, 3, 5)), Normal((1, 3, 5)))]),
        Case(4, 3, 2, bias=False, batch_first=True, x=[Normal((2, 5, 4)), (Normal((2, 2, 3)), Normal((2, 2, 3)))]),
        Case(3, 2, 3, dropout=0.3, bidirectional=True, x=Normal((4, 2, 3))),
        Case(
            3,
            2,
            2,
            dropout=0.4,
            bidirectional=True,
            x=[Normal((5, 4, 3)), (Normal((4, 4, 2)), Normal((4, 4, 2))), Fixed([2, 4, 1, 3])],
        ),
        Case(2, 3, 2, dropout=0.4, x=[Normal((1, 4, 2)), (Normal((2, 4, 3)), Normal((2, 4, 3)))], train=False),
        Case(3, 2, 2, x=[Normal((5, 3)), (Normal((2, 2)), Normal((2, 2)))]),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(
            LSTMStep(), input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        )

    def forward(
        self, x: ArrayLike, hx: tuple[ArrayLike, ArrayLike] | None = None, lengths: ArrayLike | None = None
    ) -> tuple[Array, State]:
        h_0, c_0 = pair(self, hx, "hx", "(h_0, c_0)")
        return self._forward(x, lengths, h_0=h_0, c_0=c_0)

    def backward(self, dy: ArrayLike, dhc_n: tuple[ArrayLike, ArrayLike] | None = None) -> Array | tuple[Array, State]:
        dh_n, dc_n = pair(self, dhc_n, "dhc_n", "(dh_n, dc_n)")
        dx, dhx = self._backward(dy, dh_n=dh_n, dc_n=dc_n)
        return dx if dhx is None else (dx, dhx)


class GRU(_Recurrent):
    """h_t = (1 - u) n + u h_{t-1}, with r, u = σ(z_x + z_h) and n = tanh(z_x + r z_h), each from its block r, u, n.

    z_x = W_ih x_t + b_ih, z_h = W_hh h_{t-1} + b_hh; all else is as in RNN. Source: Cho et al., EMNLP 2014,
    section 2.3, but with r applied after the matrix product, as in torch and cuDNN.
    """

    cases = (
        Case(3, 4, x=Normal((5, 2, 3))),
        Case(2, 5, x=[Normal((4, 3, 2)), Normal((1, 3, 5))]),
        Case(4, 3, 2, bias=False, batch_first=True, x=[Normal((2, 5, 4)), Normal((2, 2, 3))]),
        Case(3, 2, 3, dropout=0.3, bidirectional=True, x=[Normal((4, 2, 3)), Normal((6, 2, 2))]),
        Case(3, 2, 2, bidirectional=True, x=[Normal((5, 4, 3)), Fixed(None), Fixed([2, 4, 1, 3])]),
        Case(2, 3, 2, dropout=0.4, x=[Normal((1, 4, 2)), Normal((2, 4, 3))], train=False),
        Case(3, 2, 2, x=[Normal((5, 3)), Normal((2, 2))]),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(
            GRUStep(), input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        )

    def forward(
        self, x: ArrayLike, hx: ArrayLike | None = None, lengths: ArrayLike | None = None
    ) -> tuple[Array, Array]:
        y, (h_n,) = self._forward(x, lengths, hx=hx)
        return y, h_n

    def backward(self, dy: ArrayLike, dh_n: ArrayLike | None = None) -> Array | tuple[Array, Array]:
        dx, dhx = self._backward(dy, dh_n=dh_n)
        return dx if dhx is None else (dx, dhx[0])
