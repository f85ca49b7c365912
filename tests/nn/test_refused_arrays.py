"""Arrays of a shape or dtype that a layer refuses, and in which words: rule, value received, next step."""

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


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


def integer(layer: str, name: str) -> str:
    return f"{layer}: {name} must be a floating-point array but has dtype int64; convert it with .astype(np.float64)"


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: run(nn.Sigmoid(), (zeros(2, 3),), zeros(2)), misfit("Sigmoid", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.Sigmoid(), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("Sigmoid", "dy")),
    (
        lambda: run(nn.Conv1d(2, 1, 1, rng=RNG), (zeros(1, 2, 3),), zeros(1, 1, 3, d=np.float32)),
        single("Conv1d", "dy"),
    ),
    (lambda: nn.Conv1d(2, 1, 1, rng=RNG)(zeros(2, 3, 4)), misfit("Conv1d", "x", "(2, 3, 4)", "(*, 2, *)")),
    (lambda: nn.Conv1d(2, 1, 1, rng=RNG)(zeros(2, 3)), misfit("Conv1d", "x", "(2, 3)", "(*, 2, *)")),
    (lambda: nn.Conv2d(2, 1, 1, rng=RNG)(zeros(1, 2, 3)), misfit("Conv2d", "x", "(1, 2, 3)", "(*, 2, *, *)")),
    (lambda: nn.Conv2d(2, 1, 1, rng=RNG)(zeros(1, 2, 3, 4, d=np.float32)), single("Conv2d", "x")),
    (lambda: nn.GRU(2, 3, rng=RNG)(zeros(4, 1, 3)), misfit("GRU", "x", "(4, 1, 3)", "(*, *, 2)")),
    (lambda: nn.GRU(2, 3, rng=RNG)(zeros(4, 1, 2, d=np.float32)), single("GRU", "x")),
    (lambda: nn.GRU(2, 3, rng=RNG)(zeros(4, 1, 2), zeros(1, 2, 3)), misfit("GRU", "hx", "(1, 2, 3)", "(1, 1, 3)")),
    (lambda: nn.RNN(2, 3, rng=RNG)(zeros(4, 1, 2), zeros(1, 1, 3, d=np.float32)), single("RNN", "hx")),
    (
        lambda: nn.LSTM(2, 3, rng=RNG)(zeros(4, 1, 2), (zeros(1, 1, 2), zeros(1, 1, 3))),
        misfit("LSTM", "h_0", "(1, 1, 2)", "(1, 1, 3)"),
    ),
    (
        lambda: nn.LSTM(2, 3, rng=RNG)(zeros(4, 1, 2), (zeros(1, 1, 3), zeros(1, 1, 2))),
        misfit("LSTM", "c_0", "(1, 1, 2)", "(1, 1, 3)"),
    ),
    (lambda: nn.RNN(2, 3, rng=RNG)(zeros(4, 3)), misfit("RNN", "x", "(4, 3)", "(*, 2)")),
    (lambda: nn.RNN(2, 3, rng=RNG)(zeros(4, 2), zeros(1, 1, 3)), misfit("RNN", "hx", "(1, 1, 3)", "(1, 3)")),
    (
        lambda: nn.GRU(2, 3, 2, bidirectional=True, rng=RNG)(zeros(4, 1, 2), zeros(2, 1, 3)),
        misfit("GRU", "hx", "(2, 1, 3)", "(4, 1, 3)"),
    ),
    (lambda: nn.RNNCell(2, 3, rng=RNG)(zeros(4, 3)), misfit("RNNCell", "x", "(4, 3)", "(*, 2)")),
    (lambda: nn.GRUCell(2, 3, rng=RNG)(zeros(3)), misfit("GRUCell", "x", "(3,)", "(2,)")),
    (lambda: nn.GRUCell(2, 3, rng=RNG)(zeros(4, 2, d=np.float32)), single("GRUCell", "x")),
    (lambda: nn.RNNCell(2, 3, rng=RNG)(zeros(2), zeros(1, 3)), misfit("RNNCell", "hx", "(1, 3)", "(3,)")),
    (
        lambda: nn.LSTMCell(2, 3, rng=RNG)(zeros(4, 2), (zeros(4, 3), zeros(4, 2))),
        misfit("LSTMCell", "c_0", "(4, 2)", "(4, 3)"),
    ),
    (
        lambda: nn.LSTMCell(2, 3, rng=RNG)(zeros(4, 2), (zeros(3), zeros(3))),
        misfit("LSTMCell", "h_0", "(3,)", "(4, 3)"),
    ),
    (
        lambda: run(nn.GRUCell(2, 3, rng=RNG), (zeros(4, 2),), zeros(4, 2)),
        misfit("GRUCell", "dh", "(4, 2)", "(4, 3)"),
    ),
    (
        lambda: run(nn.LSTMCell(2, 3, rng=RNG), (zeros(4, 2),), zeros(4, 3), zeros(3)),
        misfit("LSTMCell", "dc", "(3,)", "(4, 3)"),
    ),
    (
        lambda: run(nn.RNN(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 2)),
        misfit("RNN", "dy", "(4, 1, 2)", "(4, 1, 3)"),
    ),
    (
        lambda: run(nn.RNN(2, 3, batch_first=True, rng=RNG), (zeros(4, 1, 2),), zeros(1, 4, 3)),
        misfit("RNN", "dy", "(1, 4, 3)", "(4, 1, 3)"),
    ),
    (lambda: run(nn.RNN(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3, d=np.float32)), single("RNN", "dy")),
    (
        lambda: run(nn.RNN(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3), zeros(1, 3)),
        misfit("RNN", "dh_n", "(1, 3)", "(1, 1, 3)"),
    ),
    (
        lambda: run(nn.GRU(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3), zeros(1, 1, 3, d=np.float32)),
        single("GRU", "dh_n"),
    ),
    (
        lambda: run(nn.LSTM(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3), (zeros(1, 1, 2), zeros(1, 1, 3))),
        misfit("LSTM", "dh_n", "(1, 1, 2)", "(1, 1, 3)"),
    ),
    (
        lambda: run(nn.LSTM(2, 3, rng=RNG), (zeros(4, 1, 2),), zeros(4, 1, 3), (zeros(1, 1, 3), zeros(1, 1, 2))),
        misfit("LSTM", "dc_n", "(1, 1, 2)", "(1, 1, 3)"),
    ),
    (
        lambda: run(nn.Conv1d(2, 1, 1, rng=RNG), (zeros(1, 2, 3),), zeros(1, 2, 3)),
        misfit("Conv1d", "dy", "(1, 2, 3)", "(1, 1, 3)"),
    ),
    (
        lambda: run(nn.Conv2d(2, 1, 1, rng=RNG), (zeros(1, 2, 3, 4),), zeros(1, 1, 3, 4, d=np.float32)),
        single("Conv2d", "dy"),
    ),
    (lambda: run(nn.Embedding(4, 3, rng=RNG), ([1, 2],), zeros(2, 4)), misfit("Embedding", "dy", "(2, 4)", "(2, 3)")),
    (lambda: run(nn.Embedding(4, 3, rng=RNG), ([1, 2],), zeros(2, 3, d=np.float32)), single("Embedding", "dy")),
    (lambda: nn.Dropout(rng=RNG)([1, 2]), integer("Dropout", "x")),
    (lambda: run(nn.Dropout(rng=RNG), (zeros(2, 3),), zeros(2)), misfit("Dropout", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.Dropout(rng=RNG), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("Dropout", "dy")),
    (lambda: nn.Linear(4, 3, rng=RNG)(zeros(2, 3)), misfit("Linear", "x", "(2, 3)", "(..., 4)")),
    (lambda: nn.Linear(4, 3, rng=RNG)(zeros(2, 4, d=np.float32)), single("Linear", "x")),
    (lambda: nn.Linear(4, 3, rng=RNG)(zeros(2, 4, d=int)), integer("Linear", "x")),
    (lambda: run(nn.Linear(4, 3, rng=RNG), (zeros(2, 4),), zeros(2, 4)), misfit("Linear", "dy", "(2, 4)", "(2, 3)")),
    (lambda: run(nn.Linear(4, 3, rng=RNG), (zeros(2, 4),), zeros(2, 3, d=np.float32)), single("Linear", "dy")),
    (lambda: nn.LayerNorm((3, 4))(zeros(3)), misfit("LayerNorm", "x", "(3,)", "(..., 3, 4)")),
    (lambda: nn.LayerNorm((3, 4))(zeros(2, 4, 3)), misfit("LayerNorm", "x", "(2, 4, 3)", "(..., 3, 4)")),
    (lambda: nn.LayerNorm(4)(zeros(2, 4, d=np.float32)), single("LayerNorm", "x")),
    (lambda: nn.LayerNorm(4, elementwise_affine=False)(zeros(2, 4, d=int)), integer("LayerNorm", "x")),
    (lambda: run(nn.LayerNorm(4), (zeros(2, 4),), zeros(2, 3)), misfit("LayerNorm", "dy", "(2, 3)", "(2, 4)")),
    (lambda: run(nn.LayerNorm(4), (zeros(2, 4),), zeros(2, 4, d=np.float32)), single("LayerNorm", "dy")),
    (lambda: nn.BatchNorm1d(3)(zeros(2, 4)), misfit("BatchNorm1d", "x", "(2, 4)", "(*, 3)")),
    (lambda: nn.BatchNorm1d(3)(zeros(2, 4, 3)), misfit("BatchNorm1d", "x", "(2, 4, 3)", "(*, 3, *)")),
    (lambda: nn.BatchNorm1d(3)(zeros(2, 3, 4, 5)), misfit("BatchNorm1d", "x", "(2, 3, 4, 5)", "(*, 3)")),
    (lambda: nn.BatchNorm1d(3)(zeros(2, 3, d=np.float32)), single("BatchNorm1d", "x")),
    (lambda: run(nn.BatchNorm1d(3), (zeros(2, 3),), zeros(2, 2)), misfit("BatchNorm1d", "dy", "(2, 2)", "(2, 3)")),
    (lambda: run(nn.BatchNorm1d(3), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("BatchNorm1d", "dy")),
    (lambda: nn.ReLU()([1, 2]), integer("ReLU", "x")),
    (lambda: nn.GELU()([1]), integer("GELU", "x")),
    (lambda: nn.Tanh()([1]), integer("Tanh", "x")),
    (lambda: nn.Softmax(0)([1]), integer("Softmax", "x")),
    (lambda: run(nn.ReLU(), (zeros(2, 3),), zeros(2)), misfit("ReLU", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.GELU(), (zeros(2, 3),), zeros(2)), misfit("GELU", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.Tanh(), (zeros(2, 3),), zeros(2)), misfit("Tanh", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.Softmax(0), (zeros(2, 3),), zeros(2)), misfit("Softmax", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.GELU(), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("GELU", "dy")),
    (lambda: run(nn.Tanh(), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("Tanh", "dy")),
    (lambda: run(nn.Softmax(0), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("Softmax", "dy")),
    (lambda: nn.SelfAttention(3, rng=RNG)(zeros(2, 4, 4)), misfit("SelfAttention", "x", "(2, 4, 4)", "(*, *, 3)")),
    (lambda: nn.SelfAttention(3, rng=RNG)(zeros(4, 3)), misfit("SelfAttention", "x", "(4, 3)", "(*, *, 3)")),
    (lambda: nn.SelfAttention(3, rng=RNG)(zeros(2, 4, 3, d=np.float32)), single("Linear", "x")),
    (
        lambda: run(nn.SelfAttention(3, rng=RNG), (zeros(2, 4, 3),), zeros(2, 3, 3)),
        misfit("SelfAttention", "dy", "(2, 3, 3)", "(2, 4, 3)"),
    ),
    (
        lambda: run(nn.SelfAttention(3, rng=RNG), (zeros(2, 4, 3),), zeros(2, 4, 3, d=np.float32)),
        single("SelfAttention", "dy"),
    ),
    (
        lambda: attend(zeros(3, 2, 5), zeros(3, 2, 4), zeros(3, 2, 4)),
        misfit("MultiheadAttention", "query", "(3, 2, 5)", "(*, *, 4)"),
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(3, 2, 3), zeros(3, 2, 4)),
        misfit("MultiheadAttention", "key", "(3, 2, 3)", "(*, *, 4)"),
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 4)),
        misfit("MultiheadAttention", "value", "(3, 4)", "(*, *, 4)"),
    ),
    (
        lambda: attend(zeros(3, 2, 4, d=np.float32), zeros(3, 2, 4), zeros(3, 2, 4)),
        single("MultiheadAttention", "query"),
    ),
    (
        lambda: attend(zeros(3, 2, 4), zeros(5, 2, 4), zeros(5, 2, 4), None, True, zeros(3, 5, d=int)),
        integer("MultiheadAttention", "attn_mask"),
    ),
    (
        lambda: run(nn.MultiheadAttention(4, 2, rng=RNG), (zeros(3, 2, 4),) * 3, zeros(3, 1, 4)),
        misfit("Linear", "dy", "(1, 3, 4)", "(2, 3, 4)"),
    ),
    (
        lambda: run(nn.MultiheadAttention(4, 2, rng=RNG), (zeros(3, 2, 4),) * 3, zeros(3, 2, 4, d=np.float32)),
        single("MultiheadAttention", "dy"),
    ),
    (
        lambda: run(nn.MultiheadAttention(4, 2, rng=RNG), (zeros(3, 2, 4),) * 3, zeros(3, 2, 4), zeros(3, 2, 3)),
        misfit("MultiheadAttention", "dweights", "(3, 2, 3)", "(2, 3, 3)"),
    ),
    (
        lambda: run(
            nn.MultiheadAttention(4, 2, rng=RNG), (zeros(3, 2, 4),) * 3, zeros(3, 2, 4), zeros(2, 3, 3, d=np.float32)
        ),
        single("MultiheadAttention", "dweights"),
    ),
    (
        lambda: nn.TransformerEncoderLayer(4, 2, 3, rng=RNG)(zeros(3, 2, 5)),
        misfit("MultiheadAttention", "query", "(3, 2, 5)", "(*, *, 4)"),
    ),
    (
        lambda: nn.TransformerEncoderLayer(4, 2, 3, rng=RNG)(zeros(3, 4)),
        misfit("TransformerEncoderLayer", "x", "(3, 4)", "(*, *, *)"),
    ),
    (
        lambda: run(nn.TransformerEncoderLayer(4, 2, 3, rng=RNG), (zeros(3, 2, 4),), zeros(3, 1, 4)),
        misfit("TransformerEncoderLayer", "dy", "(3, 1, 4)", "(3, 2, 4)"),
    ),
    (
        lambda: nn.CapsuleLayer(2, 3, 4, 5, rng=RNG)(zeros(1, 3, 2)),
        misfit("CapsuleLayer", "x", "(1, 3, 2)", "(*, 2, 3)"),
    ),
    (lambda: nn.CapsuleLayer(2, 3, 4, 5, rng=RNG)(zeros(1, 2, 3, d=np.float32)), single("CapsuleLayer", "x")),
    (
        lambda: run(nn.CapsuleLayer(2, 3, 4, 5, rng=RNG), (zeros(1, 2, 3),), zeros(1, 5, 4)),
        misfit("CapsuleLayer", "dy", "(1, 5, 4)", "(1, 4, 5)"),
    ),
    (
        lambda: run(nn.CapsuleLayer(2, 3, 4, 5, rng=RNG), (zeros(1, 2, 3),), zeros(1, 4, 5, d=np.float32)),
        single("CapsuleLayer", "dy"),
    ),
    (lambda: nn.Squash()(zeros()), misfit("Squash", "x", "()", "(..., *)")),
    (lambda: nn.Squash()([1, 2]), integer("Squash", "x")),
    (lambda: run(nn.Squash(), (zeros(2, 3),), zeros(2)), misfit("Squash", "dy", "(2,)", "(2, 3)")),
    (lambda: run(nn.Squash(), (zeros(2, 3),), zeros(2, 3, d=np.float32)), single("Squash", "dy")),
    (lambda: nn.Residual(nn.Linear(4, 3, rng=RNG))(zeros(2, 4)), misfit("Residual", "module(x)", "(2, 3)", "(2, 4)")),
    (lambda: nn.Residual(nn.Tanh())([1]), integer("Residual", "x")),
    (lambda: run(nn.Residual(nn.Tanh()), (zeros(2, 4),), zeros(2, 3)), misfit("Residual", "dy", "(2, 3)", "(2, 4)")),
    (lambda: nn.MSELoss()(zeros(2, d=int), zeros(2)), integer("MSELoss", "input")),
    (lambda: nn.MSELoss()(zeros(2), zeros(2, d=np.float32)), single("MSELoss", "target")),
    (lambda: nn.MSELoss()(zeros(2), zeros(3)), misfit("MSELoss", "target", "(3,)", "(2,)")),
    (lambda: nn.CrossEntropyLoss()(zeros(), 0), misfit("CrossEntropyLoss", "input", "()", "(..., *)")),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 3), [0, 1, 2]), misfit("CrossEntropyLoss", "target", "(3,)", "(2,)")),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 3, d=int), [0, 1]), integer("CrossEntropyLoss", "input")),
    (lambda: run(nn.MSELoss(), (zeros(2), zeros(2)), zeros(2)), misfit("MSELoss", "dy", "(2,)", "()")),
    (lambda: run(nn.MSELoss("none"), (zeros(2), zeros(2)), zeros(3)), misfit("MSELoss", "dy", "(3,)", "(2,)")),
    (
        lambda: run(nn.CrossEntropyLoss(), (zeros(2, 3), [0, 1]), zeros(2)),
        misfit("CrossEntropyLoss", "dy", "(2,)", "()"),
    ),
    (
        lambda: run(nn.CrossEntropyLoss(reduction="sum"), (zeros(2, 3), [0, 1]), np.array(1)),
        integer("CrossEntropyLoss", "dy"),
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()


class Tensor:
    """Like torch's on a GPU, which NumPy cannot read."""

    device = "cuda:0"

    def __array__(self) -> None:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


@pytest.mark.parametrize(
    ("layer", "name"), [(nn.ReLU(), "x"), (nn.Embedding(3, 2, rng=np.random.default_rng(0)), "input")]
)
def test_a_tensor_on_another_device_is_refused(layer: nn.Module, name: str) -> None:
    with pytest.raises(InputError) as caught:
        layer(Tensor())
    assert str(caught.value) == (
        f"{type(layer).__name__}: {name} is a {__name__}.Tensor on the device cuda:0 but must be a NumPy array; "
        f"convert it, as with x.detach().cpu().numpy() or np.asarray(x)"
    )


@pytest.mark.parametrize(
    "layer", [nn.ReLU(), nn.Embedding(9, 2, rng=np.random.default_rng(0))], ids=["ReLU", "Embedding"]
)
def test_rows_of_unequal_length_are_refused(layer: nn.Module) -> None:
    name = "x" if isinstance(layer, nn.ReLU) else "input"
    with pytest.raises(InputError) as caught:
        layer([[1, 2], [3]])
    message = str(caught.value)
    assert message.startswith(f"{type(layer).__name__}: {name} is no array: setting an array element with a sequence.")
    assert message.endswith("; make all rows equally long")


def test_a_scalar_of_numpy_is_an_array_of_no_dimension() -> None:
    assert nn.ReLU()(np.float32(-1.5)).shape == ()
