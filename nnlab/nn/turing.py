"""The head of a neural Turing machine: a layer that finds its place in a memory, reads there, and writes."""

from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import sigmoid, softplus
from nnlab.nn.arrays import Array, borrow, borrow_or_zero, own
from nnlab.nn.case import Case, Normal, Uniform
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["NTMHead"]


class NTMHead(Module):
    """read = Σ wᵢ Mᵢ and M'ᵢ = Mᵢ (1 - wᵢ e) + wᵢ a, where w weighs the slots Mᵢ by content and by place.

    h has shape (..., controller_size), the memory M (..., slots, width), the previous weights (..., slots), none below
    0; forward returns (read, M', w), the first of shape (..., width) and from M as it was. `interface` maps h to the
    key k, the strength β, the gate g, the shift s, the sharpening γ, the erase vector e and the add vector a, in this
    order, with softplus for β, 1 + softplus for γ, σ for g and e, and softmax for s, which has an entry for each turn
    by -max_shift to max_shift slots. Then w is softmax(β cos(k, Mᵢ)), mixed with the previous weights by g, turned by
    s, and raised to the power γ with sum 1. Source: Graves, Wayne and Danihelka, "Neural Turing Machines", 2014,
    section 3, equations 2 to 9.
    """

    in_torch = False
    cases = (
        Case(3, 4, x=[Normal((2, 3)), Normal((2, 5, 4)), Uniform((2, 5), 0.05, 0.5)]),
        Case(4, 2, max_shift=2, x=[Normal((2, 3, 4), scale=2.0), Normal((2, 3, 7, 2)), Uniform((2, 3, 7), 0.05, 0.3)]),
        Case(2, 3, 0, x=[Normal((2,)), Normal((4, 3)), Uniform((4,), 0.1, 0.4)], train=False),
    )

    def __init__(
        self,
        controller_size: int,
        width: int,
        max_shift: int = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if max_shift < 0:
            raise InputError(f"NTMHead: max_shift is {max_shift} but must not be negative; 0 leaves the weights there")
        self.controller_size = controller_size
        self.width = width
        sizes = (width, 1, 1, 2 * max_shift + 1, 1, width, width)
        self.parts = list(accumulate(sizes[:-1]))
        self.interface = Linear(controller_size, sum(sizes), rng=rng, dtype=dtype)
        self.address = _Address(max_shift)

    def forward(self, h: ArrayLike, memory: ArrayLike, weights: ArrayLike) -> tuple[Array, Array, Array]:
        dtype = self.interface.weight.data.dtype
        memory = own(self, memory, (..., None, self.width), dtype, "memory")
        weights = own(self, weights, memory.shape[:-1], dtype, "weights")
        h = borrow(self, h, (*memory.shape[:-2], self.controller_size), dtype, "h")
        if (weights < 0).any():
            raise InputError(
                f"NTMHead: weights must not be negative but hold {weights.min()}; pass those of the latest forward"
            )
        *place, erase, a = np.split(self.interface(h), self.parts, -1)
        w: Array = self.address(*place, memory, weights)
        e = sigmoid(erase)
        read = (w[..., None] * memory).sum(-2)
        written = memory * (1 - w[..., None] * e[..., None, :]) + w[..., None] * a[..., None, :]
        self.cache = memory, w, e, a
        return read, written, w.copy()

    def backward(
        self, dread: ArrayLike, dwritten: ArrayLike | None = None, dw: ArrayLike | None = None
    ) -> tuple[Array, Array, Array]:
        memory, w, e, a = self.cache
        dread = borrow(self, dread, e.shape, e.dtype, "dread")
        dwritten = borrow_or_zero(self, dwritten, memory.shape, memory.dtype, "dwritten")
        dw = borrow_or_zero(self, dw, w.shape, w.dtype, "dw")
        erased, added = memory * e[..., None, :], a[..., None, :]
        dweighing: Array = dw + (dread[..., None, :] * memory + dwritten * (added - erased)).sum(-1)
        dmemory = w[..., None] * dread[..., None, :] + dwritten * (1 - w[..., None] * e[..., None, :])
        de = -(dwritten * memory * w[..., None]).sum(-2)
        da = (dwritten * w[..., None]).sum(-2)
        *dplace, dmatched, dweights = self.address.backward(dweighing)
        dh = self.interface.backward(np.concatenate([*dplace, de * e * (1 - e), da], -1))
        return dh, dmemory + dmatched, dweights


class _Address(Module):
    """w from key, strength, gate, shift and sharpening as the interface gives them, memory and previous weights."""

    def __init__(self, max_shift: int) -> None:
        self.turns = np.arange(-max_shift, max_shift + 1)

    def forward(
        self, key: Array, beta: Array, gate: Array, shift: Array, gamma: Array, memory: Array, weights: Array
    ) -> Array:
        key, key_length = _unit(key[..., None, :])
        rows, row_length = _unit(memory)
        cos = (key * rows).sum(-1)
        content = softmax(softplus(beta) * cos, -1)
        g = sigmoid(gate)
        gated = g * content + (1 - g) * weights
        s = softmax(shift, -1)
        came_from = (np.arange(gated.shape[-1])[:, None] - self.turns) % gated.shape[-1]
        turned = gated[..., came_from]
        # As a softmax of logarithms the power cannot underflow throughout, and 0 is as good as the smallest number.
        shifted = np.maximum((turned * s[..., None, :]).sum(-1), np.finfo(gated.dtype).tiny)
        w = softmax((1 + softplus(gamma)) * np.log(shifted), -1)
        units = key, key_length, rows, row_length
        self.cache = units, (beta, cos, content), (g, weights), (s, turned), gamma, shifted, w
        return w

    def backward(self, dw: Array) -> tuple[Array, ...]:
        units, (beta, cos, content), (g, weights), (s, turned), gamma, shifted, w = self.cache
        key, key_length, rows, row_length = units
        dlog = softmax_backward(dw, w, -1)
        dgamma = (dlog * np.log(shifted)).sum(-1, keepdims=True) * sigmoid(gamma)
        dshifted = dlog * (1 + softplus(gamma)) / shifted
        # s times ds is all of softmax's derivative, because w does not depend on the scale of s: Σ s ds = 0.
        dshift = s * (dshifted[..., None] * turned).sum(-2)
        went_to = (np.arange(w.shape[-1])[:, None] + self.turns) % w.shape[-1]
        dgated = (dshifted[..., went_to] * s[..., None, :]).sum(-1)
        dgate = (dgated * (content - weights)).sum(-1, keepdims=True) * g * (1 - g)
        dscore = softmax_backward(dgated * g, content, -1)
        dbeta = (dscore * cos).sum(-1, keepdims=True) * sigmoid(beta)
        dcos = (dscore * softplus(beta))[..., None]
        dkey = _unit_backward((dcos * rows).sum(-2, keepdims=True), key, key_length)[..., 0, :]
        dmemory = _unit_backward(dcos * key, rows, row_length)
        return dkey, dbeta, dgate, dshift, dgamma, dmemory, dgated * (1 - g)


def _unit(x: Array) -> tuple[Array, Array]:
    """x / |x| along the last axis, and |x|, which is at least 1e-8 as in torch's cosine similarity."""
    length = np.maximum(np.sqrt((x**2).sum(-1, keepdims=True)), 1e-8)
    return x / length, length


def _unit_backward(du: Array, u: Array, length: Array) -> Array:
    dx: Array = (du - u * (u * du).sum(-1, keepdims=True)) / length
    return dx
