"""What is said besides the beginning of a sentence: the rule in numbers, the names to choose from, the next step.

The detector `refusal` holds it. Each row of `SENTENCES` is refused with exactly these words.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.refused_calls import Call, Rng, bag, core, zeros
from nnlab.detectors.refused_settings import refusal
from nnlab.detectors.subjects import require
from nnlab.nn import init


def _linear(rng: Rng) -> nn.Linear:
    return nn.Linear(3, 2, rng=rng)


def _inverse(rng: Rng, y: Any) -> Any:
    return nn.AffineCoupling(nn.Linear(2, 2, rng=rng), 2).inverse(y)


def _sgd() -> nn.SGD:
    return nn.SGD([nn.Parameter(np.ones(1))], 0.1, momentum=0.9)


def _summed(branches: int) -> nn.Parallel:
    layer = nn.Parallel(*(nn.Tanh() for _ in range(branches)))
    layer(zeros(2, 2))
    return layer


SENTENCES: Sequence[tuple[Call, str]] = [
    (
        lambda r: core(r, *3 * [zeros(2, 3)], np.ones((2, 2), bool), is_causal=True),
        "ScaledDotProductAttention: attn_mask was given to a layer with is_causal=True; put the triangle into "
        "attn_mask, and build the layer with is_causal=False",
    ),
    (
        lambda r: nn.BCELoss()(zeros(2) + 2, zeros(2)),
        "BCELoss: input must lie in [0, 1] but spans [2.0, 2.0]; apply a Sigmoid, or use BCEWithLogitsLoss",
    ),
    (
        lambda r: nn.KLDivLoss()(zeros(2), zeros(2) - 1),
        "KLDivLoss: target must lie in [0, inf] but spans [-1.0, -1.0]; pass log-probabilities with log_target=True",
    ),
    *(
        (
            lambda r, kind=kind: kind(4, 3, padding_idx=4, rng=r),
            f"{kind.__name__}: padding_idx must lie in [-4, 4) but is 4; name one of the 4 rows, or leave it out",
        )
        for kind in (nn.Embedding, nn.EmbeddingBag)
    ),
    (
        lambda r: bag(r, [0, 1, 2], [0, 4]),
        "EmbeddingBag: offsets are [0, 4] but must be integers that rise from 0 to at most 3, the length of input; "
        "say where each bag begins",
    ),
    (
        lambda r: init.calculate_gain("swish"),
        "calculate_gain: nonlinearity is 'swish'; choose one of linear, sigmoid, tanh, relu, leaky_relu, selu",
    ),
    (
        lambda r: nn.KANLayer(2, 3, k=0, rng=r),
        "KANLayer: k is 0 but must be at least 1; the paper uses 5 steps and k = 3",
    ),
    (
        lambda r: nn.MSELoss("max"),
        "MSELoss: reduction is 'max' but must be 'none', 'mean' or 'sum'; choose one of them",
    ),
    (
        lambda r: _inverse(r, zeros(3, 5, 2)),
        "AffineCoupling: y has 2 entries along its last axis, of which the first 2 are one part; split it earlier, "
        "so that the other part holds at least one",
    ),
    (
        lambda r: nn.PixelShuffle(3)(zeros(12, 2, 2)),
        "PixelShuffle: 12 channels do not divide into 3×3 pixels; make them a multiple of 9",
    ),
    (
        lambda r: nn.WarmupCosine(_sgd(), 3, 2),
        "WarmupCosine: total is 2 but must be above warmup, 3; choose another value",
    ),
    (
        lambda r: nn.CyclicLR(_sgd(), 0.1, 1, mode="flat"),  # type: ignore[arg-type]
        "CyclicLR: mode is 'flat' but must be one of triangular, triangular2, exp_range; choose another value",
    ),
    (
        lambda r: nn.WeightNorm(_linear(r), "gain"),
        "WeightNorm: Linear has no parameter 'gain'; name one of its own: ['bias', 'weight']",
    ),
    (
        lambda r: nn.WeightNorm(_linear(r), dim=2),
        "WeightNorm: dim must lie in [-2, 2) but is 2; choose an axis of the weight, which has shape (2, 3)",
    ),
]
#: Refusals of which the beginning says enough.
CALLS: Sequence[tuple[Call, str]] = [
    (
        lambda r: nn.BCEWithLogitsLoss(np.ones(3))(zeros(2, 2), zeros(2, 2)),
        "BCEWithLogitsLoss: weight has shape (3,), ",
    ),
    (lambda r: nn.DiceLoss()(np.array(1.0), np.array(1.0)), "DiceLoss: input "),
    (lambda r: _inverse(r, np.array(1.0)), "AffineCoupling: y "),
    (lambda r: _inverse(r, np.ones((2, 3), int)), "AffineCoupling: y "),
    (
        lambda r: nn.MultiMarginLoss(weight=np.ones(2))(np.ones((1, 2), np.float32), np.array([1])),
        "MultiMarginLoss: input ",
    ),
    *(
        (
            lambda r, n=n: _summed(n).backward(*2 * [np.ones((2, 2))]),
            "Parallel: backward got 2 cotangents but forward gave 1 outputs; pass one for each",
        )
        for n in (1, 2)
    ),
    (
        lambda r: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 3, rng=r), 1)(zeros(2, 1, 4), is_causal=True),
        "TransformerEncoderLayer: src_mask must hide exactly the later positions for is_causal but is missing",
    ),
    *(
        (
            lambda r, name=name: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 3, rng=r), 1)(
                *2 * [zeros(2, 1, 4)], **{f"{name}_is_causal": True}
            ),
            f"TransformerDecoderLayer: {name}_mask must hide exactly the later positions for is_causal but is missing",
        )
        for name in ("tgt", "memory")
    ),
]


def sentence_checks() -> Iterator[tuple[str, Callable[[int], None]]]:
    """A check for each sentence."""
    for call, sentence in SENTENCES:
        yield f"the whole of {sentence[:40]}", partial(_says, call, sentence)


def _says(call: Call, sentence: str, seed: int) -> None:
    said = refusal(f"expected a refusal with {sentence!r}", partial(call, np.random.default_rng(0)))
    require(said == sentence, f"expected a refusal with {sentence!r}, got: {said}")
