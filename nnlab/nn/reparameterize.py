"""Sampling with a derivative."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["Reparameterize"]


class Reparameterize(Module):
    """z = mu + exp(log_var / 2) eps, with eps of N(0, 1) drawn anew by every forward in training; z = mu in evaluation.

    mu, log_var and z have shape (..., D). If `kl`, forward returns (z, kl), with kl = Σ (mu² + exp(log_var) - 1 -
    log_var) / 2 over the last axis: how far N(mu, exp(log_var)) is from N(0, 1) by Kullback and Leibler's divergence.
    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.4 and, for kl, appendix B.
    """

    in_torch = False
    rows_from = 2
    cases = (
        Case(x=[Normal((3, 5)), Normal((3, 5))]),
        Case(kl=True, x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(kl=True, x=[Normal((5, 2)), Normal((5, 2), scale=2.0)], train=False),
        Case(x=[Normal((2, 4, 3)), Normal((2, 4, 3))], train=False),
        Case(True, x=[Normal((3,)), Normal((3,))], train=False),
    )

    def __init__(self, kl: bool = False, *, rng: np.random.Generator) -> None:
        self.kl = kl
        self.rng = rng

    def forward(self, mu: ArrayLike, log_var: ArrayLike) -> Array | tuple[Array, Array]:
        mu = own(self, mu, (..., None), name="mu")
        log_var = own(self, log_var, mu.shape, mu.dtype, "log_var")
        noise = np.zeros_like(mu)
        if self.training:
            noise = np.exp(log_var / 2) * self.rng.standard_normal(mu.shape).astype(mu.dtype)
        self.cache = mu, log_var, noise
        z = mu + noise
        return (z, np.asarray((mu**2 + np.expm1(log_var) - log_var).sum(-1) / 2)) if self.kl else z

    def backward(self, dz: ArrayLike, dkl: ArrayLike | None = None) -> tuple[Array, Array]:
        mu, log_var, noise = self.cache
        dz = borrow(self, dz, mu.shape, mu.dtype, "dz")
        dmu, dlog_var = dz.copy(), dz * noise / 2
        if dkl is not None:
            dkl = borrow(self, dkl, mu.shape[:-1], mu.dtype, "dkl")[..., None]
            dmu += dkl * mu
            dlog_var += dkl * np.expm1(log_var) / 2
        return dmu, dlog_var
