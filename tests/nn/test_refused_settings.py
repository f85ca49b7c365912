"""Settings, states and values that are refused, and in which words: rule, value received, next step."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import Module

RNG = np.random.default_rng(0)


def zeros(*shape: int, d: Any = np.float64) -> Any:
    return np.zeros(shape, d)


def run(module: Module, inputs: tuple[Any, ...], *dy: Any) -> None:
    """Forward, then backward."""
    module(*inputs)
    module.backward(*dy)


def attend(*inputs: Any) -> None:
    nn.MultiheadAttention(4, 2, rng=RNG)(*inputs)


def one() -> list[nn.Parameter]:
    return [nn.Parameter(zeros(2))]


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: nn.Conv1d(3, 4, 2, groups=2, rng=RNG),
        "Conv1d: groups=2 must divide in_channels=3 and out_channels=4; choose a common divisor",
    ),
    (
        lambda: nn.Conv1d(4, 3, 2, groups=2, rng=RNG),
        "Conv1d: groups=2 must divide in_channels=4 and out_channels=3; choose a common divisor",
    ),
    (lambda: nn.Conv2d(2, 2, 0, rng=RNG), "Conv2d: kernel_size must be at least 1 but is (0, 0); raise it"),
    (lambda: nn.Conv2d(2, 2, 1, (1, 0), rng=RNG), "Conv2d: stride must be at least 1 but is (1, 0); raise it"),
    (lambda: nn.Conv2d(2, 2, 1, dilation=0, rng=RNG), "Conv2d: dilation must be at least 1 but is (0, 0); raise it"),
    (
        lambda: nn.Conv1d(2, 2, 1, groups=0, rng=RNG),
        "Conv1d: groups=0 must divide in_channels=2 and out_channels=2; choose a common divisor",
    ),
    (
        lambda: nn.Conv2d(2, 2, 1, padding=(0, -1), rng=RNG),
        "Conv2d: padding must not be negative but is (0, -1); slice the input instead",
    ),
    (lambda: nn.Conv1d(2, 2, (1, 2), rng=RNG), "Conv1d: (1, 2) must be one number or 1; drop the others"),
    (lambda: nn.Conv2d(2, 2, (1, 2, 3), rng=RNG), "Conv2d: (1, 2, 3) must be one number or 2; drop the others"),
    (
        lambda: nn.Conv2d(1, 1, 5, rng=RNG)(zeros(1, 1, 3, 6)),
        "Conv2d: the dilated kernel spans (5, 5) but the padded input only (3, 6); raise padding or shrink the kernel",
    ),
    (
        lambda: nn.Conv2d(1, 1, (2, 3), padding=(0, 1), dilation=(1, 3), rng=RNG)(zeros(1, 1, 2, 4)),
        "Conv2d: the dilated kernel spans (2, 7) but the padded input only (2, 6); raise padding or shrink the kernel",
    ),
    (lambda: nn.RNN(2, 3, 0, rng=RNG), "RNN: num_layers must be at least 1 but is 0; raise it"),
    (lambda: nn.RNN(2, 3, nonlinearity="sigmoid", rng=RNG), "RNN: nonlinearity is 'sigmoid'; choose 'tanh' or 'relu'"),
    (
        lambda: nn.RNNCell(2, 3, nonlinearity="sigmoid", rng=RNG),
        "RNNCell: nonlinearity is 'sigmoid'; choose 'tanh' or 'relu'",
    ),
    (
        lambda: nn.LSTM(2, 3, dropout=1.1, rng=RNG),
        "LSTM: dropout is a probability but is 1.1; choose it in [0, 1]",
    ),
    (lambda: nn.GRU(2, 3, dropout=-0.1, rng=RNG), "GRU: dropout is a probability but is -0.1; choose it in [0, 1]"),
    (
        lambda: nn.GRU(2, 3, rng=RNG)(zeros(0, 1, 2)),
        "GRU: x has 0 time steps but must have at least one; pass a longer one",
    ),
    (
        lambda: nn.RNN(2, 3, rng=RNG)(zeros(4, 2, 2), lengths=[4, 0]),
        "RNN: lengths must be 2 integers in [1, 4] but is [4, 0]; give the length of each sequence",
    ),
    (
        lambda: nn.RNN(2, 3, batch_first=True, rng=RNG)(zeros(2, 4, 2), lengths=[5, 1]),
        "RNN: lengths must be 2 integers in [1, 4] but is [5, 1]; give the length of each sequence",
    ),
    (
        lambda: nn.GRU(2, 3, rng=RNG)(zeros(4, 2, 2), lengths=[4]),
        "GRU: lengths must be 2 integers in [1, 4] but is [4]; give the length of each sequence",
    ),
    (
        lambda: nn.LSTM(2, 3, rng=RNG)(zeros(4, 2, 2), lengths=[4.0, 3.0]),
        "LSTM: lengths must be 2 integers in [1, 4] but is [4.0, 3.0]; give the length of each sequence",
    ),
    (
        lambda: nn.LSTMCell(2, 3, rng=RNG)(zeros(4, 2), zeros(4, 3)),
        "LSTMCell: hx must be a tuple (h_0, c_0) but is of type ndarray; pass both",
    ),
    (
        lambda: nn.LSTM(2, 3, rng=RNG)(zeros(4, 1, 2), zeros(1, 1, 3)),
        "LSTM: hx must be a tuple (h_0, c_0) but is of type ndarray; pass both",
    ),
    (
        lambda: nn.LSTM(2, 3, rng=RNG)(zeros(4, 1, 2), (zeros(1, 1, 3),)),
        "LSTM: hx must be a tuple (h_0, c_0) but is of type tuple; pass both",
    ),
    (
        lambda: run(nn.LSTM(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3), zeros(1, 1, 3)),
        "LSTM: dhc_n must be a tuple (dh_n, dc_n) but is of type ndarray; pass both",
    ),
    (
        lambda: nn.Embedding(4, 3, 4, rng=RNG),
        "Embedding: padding_idx must lie in [-4, 4) but is 4; name one of the 4 rows, or leave it out",
    ),
    (
        lambda: nn.Embedding(4, 3, -5, rng=RNG),
        "Embedding: padding_idx must lie in [-4, 4) but is -5; name one of the 4 rows, or leave it out",
    ),
    (
        lambda: nn.Embedding(4, 3, rng=RNG)(zeros(2)),
        "Embedding: input must be an integer array but has dtype float64; convert it with .astype(int)",
    ),
    (
        lambda: nn.Embedding(4, 3, rng=RNG)([1, 4]),
        "Embedding: input must lie in [0, 4) but spans [1, 4]; check the vocabulary or the number of classes",
    ),
    (
        lambda: nn.Embedding(4, 3, rng=RNG)([-1, 2]),
        "Embedding: input must lie in [0, 4) but spans [-1, 2]; check the vocabulary or the number of classes",
    ),
    (lambda: nn.Dropout(-0.1, rng=RNG), "Dropout: p is a probability but is -0.1; choose it in [0, 1]"),
    (lambda: nn.Dropout(1.5, rng=RNG), "Dropout: p is a probability but is 1.5; choose it in [0, 1]"),
    (lambda: nn.Dropout(float("nan"), rng=RNG), "Dropout: p is a probability but is nan; choose it in [0, 1]"),
    (
        lambda: nn.BatchNorm1d(3)(zeros(1, 3)),
        "BatchNorm1d: x has shape (1, 3), one value per channel, which has no variance; "
        "train with more than one row or call eval()",
    ),
    (
        lambda: nn.BatchNorm1d(3)(zeros(1, 3, 1)),
        "BatchNorm1d: x has shape (1, 3, 1), one value per channel, which has no variance; "
        "train with more than one row or call eval()",
    ),
    (lambda: nn.GELU("erf"), "GELU: approximate is 'erf' but must be 'none' or 'tanh'; choose one of them"),
    (
        lambda: nn.MultiheadAttention(5, 2, rng=RNG),
        "MultiheadAttention: embed_dim 5 does not divide into 2 heads; make it a multiple of num_heads",
    ),
    (lambda: nn.MultiheadAttention(4, 2, 1.5, rng=RNG), "Dropout: p is a probability but is 1.5; choose it in [0, 1]"),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 2, 4), zeros(6, 2, 4)),
        "MultiheadAttention: query (3, 2, 4), key (5, 2, 4) and value (6, 2, 4) do not fit; "
        "key and value must have equal shapes, and all three the same batch size",
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 1, 4), zeros(5, 1, 4)),
        "MultiheadAttention: query (3, 2, 4), key (5, 1, 4) and value (5, 1, 4) do not fit; "
        "key and value must have equal shapes, and all three the same batch size",
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 2, 4), zeros(5, 2, 4), zeros(5, 2)),
        "MultiheadAttention: key_padding_mask has shape (5, 2) but must have (2, 5); reshape it, or drop it",
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 2, 4), zeros(5, 2, 4), None, True, zeros(5, 3)),
        "MultiheadAttention: attn_mask has shape (5, 3) but must have (3, 5) or (4, 3, 5); reshape it, or drop it",
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 2, 4), zeros(5, 2, 4), None, True, zeros(2, 3, 5)),
        "MultiheadAttention: attn_mask has shape (2, 3, 5) but must have (3, 5) or (4, 3, 5); reshape it, or drop it",
    ),
    (
        lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh", rng=RNG),
        "TransformerEncoderLayer: activation is 'tanh' but must be 'relu' or 'gelu'; choose one of them",
    ),
    (
        lambda: nn.CapsuleLayer(2, 3, 2, 3, routings=0, rng=RNG),
        "CapsuleLayer: routings is 0 but at least one is needed; the paper uses 3",
    ),
    (lambda: nn.MSELoss("max"), "MSELoss: reduction is 'max' but must be 'none', 'mean' or 'sum'; choose one of them"),
    (
        lambda: nn.CrossEntropyLoss(reduction="max"),
        "CrossEntropyLoss: reduction is 'max' but must be 'none', 'mean' or 'sum'; choose one of them",
    ),
    (
        lambda: nn.CrossEntropyLoss()(zeros(2, 3), [0, 3]),
        "CrossEntropyLoss: target must lie in [0, 3) but spans [0, 3]; check the vocabulary or the number of classes",
    ),
    (
        lambda: nn.CrossEntropyLoss()(zeros(2, 3), [-1, 0]),
        "CrossEntropyLoss: target must lie in [0, 3) but spans [-1, 0]; check the vocabulary or the number of classes",
    ),
    (
        lambda: nn.NLLLoss()(zeros(2, 3), zeros(2)),
        "NLLLoss: target must be an integer array but has dtype float64; convert it with .astype(int)",
    ),
    (lambda: nn.SGD([], 0.1), "SGD: there are no parameters to move; pass model.parameters()"),
    (lambda: nn.Adam([]), "Adam: there are no parameters to move; pass model.parameters()"),
    (lambda: nn.SGD(one(), -0.1), "SGD: lr is -0.1 but must be at least 0; choose another value"),
    (lambda: nn.SGD(one(), momentum=-0.1), "SGD: momentum is -0.1 but must be at least 0; choose another value"),
    (
        lambda: nn.SGD(one(), weight_decay=-0.1),
        "SGD: weight_decay is -0.1 but must be at least 0; choose another value",
    ),
    (lambda: nn.SGD(one(), float("nan")), "SGD: lr is nan but must be at least 0; choose another value"),
    (
        lambda: nn.SGD(one(), nesterov=True),
        "SGD: nesterov needs momentum > 0 and dampening = 0 but they are 0.0 and 0.0; set them, or leave nesterov off",
    ),
    (
        lambda: nn.SGD(one(), momentum=0.5, dampening=0.1, nesterov=True),
        "SGD: nesterov needs momentum > 0 and dampening = 0 but they are 0.5 and 0.1; set them, or leave nesterov off",
    ),
    (lambda: nn.Adam(one(), -1.0), "Adam: lr is -1.0 but must be at least 0; choose another value"),
    (lambda: nn.Adam(one(), eps=-1.0), "Adam: eps is -1.0 but must be at least 0; choose another value"),
    (
        lambda: nn.Adam(one(), weight_decay=-1.0),
        "Adam: weight_decay is -1.0 but must be at least 0; choose another value",
    ),
    (
        lambda: nn.Adam(one(), betas=(1.0, 0.5)),
        "Adam: betas are (1.0, 0.5) but both must lie in [0, 1); the paper uses (0.9, 0.999)",
    ),
    (
        lambda: nn.Adam(one(), betas=(0.5, -0.1)),
        "Adam: betas are (0.5, -0.1) but both must lie in [0, 1); the paper uses (0.9, 0.999)",
    ),
    (
        lambda: nn.SGD(one()).update(one()[0]),
        "SGD: Parameter(shape=(2,), dtype=float64) was not given to the constructor; add it there",
    ),
    (
        lambda: nn.Linear(2, 3, rng=RNG).load_state_dict({"bias": zeros(3)}),
        "Linear: state lacks ['weight']; save it from a layer of the same kind",
    ),
    (
        lambda: nn.Linear(2, 3, rng=RNG).load_state_dict({}),
        "Linear: state lacks ['bias', 'weight']; save it from a layer of the same kind",
    ),
    (
        lambda: nn.Linear(2, 3, rng=RNG).load_state_dict(
            {"weight": zeros(3, 2), "bias": zeros(3), "b": zeros(1), "a": zeros(1)}
        ),
        "Linear: state has unknown ['a', 'b']; remove them or load another layer",
    ),
    (
        lambda: nn.Linear(2, 3, rng=RNG).load_state_dict({"weight": zeros(2, 3), "bias": zeros(3)}),
        "Linear: state['weight'] has shape (2, 3) but the layer holds (3, 2); build the layer with the same sizes",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
