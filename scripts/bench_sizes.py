"""At which size each module is timed: sizes of real models, large enough that arithmetic outweighs calls."""

import numpy as np

from nnlab.nn import (
    LayerNorm,
    Linear,
    Tanh,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from nnlab.nn.case import Case, Fixed, Indices, Normal, Signs, Uniform

ROWS = Normal((32, 64, 128))  # (N, T, features)
PICTURES = Normal((8, 16, 32, 32))  # (N, C, H, W)
ROW = Normal((8, 16, 512))  # (N, C, L)
HEADS = Normal((16, 4, 64, 16))  # (N, heads, T, features)
WORDS = Normal((16, 32, 64))  # (N, T, features)

ELEMENTWISE = (
    "CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish PReLU ReLU ReLU6 SELU SiLU "
    "Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink AlphaDropout Dropout DropPath GLU Squash Flatten"
)
OF_PAIRS = "BCEWithLogitsLoss HuberLoss L1Loss MSELoss SmoothL1Loss"
PROBABILITY = Uniform((256, 512), 0.1, 0.9)

SIZES: dict[str, Case] = {
    **{name: Case(x=ROWS) for name in ELEMENTWISE.split()},
    **{name: Case(-1, x=ROWS) for name in ("Softmax", "LogSoftmax", "Softmin")},
    **{name: Case(x=[PROBABILITY, PROBABILITY]) for name in OF_PAIRS.split()},
    "Threshold": Case(0.1, -1.0, x=ROWS),
    "Unflatten": Case(2, (8, 16), x=ROWS),
    "Permute": Case((2, 0, 1), x=ROWS),
    # linear
    "Linear": Case(128, 256, x=ROWS),
    "LoRALinear": Case(128, 256, 8, x=ROWS),
    "Bilinear": Case(32, 24, 16, x=[Normal((64, 32)), Normal((64, 24))]),
    "Maxout": Case(128, 64, 4, x=ROWS),
    "Highway": Case(128, x=ROWS),
    "SwiGLU": Case(128, 256, x=ROWS),
    "GEGLU": Case(128, 256, x=ROWS),
    "Embedding": Case(1000, 64, x=Indices((32, 64), 1000)),
    "EmbeddingBag": Case(1000, 64, x=Indices((64, 32), 1000)),
    "WeightNorm": Case(lambda rng: Linear(128, 256, rng=rng, dtype=np.float32), x=ROWS),
    "SpectralNorm": Case(lambda rng: Linear(128, 256, rng=rng, dtype=np.float32), x=ROWS),
    # convolution and windows
    "Conv1d": Case(16, 32, 5, padding=2, x=ROW),
    "Conv2d": Case(16, 32, 3, padding=1, x=PICTURES),
    "Conv3d": Case(8, 16, 3, padding=1, x=Normal((2, 8, 8, 16, 16))),
    "ConvTranspose1d": Case(16, 32, 4, 2, 1, x=ROW),
    "ConvTranspose2d": Case(16, 32, 4, 2, 1, x=Normal((8, 16, 16, 16))),
    "CausalConv1d": Case(16, 32, 5, x=ROW),
    "DepthwiseSeparableConv2d": Case(16, 32, 3, padding=1, x=PICTURES),
    "Fold": Case((32, 32), 3, padding=1, x=Normal((8, 144, 1024))),
    "Unfold": Case(3, padding=1, x=PICTURES),
    "PixelShuffle": Case(2, x=PICTURES),
    "Upsample": Case(scale_factor=2, mode="bilinear", x=PICTURES),
    "ZeroPad2d": Case(2, x=PICTURES),
    "ReflectionPad2d": Case(2, x=PICTURES),
    "ReplicationPad2d": Case(2, x=PICTURES),
    "MaxPool1d": Case(2, x=ROW),
    "AvgPool1d": Case(2, x=ROW),
    "MaxPool2d": Case(2, x=PICTURES),
    "AvgPool2d": Case(2, x=PICTURES),
    "LPPool2d": Case(2, 2, x=PICTURES),
    "AdaptiveAvgPool1d": Case(7, x=ROW),
    "AdaptiveAvgPool2d": Case(7, x=PICTURES),
    "AdaptiveMaxPool2d": Case(7, x=PICTURES),
    # norms
    "BatchNorm1d": Case(16, x=ROW),
    "BatchNorm2d": Case(16, x=PICTURES),
    "InstanceNorm2d": Case(16, x=PICTURES),
    "GroupNorm": Case(4, 16, x=PICTURES),
    "LayerNorm": Case(128, x=ROWS),
    "RMSNorm": Case(128, x=ROWS),
    "LocalResponseNorm": Case(5, x=PICTURES),
    "Dropout2d": Case(x=PICTURES),
    # recurrent, attention, structured
    "RNN": Case(64, 64, x=WORDS),
    "LSTM": Case(64, 64, x=WORDS),
    "GRU": Case(64, 64, x=WORDS),
    "RNNCell": Case(64, 64, x=[Normal((64, 64)), Normal((64, 64))]),
    "LSTMCell": Case(64, 64, x=[Normal((64, 64)), (Normal((64, 64)), Normal((64, 64)))]),
    "GRUCell": Case(64, 64, x=[Normal((64, 64)), Normal((64, 64))]),
    "ScaledDotProductAttention": Case(x=[HEADS, HEADS, HEADS]),
    "GroupedQueryAttention": Case(64, 4, 2, is_causal=True, rotary="halves", x=WORDS),
    "SlidingWindowAttention": Case(8, x=[HEADS, HEADS, HEADS]),
    "LinearAttention": Case(x=[HEADS, HEADS, HEADS]),
    "AdditiveAttention": Case(32, 32, 16, x=[Normal((8, 24, 32)), Normal((8, 24, 32)), Normal((8, 24, 32))]),
    "ALiBi": Case(4, x=Normal((16, 4, 64, 64))),
    "RotaryEmbedding": Case(64, x=WORDS),
    "SinusoidalPositionalEncoding": Case(64, max_len=64, x=WORDS),
    "LearnedPositionalEmbedding": Case(64, 64, x=WORDS),
    "SelfAttention": Case(64, x=WORDS),
    "MultiheadAttention": Case(64, 4, batch_first=True, x=[WORDS, WORDS, WORDS]),
    "TransformerEncoderLayer": Case(64, 4, 128, 0.0, batch_first=True, x=WORDS),
    "TransformerDecoderLayer": Case(64, 4, 128, 0.0, batch_first=True, x=[WORDS, WORDS]),
    "TransformerEncoder": Case(
        lambda rng: TransformerEncoderLayer(64, 4, 128, 0.0, batch_first=True, rng=rng, dtype=np.float32),
        2,
        norm=lambda rng: LayerNorm(64, dtype=np.float32),
        x=WORDS,
    ),
    "TransformerDecoder": Case(
        lambda rng: TransformerDecoderLayer(64, 4, 128, 0.0, batch_first=True, rng=rng, dtype=np.float32),
        2,
        norm=lambda rng: LayerNorm(64, dtype=np.float32),
        x=[WORDS, WORDS],
    ),
    "FeedForward": Case(64, 128, dropout=0.0, x=WORDS),
    "LlamaDecoderLayer": Case(64, 4, 2, 128, x=WORDS),
    "MixtureOfExperts": Case(64, 8, dim_feedforward=128, dropout=0.0, x=WORDS),
    "KANLayer": Case(32, 32, x=Normal((256, 32), scale=0.5)),
    "NeuralODE": Case(lambda rng: Linear(64, 64, rng=rng, dtype=np.float32), x=Normal((128, 64))),
    "GCNConv": Case(64, 64, x=[Normal((500, 64)), Indices((2, 3000), 500)]),
    "GATConv": Case(64, 16, heads=4, x=[Normal((500, 64)), Indices((2, 3000), 500)]),
    "Hopfield": Case(x=[Normal((16, 32, 64)), Normal((16, 48, 64))]),
    "SqueezeExcite": Case(16, 4, x=PICTURES),
    "MixtureDensity": Case(64, 8, 5, x=Normal((512, 64))),
    "RBF": Case(16, 32, x=Normal((512, 16))),
    "HyperLinear": Case(32, 32, 16, x=[Normal((64, 8, 32)), Normal((64, 16))]),
    "AffineCoupling": Case(lambda rng: Linear(32, 64, rng=rng, dtype=np.float32), 32, x=Normal((512, 64))),
    "SoftSort": Case(x=Normal((64, 64))),
    "Reparameterize": Case(x=[Normal((512, 128)), Normal((512, 128))]),
    "VectorQuantizer": Case(128, 32, x=Normal((16, 32, 32))),
    "DiagonalSSM": Case(32, 16, x=Normal((8, 128, 32))),
    "NTMHead": Case(64, 32, x=[Normal((16, 64)), Normal((16, 64, 32)), Uniform((16, 64), 0.0, 0.03)]),
    "CapsuleLayer": Case(72, 8, 10, 16, x=Normal((8, 72, 8))),
    "Sequential": Case(lambda rng: Linear(128, 64, rng=rng, dtype=np.float32), lambda rng: Tanh(), x=ROWS),
    "Parallel": Case(
        lambda rng: Linear(128, 64, rng=rng, dtype=np.float32),
        lambda rng: Linear(128, 64, rng=rng, dtype=np.float32),
        x=ROWS,
    ),
    "Residual": Case(lambda rng: Linear(128, 128, rng=rng, dtype=np.float32), x=ROWS),
    # losses
    "FocalLoss": Case(x=[Normal((256, 512)), Indices((256, 512), 2)]),
    "DiceLoss": Case(x=[PROBABILITY, PROBABILITY]),
    "BCELoss": Case(x=[PROBABILITY, PROBABILITY]),
    "CrossEntropyLoss": Case(x=[Normal((512, 256)), Indices((512,), 256)]),
    "NLLLoss": Case(x=[Normal((512, 256)), Indices((512,), 256)]),
    "KLDivLoss": Case("batchmean", x=[PROBABILITY, PROBABILITY]),
    "PoissonNLLLoss": Case(x=[PROBABILITY, PROBABILITY]),
    "GaussianNLLLoss": Case(x=[PROBABILITY, PROBABILITY, PROBABILITY]),
    "HingeEmbeddingLoss": Case(x=[Normal((256, 512)), Signs((256, 512))]),
    "SoftMarginLoss": Case(x=[Normal((256, 512)), Signs((256, 512))]),
    "MarginRankingLoss": Case(x=[Normal((256, 512)), Normal((256, 512)), Signs((256, 512))]),
    "MultiMarginLoss": Case(x=[Normal((512, 256)), Indices((512,), 256)]),
    "MultiLabelMarginLoss": Case(x=[Normal((64, 100)), Fixed([[3, 1, 17, -1, *[0] * 96]] * 64)]),
    "CosineEmbeddingLoss": Case(x=[Normal((512, 128)), Normal((512, 128)), Signs((512,))]),
    "TripletMarginLoss": Case(x=[Normal((512, 128))] * 3),
    "CapsuleMarginLoss": Case(x=[Normal((64, 10, 16)), Indices((64, 10), 2)]),
    "InfoNCELoss": Case(x=[Normal((256, 64)), Normal((256, 64))]),
    "MixtureDensityLoss": Case(
        x=[Normal((512, 5)), Normal((512, 5, 8)), Normal((512, 5)), Normal((512, 8))],
    ),
    "CTCLoss": Case(
        x=[Normal((50, 16, 20)), Fixed([[1, 2, 3, 3, 4, 5, 6, 7, 8, 9]] * 16), Fixed([50] * 16), Fixed([10] * 16)]
    ),
}
