"""Resizing, entry by entry, with exact fractions for the places."""

from fractions import Fraction
from math import floor, prod
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, numbers


def upsample(
    given: Given, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Array:
    x = given.x
    sizes = x.shape[2:]
    if size is not None:
        outs = numbers(size, len(sizes))
        scales = [Fraction(out, n) for n, out in zip(sizes, outs, strict=True)]
    else:
        scales = [Fraction(s) for s in numbers(scale_factor, len(sizes))]
        outs = tuple(floor(n * s) for n, s in zip(sizes, scales, strict=True))
    y = np.zeros((*x.shape[:2], *outs))
    for t in np.ndindex(*outs):
        each = zip(t, sizes, outs, scales, strict=True)
        taps = [nearest(*of) if mode == "nearest" else between(*of, bool(align_corners)) for of in each]
        for chosen in np.ndindex(*map(len, taps)):
            picked = [tap[i] for tap, i in zip(taps, chosen, strict=True)]
            share = prod(weight for _, weight in picked)
            y[:, :, *t] += float(share) * x[:, :, *(place for place, _ in picked)]
    return y


def nearest(t: int, size: int, out: int, scale: Fraction) -> list[tuple[int, Fraction]]:
    """x[⌊t / scale⌋]; as in torch a size that stays or doubles has the scale 1 or 2, whatever was given."""
    if out in (size, 2 * size):
        scale = Fraction(out, size)
    return [(floor(t / scale), Fraction(1))]


def between(t: int, size: int, out: int, scale: Fraction, align_corners: bool) -> list[tuple[int, Fraction]]:
    """The two neighbours of (t + 1/2) / scale - 1/2, or of where the corners fall together, and their shares."""
    if out == size:
        return [(t, Fraction(1))]
    at = max((t + Fraction(1, 2)) / scale - Fraction(1, 2), Fraction(0))
    if align_corners:
        at = Fraction(t * (size - 1), max(out - 1, 1))
    share = at - floor(at)
    return [(floor(at), 1 - share), (min(floor(at) + 1, size - 1), share)]


REFERENCES = {"Upsample": upsample}
