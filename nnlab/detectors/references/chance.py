"""What a random layer may answer: a law that an output must keep, exactly where it says so and else in frequency.

Frequencies are held to Hoeffding's bound: that of n independent events differs from their probability by more than t
with a probability below 2 exp(-2 n t²). So does, by Massart's form of the Dvoretzky-Kiefer-Wolfowitz inequality, the
distribution function of n independent numbers from its own, anywhere. All comparisons of one check together raise a
false alarm with a probability below FALSE_ALARM.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.detectors.references.given import Array, entrywise
from nnlab.lab.detector import Detected

#: The probability that correct code fails one check.
FALSE_ALARM = 1e-9


class Law(Protocol):
    """What holds for one output of `draws` forwards with the same input."""

    @property
    def draws(self) -> int: ...

    def check(self, outputs: Array) -> None:
        """Raise Detected unless the outputs, stacked along a new first axis, keep the law."""


@dataclass(frozen=True)
class Masked:
    """Each unit is, independently and with probability p, `dropped`, and else `kept`: two arrays of the output's shape.

    `units` is the shape of the mask, which broadcasts to that of the output.
    """

    kept: Array
    dropped: Array
    p: float
    units: tuple[int, ...]
    draws: int = 400

    def check(self, outputs: Array) -> None:
        if outputs.shape[1:] != self.kept.shape:
            raise Detected(f"output: expected shape {self.kept.shape}, got {outputs.shape[1:]}")
        kept = self._is(outputs, self.kept)
        neither = np.argwhere(~(kept | self._is(outputs, self.dropped)))
        if len(neither):
            draw, *place = (int(i) for i in neither[0])
            wanted = f"{self.kept[*place]:.9g} or {self.dropped[*place]:.9g}"
            raise Detected(f"output{place} of draw {draw}: expected {wanted}, got {outputs[draw, *place]:.9g}")
        axes = tuple(1 + i for i, n in enumerate(self.units) if n == 1)
        if (kept.any(axes) != kept.all(axes)).any():
            raise Detected(
                f"output: expected units of shape {self.units} to be kept or dropped whole, got parts of one"
            )
        self._frequencies(kept.all(axes).reshape(len(outputs), math.prod(self.units)))

    def _is(self, outputs: Array, wanted: Array) -> NDArray[np.bool_]:
        """Which entries have the wanted value, but for 16 roundings of the largest: it is a sum of one or two terms."""
        largest = max(np.abs(self.kept).max(), np.abs(self.dropped).max())
        found: NDArray[np.bool_] = np.abs(outputs - wanted) <= 16 * np.finfo(outputs.dtype).eps * largest
        return found

    def _frequencies(self, kept: NDArray[np.bool_]) -> None:
        """All units together, each of them, and each pair of them is kept as often as p says."""
        draws, units = kept.shape
        once, twice = 1 - self.p, (1 - self.p) ** 2
        first, second = np.triu_indices(units, 1)
        comparisons = 1 + units + len(first)
        together = kept.astype(float).T @ kept.astype(float) / draws
        _compare("all units are kept", [kept.mean()], once, kept.size, comparisons)
        _compare("unit {} is kept", kept.mean(0), once, draws, comparisons)
        _compare("pair {} of units is kept", together[first, second], twice, draws, comparisons)


@dataclass(frozen=True)
class Noise:
    """`recover` finds in the outputs what was drawn: independent numbers, all with the distribution function `cdf`.

    It is given the outputs, each of this `shape`, stacked along a new first axis, and keeps that axis.
    """

    shape: tuple[int, ...]
    recover: Callable[[Array], Array]
    cdf: Callable[[float], float]
    draws: int = 400

    def check(self, outputs: Array) -> None:
        """All numbers together and each of them are so distributed; each two lie on the same side half of the time."""
        if outputs.shape[1:] != self.shape:
            raise Detected(f"output: expected shape {self.shape}, got {outputs.shape[1:]}")
        levels = entrywise(self.cdf, self.recover(outputs)).reshape(len(outputs), -1)
        draws, size = levels.shape
        first, second = np.triu_indices(size, 1)
        comparisons = 1 + size + len(first)
        distributed("all numbers", levels.reshape(-1, 1), comparisons)
        distributed("number {}", levels, comparisons)
        side = np.where(levels < 0.5, -1.0, 1.0)
        together = (1 + side.T @ side / draws) / 2
        _compare("pair {} is on one side of the median", together[first, second], 0.5, draws, comparisons)


def normal_cdf(z: float) -> float:
    """Of N(0, 1)."""
    return math.erfc(-z / math.sqrt(2)) / 2


def _bound(events: int, comparisons: int) -> float:
    """What a frequency may be off by."""
    return math.sqrt(math.log(2 * comparisons / FALSE_ALARM) / (2 * events))


def _compare(what: str, shares: ArrayLike, probability: float, events: int, comparisons: int) -> None:
    """Raise Detected if a frequency is off by more than chance explains."""
    bound = _bound(events, comparisons)
    for i in np.flatnonzero(np.abs(np.asarray(shares) - probability) > bound)[:1]:
        share = f"share of draws in which {what.format(i)}"
        raise Detected(f"{share}: expected {probability:.4g} ± {bound:.2g}, got {np.asarray(shares)[i]:.4g}")


def distributed(what: str, levels: Array, comparisons: int) -> None:
    """Raise Detected if a column of the numbers' levels, F(number), is not uniform as far as chance explains."""
    events = len(levels)
    bound = _bound(events, comparisons)
    middle = (np.arange(events)[:, None] + 0.5) / events
    distances = np.abs(np.sort(levels, 0) - middle).max(0) + 0.5 / events
    for i in np.flatnonzero(~(distances <= bound))[:1]:
        name = what.format(i)
        raise Detected(f"distribution of {name}: expected to be off by at most {bound:.2g}, got {distances[i]:.4g}")


def is_law(answer: Any) -> bool:
    """Whether an output is a law rather than values."""
    return hasattr(answer, "check")
