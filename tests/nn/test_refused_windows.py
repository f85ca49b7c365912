"""Settings and sizes that the layers of pictures, signals and shapes refuse, and in which words."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)


def zeros(*shape: int) -> Any:
    return np.zeros(shape)


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: nn.Conv1d(2, 2, 2, padding="full", rng=RNG),  # type: ignore[arg-type]
        "Conv1d: padding is 'full' but must be 'same', 'valid' or numbers; choose one",
    ),
    (
        lambda: nn.Conv2d(2, 2, 2, (1, 2), "same", rng=RNG),
        "Conv2d: padding='same' cannot keep the size of x at stride (1, 2); use stride 1, or pad by numbers",
    ),
    (
        lambda: nn.Conv3d(2, 2, 2, padding_mode="mirror", rng=RNG),  # type: ignore[arg-type]
        "Conv3d: padding_mode is 'mirror' but must be 'zeros', 'reflect', 'replicate' or 'circular'; "
        "choose one of them",
    ),
    (lambda: nn.Conv3d(2, 2, (2, 2), rng=RNG), "Conv3d: (2, 2) must be one number or 3; drop the others"),
    (lambda: nn.Conv2d(2, 2, 2, (1, 2, 3), rng=RNG), "Conv2d: (1, 2, 3) must be one number or 2; drop the others"),
    (lambda: nn.Conv1d(2, 2, 2, padding=(0, 1), rng=RNG), "Conv1d: (0, 1) must be one number or 1; drop the others"),
    (lambda: nn.Conv1d(2, 2, 2, dilation=(2, 1), rng=RNG), "Conv1d: (2, 1) must be one number or 1; drop the others"),
    (
        lambda: nn.Conv1d(0, 2, 2, rng=RNG),
        "Conv1d: in_channels=0 and out_channels=2 must be at least 1; raise them",
    ),
    (
        lambda: nn.ConvTranspose2d(2, 0, 2, rng=RNG),
        "ConvTranspose2d: in_channels=2 and out_channels=0 must be at least 1; raise them",
    ),
    (
        lambda: nn.Conv2d(1, 1, 2, padding=(1, 3), padding_mode="reflect", rng=RNG)(zeros(1, 1, 4, 3)),
        "Conv2d: margins of (3, 3) are more than the 2 entries that padding_mode='reflect' can take from 3 of x; "
        "lower padding or enlarge x",
    ),
    (
        lambda: nn.Conv1d(1, 1, 6, padding="same", padding_mode="circular", rng=RNG)(zeros(1, 1, 2)),
        "Conv1d: margins of (2, 3) are more than the 2 entries that padding_mode='circular' can take from 2 of x; "
        "lower padding or enlarge x",
    ),
    (
        lambda: nn.Conv2d(1, 1, 1, padding=1, rng=RNG)(zeros(2, 1, 3, 0)),
        "Conv2d: x has shape (2, 1, 3, 0), without entries to lay a kernel on; leave such inputs out of the batch",
    ),
    (
        lambda: nn.ConvTranspose1d(1, 1, 1, rng=RNG)(zeros(2, 1, 0)),
        "ConvTranspose1d: x has shape (2, 1, 0), without entries to lay a kernel on; "
        "leave such inputs out of the batch",
    ),
    (
        lambda: nn.ConvTranspose1d(2, 2, (1, 2), rng=RNG),
        "ConvTranspose1d: (1, 2) must be one number or 1; drop the others",
    ),
    (
        lambda: nn.ConvTranspose1d(2, 2, 2, output_padding=(0, 0), rng=RNG),
        "ConvTranspose1d: (0, 0) must be one number or 1; drop the others",
    ),
    (
        lambda: nn.ConvTranspose2d(2, 2, 2, padding=(0, -1), rng=RNG),
        "ConvTranspose2d: padding must not be negative but is (0, -1); slice the input instead",
    ),
    (
        lambda: nn.ConvTranspose2d(2, 2, 2, (3, 1), dilation=(1, 2), output_padding=(1, 2), rng=RNG),
        "ConvTranspose2d: output_padding (1, 2) must not be negative and be less than the larger of stride and "
        "dilation (3, 2); pad the output instead",
    ),
    (
        lambda: nn.ConvTranspose1d(2, 2, 2, 2, output_padding=-1, rng=RNG),
        "ConvTranspose1d: output_padding (-1,) must not be negative and be less than the larger of stride and "
        "dilation (2,); pad the output instead",
    ),
    (
        lambda: nn.ConvTranspose1d(4, 3, 2, groups=2, rng=RNG),
        "ConvTranspose1d: groups=2 must divide in_channels=4 and out_channels=3; choose a common divisor",
    ),
    (
        lambda: nn.ConvTranspose1d(2, 2, 2, padding_mode="reflect", rng=RNG),  # type: ignore[arg-type]
        "ConvTranspose1d: padding_mode is 'reflect' but a transposed convolution has 'zeros' only; leave it out",
    ),
    (
        lambda: nn.ConvTranspose2d(1, 1, 2, padding=(1, 2), rng=RNG)(zeros(1, 1, 2, 3)),
        "ConvTranspose2d: padding (1, 2) leaves sizes of (1, 0) from (2, 3) entries of x; lower padding",
    ),
    (
        lambda: nn.ConvTranspose2d(1, 1, 2, 3, rng=RNG)(zeros(1, 1, 2, 2), (1, 5, 6)),
        "ConvTranspose2d: output_size (1, 5, 6) must have 2 sizes, or 4 with batch and channels; name each of them",
    ),
    (
        lambda: nn.ConvTranspose2d(1, 1, 2, (3, 2), (0, 1), rng=RNG)(zeros(1, 1, 2, 3), (1, 1, 7, 6)),
        "ConvTranspose2d: output_size (1, 1, 7, 6) must lie between (5, 4) and (7, 5), which x and stride allow; "
        "choose such a size",
    ),
    (
        lambda: nn.ConvTranspose1d(1, 1, 2, 3, rng=RNG)(zeros(1, 1, 2), [4]),
        "ConvTranspose1d: output_size (4,) must lie between (5,) and (7,), which x and stride allow; "
        "choose such a size",
    ),
    (lambda: nn.CausalConv1d(2, 2, (2, 3), rng=RNG), "CausalConv1d: (2, 3) must be one number or 1; drop the others"),
    (lambda: nn.MaxPool1d((2, 3)), "MaxPool1d: (2, 3) must be one number or 1; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.MaxPool2d(2, (1, 2, 3)), "MaxPool2d: (1, 2, 3) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.AvgPool2d(2, 1, (1, 0, 1)), "AvgPool2d: (1, 0, 1) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.MaxPool1d(2, dilation=(1, 2)), "MaxPool1d: (1, 2) must be one number or 1; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.MaxPool2d((2, 0)), "MaxPool2d: kernel_size must be at least 1 but is (2, 0); raise it"),
    (lambda: nn.AvgPool2d(2, 0), "AvgPool2d: stride must be at least 1 but is (0, 0); raise it"),
    (lambda: nn.MaxPool1d(2, dilation=0), "MaxPool1d: dilation must be at least 1 but is (0,); raise it"),
    (
        lambda: nn.AvgPool1d(2, padding=-1),
        "AvgPool1d: padding must not be negative but is (-1,); slice the input instead",
    ),
    (
        lambda: nn.MaxPool2d((2, 3), padding=(1, 2)),
        "MaxPool2d: padding (1, 2) is more than half of kernel_size (2, 3); lower it or enlarge the kernel",
    ),
    (
        lambda: nn.MaxPool2d(3, dilation=2)(zeros(5, 4)),
        "MaxPool2d: the dilated kernel spans (5, 5) but the padded input only (5, 4); "
        "raise padding or shrink the kernel",
    ),
    (
        lambda: nn.AvgPool1d(5, padding=1)(zeros(2)),
        "AvgPool1d: the dilated kernel spans (5,) but the padded input only (4,); raise padding or shrink the kernel",
    ),
    (
        lambda: nn.AvgPool2d(2, divisor_override=0),
        "AvgPool2d: divisor_override must not be 0; choose another number, or leave it out",
    ),
    (lambda: nn.AdaptiveAvgPool2d((2, 0)), "AdaptiveAvgPool2d: output_size must be at least 1 but is (2, 0); raise it"),
    (lambda: nn.AdaptiveAvgPool1d(0), "AdaptiveAvgPool1d: output_size must be at least 1 but is (0,); raise it"),
    (
        lambda: nn.AdaptiveMaxPool2d((1, 2, 3)),  # type: ignore[arg-type]
        "AdaptiveMaxPool2d: (1, 2, 3) must be one number or 2; drop the others",
    ),
    (
        lambda: nn.Unfold(3)(zeros(1, 2, 5)),
        "Unfold: the dilated kernel spans (3, 3) but the padded input only (2, 5); raise padding or shrink the kernel",
    ),
    (lambda: nn.Unfold(2, stride=0), "Unfold: stride must be at least 1 but is (0, 0); raise it"),
    (lambda: nn.Unfold((1, 2, 3)), "Unfold: (1, 2, 3) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.Unfold(2, (1, 2, 1)), "Unfold: (1, 2, 1) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.Unfold(2, 1, (0, 1, 0)), "Unfold: (0, 1, 0) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.Fold(9, 2, stride=(2, 1, 2)), "Fold: (2, 1, 2) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (lambda: nn.Fold((4, 5, 6), 2), "Fold: (4, 5, 6) must be one number or 2; drop the others"),  # type: ignore[arg-type]
    (
        lambda: nn.Fold(3, 2)(zeros(6, 4)),
        "Fold: x has 6 rows, which do not divide into 4 taps; unfold with the same kernel_size",
    ),
    (lambda: nn.PixelShuffle(0), "PixelShuffle: upscale_factor must be at least 1 but is 0; raise it"),
    (
        lambda: nn.PixelShuffle(3)(zeros(12, 2, 2)),
        "PixelShuffle: 12 channels do not divide into 3×3 pixels; make them a multiple of 9",
    ),
    (lambda: nn.ZeroPad2d((1, 2)), "ZeroPad2d: (1, 2) must be one number or 4; drop the others"),
    (
        lambda: nn.ZeroPad2d((0, 0, -1, -2))(zeros(3, 4)),
        "ZeroPad2d: padding (0, 0, -1, -2) leaves nothing of 3×4; cut off less",
    ),
    (
        lambda: nn.ReplicationPad2d((-2, -2, 0, 0))(zeros(3, 4)),
        "ReplicationPad2d: padding (-2, -2, 0, 0) leaves nothing of 3×4; cut off less",
    ),
    (
        lambda: nn.ReflectionPad2d((0, 0, 3, 0))(zeros(3, 4)),
        "ReflectionPad2d: padding (0, 0, 3, 0) reaches beyond the mirror image of 3 entries; keep it below 3",
    ),
    (
        lambda: nn.ReflectionPad2d((0, 4, 0, 0))(zeros(3, 4)),
        "ReflectionPad2d: padding (0, 4, 0, 0) reaches beyond the mirror image of 4 entries; keep it below 4",
    ),
    (
        lambda: nn.Upsample(3, mode="cubic"),  # type: ignore[arg-type]
        "Upsample: mode is 'cubic' but must be 'nearest', 'linear' or 'bilinear'; choose one of them",
    ),
    (
        lambda: nn.Upsample(),
        "Upsample: size is None and scale_factor is None but one must be given; leave the other out",
    ),
    (
        lambda: nn.Upsample(3, 2.0),
        "Upsample: size is 3 and scale_factor is 2.0 but one must be given; leave the other out",
    ),
    (
        lambda: nn.Upsample(3, align_corners=False),
        "Upsample: align_corners is for the modes 'linear' and 'bilinear'; leave it out",
    ),
    (
        lambda: nn.Upsample(0)(zeros(1, 2, 3)),
        "Upsample: (3,) entries would become (0,); choose a larger size or scale_factor",
    ),
    (lambda: nn.Upsample((3, 4))(zeros(1, 2, 3)), "Upsample: (3, 4) must be one number or 1; drop the others"),
    (
        lambda: nn.Upsample(scale_factor=(0.4, 1.0))(zeros(1, 1, 2, 3)),
        "Upsample: (2, 3) entries would become (0, 3); choose a larger size or scale_factor",
    ),
    (
        lambda: nn.BatchNorm2d(3)(zeros(1, 3, 1, 1)),
        "BatchNorm2d: x has shape (1, 3, 1, 1), one value per channel, which has no variance; "
        "train with more than one row or call eval()",
    ),
    (
        lambda: nn.InstanceNorm2d(3)(zeros(2, 3, 1, 1)),
        "InstanceNorm2d: x has shape (2, 3, 1, 1), one value per channel, which has no variance; "
        "pass larger pictures or track_running_stats and call eval()",
    ),
    (
        lambda: nn.GroupNorm(2, 5),
        "GroupNorm: num_channels=5 does not divide into num_groups=2; make it a multiple",
    ),
    (
        lambda: nn.GroupNorm(0, 5),
        "GroupNorm: num_channels=5 does not divide into num_groups=0; make it a multiple",
    ),
    (lambda: nn.LocalResponseNorm(0), "LocalResponseNorm: size must be at least 1 but is 0; raise it"),
    (
        lambda: nn.Flatten(2, 1)(zeros(2, 3, 4)),
        "Flatten: start_dim 2 comes after end_dim 1 in x of shape (2, 3, 4); exchange them",
    ),
    (
        lambda: nn.Flatten(0, 3)(zeros(2, 3, 4)),
        "Flatten: x has shape (2, 3, 4) and no dimension 3; name one in [-3, 3)",
    ),
    (lambda: nn.Flatten(-3)(zeros(2, 3)), "Flatten: x has shape (2, 3) and no dimension -3; name one in [-2, 2)"),
    (
        lambda: nn.Unflatten(1, (2, 2))(zeros(2, 6)),
        "Unflatten: dimension 1 of x has 6 entries, which do not split into (2, 2); make the sizes multiply to 6",
    ),
    (
        lambda: nn.Unflatten(-1, (4, -1))(zeros(2, 6)),
        "Unflatten: dimension -1 of x has 6 entries, which do not split into (4, -1); make the sizes multiply to 6",
    ),
    (
        lambda: nn.Unflatten(2, (2, 2))(zeros(2, 4)),
        "Unflatten: x has shape (2, 4) and no dimension 2; name one in [-2, 2)",
    ),
    (lambda: nn.Permute((0, 0, 1)), "Permute: dims (0, 0, 1) must name every dimension once; list each of them"),
    (lambda: nn.Permute((0, -3)), "Permute: dims (0, -3) must name every dimension once; list each of them"),
    (lambda: nn.DropPath(-0.1, rng=RNG), "DropPath: p is a probability but is -0.1; choose it in [0, 1]"),
    (lambda: nn.AlphaDropout(1.5, rng=RNG), "AlphaDropout: p is a probability but is 1.5; choose it in [0, 1]"),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message.replace("×", "x") for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
