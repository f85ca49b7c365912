"""State-space models: linear recurrences, computed as a convolution along time."""

from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import normal
from nnlab.nn.module import Module, Parameter

__all__ = ["DiagonalSSM"]

Complex = NDArray[np.complexfloating[Any, Any]]


class DiagonalSSM(Module):
    """y_t = 2 Re(C h_t) + D x_t, with h_t = Ā h_{t-1} + B̄ x_t, Ā = exp(Δ A) and B̄ = (Ā - 1) A⁻¹ B, for each feature.

    x and y have shape (N, T, features), and every feature has `states` complex numbers h, which start at 0. A is
    diagonal, A = -exp(log_A_real) + i A_imag, and like B and C of shape (features, states), kept as real and imaginary
    parts; D and Δ = exp(log_dt) have shape (features,). y is D x plus the convolution of x with 2 Re Σ C Āˡ B̄, by
    Fourier transforms. At first A = -1/2 + i π n, B = 1, C and D are normal, and Δ is log-uniform in [dt_min, dt_max].
    Source: Gu, Gupta, Goel and Ré, "On the Parameterization and Initialization of Diagonal State Space Models" (S4D),
    2022, section 3; Gupta, Gu and Berant, "Diagonal State Spaces are as Effective as Structured State Spaces", 2022.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(3, 2, x=Normal((2, 5, 3))),
        Case(2, 5, dt_min=0.05, dt_max=0.7, x=Normal((3, 4, 2))),
        Case(4, 3, x=Normal((1, 1, 4)), train=False),
    )

    def __init__(
        self,
        features: int,
        states: int = 32,
        dt_min: float = 0.001,
        dt_max: float = 0.1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if not 0 < dt_min <= dt_max:
            raise InputError(
                f"DiagonalSSM: steps range from dt_min={dt_min} to dt_max={dt_max}, but 0 < dt_min <= dt_max must "
                f"hold; the paper takes 0.001 and 0.1"
            )
        self.features = features
        shape = (features, states)
        self.log_A_real = Parameter(np.full(shape, log(0.5), dtype))
        self.A_imag = Parameter(np.broadcast_to(pi * np.arange(states), shape).astype(dtype))
        self.B_real = Parameter(np.ones(shape, dtype))
        self.B_imag = Parameter(np.zeros(shape, dtype))
        self.C_real = Parameter(normal(rng, shape, dtype))
        self.C_imag = Parameter(normal(rng, shape, dtype))
        self.D = Parameter(normal(rng, (features,), dtype))
        self.log_dt = Parameter(rng.uniform(log(dt_min), log(dt_max), features).astype(dtype))

    def forward(self, x: ArrayLike) -> Array:
        u = borrow(self, x, (None, None, self.features), self.D.data.dtype).swapaxes(1, 2).copy()
        kernel, discrete = self._kernel(u.shape[-1])
        y: Array = u * self.D.data[:, None] + _convolved(u, kernel)
        self.cache = u, kernel, discrete
        return y.swapaxes(1, 2).copy()

    def backward(self, dy: ArrayLike) -> Array:
        u, kernel, discrete = self.cache
        batch, _, time = u.shape
        dy = borrow(self, dy, (batch, time, self.features), u.dtype, "dy").swapaxes(1, 2)
        self.D.grad += (dy * u).sum((0, 2))
        du = dy * self.D.data[:, None] + _correlated(dy, kernel)
        dkernel = _correlated(dy, u).sum(0)
        self._kernel_backward(dkernel, *discrete)
        return du.swapaxes(1, 2).copy()

    def _kernel(self, time: int) -> tuple[Array, tuple[Any, ...]]:
        """k_l = 2 Re Σ C Āˡ B̄ of shape (features, time), and steps l, A, B, C, z = Δ A and the powers Āˡ."""
        steps = np.arange(time, dtype=self.D.data.dtype)
        a: Complex = -np.exp(self.log_A_real.data) + 1j * self.A_imag.data
        b: Complex = self.B_real.data + 1j * self.B_imag.data
        c: Complex = self.C_real.data + 1j * self.C_imag.data
        z: Complex = np.exp(self.log_dt.data)[:, None] * a
        powers: Complex = np.exp(z[..., None] * steps)
        g = c * b * np.expm1(z) / a
        kernel: Array = 2 * (g[:, None] @ powers)[:, 0].real
        return kernel, (steps, a, b, c, z, powers)

    def _kernel_backward(
        self, dkernel: Array, steps: Array, a: Complex, b: Complex, c: Complex, z: Complex, powers: Complex
    ) -> None:
        """Add to the gradients. Of complex w = u + iv, dw is du + i dv: through w = f(v) goes dv = dw conj(f'(v))."""
        q = np.expm1(z) / a
        dg = 2 * (powers.conj() @ dkernel[..., None])[..., 0]
        dpowers_z = 2 * (powers.conj() @ (dkernel * steps)[..., None])[..., 0]
        db, dc, dq = dg * (c * q).conj(), dg * (b * q).conj(), dg * (b * c).conj()
        dz = dpowers_z * (b * c * q).conj() + dq * (np.exp(z) / a).conj()
        da = dz * np.exp(self.log_dt.data)[:, None] - dq * (q / a).conj()
        self.log_A_real.grad += da.real * a.real
        self.A_imag.grad += da.imag
        self.B_real.grad += db.real
        self.B_imag.grad += db.imag
        self.C_real.grad += dc.real
        self.C_imag.grad += dc.imag
        self.log_dt.grad += (dz * z.conj()).real.sum(1)


def _convolved(x: Array, kernel: Array) -> Array:
    """y_t = Σ kernel_l x_{t-l} along the last axis; both are as long as y, and padded so that nothing comes round."""
    time = x.shape[-1]
    y: Array = np.fft.irfft(np.fft.rfft(x, 2 * time) * np.fft.rfft(kernel, 2 * time))
    return y[..., :time]


def _correlated(dy: Array, x: Array) -> Array:
    """dkernel_l = Σ dy_t x_{t-l} along the last axis: the gradient of either factor of _convolved, given the other."""
    time = dy.shape[-1]
    dkernel: Array = np.fft.irfft(np.fft.rfft(dy, 2 * time) * np.fft.rfft(x, 2 * time).conj())
    return dkernel[..., :time]
