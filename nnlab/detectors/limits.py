"""Inputs at which a formula that is written down without care overflows, cancels, divides by zero or ties.

The detector `reference` compares values there as well as on the random inputs of the cases, and `contract` asks that
zeros give gradients of zeros, so not of NaN. They are of their own, for a gradient check must keep away from most of
them. What no case has is here too: masks for each head, paddings, rows and singular vectors that the forward itself
shortens (backward takes them as they then are), a quantizer given z alone.
"""

from nnlab import nn
from nnlab.detectors.subjects import LayerSubject
from nnlab.nn import Case, Conv1d, Fixed, Linear, Normal

_FAR = Fixed([-1000.0, -40.0, 0.0, 40.0, 1000.0])
_ROWS = Fixed([[1000.0, -1000.0, 999.0], [0.0, 0.0, 0.0], [-1000.0, -1000.0, -1001.0]])
#: Far from 0 against their spread: the mean of squares less the square of the mean has no digit right.
_OFFSET = Fixed([[1e5, 1e5 + 1, 1e5 + 5], [-2e5, -2e5 + 4, -2e5 + 2]])
_OFFSET_COLUMNS = Fixed([[1e5, -3e5], [1e5 + 1, -3e5 + 2], [1e5 + 5, -3e5 + 4]])
_OFFSET_PICTURES = Fixed([[[[1e5, 1e5 + 1, 1e5 + 5]], [[-2e5, -2e5 + 4, -2e5 + 2]]]])
_TIES = Fixed([[1.0, 1.0, 2.0, 2.0, -3.0, -3.0]])
_TIED_PLANE = Fixed([[[1.0, 1.0, 2.0, 2.0], [1.0, 0.0, 2.0, 2.0], [-1.0, -1.0, 0.0, -2.0], [-1.0, -1.0, 0.0, 0.0]]])
_TOKENS = [[[1.0, -2.0, 0.5, 3.0], [0.0, 1.5, -1.0, 2.0]], [[2.0, 0.5, 1.0, -1.0], [-3.0, 1.0, 0.25, 0.5]]]
_MASKED_ROW = Fixed([[True, True], [False, True]])
_LATER = Fixed([[False, True], [False, False]])
_PADDED = Fixed([[False, True], [False, False]])
_BIAS_PADDED = Fixed([[0.0, -float("inf")], [1.5, -0.5]])
#: One for each of 2 samples and 2 heads.
_BIASES = Fixed([[[1.0, n], [-n, 2.0]] for n in (0.5, -1.0, 2.0, 3.0)])
_LOUD = Fixed([[2000.0, -3000.0], [1000.0, 500.0], [-1000.0, 700.0]])
_PAIRS = Fixed([[1.0, 2.0], [3.0, -1.0], [0.5, -4.0]])

