"""The network that a transformer applies at every position."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import GELU
from nnlab.nn.arrays import Array
from nnlab.nn.case import Case, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.rectifier import ReLU

__all__ = ["FeedForward"]


class FeedForward(Module):
    """y = linear2(dropout(activation(linear1(x)))), with dim_feedforward entries between; x and y have d_model.

    x has shape (..., d_model). The activation is "relu" or "gelu". Source: Vaswani et al., "Attention Is All You Need",
    2017, equation 2.
    """

    in_torch = False
    rows_from = 2
    cases = (
        Case(4, 5, dropout=0.0, x=Normal((2, 3, 4))),
        Case(3, 4, dropout=0.3, activation="gelu", bias=False, x=Normal((5, 2, 3))),
        Case(5, 3, dropout=0.3, x=Normal((4, 5)), train=False),
    )

    def __init__(
        self,
        d_model: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Literal["relu", "gelu"] = "relu",
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.activation = activation_named(self, activation)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)

    def forward(self, x: ArrayLike) -> Array:
        y: Array = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y

    def backward(self, dy: ArrayLike) -> Array:
        dhidden = self.dropout.backward(self.linear2.backward(dy))
        dx: Array = self.linear1.backward(self.activation.backward(dhidden))
        return dx


def activation_named(owner: object, name: str) -> Module:
    """A new ReLU or GELU. Raises InputError for another name."""
    activations: dict[str, type[Module]] = {"relu": ReLU, "gelu": GELU}
    if name not in activations:
        raise InputError(
            f"{type(owner).__name__}: activation is {name!r} but must be 'relu' or 'gelu'; choose one of them"
        )
    return activations[name]()
