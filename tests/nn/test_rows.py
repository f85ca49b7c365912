"""Which layers say that their rows are independent, from which rank of input on, and that it is so."""

import pytest

from nnlab.contracts import check
from nnlab.nn.elementwise import Elementwise
from tests.nn.subjects import LAYERS, SUBJECTS, Subject

ROWS: dict[int, str] = {
    1: "AlphaDropout DropPath Dropout Dropout2d GELU Sigmoid Tanh",
    2: "AffineCoupling Bilinear FeedForward GEGLU GroupNorm Highway HyperLinear KANLayer Linear LoRALinear Maxout "
    "MixtureDensity PReLU RBF Reparameterize SoftSort Squash SwiGLU",
    3: "AdaptiveAvgPool1d AvgPool1d CapsuleLayer CausalConv1d Conv1d ConvTranspose1d DiagonalSSM Fold "
    "GroupedQueryAttention Hopfield LearnedPositionalEmbedding LinearAttention LlamaDecoderLayer "
    "LocalResponseNorm MaxPool1d RotaryEmbedding ScaledDotProductAttention SelfAttention "
    "SinusoidalPositionalEncoding SlidingWindowAttention Upsample",
    4: "ALiBi AdaptiveAvgPool2d AdaptiveMaxPool2d AvgPool2d Conv2d ConvTranspose2d DepthwiseSeparableConv2d "
    "InstanceNorm2d LPPool2d MaxPool2d PixelShuffle ReflectionPad2d ReplicationPad2d SqueezeExcite Unfold "
    "ZeroPad2d",
    5: "Conv3d",
}
CLAIMS = {name: rank for rank, names in ROWS.items() for name in names.split()}
CLAIMS |= {layer.__name__: 1 for layer in LAYERS if issubclass(layer, Elementwise)}
NORMALIZED = ("LayerNorm", "RMSNorm")


def test_only_layers_of_the_library_are_in_the_table() -> None:
    assert CLAIMS.keys() <= {layer.__name__ for layer in LAYERS}


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_rows_are_independent_where_the_layer_says_so(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    claim = CLAIMS.get(subject.layer.__name__)
    if subject.layer.__name__ in NORMALIZED:
        claim = len(module.normalized_shape) + 1
    assert module.rows_from == claim
    report = check(module, *inputs, contracts=["rows-independent"])
    assert report.violations == ()
    has_rows = claim is not None and inputs[0].ndim >= claim and inputs[0].shape[0] > 1
    assert report.kept == (("rows-independent",) if has_rows else ())
