"""blog (weak): the post's published gradient checker, over its 16 cases, with its eps, tolerances and sampling.

Central differences with eps 1e-5 of Σ output · random dOutput, at most 20 random entries of the input, the largest
relative error |a - n| / max(|a|, |n|, 1e-8) below the case's tolerance; input gradients only, one trial. Its
comparison lets NaN through, as the published one does. Re-implemented from its description, with a seeded generator.
Source: "Seven Bugs in Seven Backward Passes", test/systematic-gradient-check.test.js.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.models.adapters import Attended, Outputs
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

EPS, SAMPLES, FLOOR = 1e-5, 20, 1e-8

Rng = np.random.Generator
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class BlogCase:
    """One of the 16 published cases: a layer, the shape of its input, the tolerance."""

    name: str
    build: Callable[[Rng], nn.Module]
    shape: tuple[int, ...]
    tolerance: float


def _dense(*activation: Callable[[], nn.Module]) -> Callable[[Rng], nn.Module]:
    """New layers every time: what one probe leaves in them is not there for the next."""
    return lambda rng: nn.Sequential(nn.Linear(4, 3, rng=rng), *(make() for make in activation))


def _recurrent(kind: type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]) -> Callable[[Rng], nn.Module]:
    return lambda rng: Outputs(kind(2, 3, rng=rng))


def _heads(rng: Rng) -> nn.Module:
    return Attended(nn.MultiheadAttention(8, 2, batch_first=True, rng=rng))


def _block(rng: Rng) -> nn.Module:
    return nn.TransformerEncoderLayer(4, 1, 16, 0.0, batch_first=True, rng=rng)


CASES = (
    BlogCase("Dense linear", _dense(), (2, 4), 0.01),
    BlogCase("Dense relu", _dense(nn.ReLU), (2, 4), 0.05),
    BlogCase("Dense sigmoid", _dense(nn.Sigmoid), (2, 4), 0.01),
    BlogCase("BatchNorm", lambda rng: nn.BatchNorm1d(4), (4, 4), 0.01),
    BlogCase("LayerNorm", lambda rng: nn.LayerNorm(4), (2, 2, 4), 0.01),
    BlogCase("Conv2D", lambda rng: nn.Conv2d(1, 1, 2, rng=rng), (2, 1, 3, 3), 0.01),
    BlogCase("SelfAttention", lambda rng: nn.SelfAttention(4, rng=rng), (1, 2, 4), 0.05),
    BlogCase("MultiHeadAttention", _heads, (1, 2, 8), 0.05),
    BlogCase("Dropout in eval mode", lambda rng: nn.Dropout(0.5, rng=rng).eval(), (2, 4), 0.01),
    BlogCase("Residual", lambda rng: nn.Residual(nn.Linear(4, 4, rng=rng)), (2, 4), 0.05),
    BlogCase("Conv1D", lambda rng: nn.Conv1d(1, 2, 3, rng=rng), (2, 1, 8), 0.01),
    BlogCase("RNN", _recurrent(nn.RNN), (2, 1, 2), 0.05),
    BlogCase("LSTM", _recurrent(nn.LSTM), (2, 1, 2), 0.05),
    BlogCase("GRU", _recurrent(nn.GRU), (2, 1, 2), 0.05),
    BlogCase("TransformerEncoderBlock", _block, (1, 2, 4), 0.1),
)


def probes() -> list[Probe]:
    found = [Probe(case.name, partial(_passes, case)) for case in CASES]
    return [*found, Probe("Embedding", _embedding_shape)]


def _passes(case: BlogCase, seed: int) -> None:
    rng = np.random.default_rng(seed)
    module = case.build(rng)
    x = rng.standard_normal(case.shape)
    y = module(x)
    dy = rng.standard_normal(y.shape)
    dx = module.backward(dy)
    worst, where, expected = 0.0, 0, 0.0
    for i in rng.permutation(x.size)[:SAMPLES]:
        numeric = (_loss(module, x, dy, i, EPS) - _loss(module, x, dy, i, -EPS)) / (2 * EPS)
        analytic = dx.flat[i]
        error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), FLOOR)
        if error > worst:  # false for NaN, as in the published checker
            worst, where, expected = error, int(i), numeric
    require(
        worst < case.tolerance,
        f"input[{', '.join(map(str, np.unravel_index(where, x.shape)))}]: relative error {worst:.2g}: "
        f"expected {expected:.6g}, got {dx.flat[where]:.6g}",
    )


def _loss(module: nn.Module, x: Array, dy: Array, i: int, step: float) -> float:
    """Σ output · dOutput with one input entry moved; the input is handed over as it is, so a forward may write it."""
    moved = x.copy()
    moved.flat[i] += step
    return float((module(moved) * dy).sum())


def _embedding_shape(seed: int) -> None:
    """The published Embedding case compares a shape and no gradient."""
    rng = np.random.default_rng(seed)
    y = nn.Embedding(5, 3, rng=rng)(rng.integers(5, size=(1, 4)))
    require(y.shape == (1, 4, 3), f"output: expected shape (1, 4, 3), got {y.shape}")


DETECTOR = Detector(
    name="blog",
    summary="the post's published gradient checker: 16 cases, its tolerances, input gradients only",
    weak=True,
    probes=probes,
    example=Fault(
        id="example-blog",
        title="Linear backward returns the negative gradient",
        pattern="sign",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit("nnlab.nn.linear:Linear.backward", "dx: Array = dy @ self.weight.data", "dx = -dy @ self.weight.data")
        ],
    ),
)
