"""Associative memory."""

import math

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["Hopfield"]


class Hopfield(Module):
    """state ← softmax(beta · state storedᵀ) stored, update_steps times: the stored patterns that a state recalls.

    state has shape (..., L, D), stored (..., S, D), with the same leading dimensions. beta is 1 / √D unless given, so
    that one step is attention; a large one recalls single patterns. The gradient passes through every step.
    Source: Ramsauer et al., "Hopfield Networks is All You Need", 2020, equation 3.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 5, 4))]),
        Case(0.7, 3, x=[Normal((4, 3)), Normal((2, 3))]),
        Case(beta=2.0, update_steps=2, x=[Normal((3, 2, 1, 5)), Normal((3, 2, 4, 5))]),
    )

    def __init__(self, beta: float | None = None, update_steps: int = 1) -> None:
        if beta is not None and not beta > 0:
            raise InputError(f"Hopfield: beta is {beta} but must be positive; leave it out for attention")
        if update_steps < 1:
            raise InputError(f"Hopfield: update_steps is {update_steps} but at least one is needed; the paper uses 1")
        self.beta = beta
        self.update_steps = update_steps

    def forward(self, state: ArrayLike, stored: ArrayLike) -> Array:
        state = own(self, state, (..., None, None), name="state")
        stored = own(self, stored, (*state.shape[:-2], None, state.shape[-1]), state.dtype, "stored")
        if not stored.shape[-2]:
            raise InputError(f"Hopfield: stored has shape {stored.shape}, no pattern; store at least one")
        beta = 1 / math.sqrt(state.shape[-1]) if self.beta is None else self.beta
        steps = []
        for _ in range(self.update_steps):
            p = softmax(beta * (state @ stored.swapaxes(-1, -2)), -1)
            steps.append((state, p))
            state = p @ stored
        self.cache = stored, beta, steps
        return state

    def backward(self, dy: ArrayLike) -> tuple[Array, Array]:
        stored, beta, steps = self.cache
        dstate = borrow(self, dy, steps[0][0].shape, stored.dtype, "dy")
        dstored = np.zeros_like(stored)
        for state, p in reversed(steps):
            dscores = beta * softmax_backward(dstate @ stored.swapaxes(-1, -2), p, -1)
            dstored += p.swapaxes(-1, -2) @ dstate + dscores.swapaxes(-1, -2) @ state
            dstate = dscores @ stored
        return dstate, dstored