LIMITS: dict[str, tuple[Case, ...]] = {
    # activations
    "CELU": (Case(0.5, x=_FAR),),
    "ELU": (Case(0.5, x=_FAR),),
    "GELU": (Case(x=_FAR), Case("tanh", x=_FAR)),
    "GLU": (Case(x=Fixed([[2.0, -3.0, 1000.0, -1000.0]])),),
    "Hardshrink": (Case(0.5, x=Fixed([-0.5, 0.0, 0.5])),),
    "Hardsigmoid": (Case(x=Fixed([-1000.0, -3.0, 3.0, 1000.0])),),
    "Hardswish": (Case(x=Fixed([-1000.0, -3.0, 3.0, 1000.0])),),
    "Hardtanh": (Case(-0.5, 2.0, x=Fixed([-1000.0, -0.5, 2.0, 1000.0])),),
    "LeakyReLU": (Case(x=_FAR),),
    "LogSigmoid": (Case(x=_FAR),),
    "LogSoftmax": (Case(-1, x=_ROWS),),
    "Mish": (Case(x=_FAR),),
    "ReLU": (Case(x=_FAR),),
    "SELU": (Case(x=_FAR),),
    "SiLU": (Case(x=_FAR),),
    "Sigmoid": (Case(x=_FAR),),
    "Softmax": (Case(-1, x=_ROWS),),
    "Softmin": (Case(-1, x=_ROWS),),
    "Softplus": (Case(x=_FAR), Case(2.0, 3.0, x=Fixed([1.5, -1.5])), Case(-2.0, 3.0, x=_FAR)),
    "Softshrink": (Case(0.5, x=Fixed([-0.5, 0.0, 0.5])),),
    "Softsign": (Case(x=_FAR),),
    "Tanh": (Case(x=_FAR),),
    "Threshold": (Case(0.5, 7.0, x=Fixed([0.5, 0.75])),),
    # layers with parameters
    "BatchNorm1d": (Case(2, x=_OFFSET_COLUMNS),),
    "BatchNorm2d": (Case(2, x=_OFFSET_PICTURES),),
    "Embedding": (Case(4, 3, None, 0.5, x=Fixed([[0, 3], [3, 1]])), Case(4, 3, 0, 0.75, 1.5, x=Fixed([3, 0, 0, 2]))),
    "EmbeddingBag": (
        Case(4, 3, 0.5, x=Fixed([[0, 3], [3, 1]])),
        Case(4, 3, 0.75, 1.5, mode="max", padding_idx=0, x=[Fixed([3, 0, 0, 2, 3]), Fixed([0, 1, 3, 3])]),
    ),
    "GRUCell": (Case(1, 2, x=Fixed([[4e3], [-4e3]])),),
    "GroupNorm": (Case(2, 2, x=_OFFSET_PICTURES),),
    "InstanceNorm2d": (Case(2, x=_OFFSET_PICTURES),),
    "LSTMCell": (Case(1, 2, x=Fixed([[4e3], [-4e3]])),),
    "LayerNorm": (Case(3, x=_OFFSET), Case(2, x=Fixed([[3.0, 3.0]]))),
    "MultiheadAttention": (
        Case(
            2,
            1,
            x=[
                Fixed([[[2000.0, -3000.0]], [[1.0, 2.0]]]),
                Fixed([[[1000.0, 500.0]], [[-1000.0, 700.0]]]),
                Fixed([[[1.0, 2.0]], [[3.0, -1.0]]]),
                Fixed(None),
                Fixed(True),
                _MASKED_ROW,
            ],
        ),
        Case(
            4,
            2,
            batch_first=True,
            x=[
                Fixed(_TOKENS),
                Fixed(_TOKENS[::-1]),
                Fixed(_TOKENS),
                Fixed(None),
                Fixed(True),
                _BIASES,
            ],
        ),
    ),
    "RMSNorm": (Case(2, x=Fixed([[0.0, 0.0], [1e-9, 0.0]])),),
    "SelfAttention": (Case(2, x=Fixed([[[2000.0, -3000.0], [1000.0, 500.0], [-1000.0, 700.0]]])),),
    "SpectralNorm": (
        Case(lambda rng: Linear(4, 3, rng=rng), n_power_iterations=2, x=Fixed([[1.0, -2.0, 0.5, 3.0]])),
        Case(lambda rng: Conv1d(2, 4, 2, rng=rng), dim=1, eps=8.0, x=Fixed([[[1.0, -2.0], [0.5, 3.0]]])),
    ),
    "Squash": (Case(x=Fixed([[0.0, 0.0], [1e9, -1e9]])),),
    # of one paper each
    "GATConv": (
        Case(2, 3, 2, x=[Fixed([[1000.0, -500.0], [-2000.0, 700.0], [0.0, 0.0]]), Fixed([[0, 1, 2], [1, 2, 2]])]),
    ),
    "Hopfield": (Case(2.0, 2, x=[Fixed([[1000.0, -1000.0], [0.0, 0.0]]), Fixed([[30.0, 40.0], [-1000.0, 999.0]])]),),
    "KANLayer": (Case(3, 2, x=Fixed([[-1.0, 1.0, -0.6], [0.2, -5.0, 5.0], [-2.2, 2.2, 1.4]])),),
    "MixtureDensity": (Case(2, 1, 3, x=Fixed([[1000.0, -2000.0], [0.0, 0.0]])),),
    "NTMHead": (
        Case(2, 3, x=[Normal((6, 2), 800.0), Normal((6, 3, 3), 1e6), Fixed([[0.0, 1.0, 0.0]] * 6)]),
        Case(1, 1, 0, x=[Fixed([0.0]), Fixed([[0.0], [1e-9], [-2.0]]), Fixed([1.0, 0.0, 0.0])]),
    ),
    "RBF": (Case(2, 3, x=Fixed([[1e5, 0.0], [0.0, 0.0]])),),
    "Reparameterize": (Case(True, x=[Fixed([[0.0, 0.0]]), Fixed([[1e-3, -1e-3]])], train=False),),
    "SoftSort": (Case(x=_TIES), Case(0.1, x=_ROWS)),
    "SqueezeExcite": (Case(2, 1, x=Fixed([[[[1e4, 2e4]], [[-3e4, 0.0]]]])),),
    "VectorQuantizer": (Case(5, 3, x=Normal((2, 4, 3))),),
    # attention, positions, transformers
    "ALiBi": (Case(3, x=Fixed([[[1.0, -2.0]]] * 3)), Case(12, x=Fixed([[[0.5, 1.0], [2.0, -1.0], [0.0, 3.0]]] * 12))),
    "AdditiveAttention": (
        Case(2, 2, 3, x=[_LOUD, _PAIRS, _PAIRS, Fixed([[1000.0, -1000.0, 999.0]] * 3)]),
        Case(
            4, 4, 1, x=[Fixed(_TOKENS), Fixed(_TOKENS), Fixed(_TOKENS), Fixed([[[0.0, -1.0]], [[-float("inf"), 2.0]]])]
        ),
    ),
    "FeedForward": (Case(2, 3, 0.0, "gelu", x=_LOUD),),
    "GroupedQueryAttention": (
        Case(4, 2, 1, x=[Fixed(_TOKENS), Fixed([[[[0.5, -1.0], [2.0, 0.0]]], [[[-float("inf"), 0.0], [1.0, -3.0]]]])]),
        Case(2, 1, 1, x=Fixed([[[2000.0, -3000.0], [1000.0, 500.0], [-1000.0, 700.0]]])),
    ),
    "LinearAttention": (
        Case(x=[_LOUD, Fixed([[-1000.0, -1000.0], [-40.0, 0.0], [800.0, -1000.0]]), _PAIRS]),
        Case(eps=0.0, x=[_PAIRS, Fixed([[-15.0, -15.0], [-15.5, -15.5], [-16.0, -16.0]]), _PAIRS]),
    ),
    "LlamaDecoderLayer": (Case(4, 2, 1, 3, x=Fixed([[[0.0] * 4, [1e-3, 0.0, 0.0, 0.0], [900.0, 1.0, -900.0, 0.0]]])),),
    "MixtureOfExperts": (
        Case(2, 4, 2, 3, 0.0, x=Fixed([[0.0, 0.0], [1.0, 2.0], [1000.0, -2000.0]])),
        Case(2, 3, 1, 3, 0.0, x=Fixed([[0.0, 0.0], [0.5, 2.0]])),
    ),
    "RotaryEmbedding": (Case(2, x=[_PAIRS, Fixed(-1)]),),
    "ScaledDotProductAttention": (
        Case(x=[_LOUD, _PAIRS, _PAIRS]),
        Case(scale=0.0, x=[_LOUD, _PAIRS, _PAIRS]),
        Case(
            is_causal=True,
            enable_gqa=True,
            x=[Fixed(_TOKENS[:1] * 4), Fixed(_TOKENS[1:] * 2), Fixed([[[1.0], [-2.0]], [[0.5], [3.0]]])],
        ),
    ),
    "SinusoidalPositionalEncoding": (Case(1, x=Fixed([[0.0], [1.0]])), Case(2, 1.0, x=_PAIRS)),
    "SlidingWindowAttention": (Case(1, x=[_LOUD, _PAIRS, _PAIRS]), Case(0, x=[_PAIRS, _LOUD, _PAIRS])),
    "TransformerDecoderLayer": (
        Case(
            4,
            2,
            3,
            0.0,
            x=[Fixed(_TOKENS), Fixed(_TOKENS[::-1]), Fixed(None), Fixed(None), _PADDED, _PADDED],
        ),
        Case(
            4,
            2,
            3,
            0.0,
            batch_first=True,
            x=[Fixed(_TOKENS), Fixed(_TOKENS[::-1]), _BIASES, _BIASES, _BIAS_PADDED, _BIAS_PADDED],
        ),
    ),
    "TransformerEncoderLayer": (
        Case(4, 2, 3, 0.0, x=[Fixed(_TOKENS), _LATER, _PADDED, Fixed(True)]),
        Case(4, 2, 3, 0.0, batch_first=True, norm_first=True, x=[Fixed(_TOKENS), _BIASES, _BIAS_PADDED]),
    ),
    # windows
    "AdaptiveMaxPool2d": (Case(2, True, x=_TIED_PLANE),),
    "AvgPool2d": (
        Case(3, 2, 1, count_include_pad=False, divisor_override=7, x=Normal((1, 2, 4, 5))),
        Case((3, 2), 2, (1, 0), True, x=Normal((2, 1, 4, 5))),
    ),
    "ConvTranspose1d": (Case(2, 2, 3, dilation=2, x=Normal((2, 2, 4))),),
    "LPPool2d": (Case(2, 2, x=Fixed([[[0.0, 0.0], [0.0, 0.0]]])),),
    "MaxPool1d": (Case(2, return_indices=True, x=_TIES),),
    "MaxPool2d": (
        Case(2, return_indices=True, x=_TIED_PLANE),
        Case(2, 2, 1, ceil_mode=True, x=Normal((1, 2, 5, 3))),
    ),
    "Upsample": (
        Case(None, 2.4, x=Fixed([[[[1.0, 2.0], [3.0, 4.0]]]])),
        Case(None, 1.4, "linear", x=Fixed([[[1.0, 2.0]]])),
    ),
    # losses
    "BCELoss": (Case(reduction="none", x=[Fixed([0.0, 1.0, 0.0, 1.0]), Fixed([0.0, 1.0, 1.0, 0.0])]),),
    "BCEWithLogitsLoss": (Case(reduction="none", x=[_FAR, Fixed([0.0, 1.0, 0.5, 0.5, 0.0])]),),
    "CTCLoss": (
        Case(reduction="none", x=[Fixed([[0.5, -1.0], [0.0, 2.0]]), Fixed([1, 1]), Fixed(2), Fixed(2)]),
        Case(zero_infinity=True, x=[Fixed([[0.5, -1.0], [0.0, 2.0]]), Fixed([1, 1]), Fixed(2), Fixed(2)]),
    ),
    "CapsuleMarginLoss": (Case(x=[Fixed([[[0.0, 0.0], [0.0, 0.0]]]), Fixed([[1, 0]])]),),
    "CosineEmbeddingLoss": (
        Case(
            reduction="none",
            x=[Fixed([[0.0, 0.0], [1e-6, 1e-6]]), Fixed([[1.0, 2.0], [1e-6, 2e-6]]), Fixed([1, -1])],
        ),
    ),
    "CrossEntropyLoss": (
        Case(reduction="none", x=[_ROWS, Fixed([1, 2, 0])]),
        Case(x=[Fixed([[-float("inf"), 0.0, 1.0]]), Fixed([1])]),
        Case(reduction="none", x=[_ROWS, Fixed([[0.25, 0.75, 0.0], [1.0, 0.0, 0.0], [0.5, 0.0, 0.5]])]),
    ),
    "DiceLoss": (Case(x=[Fixed([[0.0, 0.0]]), Fixed([[0.0, 0.0]])]),),
    "FocalLoss": (Case(reduction="none", x=[_FAR, Fixed([1, 0, 1, 0, 1])]),),
    "GaussianNLLLoss": (Case(reduction="none", x=[Fixed([0.5, 1.0]), Fixed([0.0, 1.0]), Fixed([0.0, 1e-7])]),),
    "InfoNCELoss": (Case(x=[Fixed([[1000.0, 0.0], [30.0, 40.0]]), Fixed([[-1000.0, 0.0], [500.0, 1.0]])]),),
    "KLDivLoss": (Case(reduction="none", x=[Fixed([-1.0, -2.0]), Fixed([0.0, 1.0])]),),
    "MixtureDensityLoss": (
        Case(x=[Fixed([-1.0, -2.0]), Fixed([[0.0], [9.0]]), Fixed([0.0, -5.0]), Fixed([1000.0])]),
        Case(x=[Fixed([-1000.0, 0.0]), Fixed([[0.0], [9.0]]), Fixed([-30.0, 30.0]), Fixed([0.0])]),
    ),
    "PoissonNLLLoss": (
        Case(full=True, reduction="none", x=[Fixed([1.0, -1.0, 0.5]), Fixed([0.0, 1.0, 2.0])]),
        Case(False, reduction="none", x=[Fixed([0.0, 0.0]), Fixed([0.0, 2.0])]),
    ),
    "SmoothL1Loss": (Case(reduction="none", beta=0.0, x=[Fixed([1.0, 2.0]), Fixed([1.0, 0.0])]),),
    "SoftMarginLoss": (Case(reduction="none", x=[_FAR, Fixed([1, -1, 1, 1, -1])]),),
    "TripletMarginLoss": (Case(x=[Fixed([[1.0, 2.0]]), Fixed([[1.0, 2.0]]), Fixed([[1.0, 2.0]])]),),
}


def limit_subjects() -> list[tuple[str, LayerSubject]]:
    """Every layer at its limits, each with a name of its own."""
    return [
        (f"{name} at limit {i}", LayerSubject(getattr(nn, name), case))
        for name, cases in LIMITS.items()
        for i, case in enumerate(cases)
    ]
