"""Layers around a layer, which compute one of its weights from other parameters, as torch's parametrizations do."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.attention import MultiheadAttention
from nnlab.nn.case import Case, Input, Normal
from nnlab.nn.conv import Conv1d
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter

__all__ = ["SpectralNorm", "WeightNorm"]

_SEQUENCES: list[Input] = [Normal((3, 2, 4)), Normal((5, 2, 4)), Normal((5, 2, 4))]


class _Parametrized(Module):
    """y = module(x), with the weight `name` of module computed anew in every forward.

    Parameters, buffers and states have the names that torch gives them: those of module without a prefix, and below
    parametrizations.name what stands in for the weight. module.name.data holds the weight of the latest forward.
    """

    def __init__(self, module: Module, name: str) -> None:
        found = {key: value for key, value in vars(module).items() if isinstance(value, Parameter)}
        if name not in found:
            raise InputError(
                f"{type(self).__name__}: {type(module).__name__} has no parameter {name!r}; "
                f"name one of its own: {sorted(found)}"
            )
        self.module = module
        self.name = name

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        hidden = prefix + self.name
        yield from (pair for pair in self.module.named_parameters(prefix) if pair[0] != hidden)
        for key, value in vars(self).items():
            if isinstance(value, Parameter):
                yield f"{prefix}parametrizations.{self.name}.{key}", value

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Array]]:
        yield from self.module.named_buffers(prefix)
        for key in self.buffers:
            yield f"{prefix}parametrizations.{self.name}.0.{key}", getattr(self, key)

    def _run(self, weight: Array, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """What module makes of its inputs with this weight."""
        getattr(self.module, self.name).data = weight
        return self.module(*inputs, **named)

    def _run_backward(self, dy: tuple[Any, ...]) -> tuple[Any, Array]:
        """The gradients of the inputs, and that of the weight."""
        weight: Parameter = getattr(self.module, self.name)
        weight.grad = np.zeros_like(weight.data)
        dinputs = self.module.backward(*dy)
        return dinputs, weight.grad


class WeightNorm(_Parametrized):
    """y = module(x) with weight = g v / |v|, the norms of v taken over all axes but `dim`, or over all if it is None.

    g is parametrizations.weight.original0, v is parametrizations.weight.original1, as torch names them, and as in torch
    dim=-1 is None. They start at the norms of module's weight and at that weight.
    Source: Salimans and Kingma, "Weight Normalization", 2016, equations 2 and 3.
    """

    in_torch = False
    cases = (
        Case(lambda rng: Linear(4, 3, rng=rng), x=Normal((2, 5, 4))),
        Case(lambda rng: Conv1d(2, 3, 2, rng=rng), dim=1, x=Normal((4, 2, 5))),
        Case(lambda rng: Conv1d(3, 2, 2, bias=False, rng=rng), dim=None, x=Normal((2, 3, 4))),
        Case(lambda rng: Linear(2, 5, rng=rng), "bias", None, x=Normal((3, 2)), train=False),
    )

    def __init__(self, module: Module, name: str = "weight", dim: int | None = 0) -> None:
        super().__init__(module, name)
        weight: Array = getattr(module, name).data
        self.axes: tuple[int, ...] | None = None
        if dim is not None and dim != -1:
            kept = _axis(self, dim, weight)
            self.axes = tuple(axis for axis in range(weight.ndim) if axis != kept)
        self.original0 = Parameter(np.asarray(self._norm(weight)))
        self.original1 = Parameter(weight.copy())

    def forward(self, *inputs: Any, **named: Any) -> Any:
        g, v = self.original0.data, self.original1.data
        norm = self._norm(v)
        v_hat = v / norm
        self.cache = v_hat, g / norm
        return self._run(g * v_hat, inputs, named)

    def backward(self, *dy: Any) -> Any:
        v_hat, scale = self.cache
        dinputs, dweight = self._run_backward(dy)
        dg = self._sum(dweight * v_hat)
        self.original0.grad += dg
        self.original1.grad += scale * (dweight - dg * v_hat)
        return dinputs

    def _norm(self, v: Array) -> Array:
        norm: Array = np.sqrt(self._sum(v**2))
        return norm

    def _sum(self, v: Array) -> Array:
        """The sums over all axes but `dim`, which stays in place, or the sum of all."""
        sums: Array = v.sum(self.axes, keepdims=self.axes is not None)
        return sums


class SpectralNorm(_Parametrized):
    """y = module(x) with weight = W / σ and σ = uᵀ W v, W as a matrix with a row for each entry of its axis `dim`.

    W is parametrizations.weight.original. Unit vectors u and v, the buffers parametrizations.weight.0._u and ._v, tend
    to the first singular vectors, and so σ to the spectral norm: in training each forward first takes
    n_power_iterations steps u = W v / |W v|, v = Wᵀ u / |Wᵀ u|, with norms no less than eps. backward holds u and v
    fixed. For a transposed convolution give dim=1, as torch does. Source: Miyato et al., "Spectral Normalization for
    Generative Adversarial Networks", 2018, section 2.1 and algorithm 1.
    """

    in_torch = False
    buffers = ("_u", "_v")
    cases = (
        Case(lambda rng: Linear(4, 3, rng=rng), x=Normal((2, 5, 4)), train=False),
        Case(lambda rng: Conv1d(3, 1, 2, rng=rng), n_power_iterations=2, x=Normal((4, 3, 5))),
        Case(lambda rng: Conv1d(2, 4, 3, rng=rng), dim=1, eps=1e-3, x=Normal((3, 2, 6)), train=False),
        Case(lambda rng: MultiheadAttention(4, 2, rng=rng), "in_proj_weight", x=_SEQUENCES, train=False),
    )

    def __init__(
        self,
        module: Module,
        name: str = "weight",
        n_power_iterations: int = 1,
        eps: float = 1e-12,
        dim: int = 0,
        *,
        rng: np.random.Generator,
    ) -> None:
        super().__init__(module, name)
        weight: Array = getattr(module, name).data
        if weight.ndim < 2:
            raise InputError(
                f"SpectralNorm: {name} has shape {weight.shape} but a matrix is needed; name another parameter"
            )
        if n_power_iterations < 1:
            raise InputError(
                f"SpectralNorm: n_power_iterations is {n_power_iterations} but must be at least 1; "
                f"call eval() to keep u and v as they are"
            )
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        self.dim = _axis(self, dim, weight)
        self.original = Parameter(weight.copy())
        matrix = self._matrix(weight)
        start = rng.standard_normal(matrix[0].shape).astype(weight.dtype)
        self._u, self._v = self._power(matrix, start, 15)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        weight = self.original.data
        matrix = self._matrix(weight)
        u, v = self._u.astype(weight.dtype), self._v.astype(weight.dtype)
        if self.training:
            u, v = self._power(matrix, v, self.n_power_iterations)
        self._u, self._v = u, v
        sigma = u @ matrix @ v
        normalized = weight / sigma
        self.cache = normalized, sigma, self._unmatrix(np.outer(u, v))
        return self._run(normalized.copy(), inputs, named)

    def backward(self, *dy: Any) -> Any:
        normalized, sigma, uv = self.cache
        dinputs, dweight = self._run_backward(dy)
        dsigma = -(dweight * normalized).sum() / sigma
        self.original.grad += dweight / sigma + dsigma * uv
        return dinputs

    def _power(self, matrix: Array, v: Array, times: int) -> tuple[Array, Array]:
        """u and v after so many steps of the power method."""
        for _ in range(times):
            u = self._unit(matrix @ v)
            v = self._unit(matrix.T @ u)
        return u, v

    def _unit(self, x: Array) -> Array:
        unit: Array = x / np.maximum(np.linalg.norm(x), self.eps)
        return unit

    def _matrix(self, weight: Array) -> Array:
        rows = weight.shape[self.dim]
        return np.moveaxis(weight, self.dim, 0).reshape(rows, weight.size // rows)

    def _unmatrix(self, matrix: Array) -> Array:
        """An array like the weight, of which `matrix` is the matrix."""
        shape = np.moveaxis(self.original.data, self.dim, 0).shape
        return np.moveaxis(matrix.reshape(shape), 0, self.dim)


def _axis(owner: object, dim: int, weight: Array) -> int:
    """dim, counted from the end where it is negative. Raises InputError."""
    if not -weight.ndim <= dim < weight.ndim:
        raise InputError(
            f"{type(owner).__name__}: dim must lie in [{-weight.ndim}, {weight.ndim}) but is {dim}; "
            f"choose an axis of the weight, which has shape {weight.shape}"
        )
    return dim % weight.ndim
