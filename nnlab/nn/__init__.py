"""The correct library: layers, losses and optimizers in NumPy, each with its own backward pass."""

from nnlab.nn.activation import GELU, ReLU, Sigmoid, Softmax, Tanh
from nnlab.nn.attention import MultiheadAttention, SelfAttention
from nnlab.nn.capsule import CapsuleLayer, Squash
from nnlab.nn.case import Case, Fixed, Indices, Normal, randomize
from nnlab.nn.checkpoint import load, save
from nnlab.nn.clip import clip_grad_norm_, clip_grad_value_
from nnlab.nn.container import Residual, Sequential
from nnlab.nn.conv import Conv1d, Conv2d
from nnlab.nn.dropout import Dropout
from nnlab.nn.embedding import Embedding
from nnlab.nn.linear import Linear
from nnlab.nn.loss import CrossEntropyLoss, MSELoss
from nnlab.nn.module import Module, Parameter
from nnlab.nn.norm import BatchNorm1d, LayerNorm
from nnlab.nn.optim import SGD, Adam, Optimizer
from nnlab.nn.recurrent import GRU, LSTM, RNN
from nnlab.nn.transformer import TransformerEncoderLayer

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "BatchNorm1d",
    "CapsuleLayer",
    "Case",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Fixed",
    "Indices",
    "LayerNorm",
    "Linear",
    "MSELoss",
    "Module",
    "MultiheadAttention",
    "Normal",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Residual",
    "SelfAttention",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Squash",
    "Tanh",
    "TransformerEncoderLayer",
    "clip_grad_norm_",
    "clip_grad_value_",
    "load",
    "randomize",
    "save",
]
