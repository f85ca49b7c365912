"""Tables of vectors, looked up by index."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, indices
from nnlab.nn.case import Case, Fixed, Indices
from nnlab.nn.init import normal
from nnlab.nn.module import Module, Parameter

__all__ = ["Embedding"]


class Embedding(Module):
    """y = weight[input], with integers input of shape (...) and y of shape (..., embedding_dim).

    Row padding_idx, counted from the end where it is negative, starts at zero and receives no gradient.
    """

    cases = (
        Case(7, 3, x=Indices((2, 4, 5), 7)),
        Case(4, 5, padding_idx=1, x=Indices((2, 3, 4), 4)),
        Case(5, 2, padding_idx=-1, x=Fixed([[4, 0, 4], [2, 2, 3]])),
        Case(6, 3, padding_idx=0, x=Indices((5,), 3), train=False),
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.weight = Parameter(normal(rng, (num_embeddings, embedding_dim), dtype))
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise InputError(
                    f"Embedding: padding_idx must lie in [{-num_embeddings}, {num_embeddings}) but is {padding_idx}; "
                    f"name one of the {num_embeddings} rows, or leave it out"
                )
            padding_idx %= num_embeddings
            self.weight.data[padding_idx] = 0.0
            self.weight.constant = np.arange(num_embeddings)[:, None] == padding_idx
        self.padding_idx = padding_idx

    def forward(self, input: ArrayLike) -> Array:
        index = indices(self, input, (...,), self.num_embeddings)
        y: Array = self.weight.data[index].copy()
        self.cache = index
        return y

    def backward(self, dy: ArrayLike) -> None:
        index = self.cache
        dy = borrow(self, dy, (*index.shape, self.embedding_dim), self.weight.data.dtype, "dy")
        learned = index != self.padding_idx
        np.add.at(self.weight.grad, index[learned], dy[learned])
