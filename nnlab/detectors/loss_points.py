"""Losses where a gradient check has nothing to compare with: at corners, where torch chose a side, and far out.

The detector `gradient` holds them; a test compares the numbers with torch's.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require

INF = math.inf


@dataclass(frozen=True)
class Point:
    """Inputs of a loss without reduction, its losses there, and the gradients of their sum, None where it has none."""

    layer: str
    name: str
    kwargs: dict[str, Any]
    inputs: list[Any]
    losses: list[Any]
    gradients: list[Any]

    def __str__(self) -> str:
        return f"{self.layer} {self.name}"

    def check(self, seed: int) -> None:
        """Raise Detected where losses or gradients are others than these; nothing is drawn."""
        loss = getattr(nn, self.layer)(**self.kwargs, reduction="none")
        losses = loss(*map(np.array, self.inputs))
        _equal("loss", losses, self.losses)
        for i, (got, expected) in enumerate(zip(loss.backward(np.ones_like(losses)), self.gradients, strict=True)):
            _equal(f"gradient of input {i}", got, expected)


def _equal(what: str, got: Any, expected: Any) -> None:
    """The same shape and nearly the same numbers, or both None."""
    if got is None or expected is None:
        same = got is expected
    else:
        same = np.shape(got) == np.shape(expected) and np.allclose(got, expected, 1e-8, 1e-9)
    require(same, f"{what}: expected {expected}, got {got if got is None else got.tolist()}")


POINTS = [
    Point(
        "L1Loss",
        "at equality",
        {},
        [[2.0, 3.0, 1.0], [2.0, 1.0, 4.0]],
        [0.0, 2.0, 3.0],
        [[0.0, 1.0, -1.0], [0.0, -1.0, 1.0]],
    ),
    Point(
        "SmoothL1Loss",
        "at |d| = beta",
        {"beta": 0.5},
        [[0.5, -0.5, 0.25, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]],
        [0.25, 0.25, 0.0625, 2.75, 0.0],
        [[1.0, -1.0, 0.5, 1.0, 0.0], [-1.0, 1.0, -0.5, -1.0, 0.0]],
    ),
    Point(
        "SmoothL1Loss",
        "with beta = 0",
        {"beta": 0.0},
        [[0.0, 3.0, -2.0], [0.0, 0.0, 0.0]],
        [0.0, 3.0, 2.0],
        [[0.0, 1.0, -1.0], [0.0, -1.0, 1.0]],
    ),
    Point(
        "HuberLoss",
        "at |d| = delta",
        {"delta": 0.5},
        [[0.5, -0.5, 0.25, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]],
        [0.125, 0.125, 0.03125, 1.375, 0.0],
        [[0.5, -0.5, 0.25, 0.5, 0.0], [-0.5, 0.5, -0.25, -0.5, 0.0]],
    ),
    Point(
        "MSELoss",
        "of huge inputs",
        {},
        [[1000.0, -1000.0], [-1000.0, -1000.0]],
        [4000000.0, 0.0],
        [[4000.0, 0.0], [-4000.0, 0.0]],
    ),
    Point(
        "BCEWithLogitsLoss",
        "of huge logits",
        {},
        [[1000.0, -1000.0, 1000.0, -1000.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.25]],
        [1000.0, 0.0, 0.0, 1000.0, 0.69314718056],
        [[1.0, 0.0, 0.0, -1.0, 0.25], [-1000.0, 1000.0, -1000.0, 1000.0, 0.0]],
    ),
    Point(
        "BCEWithLogitsLoss",
        "of huge logits, weighted",
        {"pos_weight": [3.0]},
        [[1000.0, -1000.0, 1000.0, -1000.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.25]],
        [1000.0, 0.0, 0.0, 3000.0, 1.03972077084],
        [[1.0, 0.0, 0.0, -3.0, 0.0], [-1000.0, 3000.0, -1000.0, 3000.0, 1.38629436112]],
    ),
    Point(
        "CrossEntropyLoss",
        "of huge logits",
        {"label_smoothing": 0.2},
        [[[1000.0, -1000.0], [1000.0, -1000.0]], [0, 1]],
        [200.0, 1800.0],
        [[[0.1, -0.1], [0.9, -0.9]], None],
    ),
    Point(
        "CrossEntropyLoss",
        "of huge logits and probabilities",
        {},
        [[[1000.0, -1000.0], [1000.0, -1000.0]], [[1.0, 0.0], [0.25, 0.75]]],
        [0.0, 1500.0],
        [[[0.0, 0.0], [0.75, -0.75]], [[0.0, 2000.0], [0.0, 2000.0]]],
    ),
    Point(
        "CrossEntropyLoss",
        "of a logit -inf that is not chosen",
        {},
        [[[1.0, -INF, 2.0]], [0]],
        [1.31326168752],
        [[[-0.73105857863, 0.0, 0.73105857863]], None],
    ),
    Point(
        "CrossEntropyLoss",
        "of a target that is ignored",
        {"label_smoothing": 0.2, "ignore_index": 1},
        [[[1.0, 2.0], [0.0, 3.0]], [1, 0]],
        [0.0, 2.74858735157],
        [[[0.0, 0.0], [-0.852574126822, 0.852574126822]], None],
    ),
    Point(
        "NLLLoss",
        "of a log-probability -inf that is not chosen",
        {},
        [[[-1.0, -INF]], [0]],
        [1.0],
        [[[-1.0, 0.0]], None],
    ),
    Point(
        "KLDivLoss",
        "of log-probabilities -1000",
        {"log_target": True},
        [[-1000.0, -2.0], [-3.0, -1000.0]],
        [49.6377071628, 0.0],
        [[-0.0497870683679, 0.0], [49.6874942311, 0.0]],
    ),
    Point(
        "PoissonNLLLoss",
        "at target = 1, where Stirling's term begins",
        {"full": True},
        [[0.5, -1000.0, 0.5], [1.0, 0.5, 2.0]],
        [1.1487212707, 500.0, 1.3005277553],
        [[0.6487212707, -0.5, -0.3512787293], [-0.5, 1000.0, 0.44314718056]],
    ),
    Point(
        "GaussianNLLLoss",
        "where var is below eps",
        {"eps": 0.5},
        [[1.0, 2.0], [0.0, 0.0], [0.25, 0.5]],
        [0.65342640972, 3.65342640972],
        [[2.0, 4.0], [-2.0, -4.0], [-1.0, -7.0]],
    ),
    Point(
        "HingeEmbeddingLoss",
        "at the margin",
        {},
        [[1.0, 1.0, 2.0, 0.0], [-1, 1, -1, -1]],
        [0.0, 1.0, 0.0, 1.0],
        [[-1.0, 1.0, 0.0, -1.0], None],
    ),
    Point(
        "MarginRankingLoss",
        "at the margin",
        {"margin": 1.0},
        [[1.0, -2.0, 1.0], [0.0, 0.0, 0.5], [1.0, 0.0, 1.0]],
        [0.0, 1.0, 0.5],
        [[-1.0, 0.0, -1.0], [1.0, 0.0, 1.0], [-1.0, 2.0, -0.5]],
    ),
    Point(
        "MarginRankingLoss",
        "of equal inputs",
        {},
        [[1.0, 2.0], [1.0, 3.0], [1, -1]],
        [0.0, 0.0],
        [[-1.0, 0.0], [1.0, 0.0], None],
    ),
    Point(
        "SoftMarginLoss",
        "of huge inputs on the right side",
        {},
        [[1000.0, -1000.0, 0.0], [1, -1, 1]],
        [0.0, 0.0, 0.69314718056],
        [[0.0, 0.0, -0.5], None],
    ),
    Point(
        "MultiMarginLoss",
        "at the margin",
        {},
        [[[1.0, 0.0, 2.0]], [0]],
        [0.666666666667],
        [[[-0.333333333333, 0.0, 0.333333333333]], None],
    ),
    Point(
        "MultiMarginLoss",
        "at the margin, squared",
        {"p": 2, "margin": 0.5},
        [[[1.0, 0.5, 2.0]], [0]],
        [0.75],
        [[[-1.0, 0.0, 1.0]], None],
    ),
    Point("MultiMarginLoss", "of huge inputs", {}, [[[1000.0, -1000.0]], [1]], [1000.5], [[[0.5, -0.5]], None]),
    Point(
        "MultiLabelMarginLoss",
        "at the margin",
        {},
        [[[1.0, 0.0, 2.0]], [[0, -1, 1]]],
        [0.666666666667],
        [[[-0.333333333333, 0.0, 0.333333333333]], None],
    ),
    Point(
        "MultiLabelMarginLoss",
        "of a class named twice",
        {},
        [[[1.0, 0.5, 2.0]], [[0, 0, -1]]],
        [1.66666666667],
        [[[-1.33333333333, 0.666666666667, 0.666666666667]], None],
    ),
    Point(
        "MultiLabelMarginLoss", "of no class", {}, [[[1.0, 0.5, 2.0]], [[-1, 0, 1]]], [0.0], [[[0.0, 0.0, 0.0]], None]
    ),
    Point("CapsuleMarginLoss", "of a capsule of zeros", {}, [[[[0.0, 0.0]]], [[1]]], [0.81], [[[[0.0, 0.0]]], None]),
    Point(
        "CosineEmbeddingLoss",
        "at the margin",
        {},
        [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 2.0]], [-1, 1]],
        [0.0, 1.0],
        [[[0.0, 0.999999999999], [0.0, -0.999999999999]], [[0.999999999999, 0.0], [-0.5, 0.0]], None],
    ),
    Point(
        "CosineEmbeddingLoss",
        "of a vector of zeros",
        {},
        [[[0.0, 0.0], [1000.0, 1000.0]], [[1.0, 0.0], [0.0, 0.0]], [1, 1]],
        [1.0, 1.0],
        [[[-1000000.002, 0.0], [0.0, 0.0]], [[0.0, 0.0], [-707106.782599, -707106.782599]], None],
    ),
    Point(
        "TripletMarginLoss",
        "of an anchor that is its positive, at the margin",
        {"eps": 0.0},
        [[[0.0, 0.0]], [[0.0, 0.0]], [[1.0, 0.0]]],
        [0.0],
        [[[1.0, 0.0]], [[0.0, 0.0]], [[-1.0, 0.0]]],
    ),
    Point(
        "TripletMarginLoss",
        "with coordinates that agree",
        {"eps": 0.0, "p": 1.0},
        [[[0.0, 2.0]], [[0.0, 5.0]], [[1.0, 2.0]]],
        [3.0],
        [[[1.0, -1.0]], [[0.0, 1.0]], [[-1.0, 0.0]]],
    ),
    Point(
        "TripletMarginLoss",
        "with a tie of coordinates",
        {"eps": 0.0, "p": INF},
        [[[0.0, 0.0]], [[3.0, -3.0]], [[2.0, 0.0]]],
        [2.0],
        [[[0.5, 0.5]], [[0.5, -0.5]], [[-1.0, 0.0]]],
    ),
    Point(
        "TripletMarginLoss",
        "with a tie of distances",
        {"eps": 0.0, "swap": True},
        [[[0.0, 0.0]], [[2.0, 0.0]], [[1.0, 0.0]]],
        [2.0],
        [[[-0.5, 0.0]], [[0.5, 0.0]], [[0.0, 0.0]]],
    ),
    Point(
        "TripletMarginLoss",
        "with the positive nearer to the negative",
        {"eps": 0.0, "swap": True},
        [[[0.0, 0.0]], [[3.0, 0.0]], [[2.0, 0.0]]],
        [3.0],
        [[[-1.0, 0.0]], [[0.0, 0.0]], [[1.0, 0.0]]],
    ),
]
