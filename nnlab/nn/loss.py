"""What all losses share: reductions, weights, and targets that must be known."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Shape, borrow, check_shape, own
from nnlab.nn.module import Module

__all__ = ["Loss", "WeightedLoss"]


class Loss(Module):
    """A module of inputs and a target whose losses are kept apart, averaged or summed by `reduction`.

    Input and target must have the same shape: nothing is broadcast.
    """

    reductions: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    dtype: np.dtype[Any] | None = None
    _reduced: Any = None

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in self.reductions:
            *others, last = map(repr, self.reductions)
            raise InputError(
                f"{type(self).__name__}: reduction is {reduction!r} but must be {', '.join(others)} or {last}; "
                f"choose one of them"
            )
        self.reduction = reduction

    def reduce(self, losses: Array, count: float | None = None) -> Array:
        """The losses, their sum, or their sum divided by `count`, which is their number unless it is given."""
        count = count or losses.size
        self._reduced = losses.shape, losses.dtype, count
        if self.reduction == "none":
            return np.asarray(losses)
        total = losses.sum()
        return np.asarray(total if self.reduction == "sum" else total / count)

    def reduce_backward(self, dy: ArrayLike) -> Array:
        """The gradient of each single loss of the latest `reduce`."""
        shape, dtype, count = self._reduced
        dy = borrow(self, dy, shape if self.reduction == "none" else (), name="dy")
        share = dy if self.reduction in ("none", "sum") else dy / count
        return np.broadcast_to(share, shape).astype(dtype)

    def pair(self, input: ArrayLike, target: ArrayLike, shape: Shape = (...,)) -> tuple[Array, Array]:
        """Private copies of input and target, which have one shape and dtype; the target is known."""
        input = own(self, input, shape, self.dtype, "input")
        return input, self.known(own(self, target, input.shape, input.dtype, "target"))

    def known(self, target: Array) -> Array:
        """The target itself. Raises InputError if it holds NaN."""
        if np.isnan(target).any():
            index = tuple(np.argwhere(np.isnan(target))[0].tolist())
            raise InputError(
                f"{type(self).__name__}: target is NaN at {index}; fill it in, or leave that sample out of the batch"
            )
        return target

    def signs(self, target: ArrayLike, shape: Shape) -> NDArray[Any]:
        """Labels 1 and -1, numbers of any type."""
        labels = np.asarray(target)
        check_shape(type(self).__name__, "target", labels.shape, shape)
        others = labels[~np.isin(labels, (-1, 1))]
        if others.size:
            raise InputError(
                f"{type(self).__name__}: target must hold 1 and -1 but holds {others[0]}; "
                f"turn labels 1 and 0 into 2 * target - 1"
            )
        return labels

    def within(self, x: Array, low: float, high: float, name: str, advice: str) -> Array:
        """`x` itself. Raises InputError if an entry is not in [low, high]."""
        if not ((x >= low) & (x <= high)).all():
            raise InputError(
                f"{type(self).__name__}: {name} must lie in [{low}, {high}] but spans [{x.min()}, {x.max()}]; {advice}"
            )
        return x


class WeightedLoss(Loss):
    """A loss with constant weights, kept in `dtype` under torch's name; the input must then have that dtype."""

    def __init__(self, weight: ArrayLike | None, reduction: str, dtype: DTypeLike) -> None:
        super().__init__(reduction)
        self.weight = self.constant("weight", weight, dtype)

    def constant(self, name: str, values: ArrayLike | None, dtype: DTypeLike) -> Array | None:
        """A private copy of the values of a buffer called `name`; no buffer if they are None."""
        if values is None:
            return None
        self.dtype = np.dtype(dtype)
        self.buffers = (*self.buffers, name)
        return np.array(values, dtype)

    def spread(self, weight: Array | None, name: str, shape: tuple[int, ...]) -> Array | float:
        """A weight for each entry of an input of this shape, 1 if there is none. Raises InputError if it misfits."""
        if weight is None:
            return 1.0
        try:
            return np.broadcast_to(weight, shape)
        except ValueError as misfit:
            raise InputError(
                f"{type(self).__name__}: {name} has shape {weight.shape}, which does not broadcast to that of the "
                f"input, {shape}; give one weight for each entry of the last dimensions"
            ) from misfit
