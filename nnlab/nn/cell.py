"""One step of a recurrent network: its formula and the derivative of it, and a layer that takes a single step."""

from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import sigmoid
from nnlab.nn.arrays import Array, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]

State = tuple[Array, ...]
Nonlinearity = Literal["tanh", "relu"]


class Step(Protocol):
    """The state after a step from z_x = W_ih x + b_ih, z_h = W_hh h + b_hh and the state before it.

    A state is a tuple of arrays (N, ·) of which h is the first; z_x and z_h have `blocks` blocks of as many columns.
    forward also returns what backward needs, and backward dz_x, dz_h and the gradient of the state before the step,
    without what reaches its h through z_h.
    """

    blocks: int

    def forward(self, z_x: Array, z_h: Array, state: State) -> tuple[State, Any]: ...

    def backward(self, dstate: State, kept: Any) -> tuple[Array, Array, State]: ...


class RNNStep:
    """h' = tanh(z_x + z_h), or relu instead of tanh."""

    blocks = 1

    def __init__(self, owner: object, nonlinearity: Nonlinearity) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise InputError(f"{type(owner).__name__}: nonlinearity is {nonlinearity!r}; choose 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity

    def forward(self, z_x: Array, z_h: Array, state: State) -> tuple[State, Any]:
        z = z_x + z_h
        h: Array = np.tanh(z) if self.nonlinearity == "tanh" else np.maximum(z, 0)
        return (h,), h

    def backward(self, dstate: State, kept: Any) -> tuple[Array, Array, State]:
        (dh,), h = dstate, kept
        dz = dh * (1 - h**2) if self.nonlinearity == "tanh" else dh * (h > 0)
        return dz, dz, (np.zeros_like(dh),)


class LSTMStep:
    """c' = f c + i g and h' = o tanh(c'), with i, f, o = σ(z) and g = tanh(z) of the blocks i, f, g, o of z_x + z_h."""

    blocks = 4

    def forward(self, z_x: Array, z_h: Array, state: State) -> tuple[State, Any]:
        _, c = state
        z_i, z_f, z_g, z_o = _blocks(z_x + z_h, 4)
        i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
        c_after: Array = f * c + i * g
        tanh_c = np.tanh(c_after)
        return (o * tanh_c, c_after), (c, i, f, g, o, tanh_c)

    def backward(self, dstate: State, kept: Any) -> tuple[Array, Array, State]:
        dh, dc_after = dstate
        c, i, f, g, o, tanh_c = kept
        dc_after = dc_after + dh * o * (1 - tanh_c**2)
        di, df, dg, do = dc_after * g, dc_after * c, dc_after * i, dh * tanh_c
        dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
        return dz, dz, (np.zeros_like(dh), dc_after * f)


class GRUStep:
    """h' = (1 - u) n + u h, with r, u = σ(z_x + z_h) and n = tanh(z_x + r z_h) of the blocks r, u, n."""

    blocks = 3

    def forward(self, z_x: Array, z_h: Array, state: State) -> tuple[State, Any]:
        (h,) = state
        r_x, u_x, n_x = _blocks(z_x, 3)
        r_h, u_h, n_h = _blocks(z_h, 3)
        r, u = sigmoid(r_x + r_h), sigmoid(u_x + u_h)
        n = np.tanh(n_x + r * n_h)
        return ((1 - u) * n + u * h,), (h, r, u, n, n_h)

    def backward(self, dstate: State, kept: Any) -> tuple[Array, Array, State]:
        (dh_after,) = dstate
        h, r, u, n, n_h = kept
        dn = dh_after * (1 - u) * (1 - n**2)
        du = dh_after * (h - n) * u * (1 - u)
        dr = dn * n_h * r * (1 - r)
        dz_x = np.concatenate([dr, du, dn], axis=1)
        dz_h = np.concatenate([dr, du, dn * r], axis=1)
        return dz_x, dz_h, (dh_after * u,)


def _blocks(z: Array, number: int) -> Array:
    """So many blocks of columns, one after the other; np.split takes a quarter of a step's time for the same views."""
    return z.reshape(len(z), number, z.shape[1] // number).swapaxes(0, 1)


class _Cell(Module):
    """The parameters of a cell, and the way in and out of its step."""

    def __init__(
        self, step: Step, input_size: int, hidden_size: int, bias: bool, rng: np.random.Generator, dtype: DTypeLike
    ) -> None:
        self.step = step
        self.input_size = input_size
        self.hidden_size = hidden_size
        parameters = draw_parameters(step, input_size, hidden_size, bias, rng, dtype)
        self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh = parameters

    def _forward(self, x: ArrayLike, **states: ArrayLike | None) -> State:
        """The state after the step, from those before it by name."""
        batch = (None,) if np.ndim(x) > 1 else ()
        x = own(self, x, (*batch, self.input_size), self.weight_ih.data.dtype)
        shape = (*x.shape[:-1], self.hidden_size)
        x = np.atleast_2d(x)
        state = tuple(np.atleast_2d(own_or_zero(self, h, shape, x.dtype, name)) for name, h in states.items())
        z_x = project(x, self.weight_ih, self.bias_ih)
        z_h = project(state[0], self.weight_hh, self.bias_hh)
        after, kept = self.step.forward(z_x, z_h, state)
        self.cache = x, state[0], kept, shape, any(given is not None for given in states.values())
        return tuple(h.reshape(shape).copy() for h in after)

    def _backward(self, **dstates: ArrayLike | None) -> tuple[Array, State | None]:
        """The gradients of x, and of the state before the step if any of it was given."""
        x, h, kept, shape, is_given = self.cache
        dafter = tuple(np.atleast_2d(own_or_zero(self, dh, shape, x.dtype, name)) for name, dh in dstates.items())
        dz_x, dz_h, (dh, *dothers) = self.step.backward(dafter, kept)
        add_gradients(dz_x, x, self.weight_ih, self.bias_ih)
        add_gradients(dz_h, h, self.weight_hh, self.bias_hh)
        dx = (dz_x @ self.weight_ih.data).reshape(*shape[:-1], self.input_size)
        dstate = tuple(d.reshape(shape) for d in (dh + dz_h @ self.weight_hh.data, *dothers))
        return dx, dstate if is_given else None


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh.

    x has shape (N, input_size) or (input_size,), and hx, which is h and zero if not given, (N, hidden_size) or
    (hidden_size,). Source: Elman, Cognitive Science 14, 1990.
    """

    cases = (
        Case(3, 4, x=[Normal((5, 3)), Normal((5, 4))]),
        Case(2, 5, nonlinearity="relu", x=[Normal((3, 2)), Normal((3, 5))]),
        Case(4, 3, bias=False, x=Normal((2, 4)), train=False),
        Case(3, 2, x=[Normal((3,)), Normal((2,))]),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: Nonlinearity = "tanh",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.nonlinearity = nonlinearity
        super().__init__(RNNStep(self, nonlinearity), input_size, hidden_size, bias, rng, dtype)

    def forward(self, x: ArrayLike, hx: ArrayLike | None = None) -> Array:
        return self._forward(x, hx=hx)[0]

    def backward(self, dh: ArrayLike) -> Array | tuple[Array, Array]:
        dx, dhx = self._backward(dh=dh)
        return dx if dhx is None else (dx, dhx[0])


class LSTMCell(_Cell):
    """c' = f c + i g and h' = o tanh(c'), with i, f, o = σ(z) and g = tanh(z) of the blocks i, f, g, o of z.

    z = W_ih x + b_ih + W_hh h + b_hh. x has shape (N, input_size) or (input_size,), and hx = (h, c), zero if not given,
    (N, hidden_size) or (hidden_size,) each. Source: Hochreiter and Schmidhuber, 1997; the forget gate f: Gers,
    Schmidhuber and Cummins, 2000.
    """

    cases = (
        Case(3, 4, x=[Normal((5, 3)), (Normal((5, 4)), Normal((5, 4)))]),
        Case(4, 3, bias=False, x=Normal((2, 4))),
        Case(3, 2, x=[Normal((3,)), (Normal((2,)), Normal((2,)))], train=False),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(LSTMStep(), input_size, hidden_size, bias, rng, dtype)

    def forward(self, x: ArrayLike, hx: tuple[ArrayLike, ArrayLike] | None = None) -> tuple[Array, Array]:
        h_0, c_0 = pair(self, hx, "hx", "(h_0, c_0)")
        h_1, c_1 = self._forward(x, h_0=h_0, c_0=c_0)
        return h_1, c_1

    def backward(self, dh: ArrayLike, dc: ArrayLike | None = None) -> Array | tuple[Array, State]:
        dx, dhx = self._backward(dh=dh, dc=dc)
        return dx if dhx is None else (dx, dhx)


class GRUCell(_Cell):
    """h' = (1 - u) n + u h, with r, u = σ(z_x + z_h) and n = tanh(z_x + r z_h), each from its block r, u, n.

    z_x = W_ih x + b_ih, z_h = W_hh h + b_hh. x has shape (N, input_size) or (input_size,), and hx, which is h and zero
    if not given, (N, hidden_size) or (hidden_size,). Source: Cho et al., EMNLP 2014, section 2.3, but with r applied
    after the matrix product, as in torch and cuDNN.
    """

    cases = (
        Case(3, 4, x=[Normal((5, 3)), Normal((5, 4))]),
        Case(4, 3, bias=False, x=Normal((2, 4))),
        Case(3, 2, x=[Normal((3,)), Normal((2,))], train=False),
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(GRUStep(), input_size, hidden_size, bias, rng, dtype)

    def forward(self, x: ArrayLike, hx: ArrayLike | None = None) -> Array:
        return self._forward(x, hx=hx)[0]

    def backward(self, dh: ArrayLike) -> Array | tuple[Array, Array]:
        dx, dhx = self._backward(dh=dh)
        return dx if dhx is None else (dx, dhx[0])


Parameters = tuple[Parameter, Parameter, Parameter | None, Parameter | None]


def draw_parameters(
    step: Step, input_size: int, hidden_size: int, bias: bool, rng: np.random.Generator, dtype: DTypeLike
) -> Parameters:
    """W_ih, W_hh, b_ih and b_hh for one step."""
    rows = step.blocks * hidden_size
    weight_ih = Parameter(fan_in_uniform(rng, (rows, input_size), hidden_size, dtype))
    weight_hh = Parameter(fan_in_uniform(rng, (rows, hidden_size), hidden_size, dtype))
    if not bias:
        return weight_ih, weight_hh, None, None
    bias_ih, bias_hh = (Parameter(fan_in_uniform(rng, (rows,), hidden_size, dtype)) for _ in range(2))
    return weight_ih, weight_hh, bias_ih, bias_hh


def project(x: Array, weight: Parameter, bias: Parameter | None) -> Array:
    """z = x Wᵀ + b, over the last axis of x."""
    z: Array = x @ weight.data.T
    if bias is not None:
        z += bias.data
    return z


def add_gradients(dz: Array, x: Array, weight: Parameter, bias: Parameter | None) -> None:
    """Add what `project` gives the parameters, summed over all axes but the last in one matrix product."""
    rows = tuple(range(dz.ndim - 1))
    weight.grad += np.tensordot(dz, x, (rows, rows))
    if bias is not None:
        bias.grad += dz.sum(rows)


def own_or_zero(owner: object, given: ArrayLike | None, shape: tuple[int, ...], dtype: DTypeLike, name: str) -> Array:
    """A private copy of a state or of its gradient, which are zero where they are not given."""
    return np.zeros(shape, dtype) if given is None else own(owner, given, shape, dtype, name)


def pair(owner: object, given: Any, name: str, parts: str) -> tuple[ArrayLike | None, ArrayLike | None]:
    """The two states of an LSTM, or their gradients."""
    if given is None:
        return None, None
    if not (isinstance(given, tuple) and len(given) == 2):
        layer = type(owner).__name__
        raise InputError(f"{layer}: {name} must be a tuple {parts} but is of type {type(given).__name__}; pass both")
    return given
