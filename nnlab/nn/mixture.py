"""Mixtures of Gaussians as the output of a network. Source: Bishop, "Mixture Density Networks", 1994, section 3."""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, borrow_or_zero, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.loss import Loss
from nnlab.nn.module import Module
from nnlab.nn.softmax import LogSoftmax, softmax

__all__ = ["MixtureDensity", "MixtureDensityLoss"]


class MixtureDensity(Module):
    """log_pi = log softmax(a), mu and log_sigma, with (a, mu, log_sigma) = linear(x): a mixture for each x.

    x has shape (..., in_features), log_pi and log_sigma (..., num_mixtures), mu (..., num_mixtures, out_features).
    Source: Bishop, "Mixture Density Networks", 1994, equations 25 to 27.
    """

    rows_from = 2
    in_torch = False
    cases = (
        Case(4, 3, 5, x=Normal((2, 6, 4))),
        Case(3, 1, 2, x=Normal((5, 3))),
        Case(2, 4, 3, x=Normal((2,))),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        num_mixtures: int,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if num_mixtures < 1:
            raise InputError(f"MixtureDensity: num_mixtures is {num_mixtures} but at least one is needed; raise it")
        self.out_features = out_features
        self.num_mixtures = num_mixtures
        self.linear = Linear(in_features, num_mixtures * (out_features + 2), rng=rng, dtype=dtype)
        self.log_softmax = LogSoftmax(-1)

    def forward(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        z = self.linear(x)
        a, mu, log_sigma = np.split(z, [self.num_mixtures, -self.num_mixtures], -1)
        self.cache = log_sigma.shape, z.dtype
        return self.log_softmax(a), mu.reshape(*a.shape, self.out_features), log_sigma

    def backward(self, dlog_pi: ArrayLike, dmu: ArrayLike | None = None, dlog_sigma: ArrayLike | None = None) -> Array:
        shape, dtype = self.cache
        da = self.log_softmax.backward(borrow(self, dlog_pi, shape, dtype, "dlog_pi"))
        dmu = borrow_or_zero(self, dmu, (*shape, self.out_features), dtype, "dmu")
        dlog_sigma = borrow_or_zero(self, dlog_sigma, shape, dtype, "dlog_sigma")
        dz = np.concatenate([da, dmu.reshape(*shape[:-1], self.num_mixtures * self.out_features), dlog_sigma], -1)
        return self.linear.backward(dz)


class MixtureDensityLoss(Loss):
    """loss = -log Σₖ πₖ N(target; μₖ, σₖ² I), with log_pi, mu and log_sigma as MixtureDensity gives them.

    log_pi and log_sigma have shape (..., K), mu (..., K, D), target (..., D). It is computed from logarithms, so that
    far targets do not overflow. Source: Bishop, "Mixture Density Networks", 1994, equations 23 and 29.
    """

    in_torch = False
    cases = (
        Case(x=[Normal((2, 4, 5)), Normal((2, 4, 5, 3)), Normal((2, 4, 5), scale=0.5), Normal((2, 4, 3))]),
        Case("sum", x=[Normal((6, 2)), Normal((6, 2, 1)), Normal((6, 2), scale=0.5), Normal((6, 1))]),
        Case(reduction="none", x=[Normal((5, 3)), Normal((5, 3, 2)), Normal((5, 3), scale=0.5), Normal((5, 2))]),
        Case(x=[Normal((3,)), Normal((3, 2)), Normal((3,), scale=0.5), Normal((2,))]),
    )

    def forward(self, log_pi: ArrayLike, mu: ArrayLike, log_sigma: ArrayLike, target: ArrayLike) -> Array:
        mu = own(self, mu, (..., None, None), name="mu")
        log_pi = own(self, log_pi, mu.shape[:-1], mu.dtype, "log_pi")
        log_sigma = own(self, log_sigma, mu.shape[:-1], mu.dtype, "log_sigma")
        size = mu.shape[-1]
        target = self.known(own(self, target, (*mu.shape[:-2], size), mu.dtype, "target"))
        inv_sigma = np.exp(-log_sigma)[..., None]
        q = (target[..., None, :] - mu) * inv_sigma
        log_normal = -(q**2).sum(-1) / 2 - size * (log_sigma + math.log(2 * math.pi) / 2)
        log_joint = log_pi + log_normal
        self.cache = q, inv_sigma, softmax(log_joint, -1)
        return self.reduce(-np.logaddexp.reduce(log_joint, -1))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array, Array, Array]:
        q, inv_sigma, posterior = self.cache
        dlog_pi = -posterior * self.reduce_backward(dy)[..., None]
        dlog_sigma = dlog_pi * ((q**2).sum(-1) - q.shape[-1])
        dmu = dlog_pi[..., None] * q * inv_sigma
        dtarget: Array = -dmu.sum(-2)
        return dlog_pi, dmu, dlog_sigma, dtarget
