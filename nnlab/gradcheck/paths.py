"""What is wrong with the derivatives of single outputs, where backward is asked for one output at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.gradcheck.draws import Draw
from nnlab.gradcheck.trees import is_float, leaves

#: Fewer wrong derivatives would fit anything.
FEW = 3
#: If more is wrong besides, this share of the derivatives, and of the difference, must be lost to say so.
MANY = 0.25


@dataclass(frozen=True)
class Paths:
    """Derivatives of outputs by the entries of a tensor, (entries, outputs): the right ones and backward's own.

    `own_output` marks those of an output by the entry in the same place of an array of the same shape.
    """

    right: Any
    own: Any
    own_output: Any
    noise: float  # what rounding makes of a derivative that is 0

    @classmethod
    def of(cls, draw: Draw, right: Any, own: Any, shape: tuple[int, ...]) -> "Paths":
        arrays = [dy for dy in leaves(draw.dy) if is_float(dy)]
        same = np.hstack([np.eye(len(right), dy.size) * (dy.shape == shape) for dy in arrays])
        return cls(right, own, same > 0, float(draw.eps ** (1 / 3) * np.abs(right).max()))

    @property
    def wrong(self) -> Any:
        return np.abs(self.own - self.right) > self.noise

    @property
    def there(self) -> Any:
        """Which outputs depend on which entries."""
        return np.abs(self.right) > self.noise

    @property
    def lost(self) -> Any:
        """Those that backward leaves out."""
        return self.wrong & (self.own == 0)

    def explained(self, candidate: Any) -> float:
        """R², the share of the difference that is explained; of what is nearly 0, the share of that, if smaller."""
        error = min(((self.own - self.right) ** 2).sum(), (self.own[self.wrong] ** 2).sum() or np.inf)
        return 1 - float(((self.own - candidate) ** 2).sum() / error)

    def mistakes(self, factor: Callable[[float], str]) -> Iterator[tuple[str, Any]]:
        """What could be wrong with some derivatives and nothing else, and the derivatives that this would give."""
        wrong, there, lost = self.wrong, self.there, self.lost
        found, total = np.count_nonzero(wrong), np.count_nonzero(there)
        if found < FEW or not total:
            return
        if (there & ~self.own_output).any():
            name = "a path past the layer, from each entry to its own output"
            yield name, np.where(self.own_output, self.own, self.right)
        if kind := self._kind():
            yield kind, np.where(lost, 0, self.right)
        if (some := wrong & there & ~lost).any():
            share = float(np.median(self.own[some] / self.right[some]))
            yield f"{factor(share)} in {found} of {total} derivatives", np.where(wrong, share, 1) * self.right
        if self.square:
            yield "the Jacobian transposed: backward runs forward", self.right.T
        if (some := some & ~self.own_output).any():
            share = float(np.median(self.own[some] / self.right[some]))
            name = f"{factor(share)} in the cross terms, from each entry to the other outputs"
            yield name, np.where(self.own_output, self.own, share * self.right)
        ranks = np.argsort(np.argsort(self.own))
        name = "the right derivatives in another order: those of other outputs"
        yield name, np.sort(self.right)[np.arange(len(ranks))[:, None], ranks]

    def rest(self) -> Iterator[tuple[str, Any]]:
        """Whatever derivatives are there or not, against the right ones."""
        if np.count_nonzero(self.wrong) < FEW or not self.there.any():
            return
        name = "masked entries included: a gradient where the output does not depend on the entry"
        yield name, np.where(self.there, self.right, self.own)
        yield self._missing(), np.where(self.lost, 0, self.right)

    @property
    def square(self) -> bool:
        """Whether the output has the shape of the tensor."""
        return self.right.shape == self.right.T.shape and bool(self.own_output.any())

    def guess(self) -> tuple[str, float] | None:
        """Which derivatives are 0 and should not be, where more is wrong, and the share of the difference in them."""
        own, there = self.own != 0, self.there
        if self.square and (own != there).any() and (own == there.T).all():
            name = "the paths transposed: each entry has gradients of the outputs on which it depends"
            return name, self._share(own != there)
        if not there.any() or (own & ~there).any():
            return None
        share = self._share(self.lost)
        if min(share, np.count_nonzero(self.lost) / np.count_nonzero(there)) >= MANY:
            return self.loss(), share
        return None

    def _share(self, places: Any) -> float:
        difference = (self.own - self.right) ** 2
        return float(difference[places].sum() / difference.sum())

    def loss(self) -> str:
        """In words: the derivatives that backward leaves out."""
        return self._kind() or self._missing()

    def _missing(self) -> str:
        return f"paths missing: {np.count_nonzero(self.lost)} of {np.count_nonzero(self.there)} derivatives"

    def _kind(self) -> str | None:
        """What is common to the derivatives that backward leaves out."""
        lost, kept = self.lost, self.there & ~self.lost
        if not (kept & ~self.own_output).any():
            return "cross terms missing: each entry has only the gradient of its own output"
        if (kept.sum(1)[lost.any(1)] == 1).all():
            return "assigned, not accumulated: each entry has the gradient of one output only"
        outputs = lost.any(0)
        if not (kept & outputs).any():
            return f"outputs forgotten: {np.count_nonzero(outputs)} of {outputs.size}"
        return None
