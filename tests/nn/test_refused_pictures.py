"""Arrays that the layers of pictures, signals and shapes refuse, and in which words."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)

#: A layer, the shape of an input, the shape of one that does not fit, and the rule.
LAYERS: list[tuple[Any, tuple[int, ...], tuple[int, ...], str]] = [
    (nn.MaxPool1d(2), (2, 6), (), "(..., *)"),
    (nn.MaxPool2d(2), (2, 4, 6), (4,), "(..., *, *)"),
    (nn.AvgPool1d(2), (2, 6), (), "(..., *)"),
    (nn.AvgPool2d(2), (2, 4, 6), (4,), "(..., *, *)"),
    (nn.AdaptiveAvgPool1d(2), (2, 6), (), "(..., *)"),
    (nn.AdaptiveAvgPool2d(2), (2, 4, 6), (4,), "(..., *, *)"),
    (nn.AdaptiveMaxPool2d(2), (2, 4, 6), (4,), "(..., *, *)"),
    (nn.LPPool2d(2, 2), (2, 4, 6), (4,), "(..., *, *)"),
    (nn.Unfold(2), (2, 3, 4, 5), (4, 5), "(..., *, *, *)"),
    (nn.Fold((4, 5), 2), (2, 8, 12), (8, 11), "(..., *, 12)"),
    (nn.PixelShuffle(2), (2, 4, 3, 5), (4, 3), "(..., *, *, *)"),
    (nn.ZeroPad2d(1), (2, 3, 4), (3,), "(..., *, *)"),
    (nn.ReplicationPad2d(1), (2, 3, 4), (3,), "(..., *, *)"),
    (nn.ReflectionPad2d(1), (2, 3, 4), (3,), "(..., *, *)"),
    (nn.Upsample(7), (2, 3, 4), (3, 4), "(*, *, *)"),
    (nn.Upsample(7), (2, 3, 4, 5), (2, 3, 4, 5, 6), "(*, *, *, *)"),
    (nn.Upsample(7, mode="linear"), (2, 3, 4), (2, 3, 4, 5), "(*, *, *)"),
    (nn.Upsample(7, mode="bilinear"), (2, 3, 4, 5), (2, 3, 4), "(*, *, *, *)"),
    (nn.Conv3d(2, 3, 2, rng=RNG), (1, 2, 3, 2, 4), (2, 3, 2, 4), "(*, 2, *, *, *)"),
    (nn.ConvTranspose1d(2, 3, 2, rng=RNG), (1, 2, 4), (1, 3, 4), "(*, 2, *)"),
    (nn.ConvTranspose2d(2, 3, 2, rng=RNG), (1, 2, 4, 3), (1, 2, 4), "(*, 2, *, *)"),
    (nn.CausalConv1d(2, 3, 2, rng=RNG), (1, 2, 4), (2, 4), "(*, 2, *)"),
    (nn.BatchNorm2d(3), (2, 3, 4, 5), (2, 3, 4), "(*, 3, *, *)"),
    (nn.GroupNorm(2, 4), (3, 4, 5), (3, 5, 4), "(*, 4, *)"),
    (nn.GroupNorm(2, 4), (3, 4), (4,), "(*, 4)"),
    (nn.InstanceNorm2d(3), (2, 3, 4, 5), (2, 3, 4), "(*, 3, *, *)"),
    (nn.RMSNorm((3, 4)), (2, 3, 4), (2, 4, 3), "(..., 3, 4)"),
    (nn.LocalResponseNorm(2), (2, 3, 4), (2, 3), "(*, *, *)"),
    (nn.Permute((1, 0, 2)), (2, 3, 4), (2, 3), "(*, *, *)"),
    (nn.Dropout2d(rng=RNG), (2, 3, 4, 5), (2, 3, 4), "(*, *, *, *)"),
    (nn.DropPath(rng=RNG), (2, 3), (), "(..., *)"),
]
#: Layers that take any shape.
FREE: list[tuple[Any, tuple[int, ...]]] = [
    (nn.Flatten(), (2, 3, 4)),
    (nn.Unflatten(1, (2, 2)), (2, 4, 3)),
    (nn.AlphaDropout(rng=RNG), (2, 3)),
]
every_layer = pytest.mark.parametrize(("layer", "shape", "wrong", "rule"), LAYERS, ids=lambda a: type(a).__name__)
all_layers = pytest.mark.parametrize(
    ("layer", "shape"), [row[:2] for row in LAYERS] + FREE, ids=lambda a: type(a).__name__
)


def refuses(call: Any, x: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call(x)


@every_layer
def test_the_layer_refuses_an_input_of_another_shape(layer: Any, shape: Any, wrong: Any, rule: str) -> None:
    name = type(layer).__name__
    refuses(
        layer,
        np.zeros(wrong),
        f"{name}: x has shape {wrong} but must have {rule}; reshape it or build the layer for its size",
    )


@all_layers
def test_the_layer_refuses_integers(layer: Any, shape: Any) -> None:
    name = type(layer).__name__
    refuses(
        layer,
        np.zeros(shape, int),
        f"{name}: x must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    )


@all_layers
def test_the_layer_refuses_a_cotangent_of_another_shape(layer: Any, shape: Any) -> None:
    y = layer(np.ones(shape))
    wrong = (*y.shape[:-1], y.shape[-1] + 1)
    refuses(
        layer.backward,
        np.zeros(wrong),
        f"{type(layer).__name__}: dy has shape {wrong} but must have "
        f"({', '.join(map(str, y.shape))}); reshape it or build the layer for its size",
    )


@all_layers
def test_the_layer_refuses_a_cotangent_of_another_precision(layer: Any, shape: Any) -> None:
    y = layer(np.ones(shape))
    refuses(
        layer.backward,
        y.astype(np.float32),
        f"{type(layer).__name__}: dy has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    )


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.BatchNorm2d(3), (2, 3, 4, 5)),
        (nn.GroupNorm(1, 3), (2, 3)),
        (nn.InstanceNorm2d(3), (2, 3, 4, 5)),
        (nn.RMSNorm(3), (3,)),
        (nn.Conv3d(2, 3, 2, rng=RNG), (1, 2, 3, 2, 4)),
        (nn.ConvTranspose1d(2, 3, 2, rng=RNG), (1, 2, 4)),
        (nn.CausalConv1d(2, 3, 2, rng=RNG), (1, 2, 4)),
    ],
    ids=lambda a: type(a).__name__,
)
def test_a_layer_with_parameters_refuses_an_input_of_another_precision(layer: Any, shape: Any) -> None:
    refuses(
        layer,
        np.zeros(shape, np.float32),
        f"{type(layer).__name__}: x has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    )
