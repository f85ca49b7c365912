"""Tables of vectors, looked up by index."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow, indices
from nnlab.nn.case import Case, Fixed, Indices
from nnlab.nn.init import normal
from nnlab.nn.module import Module, Parameter

__all__ = ["Embedding", "Table"]


class Table(Module):
    """The rows of `weight`, of which row padding_idx starts at zero, and a limit to their norms."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.weight = Parameter(normal(rng, (num_embeddings, embedding_dim), dtype))
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise InputError(
                    f"{type(self).__name__}: padding_idx must lie in [{-num_embeddings}, {num_embeddings}) "
                    f"but is {padding_idx}; name one of the {num_embeddings} rows, or leave it out"
                )
            padding_idx %= num_embeddings
            self.weight.data[padding_idx] = 0.0
            self.weight.constant = np.arange(num_embeddings)[:, None] == padding_idx
        self.padding_idx = padding_idx

    def shorten(self, index: Integers) -> None:
        """Scale the rows of `index` that are longer than max_norm down to it, in place."""
        if self.max_norm is not None:
            rows = np.unique(index)
            norms = np.linalg.norm(self.weight.data[rows], self.norm_type, axis=1)
            long = norms > self.max_norm
            self.weight.data[rows[long]] *= (self.max_norm / (norms[long] + 1e-7))[:, None]


class Embedding(Table):
    """y = weight[input], with integers input of shape (...) and y of shape (..., embedding_dim).

    Row padding_idx, counted from the end where it is negative, starts at zero and receives no gradient. Where max_norm
    is given, forward first writes to `weight` itself, as torch does: it scales each row that is looked up, and whose
    norm_type-norm exceeds max_norm, down to max_norm. backward takes no note of that.
    """

    cases = (
        Case(7, 3, x=Indices((2, 4, 5), 7)),
        Case(4, 5, padding_idx=1, x=Indices((2, 3, 4), 4)),
        Case(5, 2, padding_idx=-1, x=Fixed([[4, 0, 4], [2, 2, 3]])),
        Case(6, 3, padding_idx=0, x=Indices((5,), 3), train=False),
        Case(6, 4, 2, 30.0, 1.5, x=Indices((3, 2, 4), 6)),
        Case(3, 2, padding_idx=1, x=Indices((800,), 3)),
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, rng, dtype)

    def forward(self, input: ArrayLike) -> Array:
        index = indices(self, input, (...,), self.num_embeddings)
        self.shorten(index)
        y: Array = self.weight.data[index].copy()
        self.cache = index
        return y

    def backward(self, dy: ArrayLike) -> None:
        index = self.cache
        dy = borrow(self, dy, (*index.shape, self.embedding_dim), self.weight.data.dtype, "dy")
        learned = index != self.padding_idx
        np.add.at(self.weight.grad, index[learned], dy[learned])
