"""Resizing of signals and pictures."""

from collections.abc import Sequence
from math import floor
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["Upsample"]


class Upsample(Module):
    """y[…, t] = x[…, ⌊t / scale⌋] for mode="nearest"; "linear" and "bilinear" interpolate between neighbours.

    x has shape (N, C, L) for "linear", (N, C, H, W) for "bilinear" and either for "nearest". The scale is
    `scale_factor`, or what `size` makes it: one number, or one for each direction. Between neighbours entry t lies
    at (t + 1/2) / scale - 1/2, or with `align_corners` where the first and last entries of x and y fall together.
    As in torch a scale_factor that leaves the size as it is counts as 1, and one that makes "nearest" double it as 2.
    """

    rows_from = 3
    cases = (
        Case((5, 7), x=Normal((2, 1, 3, 4))),
        Case(None, 2.5, x=Normal((2, 3, 5))),
        Case(7, mode="linear", x=Normal((2, 3, 4))),
        Case(None, (2, 1.5), "bilinear", x=Normal((2, 1, 3, 5))),
        Case(None, (2.7, 1.2), x=Normal((1, 2, 2, 3))),
        Case((5, 3), None, "bilinear", True, x=Normal((2, 1, 3, 4))),
        Case((1, 6), mode="bilinear", align_corners=True, x=Normal((1, 2, 3, 4)), train=False),
    )

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: Literal["nearest", "linear", "bilinear"] = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        if mode not in ("nearest", "linear", "bilinear"):
            raise InputError(
                f"Upsample: mode is {mode!r} but must be 'nearest', 'linear' or 'bilinear'; choose one of them"
            )
        if (size is None) == (scale_factor is None):
            raise InputError(
                f"Upsample: size is {size} and scale_factor is {scale_factor} but one must be given; "
                f"leave the other out"
            )
        if mode == "nearest" and align_corners is not None:
            raise InputError("Upsample: align_corners is for the modes 'linear' and 'bilinear'; leave it out")
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners

    def forward(self, x: ArrayLike) -> Array:
        ndim = {"nearest": min(max(np.ndim(x), 3), 4), "linear": 3, "bilinear": 4}[self.mode]
        x = borrow(self, x, (None,) * ndim)
        sizes = x.shape[2:]
        taps = [self._taps(*step) for step in self._steps(sizes)]
        y = x
        for axis, (index, shares) in enumerate(taps, start=2):
            along = np.moveaxis(y, axis, -1)
            y = np.moveaxis((along[..., index] * shares.astype(x.dtype)).sum(-1), -1, axis)
        y = np.ascontiguousarray(y)
        self.cache = taps, sizes, y.shape, y.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        taps, sizes, y_shape, dtype = self.cache
        dx = borrow(self, dy, y_shape, dtype, "dy")
        for axis, (index, shares) in enumerate(taps, start=2):
            share_of = (shares[..., None] * np.eye(sizes[axis - 2])[index]).sum(1).astype(dtype)
            dx = np.moveaxis(np.moveaxis(dx, axis, -1) @ share_of, -1, axis)
        return np.ascontiguousarray(dx)

    def _steps(self, sizes: tuple[int, ...]) -> list[tuple[int, int, float, float]]:
        """For each direction the sizes of x and y, and two numbers whose quotient is the scale."""
        given = self.scale_factor if self.size is None else self.size
        each = tuple(given) if isinstance(given, Sequence) else (given or 0,) * len(sizes)
        if len(each) != len(sizes):
            raise InputError(f"Upsample: {given} must be one number or {len(sizes)}; drop the others")
        out = tuple(floor(n if self.size else n * sizes[i]) for i, n in enumerate(each))
        if min(out) < 1:
            raise InputError(f"Upsample: {sizes} entries would become {out}; choose a larger size or scale_factor")
        return [(n, out[i], each[i], 1.0 if self.size is None else n) for i, n in enumerate(sizes)]

    def _taps(self, size: int, out: int, scale: float, unit: float) -> tuple[Integers, Array]:
        """Which entries of x, of `size`, each of the `out` entries of y is made of, and the share of each."""
        if out == size or (self.mode == "nearest" and out == 2 * size):
            scale, unit = out, size
        t = np.arange(out)
        if self.mode == "nearest":
            return (t * unit / scale).astype(np.int64)[:, None], np.ones((out, 1))
        at = np.maximum((t + 0.5) * unit / scale - 0.5, 0)
        if self.align_corners:
            at = t * (size - 1) / max(out - 1, 1)
        lower = at.astype(np.int64)
        share = at - lower
        return np.stack([lower, np.minimum(lower + 1, size - 1)], 1), np.stack([1 - share, share], 1)
