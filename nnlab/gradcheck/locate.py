"""Where a gradient is wrong: the tensors that disagree alone, and in each an entry that does."""

from typing import Any

import numpy as np

from nnlab.gradcheck.draws import Comparison, Draw, along
from nnlab.gradcheck.layers import Tensor
from nnlab.gradcheck.patterns import likely
from nnlab.gradcheck.report import Disagreement
from nnlab.gradcheck.trees import Vector


def locate(draw: Draw, direction: Vector, most: int | None) -> tuple[Disagreement, ...]:
    """One wrong entry of each tensor that disagrees when it alone is moved along `direction`, of `most` at most."""
    found: list[Disagreement] = []
    for tensor in draw.evaluation.tensors:
        if len(found) == most:
            break
        entries = np.arange(tensor.at.start, tensor.at.stop)
        alone = draw.compare(along(direction, entries), draw.resolved)
        if alone.disagrees:
            found.append(_wrong_entry(draw, tensor, direction, entries, alone))
    if not found:
        together = draw.compare(direction, draw.resolved)
        found = [_described(together, "all tensors", "gradient is wrong along a direction")]
    return tuple(found)


def worst_entries(visited: list[tuple[int, Draw, Comparison]], most: int | None) -> tuple[Disagreement, ...]:
    """The wrong entry that is furthest off, for each tensor that has one (`most` at most), and how many there are."""
    found: list[Disagreement] = []
    for tensor in visited[0][1].evaluation.tensors:
        if len(found) == most:
            break
        mine = [v for v in visited if tensor.at.start <= v[0] < tensor.at.stop]
        if mine:
            entry, draw, worst = max(mine, key=lambda v: v[2].excess)
            problem = (
                f"gradient is wrong, here and in {len(mine) - 1} more entries" if mine[1:] else "gradient is wrong"
            )
            found.append(_at_entry(draw, tensor, entry, worst, problem, draw.evaluation.unit[entry]))
    return tuple(found)


def _wrong_entry(draw: Draw, tensor: Tensor, direction: Vector, entries: Any, found: Comparison) -> Disagreement:
    """Bisect `entries` down to one that disagrees by itself, or as few as disagree together."""
    while len(entries) > 1:
        halves = [(draw.compare(along(direction, half), draw.resolved), half) for half in np.array_split(entries, 2)]
        worse, half = max(halves, key=lambda pair: pair[0].excess)
        if not worse.disagrees:
            problem = f"gradient is wrong along a direction through {len(entries)} entries"
            return _described(found, tensor.name, problem)
        found, entries = worse, half
    return _at_entry(draw, tensor, int(entries[0]), found, "gradient is wrong", direction[entries[0]])


def _at_entry(draw: Draw, tensor: Tensor, entry: int, found: Comparison, problem: str, unit: float) -> Disagreement:
    """The disagreement of one entry, for a step of 1 where the comparison's is `unit`."""
    if tensor.width == 2:
        problem += f" in its {('real', 'imaginary')[range(tensor.at.start, tensor.at.stop).index(entry) % 2]} part"
    pattern, fit = likely(draw, tensor)
    return _described(found, tensor.name, problem, tensor.index(entry), float(unit), pattern, fit)


def _described(
    found: Comparison,
    tensor: str,
    problem: str,
    index: tuple[int, ...] | None = None,
    unit: float = 1.0,
    pattern: str | None = None,
    fit: float | None = None,
) -> Disagreement:
    sides = found.expected / unit, found.got / unit, found.bar / abs(unit)
    return Disagreement(tensor, problem, index, *sides, pattern, fit)
