"""A wrong gradient beside the right one, which is differenced entry by entry."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.gradcheck.draws import Draw
from nnlab.gradcheck.layers import Tensor
from nnlab.gradcheck.trees import Vector, flat

#: Tensors of more entries are known by a sample, which has no axes; so is one whose Jacobian would be larger.
ENTRIES, SAMPLE, JACOBIAN = 512, 128, 4_000_000


@dataclass(frozen=True)
class Wrong:
    """A tensor's gradient as backward has it and as it should be, and what both were made of."""

    draw: Draw
    tensor: Tensor
    got: Any
    jacobian: Vector  # of the outputs by the entries: (entries, outputs)
    entries: Any  # their numbers in the vector of all entries
    whole: bool  # whether the entries are all of them, in their shape

    @property
    def expected(self) -> Any:
        return self.under(self.draw.dy)

    def under(self, dy: Any) -> Any:
        """The right gradient for these cotangents."""
        return (self.jacobian @ flat(dy)).reshape(self.got.shape)


def measured(draw: Draw, tensor: Tensor) -> Wrong:
    """The gradient beside that of central differences, for all entries or for a sample."""
    every = np.arange(tensor.at.start, tensor.at.stop)
    whole = every.size <= ENTRIES and every.size * len(draw.terms) <= JACOBIAN
    entries = every if whole else every[:: -(-every.size // SAMPLE)]
    got = draw.gradient[entries]
    return Wrong(
        draw, tensor, got.reshape(tensor.point.shape) if whole else got, jacobian(draw, entries), entries, whole
    )


def jacobian(draw: Draw, entries: Any) -> Vector:
    """The derivatives of all outputs by these entries, by central differences."""
    evaluation = draw.evaluation
    step = draw.eps ** (1 / 3) * evaluation.unit
    rows = np.zeros((len(entries), len(draw.terms)))
    point = evaluation.point.copy()
    for row, entry in enumerate(entries.tolist()):
        if not step[entry]:
            continue
        ends = []
        for sign in (1.0, -1.0):
            point[entry] = evaluation.point[entry] + sign * step[entry]
            ends.append(flat(evaluation.forward(point)))
        point[entry] = evaluation.point[entry]
        rows[row] = (ends[0] - ends[1]) / (2 * step[entry])
    return rows
