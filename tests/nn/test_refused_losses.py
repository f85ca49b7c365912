"""Settings and inputs that a loss refuses, and in which words: rule, value received, next step."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

NAN = float("nan")


def zeros(*shape: int, d: Any = np.float64) -> Any:
    return np.zeros(shape, d)


def floats(*values: float) -> Any:
    return np.array(values, np.float64)


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


def integer(layer: str, name: str) -> str:
    return f"{layer}: {name} must be a floating-point array but has dtype int64; convert it with .astype(np.float64)"


def unknown(layer: str, index: str) -> str:
    return f"{layer}: target is NaN at {index}; fill it in, or leave that sample out of the batch"


def no_mean(layer: str, ignored: int) -> str:
    return (
        f"{layer}: there is no mean, for every target is ignore_index={ignored} or has weight 0; "
        f"leave this batch out, or choose reduction='sum'"
    )


def unsigned(layer: str, value: str) -> str:
    return f"{layer}: target must hold 1 and -1 but holds {value}; turn labels 1 and 0 into 2 * target - 1"


def no_class(layer: str, high: int, low: int, top: int) -> str:
    return (
        f"{layer}: target must lie in [0, {high}) but spans [{low}, {top}]; "
        f"check the vocabulary or the number of classes"
    )


def ctc(targets: Any, input_lengths: Any = (4, 4), target_lengths: Any = (1, 2), blank: int = 0) -> None:
    nn.CTCLoss(blank)(zeros(4, 2, 3), targets, input_lengths, target_lengths)


REDUCTION = "reduction is 'max' but must be 'none', 'mean' or 'sum'; choose one of them"
LENGTHS = "give the length of each sample"

SETTINGS: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.L1Loss("max"), f"L1Loss: {REDUCTION}"),
    (lambda: nn.SmoothL1Loss("max"), f"SmoothL1Loss: {REDUCTION}"),
    (lambda: nn.HuberLoss("max"), f"HuberLoss: {REDUCTION}"),
    (lambda: nn.BCELoss(None, "max"), f"BCELoss: {REDUCTION}"),
    (lambda: nn.BCEWithLogitsLoss(None, "max"), f"BCEWithLogitsLoss: {REDUCTION}"),
    (lambda: nn.NLLLoss(None, 1, "max"), f"NLLLoss: {REDUCTION}"),
    (
        lambda: nn.KLDivLoss("max"),
        "KLDivLoss: reduction is 'max' but must be 'none', 'batchmean', 'mean' or 'sum'; choose one of them",
    ),
    (
        lambda: nn.MSELoss("batchmean"),
        "MSELoss: reduction is 'batchmean' but must be 'none', 'mean' or 'sum'; choose one of them",
    ),
    (lambda: nn.SmoothL1Loss(beta=-0.1), "SmoothL1Loss: beta is -0.1 but must be at least 0; choose another value"),
    (lambda: nn.SmoothL1Loss(beta=NAN), "SmoothL1Loss: beta is nan but must be at least 0; choose another value"),
    (lambda: nn.HuberLoss(delta=0.0), "HuberLoss: delta is 0.0 but must be positive; choose another value"),
    (lambda: nn.GaussianNLLLoss(eps=0.0), "GaussianNLLLoss: eps is 0.0 but must be positive; the default is 1e-6"),
    (lambda: nn.DiceLoss(0.0), "DiceLoss: eps is 0.0 but must be positive; the default is 1e-5"),
    (lambda: nn.FocalLoss(1.5), "FocalLoss: alpha is 1.5 but must lie in [0, 1]; the paper uses 0.25"),
    (lambda: nn.FocalLoss(-0.5), "FocalLoss: alpha is -0.5 but must lie in [0, 1]; the paper uses 0.25"),
    (lambda: nn.FocalLoss(gamma=-1.0), "FocalLoss: gamma is -1.0 but must be at least 0; the paper uses 2"),
    (
        lambda: nn.CrossEntropyLoss(label_smoothing=1.1),
        "CrossEntropyLoss: label_smoothing is 1.1 but must lie in [0, 1]; 0 leaves it out",
    ),
    (
        lambda: nn.CrossEntropyLoss(label_smoothing=-0.1),
        "CrossEntropyLoss: label_smoothing is -0.1 but must lie in [0, 1]; 0 leaves it out",
    ),
    (lambda: nn.MultiMarginLoss(3), "MultiMarginLoss: p is 3 but must be 1 or 2; choose one of them"),
    (
        lambda: nn.TripletMarginLoss(0.0),
        "TripletMarginLoss: margin is 0.0 but must be positive; torch's default is 1",
    ),
    (
        lambda: nn.TripletMarginLoss(p=0.5),
        "TripletMarginLoss: p is 0.5 but a norm needs at least 1; torch's default is 2",
    ),
    (lambda: nn.InfoNCELoss(0.0), "InfoNCELoss: temperature is 0.0 but must be positive; 1 leaves it out"),
]

TARGETS: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.MSELoss()(zeros(2, 2), np.array([[0, 1], [0, NAN]])), unknown("MSELoss", "(1, 1)")),
    (lambda: nn.L1Loss()(zeros(2), floats(NAN, 0)), unknown("L1Loss", "(0,)")),
    (lambda: nn.SmoothL1Loss()(zeros(2), floats(NAN, NAN)), unknown("SmoothL1Loss", "(0,)")),
    (lambda: nn.HuberLoss()(zeros(2), floats(0, NAN)), unknown("HuberLoss", "(1,)")),
    (lambda: nn.BCELoss()(zeros(2), floats(0, NAN)), unknown("BCELoss", "(1,)")),
    (lambda: nn.BCEWithLogitsLoss()(zeros(2), floats(0, NAN)), unknown("BCEWithLogitsLoss", "(1,)")),
    (lambda: nn.DiceLoss()(zeros(2), floats(0, NAN)), unknown("DiceLoss", "(1,)")),
    (lambda: nn.KLDivLoss()(zeros(2), floats(0, NAN)), unknown("KLDivLoss", "(1,)")),
    (lambda: nn.PoissonNLLLoss()(zeros(2), floats(0, NAN)), unknown("PoissonNLLLoss", "(1,)")),
    (lambda: nn.GaussianNLLLoss()(zeros(2), floats(0, NAN), zeros(2)), unknown("GaussianNLLLoss", "(1,)")),
    (lambda: nn.MarginRankingLoss()(zeros(2), zeros(2), floats(0, NAN)), unknown("MarginRankingLoss", "(1,)")),
    (lambda: nn.CrossEntropyLoss()(zeros(2), floats(0, NAN)), unknown("CrossEntropyLoss", "(1,)")),
    (lambda: nn.HingeEmbeddingLoss()(zeros(2), floats(1, NAN)), unsigned("HingeEmbeddingLoss", "nan")),
    (lambda: nn.SoftMarginLoss()(zeros(2), [0, 1]), unsigned("SoftMarginLoss", "0")),
    (lambda: nn.CosineEmbeddingLoss()(zeros(2, 3), zeros(2, 3), [1, 2]), unsigned("CosineEmbeddingLoss", "2")),
    (lambda: nn.HingeEmbeddingLoss()(zeros(2), [1]), misfit("HingeEmbeddingLoss", "target", "(1,)", "(2,)")),
    (lambda: nn.NLLLoss()(zeros(2, 3), [-100, -100]), no_mean("NLLLoss", -100)),
    (lambda: nn.CrossEntropyLoss(None, 1)(zeros(2, 3), [1, 1]), no_mean("CrossEntropyLoss", 1)),
    (lambda: nn.CrossEntropyLoss([0.0, 1.0])(zeros(2, 2), [0, 0]), no_mean("CrossEntropyLoss", -100)),
    (
        lambda: nn.CrossEntropyLoss()(zeros(2, 3), zeros(2, 2)),
        misfit("CrossEntropyLoss", "target", "(2, 2)", "(2, 3)"),
    ),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 3), zeros(2, 3, d=np.float32)), single("CrossEntropyLoss", "target")),
    (
        lambda: nn.CrossEntropyLoss(ignore_index=0)(zeros(2), zeros(2)),
        "CrossEntropyLoss: ignore_index is 0 but target holds probabilities, none of which it can name; leave it out",
    ),
    (lambda: nn.FocalLoss()(zeros(2), [0, 2]), no_class("FocalLoss", 2, 0, 2)),
    (lambda: nn.CapsuleMarginLoss()(zeros(1, 2, 3), [[0, 2]]), no_class("CapsuleMarginLoss", 2, 0, 2)),
    (lambda: nn.MultiMarginLoss()(zeros(2, 3), [0, 3]), no_class("MultiMarginLoss", 3, 0, 3)),
    (lambda: nn.MultiLabelMarginLoss()(zeros(3), [0, 3, -1]), no_class("MultiLabelMarginLoss", 3, 0, 3)),
    (lambda: nn.MultiLabelMarginLoss()(zeros(3), [0, -2, -1]), no_class("MultiLabelMarginLoss", 3, -2, 0)),
    (lambda: nn.NLLLoss()(zeros(2, 3), [0, -1]), no_class("NLLLoss", 3, -1, 0)),
    (
        lambda: nn.BCELoss()(floats(0, 1), floats(0, 1.5)),
        "BCELoss: target must lie in [0, 1] but spans [0.0, 1.5]; rescale it to probabilities",
    ),
    (
        lambda: nn.KLDivLoss()(zeros(2), floats(0.5, -1)),
        "KLDivLoss: target must lie in [0, inf] but spans [-1.0, 0.5]; pass log-probabilities with log_target=True",
    ),
]

INPUTS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: nn.BCELoss()(floats(-0.5, 0.5), zeros(2)),
        "BCELoss: input must lie in [0, 1] but spans [-0.5, 0.5]; apply a Sigmoid, or use BCEWithLogitsLoss",
    ),
    (
        lambda: nn.BCELoss()(floats(NAN, 0.5), zeros(2)),
        "BCELoss: input must lie in [0, 1] but spans [nan, nan]; apply a Sigmoid, or use BCEWithLogitsLoss",
    ),
    (
        lambda: nn.GaussianNLLLoss()(zeros(2), zeros(2), floats(1, -1)),
        "GaussianNLLLoss: var must lie in [0, inf] but spans [-1.0, 1.0]; "
        "pass a variance, such as the exp of the model's output",
    ),
    *(
        (
            lambda shape=shape: nn.GaussianNLLLoss()(zeros(2, 3, 4), zeros(2, 3, 4), zeros(*shape)),  # type: ignore[misc]
            f"GaussianNLLLoss: var has shape {shape} but the input (2, 3, 4); give var that shape, or leave out the "
            f"last dimension, or make one dimension 1",
        )
        for shape in ((2,), (2, 1, 1), (2, 3, 2), (3, 4), (1,), ())
    ),
    (lambda: nn.GaussianNLLLoss()(zeros(2), zeros(2), zeros(2, d=np.float32)), single("GaussianNLLLoss", "var")),
    (
        lambda: nn.BCELoss([1.0, 2.0])(zeros(2, 3), zeros(2, 3)),
        "BCELoss: weight has shape (2,), which does not broadcast to that of the input, (2, 3); "
        "give one weight for each entry of the last dimensions",
    ),
    (
        lambda: nn.BCEWithLogitsLoss(pos_weight=zeros(4, 1, 3))(zeros(2, 3), zeros(2, 3)),
        "BCEWithLogitsLoss: pos_weight has shape (4, 1, 3), which does not broadcast to that of the input, (2, 3); "
        "give one weight for each entry of the last dimensions",
    ),
    (
        lambda: nn.BCEWithLogitsLoss([1.0, 2.0])(zeros(3), zeros(3)),
        "BCEWithLogitsLoss: weight has shape (2,), which does not broadcast to that of the input, (3,); "
        "give one weight for each entry of the last dimensions",
    ),
    (lambda: nn.NLLLoss([1.0])(zeros(2, 3), [0, 1]), misfit("NLLLoss", "weight", "(1,)", "(3,)")),
    (
        lambda: nn.MultiMarginLoss(weight=[1.0])(zeros(2, 3), [0, 1]),
        misfit("MultiMarginLoss", "weight", "(1,)", "(3,)"),
    ),
    (lambda: nn.NLLLoss([1.0] * 3)(zeros(2, 3, d=np.float32), [0, 1]), single("NLLLoss", "input")),
    (
        lambda: nn.BCEWithLogitsLoss(pos_weight=1.0)(zeros(2, d=np.float32), zeros(2, d=np.float32)),
        single("BCEWithLogitsLoss", "input"),
    ),
    (
        lambda: nn.MultiMarginLoss(weight=[1.0] * 3)(zeros(2, 3, d=np.float32), [0, 1]),
        single("MultiMarginLoss", "input"),
    ),
    (lambda: nn.NLLLoss()(zeros(), 0), misfit("NLLLoss", "input", "()", "(..., *)")),
    (lambda: nn.MultiMarginLoss()(zeros(), 0), misfit("MultiMarginLoss", "input", "()", "(*,)")),
    (lambda: nn.MultiMarginLoss()(zeros(2, 3, 4), 0), misfit("MultiMarginLoss", "input", "(2, 3, 4)", "(*, *)")),
    (lambda: nn.MultiMarginLoss()(zeros(2, 3), [0]), misfit("MultiMarginLoss", "target", "(1,)", "(2,)")),
    (lambda: nn.MultiLabelMarginLoss()(zeros(), 0), misfit("MultiLabelMarginLoss", "input", "()", "(*,)")),
    (
        lambda: nn.MultiLabelMarginLoss()(zeros(1, 2, 3), zeros(1, 2, 3, d=int)),
        misfit("MultiLabelMarginLoss", "input", "(1, 2, 3)", "(*, *)"),
    ),
    (
        lambda: nn.MultiLabelMarginLoss()(zeros(2, 3), zeros(2, 2, d=int)),
        misfit("MultiLabelMarginLoss", "target", "(2, 2)", "(2, 3)"),
    ),
    (lambda: nn.MultiLabelMarginLoss()(zeros(3), 2), misfit("MultiLabelMarginLoss", "target", "()", "(3,)")),
    (
        lambda: nn.MultiLabelMarginLoss()(zeros(2, 3), None),  # type: ignore[arg-type]
        misfit("MultiLabelMarginLoss", "target", "()", "(2, 3)"),
    ),
    (lambda: nn.HingeEmbeddingLoss()([1, 2], [1, 1]), integer("HingeEmbeddingLoss", "input")),
    (lambda: nn.SoftMarginLoss()([1, 2], [1, 1]), integer("SoftMarginLoss", "input")),
    (lambda: nn.MultiLabelMarginLoss()([1, 2], [1, -1]), integer("MultiLabelMarginLoss", "input")),
    (lambda: nn.FocalLoss()([1, 2], [1, 1]), integer("FocalLoss", "input")),
    (lambda: nn.DiceLoss()(zeros(), zeros()), misfit("DiceLoss", "input", "()", "(..., *)")),
    (lambda: nn.FocalLoss()(zeros(2), [1]), misfit("FocalLoss", "target", "(1,)", "(2,)")),
    (lambda: nn.MarginRankingLoss()([1], zeros(1), [1]), integer("MarginRankingLoss", "input1")),
    (lambda: nn.MarginRankingLoss()(zeros(2), zeros(3), [1]), misfit("MarginRankingLoss", "input2", "(3,)", "(2,)")),
    (lambda: nn.MarginRankingLoss()(zeros(2), zeros(2), [1]), misfit("MarginRankingLoss", "target", "(1,)", "(2,)")),
    (
        lambda: nn.MarginRankingLoss()(zeros(2), zeros(2, d=np.float32), [1, 1]),
        single("MarginRankingLoss", "input2"),
    ),
    (
        lambda: nn.MarginRankingLoss()(zeros(2), zeros(2), zeros(2, d=np.float32)),
        single("MarginRankingLoss", "target"),
    ),
    (lambda: nn.CapsuleMarginLoss()(zeros(2, 3), [0, 1]), misfit("CapsuleMarginLoss", "input", "(2, 3)", "(*, *, *)")),
    (
        lambda: nn.CapsuleMarginLoss()(zeros(2, 3, 4), [0, 1]),
        misfit("CapsuleMarginLoss", "target", "(2,)", "(2, 3)"),
    ),
    (lambda: nn.CosineEmbeddingLoss()(zeros(), zeros(), 1), misfit("CosineEmbeddingLoss", "input1", "()", "(*,)")),
    (
        lambda: nn.CosineEmbeddingLoss()(zeros(2, 3, 4), zeros(2, 3, 4), 1),
        misfit("CosineEmbeddingLoss", "input1", "(2, 3, 4)", "(*, *)"),
    ),
    (
        lambda: nn.CosineEmbeddingLoss()(zeros(2, 3), zeros(2, 4), [1, 1]),
        misfit("CosineEmbeddingLoss", "input2", "(2, 4)", "(2, 3)"),
    ),
    (
        lambda: nn.CosineEmbeddingLoss()(zeros(2, 3), zeros(2, 3, d=np.float32), [1, 1]),
        single("CosineEmbeddingLoss", "input2"),
    ),
    (
        lambda: nn.CosineEmbeddingLoss()(zeros(2, 3), zeros(2, 3), [1]),
        misfit("CosineEmbeddingLoss", "target", "(1,)", "(2,)"),
    ),
    (lambda: nn.TripletMarginLoss()(zeros(), 0, 0), misfit("TripletMarginLoss", "anchor", "()", "(..., *)")),
    (
        lambda: nn.TripletMarginLoss()(zeros(2, 3), zeros(3), zeros(2, 3)),
        misfit("TripletMarginLoss", "positive", "(3,)", "(2, 3)"),
    ),
    (
        lambda: nn.TripletMarginLoss()(zeros(2, 3), zeros(2, 3), zeros(3)),
        misfit("TripletMarginLoss", "negative", "(3,)", "(2, 3)"),
    ),
    (
        lambda: nn.TripletMarginLoss()(zeros(2), zeros(2, d=np.float32), zeros(2)),
        single("TripletMarginLoss", "positive"),
    ),
    (
        lambda: nn.TripletMarginLoss()(zeros(2), zeros(2), zeros(2, d=np.float32)),
        single("TripletMarginLoss", "negative"),
    ),
    (lambda: nn.InfoNCELoss()(zeros(2), zeros(2)), misfit("InfoNCELoss", "query", "(2,)", "(..., *, *)")),
    (lambda: nn.InfoNCELoss()(zeros(2, 3), zeros(3, 3)), misfit("InfoNCELoss", "key", "(3, 3)", "(2, 3)")),
    (lambda: nn.InfoNCELoss()(zeros(2, 3), zeros(2, 3, d=np.float32)), single("InfoNCELoss", "key")),
]

SEQUENCES: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.CTCLoss()(zeros(3), [1], 3, 1), misfit("CTCLoss", "log_probs", "(3,)", "(*, *)")),
    (lambda: nn.CTCLoss()(zeros(2, 2, 2, 2), [1], 3, 1), misfit("CTCLoss", "log_probs", "(2, 2, 2, 2)", "(*, *, *)")),
    (lambda: nn.CTCLoss()(zeros(2, 3, d=int), [1], 3, 1), integer("CTCLoss", "log_probs")),
    (lambda: ctc([[1, 2]]), misfit("CTCLoss", "targets", "(1, 2)", "(2, *)")),
    (lambda: ctc([1, 2]), misfit("CTCLoss", "targets", "(2,)", "(3,)")),
    (
        lambda: ctc([[1, 9], [1, 3]]),
        "CTCLoss: targets must lie in [0, 3) but spans [1, 3]; check the vocabulary or the number of classes",
    ),
    (lambda: ctc([[1, 2]] * 2, blank=3), "CTCLoss: blank is 3 but must lie in [0, 3); name one of the classes"),
    (lambda: ctc([[1, 2]] * 2, blank=-1), "CTCLoss: blank is -1 but must lie in [0, 3); name one of the classes"),
    (
        lambda: ctc([[1, 2]] * 2, [5, 4]),
        f"CTCLoss: input_lengths must be 2 integers in [0, 4] but is [5, 4]; {LENGTHS}",
    ),
    (lambda: ctc([[1, 2]] * 2, [4]), f"CTCLoss: input_lengths must be 2 integers in [0, 4] but is [4]; {LENGTHS}"),
    (
        lambda: ctc([[1, 2]] * 2, [4.0, 4.0]),
        f"CTCLoss: input_lengths must be 2 integers in [0, 4] but is [4.0, 4.0]; {LENGTHS}",
    ),
    (
        lambda: ctc([[1, 2]] * 2, [4, 4], [3, 1]),
        f"CTCLoss: target_lengths must be 2 integers in [0, 2] but is [3, 1]; {LENGTHS}",
    ),
    (
        lambda: ctc([[1, 2]] * 2, [4, 4], [-1, 1]),
        f"CTCLoss: target_lengths must be 2 integers in [0, 2] but is [-1, 1]; {LENGTHS}",
    ),
]

REFUSALS = SETTINGS + TARGETS + INPUTS + SEQUENCES


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
