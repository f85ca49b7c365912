"""The correct library: layers, losses and optimizers in NumPy, each with its own backward pass."""

from nnlab.nn.activation import GELU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh, Tanhshrink
from nnlab.nn.attention import MultiheadAttention, SelfAttention
from nnlab.nn.attention_core import ScaledDotProductAttention
from nnlab.nn.binary_loss import BCELoss, BCEWithLogitsLoss, DiceLoss, FocalLoss
from nnlab.nn.capsule import CapsuleLayer, Squash
from nnlab.nn.case import Case, Fixed, Indices, Normal, Signs, Uniform, randomize
from nnlab.nn.checkpoint import load, save
from nnlab.nn.classification_loss import CrossEntropyLoss, NLLLoss
from nnlab.nn.clip import clip_grad_norm_, clip_grad_value_
from nnlab.nn.container import Residual, Sequential
from nnlab.nn.conv import Conv1d, Conv2d, Conv3d
from nnlab.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d
from nnlab.nn.conv_variant import CausalConv1d, DepthwiseSeparableConv2d
from nnlab.nn.decoder_block import LlamaDecoderLayer
from nnlab.nn.dropout import AlphaDropout, Dropout, Dropout2d, DropPath
from nnlab.nn.embedding import Embedding
from nnlab.nn.embedding_loss import CosineEmbeddingLoss, InfoNCELoss, TripletMarginLoss
from nnlab.nn.gate import GEGLU, GLU, Highway, Maxout, SwiGLU
from nnlab.nn.graph import GATConv, GCNConv
from nnlab.nn.group_norm import GroupNorm, InstanceNorm2d
from nnlab.nn.grouped_attention import GroupedQueryAttention
from nnlab.nn.hopfield import Hopfield
from nnlab.nn.kan import KANLayer
from nnlab.nn.likelihood_loss import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from nnlab.nn.linear import Bilinear, Linear, LoRALinear
from nnlab.nn.margin_loss import (
    CapsuleMarginLoss,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiLabelMarginLoss,
    MultiMarginLoss,
    SoftMarginLoss,
)
from nnlab.nn.mixture import MixtureDensity, MixtureDensityLoss
from nnlab.nn.module import Module, Parameter
from nnlab.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm, LocalResponseNorm, RMSNorm
from nnlab.nn.ode import NeuralODE
from nnlab.nn.optim import SGD, Adam, AdamW, Optimizer
from nnlab.nn.optim_matrix import Adafactor, Muon
from nnlab.nn.optim_moments import LAMB, Adamax, NAdam, RAdam
from nnlab.nn.optim_sign import Lion, Rprop
from nnlab.nn.optim_squares import Adadelta, Adagrad, RMSprop
from nnlab.nn.pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    LPPool2d,
    MaxPool1d,
    MaxPool2d,
)
from nnlab.nn.rbf import RBF
from nnlab.nn.rearrange import Fold, PixelShuffle, ReflectionPad2d, ReplicationPad2d, Unfold, ZeroPad2d
from nnlab.nn.rectifier import (
    CELU,
    ELU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU,
    ReLU6,
    Softshrink,
    Threshold,
)
from nnlab.nn.recurrent import GRU, LSTM, RNN
from nnlab.nn.regression_loss import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from nnlab.nn.rotary import RotaryEmbedding
from nnlab.nn.schedule import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    PolynomialLR,
    Schedule,
    StepLR,
    WarmupCosine,
)
from nnlab.nn.schedule_cycle import CyclicLR, OneCycleLR, ReduceLROnPlateau
from nnlab.nn.sequence_loss import CTCLoss
from nnlab.nn.shape import Flatten, Permute, Unflatten
from nnlab.nn.softmax import LogSoftmax, Softmax, Softmin
from nnlab.nn.squeeze import SqueezeExcite
from nnlab.nn.trainer import History, Trainer
from nnlab.nn.transformer import TransformerEncoderLayer
from nnlab.nn.upsample import Upsample

__all__ = [
    "CELU",
    "ELU",
    "GEGLU",
    "GELU",
    "GLU",
    "GRU",
    "LAMB",
    "LSTM",
    "RBF",
    "RNN",
    "SELU",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Bilinear",
    "CTCLoss",
    "CapsuleLayer",
    "CapsuleMarginLoss",
    "Case",
    "CausalConv1d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "CosineAnnealingLR",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "CyclicLR",
    "DepthwiseSeparableConv2d",
    "DiceLoss",
    "DropPath",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "ExponentialLR",
    "Fixed",
    "Flatten",
    "FocalLoss",
    "Fold",
    "GATConv",
    "GCNConv",
    "GaussianNLLLoss",
    "GroupNorm",
    "GroupedQueryAttention",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Highway",
    "HingeEmbeddingLoss",
    "History",
    "Hopfield",
    "HuberLoss",
    "Indices",
    "InfoNCELoss",
    "InstanceNorm2d",
    "KANLayer",
    "KLDivLoss",
    "L1Loss",
    "LPPool2d",
    "LRScheduler",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LinearLR",
    "Lion",
    "LlamaDecoderLayer",
    "LoRALinear",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "MaxPool1d",
    "MaxPool2d",
    "Maxout",
    "Mish",
    "MixtureDensity",
    "MixtureDensityLoss",
    "Module",
    "MultiLabelMarginLoss",
    "MultiMarginLoss",
    "MultiStepLR",
    "MultiheadAttention",
    "Muon",
    "NAdam",
    "NLLLoss",
    "NeuralODE",
    "Normal",
    "OneCycleLR",
    "Optimizer",
    "PReLU",
    "Parameter",
    "Permute",
    "PixelShuffle",
    "PoissonNLLLoss",
    "PolynomialLR",
    "RAdam",
    "RMSNorm",
    "RMSprop",
    "ReLU",
    "ReLU6",
    "ReduceLROnPlateau",
    "ReflectionPad2d",
    "ReplicationPad2d",
    "Residual",
    "RotaryEmbedding",
    "Rprop",
    "ScaledDotProductAttention",
    "Schedule",
    "SelfAttention",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Signs",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Squash",
    "SqueezeExcite",
    "StepLR",
    "SwiGLU",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Trainer",
    "TransformerEncoderLayer",
    "TripletMarginLoss",
    "Unflatten",
    "Unfold",
    "Uniform",
    "Upsample",
    "WarmupCosine",
    "ZeroPad2d",
    "clip_grad_norm_",
    "clip_grad_value_",
    "load",
    "randomize",
    "save",
]
