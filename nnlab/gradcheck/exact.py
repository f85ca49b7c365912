"""The exact mode: every entry of every tensor is moved, and compared with backward for several cotangents."""

from typing import Any

import numpy as np

from nnlab.gradcheck.draws import BARS, Comparison, Draw
from nnlab.gradcheck.layers import Evaluation, Tensor
from nnlab.gradcheck.trees import Vector, flat

#: So many entries of a tensor are moved at once; where they disagree together they are visited one by one.
TOGETHER = 4


def sweep(evaluation: Evaluation, draws: list[Draw], rng: np.random.Generator) -> tuple[list[float], Any]:
    """One central difference for each few entries: each draw's resolution, and the entries that need a closer look.

    Each entry moves by a random 1 to 2 steps, up or down, so that no two errors cancel but by a rare chance. Forward's
    difference is compared with gradient · move, as rounded: no step is divided by.
    """
    step = draws[0].eps ** (1 / 3)
    size = len(evaluation.point)
    moves = np.copysign(step * evaluation.unit * rng.uniform(1, 2, size), rng.standard_normal(size))
    cotangents = np.array([draw.cotangent for draw in draws])
    gradients = np.array([draw.gradient for draw in draws])
    bars = BARS * np.array([draw.rounding for draw in draws])
    evaluation.forward(evaluation.point)
    suspects = []
    for tensor in evaluation.tensors:
        entries = np.arange(tensor.at.start, tensor.at.stop)[moves[tensor.at] != 0]
        for few in np.array_split(entries, -(-len(entries) // TOGETHER)) if len(entries) else ():
            turn, change = _differences(evaluation, tensor, few.tolist(), moves)
            errors = np.abs(cotangents @ change - gradients[:, few] @ turn)
            if not (errors <= bars).all():
                suspects.append(few)
    if not evaluation.is_at(evaluation.point):  # the layer writes to what it is handed: nothing of this counts
        return [0.0] * len(draws), np.flatnonzero(moves)
    sizes = np.array([draw.size(evaluation.unit) for draw in draws])
    return (bars / (2 * step) / sizes).tolist(), np.concatenate([np.zeros(0, int), *suspects])


def _differences(evaluation: Evaluation, tensor: Tensor, few: list[int], moves: Vector) -> tuple[Vector, Vector]:
    """By how much these entries moved from behind to ahead, and the outputs."""
    ends = []
    turn = np.zeros(len(few))
    for sign in (1.0, -1.0):
        old = []
        for i, entry in enumerate(few):
            before, moved = tensor.nudge(entry, sign * moves[entry])
            old.append(before)
            turn[i] += sign * moved
        ends.append(flat(evaluation.run()))
        for i in reversed(range(len(few))):  # in reverse, as two of them may be parts of one complex number
            tensor.restore(few[i], old[i])
    return turn, ends[0] - ends[1]


def visit(draws: list[Draw], entries: Any, accept: bool) -> list[tuple[int, Draw, Comparison]]:
    """The worst comparison of each of these entries, moved alone by one step."""
    found = []
    for entry in entries.tolist():
        direction = np.zeros(len(draws[0].gradient))
        direction[entry] = draws[0].evaluation.unit[entry]
        pairs = [(d, d.compare(direction, d.resolved, d.size(d.evaluation.unit))) for d in draws]
        if accept:
            pairs = [(draw, draw.between(direction, c) if c.rough else c) for draw, c in pairs]
        draw, worst = max(pairs, key=lambda pair: (pair[1].excess, pair[1].bar))
        found.append((entry, draw, worst))
    return found
