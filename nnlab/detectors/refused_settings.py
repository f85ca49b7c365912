"""Settings at their bounds and one step beyond, and calls that no layer answers; `refusal` asks them.

A refusal begins with the name of the layer, and says the name of the setting and the value that it got.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require
from nnlab.errors import InputError
from nnlab.lab import Detected

NAN = float("nan")
Values = Sequence[Any]


class Setting(NamedTuple):
    """One argument of a constructor: values that are refused, and values up to which it is taken.

    `base` are the other arguments; a function among them is called with a Generator. `rule` is what must be said
    besides the name and the value.
    """

    kind: str
    base: Mapping[str, Any]
    name: str
    refused: Values
    taken: Values
    rule: str = ""


def _one(rng: np.random.Generator) -> list[nn.Parameter]:
    return [nn.Parameter(np.ones((2, 2)))]


def _sgd(rng: np.random.Generator) -> nn.Optimizer:
    return nn.SGD(_one(rng), 0.1, momentum=0.5)


def _tanh(rng: np.random.Generator) -> nn.Module:
    return nn.Tanh()


def _linear(rng: np.random.Generator) -> nn.Module:
    return nn.Linear(2, 3, rng=rng)


def _encoder(rng: np.random.Generator) -> nn.Module:
    return nn.TransformerEncoderLayer(4, 2, 3, rng=rng)


def _decoder(rng: np.random.Generator) -> nn.Module:
    return nn.TransformerDecoderLayer(4, 2, 3, rng=rng)


_CONV = {"in_channels": 2, "out_channels": 2, "kernel_size": 2}
_SIZES = {"input_size": 2, "hidden_size": 3}
_GQA = {"embed_dim": 8, "num_heads": 4, "num_kv_heads": 2}
_P = ((-0.1, 1.1, NAN), (0, 1, 0.5))  # a probability
_COUNT = ((0,), (1, 2))
_FROM_0 = ((-0.1, NAN), (0, 0.5))
_POSITIVE = ((0.0, NAN), (1e-3,))
_BETAS = (((1.0, 0.5), (0.5, -0.1), (0.5, 1.0)), ((0.0, 0.0), (0.5, 0.9)))
_PADDINGS = ("zeros", "reflect", "replicate", "circular")

SETTINGS: Sequence[Setting] = [
    Setting("GELU", {}, "approximate", ["erf"], ["none", "tanh"]),
    Setting("Softplus", {}, "beta", [0], [-1, 1]),
    Setting("CELU", {}, "alpha", [0.0], [-1.0, 1.0]),
    Setting("Hardtanh", {"max_val": 1.0}, "min_val", [1.0, 2.0], [0.5]),
    Setting("Softshrink", {}, "lambd", *_FROM_0),
    Setting("MultiheadAttention", {"num_heads": 2}, "embed_dim", [3], [4]),
    Setting("FocalLoss", {}, "alpha", [-0.1, 1.1, NAN], [0, 1, 0.5, None]),
    Setting("FocalLoss", {}, "gamma", *_FROM_0),
    Setting("DiceLoss", {}, "eps", *_POSITIVE),
    Setting("GaussianNLLLoss", {}, "eps", *_POSITIVE),
    Setting("SmoothL1Loss", {}, "beta", *_FROM_0),
    Setting("HuberLoss", {}, "delta", *_POSITIVE),
    Setting("CrossEntropyLoss", {}, "label_smoothing", [-0.1, 1.1, NAN], [0, 1]),
    Setting("TripletMarginLoss", {}, "margin", *_POSITIVE),
    Setting("TripletMarginLoss", {}, "p", [0.9, NAN], [1, 1.5]),
    Setting("InfoNCELoss", {}, "temperature", *_POSITIVE),
    Setting("MultiMarginLoss", {}, "p", [0, 3], [1, 2]),
    Setting("KLDivLoss", {}, "reduction", ["max"], ["none", "batchmean", "mean", "sum"]),
    *(
        Setting(loss, {}, "reduction", ["batchmean"], ["none", "mean", "sum"])
        for loss in ("MSELoss", "BCELoss", "NLLLoss", "CTCLoss", "HuberLoss", "InfoNCELoss")
    ),
    Setting("CapsuleLayer", {"in_capsules": 2, "in_dim": 3, "out_capsules": 2, "out_dim": 3}, "routings", *_COUNT),
    *(Setting(kind, _SIZES, "nonlinearity", ["sigmoid"], ["tanh", "relu"]) for kind in ("RNN", "RNNCell")),
    *(Setting(kind, _SIZES, "num_layers", *_COUNT) for kind in ("RNN", "LSTM", "GRU")),
    *(Setting(kind, _SIZES, "dropout", *_P) for kind in ("RNN", "LSTM", "GRU")),
    *(Setting(kind, {}, "p", *_P) for kind in ("Dropout", "Dropout2d", "AlphaDropout", "DropPath")),
    Setting("Parallel", {}, "combine", ["mean"], ["sum", "concat", "tuple"]),
    *(
        Setting(kind, {**_CONV, name: 2}, name, *_COUNT)
        for kind in ("Conv1d", "Conv2d", "ConvTranspose1d")
        for name in ("in_channels", "out_channels", "kernel_size", "stride", "dilation", "groups")
    ),
    Setting("Conv1d", {**_CONV, "in_channels": 3}, "groups", [2], [1]),
    Setting("Conv1d", {**_CONV, "out_channels": 3}, "groups", [2], [1]),
    *(Setting(kind, _CONV, "padding", [-1], [0]) for kind in ("Conv1d", "ConvTranspose2d", "Conv3d")),
    Setting("Conv2d", _CONV, "padding", ["full"], ["same", "valid", 1]),
    Setting("Conv1d", {**_CONV, "padding": "same"}, "stride", [2], [1]),
    Setting("Conv2d", {**_CONV, "padding": "same"}, "stride", [(1, 2), (2, 1)], [1]),
    Setting("Conv3d", _CONV, "padding_mode", ["mirror"], _PADDINGS),
    Setting("ConvTranspose1d", _CONV, "padding_mode", ["reflect"], ["zeros"]),
    Setting("ConvTranspose1d", {**_CONV, "stride": 3}, "output_padding", [-1, 3], [0, 2]),
    Setting("ConvTranspose2d", {**_CONV, "dilation": (1, 2)}, "output_padding", [(0, 2), (1, 0)], [(0, 1)]),
    Setting("AffineCoupling", {"module": _tanh}, "split", *_COUNT),
    Setting("Embedding", {"num_embeddings": 4, "embedding_dim": 3}, "padding_idx", [-5, 4], [-4, 3, None]),
    Setting("EmbeddingBag", {"num_embeddings": 4, "embedding_dim": 3}, "padding_idx", [-5, 4], [-4, 3, None]),
    Setting("EmbeddingBag", {"num_embeddings": 4, "embedding_dim": 3}, "mode", ["min"], ["sum", "mean", "max"]),
    Setting("MixtureOfExperts", {"d_model": 4, "num_experts": 3, "dim_feedforward": 2}, "top_k", [0, 4], [1, 3]),
    *(
        Setting(kind, base, "activation", ["tanh"], ["relu", "gelu"])
        for kind, base in (
            ("FeedForward", {"d_model": 4}),
            ("TransformerEncoderLayer", {"d_model": 4, "nhead": 2}),
            ("TransformerDecoderLayer", {"d_model": 4, "nhead": 2}),
        )
    ),
    Setting("Maxout", {"in_features": 2, "out_features": 3}, "pieces", *_COUNT),
    Setting("GATConv", {"in_channels": 2, "out_channels": 3}, "heads", *_COUNT),
    Setting("GroupNorm", {"num_channels": 6}, "num_groups", [0, 4], [1, 6]),
    Setting("GroupedQueryAttention", _GQA, "num_heads", [0, 3], [2, 4]),
    Setting("GroupedQueryAttention", _GQA, "num_kv_heads", [0, 3], [1, 4]),
    Setting("GroupedQueryAttention", _GQA, "rotary", ["half"], ["interleaved", "halves", None]),
    Setting("Hopfield", {}, "beta", *_POSITIVE),
    Setting("Hopfield", {}, "update_steps", *_COUNT),
    *(Setting("KANLayer", {"in_features": 2, "out_features": 3}, name, *_COUNT) for name in ("grid_size", "k")),
    Setting("KANLayer", {"in_features": 2, "out_features": 3}, "grid_range", [(2.0, 2.0), (2.0, 1.0)], [(1.0, 1.5)]),
    Setting("LoRALinear", {"in_features": 2, "out_features": 3}, "r", *_COUNT),
    Setting("SlidingWindowAttention", {}, "window", [-1], [0]),
    Setting("MixtureDensity", {"in_features": 2, "out_features": 3}, "num_mixtures", *_COUNT),
    Setting("LocalResponseNorm", {}, "size", *_COUNT),
    Setting("NeuralODE", {"func": _tanh}, "steps", *_COUNT),
    Setting("MaxPool1d", {"kernel_size": 3}, "padding", [-1, 2], [0, 1]),
    Setting("MaxPool2d", {"kernel_size": (2, 3)}, "padding", [(1, 2), (2, 1)], [(1, 1)]),
    *(
        Setting("MaxPool1d", {"kernel_size": 2, name: 1}, name, *_COUNT)
        for name in ("kernel_size", "stride", "dilation")
    ),
    Setting("AvgPool2d", {"kernel_size": 2}, "stride", *_COUNT),
    Setting("AvgPool2d", {"kernel_size": 2}, "divisor_override", [0], [-1, 1, None]),
    *(Setting(f"Adaptive{kind}", {}, "output_size", [0], [1]) for kind in ("AvgPool1d", "AvgPool2d", "MaxPool2d")),
    *(
        Setting(kind, {**base, "kernel_size": 2, name: 1}, name, *_COUNT)
        for kind, base in (("Unfold", {}), ("Fold", {"output_size": 4}))
        for name in ("kernel_size", "stride", "dilation")
    ),
    Setting("Unfold", {"kernel_size": 2}, "padding", [-1], [0]),
    Setting("ALiBi", {}, "num_heads", *_COUNT),
    Setting("VectorQuantizer", {"embedding_dim": 3}, "num_embeddings", *_COUNT),
    Setting("PixelShuffle", {}, "upscale_factor", *_COUNT),
    Setting("Permute", {}, "dims", [(0, 0, 1), (0, -3), (0, 2)], [(1, 0), (-1, 0)]),
    Setting("RotaryEmbedding", {}, "dim", [3], [2]),
    Setting("SoftSort", {}, "tau", *_POSITIVE),
    Setting("SqueezeExcite", {"channels": 4}, "reduction", [0, 3], [1, 4]),
    Setting("DiagonalSSM", {"features": 2, "dt_max": 0.1}, "dt_min", [0.0, 0.2, NAN], [0.01, 0.1]),
    Setting("TransformerEncoder", {"encoder_layer": _encoder}, "num_layers", *_COUNT),
    Setting("TransformerDecoder", {"decoder_layer": _decoder}, "num_layers", *_COUNT),
    Setting("NTMHead", {"controller_size": 2, "width": 3}, "max_shift", [-1], [0]),
    Setting("Upsample", {"size": 3}, "mode", ["cubic"], ["nearest", "linear", "bilinear"]),
    Setting("Upsample", {"size": 3}, "scale_factor", [2.0], [None]),
    Setting("WeightNorm", {"module": _linear}, "name", ["weights"], ["weight", "bias"]),
    *(Setting(kind, {"module": _linear}, "dim", [-3, 2], [-2, 1]) for kind in ("WeightNorm", "SpectralNorm")),
    Setting("SpectralNorm", {"module": _linear}, "name", ["weights", "bias"], ["weight"]),
    Setting("SpectralNorm", {"module": _linear}, "n_power_iterations", *_COUNT),
    # Optimizers.
    *(
        Setting(
            kind,
            {"params": _one, **({"dampening": 0} if kind == "SGD" else {})},
            name,
            *_FROM_0,
            "but must be at least 0;",
        )
        for kind, names in {
            "SGD": ("lr", "momentum", "weight_decay"),
            "Adam": ("lr", "eps", "weight_decay"),
            "AdamW": ("lr", "eps", "weight_decay"),
            "Adamax": ("lr", "eps", "weight_decay"),
            "NAdam": ("lr", "eps", "weight_decay", "momentum_decay"),
            "RAdam": ("lr", "eps", "weight_decay"),
            "LAMB": ("lr", "eps", "weight_decay"),
            "Adagrad": ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
            "Adadelta": ("lr", "eps", "weight_decay"),
            "RMSprop": ("lr", "alpha", "eps", "weight_decay", "momentum"),
            "Rprop": ("lr",),
            "Lion": ("lr", "weight_decay"),
            "Adafactor": ("lr", "weight_decay"),
            "Muon": ("lr", "weight_decay", "momentum", "ns_steps"),
        }.items()
        for name in names
    ),
    *(
        Setting(kind, {"params": _one}, "betas", *_BETAS, "but both must lie in [0, 1);")
        for kind in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "LAMB", "Lion")
    ),
    Setting("SGD", {"params": _one, "momentum": 0.5, "nesterov": True}, "dampening", [0.1], [0]),
    Setting("SGD", {"params": _one, "nesterov": True}, "momentum", [0], [0.1]),
    Setting("Adadelta", {"params": _one}, "rho", [-0.1, 1.1, NAN], [0, 1], "but must lie in [0, 1];"),
    Setting(
        "Rprop",
        {"params": _one},
        "etas",
        [(0.0, 1.2), (1.0, 1.2), (0.5, 1.0)],
        [(0.5, 1.5), (0.1, 3)],
        "but must lie below and above 1, and above 0;",
    ),
    Setting("Adafactor", {"params": _one}, "beta2_decay", [0.1], [0, -0.5], "but must be at most 0;"),
    Setting(
        "Adafactor",
        {"params": _one},
        "eps",
        [(-1, 0), (None, -1)],
        [(None, 0), (0, 0.1)],
        "but must hold no negative number;",
    ),
    Setting("Adafactor", {"params": _one}, "d", [0.9], [1, 1.5], "but must be at least 1;"),
    Setting(
        "Muon",
        {"params": _one},
        "adjust_lr_fn",
        ["x"],
        ["original", "match_rms_adamw", None],
        "but must be 'original', 'match_rms_adamw' or None;",
    ),
    # Schedules.
    Setting("StepLR", {"optimizer": _sgd}, "step_size", *_COUNT, "but must be at least 1;"),
    Setting("LinearLR", {"optimizer": _sgd}, "start_factor", [0, 1.1], [0.1, 1], "but must lie in (0, 1];"),
    Setting("LinearLR", {"optimizer": _sgd}, "end_factor", [-0.1, 1.1], [0, 1], "but must lie in [0, 1];"),
    Setting("LinearLR", {"optimizer": _sgd}, "total_iters", *_COUNT, "but must be at least 1;"),
    Setting("PolynomialLR", {"optimizer": _sgd}, "total_iters", *_COUNT, "but must be at least 1;"),
    Setting("CosineAnnealingLR", {"optimizer": _sgd}, "T_max", *_COUNT, "but must be at least 1;"),
    Setting("WarmupCosine", {"optimizer": _sgd, "total": 3}, "warmup", [-1], [0, 2], "but must be at least 0;"),
    Setting("WarmupCosine", {"optimizer": _sgd, "warmup": 3}, "total", [3], [4], "but must be above warmup, 3;"),
    Setting("OneCycleLR", {"optimizer": _sgd, "max_lr": 0.1}, "total_steps", *_COUNT, "but must be at least 1;"),
    Setting(
        "OneCycleLR",
        {"optimizer": _sgd, "max_lr": 0.1, "total_steps": 9},
        "pct_start",
        [-0.1, 1.1],
        [0, 1],
        "but must lie in [0, 1];",
    ),
    Setting(
        "OneCycleLR",
        {"optimizer": _sgd, "max_lr": 1, "total_steps": 9},
        "anneal_strategy",
        ["x"],
        ["cos", "linear"],
        "but must be cos or linear;",
    ),
    Setting(
        "CyclicLR",
        {"optimizer": _sgd, "base_lr": 0.1, "max_lr": 1},
        "mode",
        ["x"],
        ["triangular", "exp_range"],
        "but must be one of triangular, triangular2, exp_range;",
    ),
    Setting(
        "CyclicLR",
        {"optimizer": _sgd, "base_lr": 0.1, "max_lr": 1},
        "scale_mode",
        ["x"],
        ["cycle", "iterations"],
        "must be cycle or iterations;",
    ),
    *(
        Setting(
            "CyclicLR",
            {"optimizer": _sgd, "base_lr": 0.1, "max_lr": 1},
            name,
            [[0.1, 0.2]],
            [[0.1]],
            "must hold one number for each of 1 groups;",
        )
        for name in ("base_lr", "max_lr", "base_momentum", "max_momentum")
    ),
    *(
        Setting(
            "OneCycleLR",
            {"optimizer": _sgd, "max_lr": 1, "total_steps": 9},
            name,
            [[0.1, 0.2]],
            [[0.1]],
            "must hold one number for each of 1 groups;",
        )
        for name in ("max_lr", "base_momentum", "max_momentum")
    ),
    Setting("ReduceLROnPlateau", {"optimizer": _sgd}, "factor", [1, 1.5], [0.9], "but must be below 1;"),
    Setting("ReduceLROnPlateau", {"optimizer": _sgd}, "mode", ["least"], ["min", "max"], "but must be min or max;"),
    Setting(
        "ReduceLROnPlateau", {"optimizer": _sgd}, "threshold_mode", ["x"], ["rel", "abs"], "but must be rel or abs;"
    ),
    Setting(
        "ReduceLROnPlateau",
        {"optimizer": _sgd},
        "min_lr",
        [[0.1, 0.2]],
        [[0.1]],
        "must hold one number for each of 1 groups;",
    ),
]


def setting_checks() -> Iterator[tuple[str, Callable[[int], None]]]:
    """A check for each kind of layer, optimizer and schedule: its settings at their bounds."""
    for kind, settings in groupby(sorted(SETTINGS, key=lambda s: s.kind), key=lambda s: s.kind):
        yield f"{kind} settings", partial(_bounded, list(settings))


def _bounded(settings: Sequence[Setting], seed: int) -> None:
    for setting in settings:
        for value in setting.taken:
            try:
                _make(setting, value)
            except InputError as error:
                raise Detected(
                    f"{setting.kind} with {setting.name}={value!r}: expected a layer, got: {error}"
                ) from error
        for value in setting.refused:
            what = f"{setting.kind} with {setting.name}={value!r}: expected InputError"
            said = refusal(what, partial(_make, setting, value))
            layer, _, sentence = said.partition(": ")
            named = re.search(rf"\b{setting.name}\b", sentence) and str(value) in sentence and setting.rule in sentence
            require(layer == setting.kind and bool(named), f"{what} that says so, got: {said}")


def refusal(what: str, call: Callable[[], Any]) -> str:
    """What the call is refused with. Raises Detected if it is not."""
    try:
        call()
    except InputError as error:
        return str(error)
    except Exception as error:
        raise Detected(f"{what}, got {type(error).__name__}: {error}") from error
    raise Detected(f"{what}, got an answer")


def _make(setting: Setting, value: Any) -> Any:
    kind, rng = getattr(nn, setting.kind), np.random.default_rng(0)
    base = {name: given(rng) if callable(given) else given for name, given in setting.base.items()}
    draws = {"rng": rng} if "rng" in inspect.signature(kind).parameters else {}
    if setting.kind == "Parallel":
        return kind(nn.Tanh(), **{setting.name: value})
    return kind(**draws, **(base | {setting.name: value}))
