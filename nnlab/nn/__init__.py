"""The correct library: layers, losses and optimizers in NumPy, each with its own backward pass."""

from nnlab.nn.activation import GELU, ReLU, Sigmoid, Softmax, Tanh
from nnlab.nn.attention import MultiheadAttention, SelfAttention
from nnlab.nn.binary_loss import BCELoss, BCEWithLogitsLoss, DiceLoss, FocalLoss
from nnlab.nn.capsule import CapsuleLayer, Squash
from nnlab.nn.case import Case, Fixed, Indices, Normal, Signs, Uniform, randomize
from nnlab.nn.classification_loss import CrossEntropyLoss, NLLLoss
from nnlab.nn.container import Residual, Sequential
from nnlab.nn.conv import Conv1d, Conv2d
from nnlab.nn.dropout import Dropout
from nnlab.nn.embedding import Embedding
from nnlab.nn.embedding_loss import CosineEmbeddingLoss, InfoNCELoss, TripletMarginLoss
from nnlab.nn.likelihood_loss import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from nnlab.nn.linear import Linear
from nnlab.nn.margin_loss import (
    CapsuleMarginLoss,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiLabelMarginLoss,
    MultiMarginLoss,
    SoftMarginLoss,
)
from nnlab.nn.module import Module, Parameter
from nnlab.nn.norm import BatchNorm1d, LayerNorm
from nnlab.nn.optim import SGD, Adam, Optimizer
from nnlab.nn.recurrent import GRU, LSTM, RNN
from nnlab.nn.regression_loss import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from nnlab.nn.sequence_loss import CTCLoss
from nnlab.nn.transformer import TransformerEncoderLayer

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "CTCLoss",
    "CapsuleLayer",
    "CapsuleMarginLoss",
    "Case",
    "Conv1d",
    "Conv2d",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "DiceLoss",
    "Dropout",
    "Embedding",
    "Fixed",
    "FocalLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Indices",
    "InfoNCELoss",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "Linear",
    "MSELoss",
    "MarginRankingLoss",
    "Module",
    "MultiLabelMarginLoss",
    "MultiMarginLoss",
    "MultiheadAttention",
    "NLLLoss",
    "Normal",
    "Optimizer",
    "Parameter",
    "PoissonNLLLoss",
    "ReLU",
    "Residual",
    "SelfAttention",
    "Sequential",
    "Sigmoid",
    "Signs",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Squash",
    "Tanh",
    "TransformerEncoderLayer",
    "TripletMarginLoss",
    "Uniform",
    "randomize",
]
