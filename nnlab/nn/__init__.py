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
from nnlab.nn.optim import SGD, Adam, AdamW, Optimizer
from nnlab.nn.optim_matrix import Adafactor, Muon
from nnlab.nn.optim_moments import LAMB, Adamax, NAdam, RAdam
from nnlab.nn.optim_sign import Lion, Rprop
from nnlab.nn.optim_squares import Adadelta, Adagrad, RMSprop
from nnlab.nn.recurrent import GRU, LSTM, RNN
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
from nnlab.nn.transformer import TransformerEncoderLayer

__all__ = [
    "GELU",
    "GRU",
    "LAMB",
    "LSTM",
    "RNN",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "BatchNorm1d",
    "CapsuleLayer",
    "Case",
    "Conv1d",
    "Conv2d",
    "CosineAnnealingLR",
    "CrossEntropyLoss",
    "CyclicLR",
    "Dropout",
    "Embedding",
    "ExponentialLR",
    "Fixed",
    "Indices",
    "LRScheduler",
    "LayerNorm",
    "Linear",
    "LinearLR",
    "Lion",
    "MSELoss",
    "Module",
    "MultiStepLR",
    "MultiheadAttention",
    "Muon",
    "NAdam",
    "Normal",
    "OneCycleLR",
    "Optimizer",
    "Parameter",
    "PolynomialLR",
    "RAdam",
    "RMSprop",
    "ReLU",
    "ReduceLROnPlateau",
    "Residual",
    "Rprop",
    "Schedule",
    "SelfAttention",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Squash",
    "StepLR",
    "Tanh",
    "TransformerEncoderLayer",
    "WarmupCosine",
    "clip_grad_norm_",
    "clip_grad_value_",
    "load",
    "randomize",
    "save",
]
