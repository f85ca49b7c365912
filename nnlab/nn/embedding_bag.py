"""Vectors looked up by index and summed up in bags."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow, check_shape, indices, own
from nnlab.nn.case import Case, Fixed, Indices, Normal
from nnlab.nn.embedding import Table
from nnlab.nn.segments import segments

__all__ = ["EmbeddingBag"]


class EmbeddingBag(Table):
    """y_b = Σ wᵢ weight[inputᵢ] over the entries i of bag b, or their mean or greatest without w; y is (B, D).

    input is (B, N), B bags of N; or (M,), of which bag b begins at offsets[b] and ends where the next one begins, the
    last one at M (with include_last_offset the last of offsets is M and begins no bag). per_sample_weights w has the
    shape of input, and is for mode "sum". Entries equal to padding_idx are as if they were not there, and an empty bag
    gives zeros. max_norm and norm_type make forward write to `weight`, as in Embedding. torch's scale_grad_by_freq and
    sparse are left out, which is why the arguments after them go by keyword.
    """

    cases = (
        Case(7, 3, x=Indices((4, 5), 7)),
        Case(5, 4, mode="sum", x=[Indices((6,), 5), Fixed([0, 2, 2, 5]), Normal((6,))]),
        Case(5, 3, 30.0, 1.5, mode="max", padding_idx=1, x=[Indices((9,), 5), Fixed([0, 4, 4])]),
        Case(4, 2, padding_idx=-1, include_last_offset=True, x=[Indices((7,), 4), Fixed([0, 3, 3, 4, 7])]),
        Case(4, 5, mode="sum", padding_idx=0, x=[Indices((3, 6), 4), Fixed(None), Normal((3, 6))], train=False),
        Case(6, 3, mode="max", x=Indices((2, 5), 6)),
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        mode: Literal["sum", "mean", "max"] = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if mode not in ("sum", "mean", "max"):
            raise InputError(f"EmbeddingBag: mode is {mode!r} but must be 'sum', 'mean' or 'max'; choose one of them")
        super().__init__(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, rng, dtype)
        self.mode = mode
        self.include_last_offset = include_last_offset

    def forward(
        self, input: ArrayLike, offsets: ArrayLike | None = None, per_sample_weights: ArrayLike | None = None
    ) -> Array:
        grid = indices(self, input, (None,) if np.ndim(input) == 1 else (None, None), self.num_embeddings)
        begin = self._begin(grid, offsets)
        w = self._weights(grid, per_sample_weights)
        self.shorten(grid)
        real = grid != self.padding_idx
        bag = (np.searchsorted(begin, np.arange(grid.size), "right") - 1)[real.ravel()]
        entries = self.weight.data[grid[real]]
        share = self._share(entries, bag, w[real]).astype(entries.dtype)
        y = segments(np.add, share * entries, bag, len(begin))
        self.cache = grid, real, bag, entries, share, y.shape, per_sample_weights is not None
        return y

    def backward(self, dy: ArrayLike) -> tuple[None, None, Array | None]:
        grid, real, bag, entries, share, shape, weighted = self.cache
        dy = borrow(self, dy, shape, entries.dtype, "dy")[bag]
        np.add.at(self.weight.grad, grid[real], share * dy)
        if not weighted:
            return None, None, None
        dper_sample_weights: Array = np.zeros(grid.shape, entries.dtype)
        dper_sample_weights[real] = (entries * dy).sum(1)
        return None, None, dper_sample_weights

    def _share(self, entries: Array, bag: Integers, w: Array) -> Array:
        """What an entry counts in its bag: its weight, 1 / the bag's size, or 1 in the columns where it is greatest."""
        if self.mode == "sum":
            return w[:, None]
        if self.mode == "mean":
            return 1 / np.bincount(bag)[bag, None]
        _, begin, which = np.unique(bag, return_index=True, return_inverse=True)
        is_greatest = ~(entries < np.maximum.reduceat(entries, begin)[which])
        place = np.where(is_greatest, np.arange(len(bag))[:, None], len(bag))
        share = np.zeros_like(entries)
        np.put_along_axis(share, np.minimum.reduceat(place, begin), 1, 0)
        return share

    def _weights(self, grid: Integers, per_sample_weights: ArrayLike | None) -> Array:
        """A private copy of the weights, or ones."""
        if per_sample_weights is None:
            return np.ones(grid.shape)
        if self.mode != "sum":
            raise InputError(
                f"EmbeddingBag: per_sample_weights are for mode 'sum' but mode is {self.mode!r}; "
                f"leave them out, or build the layer with mode='sum'"
            )
        return own(self, per_sample_weights, grid.shape, self.weight.data.dtype, "per_sample_weights")

    def _begin(self, grid: Integers, offsets: ArrayLike | None) -> Integers:
        """Where in the flat input each bag begins."""
        if (grid.ndim == 1) == (offsets is None):
            state = "missing" if offsets is None else "given"
            raise InputError(
                f"EmbeddingBag: input has shape {grid.shape} and offsets are {state}, but an input of one dimension "
                f"needs them and one of two has none; pass or drop them, or reshape the input"
            )
        if offsets is None:
            starts: Integers = np.arange(len(grid)) * grid.shape[1]
            return starts
        begin = np.asarray(offsets)
        check_shape("EmbeddingBag", "offsets", begin.shape, (None,))
        bounds = begin if self.include_last_offset else np.append(begin, grid.size)
        ends_fit = bounds[:1].tolist() == [0] and bounds[-1] == grid.size
        if not (ends_fit and np.issubdtype(begin.dtype, np.integer) and (bounds[1:] >= bounds[:-1]).all()):
            raise InputError(
                f"EmbeddingBag: offsets are {begin.tolist()} but must be integers that rise from 0 to "
                f"{'' if self.include_last_offset else 'at most '}{grid.size}, the length of input; "
                f"say where each bag begins"
            )
        return bounds[:-1]
