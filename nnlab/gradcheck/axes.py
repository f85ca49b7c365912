"""What is wrong with the derivatives of one array by a tensor, along the axes of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Fits = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Block:
    """The derivatives of an output y by a tensor x, of shape (*x.shape, *y.shape): the right ones and backward's."""

    x: Any
    y: Any
    right: Any
    own: Any
    noise: float  # what rounding makes of a derivative that is 0

    @property
    def there(self) -> Any:
        return np.abs(self.right) > self.noise

    def mistakes(self) -> Fits:
        """What could be wrong, and the derivatives that this would give."""
        for axis in range(min(self.x.ndim, self.y.ndim)):
            yield from self._along(axis)
        if self.x.shape == self.y.shape:
            yield from self._product()
        for axis in range(self.y.ndim):
            yield from self._divided(axis)

    def _along(self, axis: int) -> Fits:
        """A path taken the wrong way, the first or last tap of a window forgotten, a causal mask too many."""
        both = axis, axis + self.x.ndim
        if self.x.shape[axis] == self.y.shape[axis]:
            yield f"transposed along axis {axis}: backward runs forward", self.right.swapaxes(*both)
        places = np.indices(self.right.shape)
        ahead = places[both[0]] - places[both[1]]
        taps = np.unique(ahead[self.there])
        for place, word in ((0, "first"), (-1, "last")):
            if len(taps) > 1:
                name = f"right but for the {word} of {len(taps)} taps on axis {axis}"
                yield name, np.where(ahead == taps[place], 0, self.right)
        for gone, word in ((ahead > 0, "later"), (ahead < 0, "earlier")):
            name = f"masked as for causality: entries {word} than the output on axis {axis} have no gradient"
            yield name, np.where(gone, 0, self.right)

    def _product(self) -> Fits:
        """y = x g(x), whose derivative is g(x) + x g'(x), without the second term."""
        own_output = np.eye(self.x.size).reshape(self.right.shape)
        if self.x.all() and not self.right[own_output == 0].any():
            name = "a term missing: the gradient is y/x, as if what x is multiplied by were constant"
            yield name, own_output * (self.y / self.x)

    def _divided(self, axis: int) -> Fits:
        """y = a/b without the term -y ∂b/b, proportional to y where b is common to the axis, or to parts of it."""
        error = np.moveaxis(self.own - self.right, self.x.ndim + axis, -1)
        y = np.moveaxis(self.y, axis, -1)
        for parts in (p for p in (1, 2) if y.shape[-1] % p == 0 and y.shape[-1] > p):
            each, errors = (np.stack(np.split(array, parts, -1), -2) for array in (y, error))
            shares = (errors * each).sum(-1, keepdims=True) / (each**2).sum(-1, keepdims=True)
            fitted = (np.nan_to_num(shares) * each).reshape(error.shape)
            name = f"a term proportional to the output along axis {axis} missing, such as of a division by a sum"
            yield name, self.right + np.moveaxis(fitted, -1, self.x.ndim + axis)
