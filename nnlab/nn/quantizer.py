"""Vector quantisation, with a gradient that passes straight through."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow, own
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.init import uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["VectorQuantizer"]

_Z = [[[0.5, -1.0, 0.2], [-0.3, 0.8, 1.1]], [[1.4, 0.1, -0.7], [-0.9, -0.6, 0.4]]]
_Q = [[[0.1, -0.4, 0.9], [0.1, -0.4, 0.9]], [[1.0, 0.6, -1.2], [-0.2, -1.3, 0.5]]]


class VectorQuantizer(Module):
    """y = z + sg(q - z), with q = weight[k] the entry nearest to z and sg the stop-gradient, so that dz = dy.

    z and y have shape (..., embedding_dim), weight (num_embeddings, embedding_dim); of equally near entries the first
    is taken. forward returns (y, codebook_loss, commitment_loss, indices): mean (sg(z) - q)², commitment_cost · mean
    (z - sg(q))², means over all entries, and k of shape (...). The gradient is biased on purpose: it is that of a
    function in which what is stopped stays what it was, held_z for z and held_q for q. Both are taken from this
    forward unless they are given; where they are, backward is the exact derivative, by z and weight, and can be
    checked by differences. Source: van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning",
    2017, equation 3.
    """

    in_torch = False
    cases = (
        Case(5, 3, x=[Normal((2, 2, 3)), Fixed(_Z), Fixed(_Q)]),
        Case(2, 3, commitment_cost=1.5, x=[Normal((2, 3)), Fixed(_Z[0]), Fixed(_Q[1])], train=False),
        Case(1, 3, x=[Normal((3,)), Fixed(_Z[0][1]), Fixed(_Q[0][0])]),
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        commitment_cost: float = 0.25,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if num_embeddings < 1:
            raise InputError(
                f"VectorQuantizer: num_embeddings is {num_embeddings} but the codebook needs an entry; raise it"
            )
        self.embedding_dim = embedding_dim
        self.commitment_cost = commitment_cost
        self.weight = Parameter(uniform(rng, (num_embeddings, embedding_dim), 1 / num_embeddings, dtype))

    def forward(
        self, z: ArrayLike, held_z: ArrayLike | None = None, held_q: ArrayLike | None = None
    ) -> tuple[Array, Array, Array, Integers]:
        weight = self.weight.data
        z = own(self, z, (..., self.embedding_dim), weight.dtype, "z")
        held_z = z if held_z is None else own(self, held_z, z.shape, z.dtype, "held_z")
        # |z - e|² = |z|² - 2 z·e + |e|², without the term that is the same for all entries e
        k: Integers = ((weight**2).sum(1) - 2 * held_z @ weight.T).argmin(-1)
        q = np.take(weight, k, 0)
        held_q = q if held_q is None else own(self, held_q, z.shape, z.dtype, "held_q")
        y = held_q + (z - held_z)
        codebook_loss = np.asarray(((held_z - q) ** 2).mean())
        commitment_loss = np.asarray(self.commitment_cost * ((z - held_q) ** 2).mean())
        self.cache = z, q, held_z, held_q, k
        return y, codebook_loss, commitment_loss, np.array(k)

    def backward(
        self,
        dy: ArrayLike,
        dcodebook_loss: ArrayLike | None = None,
        dcommitment_loss: ArrayLike | None = None,
        dindices: object = None,
    ) -> Array:
        z, q, held_z, held_q, k = self.cache
        dz: Array = borrow(self, dy, z.shape, z.dtype, "dy").copy()
        if dcommitment_loss is not None:
            share = self.commitment_cost * borrow(self, dcommitment_loss, (), z.dtype, "dcommitment_loss") / z.size
            dz += 2 * share * (z - held_q)
        if dcodebook_loss is not None:
            share = borrow(self, dcodebook_loss, (), z.dtype, "dcodebook_loss") / z.size
            np.add.at(self.weight.grad, k, 2 * share * (q - held_z))
        return dz
