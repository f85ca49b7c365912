"""The correct library: layers, losses and optimizers in NumPy, each with its own backward pass."""

from nnlab.nn.activation import GELU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh, Tanhshrink
from nnlab.nn.attention import MultiheadAttention, SelfAttention
from nnlab.nn.capsule import CapsuleLayer, Squash
from nnlab.nn.case import Case, Fixed, Indices, Normal, randomize
from nnlab.nn.container import Residual, Sequential
from nnlab.nn.conv import Conv1d, Conv2d
from nnlab.nn.dropout import Dropout
from nnlab.nn.embedding import Embedding
from nnlab.nn.gate import GEGLU, GLU, Highway, Maxout, SwiGLU
from nnlab.nn.linear import Bilinear, Linear, LoRALinear
from nnlab.nn.loss import CrossEntropyLoss, MSELoss
from nnlab.nn.module import Module, Parameter
from nnlab.nn.norm import BatchNorm1d, LayerNorm
from nnlab.nn.optim import SGD, Adam, Optimizer
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
from nnlab.nn.softmax import LogSoftmax, Softmax, Softmin
from nnlab.nn.transformer import TransformerEncoderLayer

__all__ = [
    "CELU",
    "ELU",
    "GEGLU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "SGD",
    "Adam",
    "BatchNorm1d",
    "Bilinear",
    "CapsuleLayer",
    "Case",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Fixed",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Highway",
    "Indices",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LoRALinear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "Maxout",
    "Mish",
    "Module",
    "MultiheadAttention",
    "Normal",
    "Optimizer",
    "PReLU",
    "Parameter",
    "ReLU",
    "ReLU6",
    "Residual",
    "SelfAttention",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Squash",
    "SwiGLU",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TransformerEncoderLayer",
    "randomize",
]
