"""Initial values of parameters, as torch draws them: new arrays for layers, and torch's functions that fill an array.

Functions whose name ends in _ fill `tensor`, an array such as `layer.weight.data`, in place and return it.
"""

from math import ceil, sqrt
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array

Mode = Literal["fan_in", "fan_out"]
CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float, dtype: DTypeLike) -> Array:
    """U(-bound, bound)."""
    return rng.uniform(-bound, bound, shape).astype(dtype)


def fan_in_uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, dtype: DTypeLike) -> Array:
    """U(-1/√fan_in, 1/√fan_in): torch's default for weights and biases of linear and convolution layers."""
    return uniform(rng, shape, 1 / sqrt(fan_in), dtype)


def xavier_uniform(rng: np.random.Generator, shape: tuple[int, int], dtype: DTypeLike) -> Array:
    """U(-a, a) with a = √(6 / (fan_in + fan_out)). Source: Glorot and Bengio, AISTATS 2010, equation 16."""
    return uniform(rng, shape, sqrt(6 / sum(shape)), dtype)


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """N(0, 1)."""
    return rng.standard_normal(shape).astype(dtype)


def constant_(tensor: Array, val: float) -> Array:
    """Fill with val."""
    _writable("constant_", tensor)[...] = val
    return tensor


def zeros_(tensor: Array) -> Array:
    """Fill with 0."""
    _writable("zeros_", tensor)[...] = 0
    return tensor


def ones_(tensor: Array) -> Array:
    """Fill with 1."""
    _writable("ones_", tensor)[...] = 1
    return tensor


def eye_(tensor: Array) -> Array:
    """Make a matrix the identity, of which a linear layer keeps as many inputs as it can."""
    _writable("eye_", tensor, 2)[...] = np.eye(*tensor.shape)
    return tensor


def dirac_(tensor: Array, groups: int = 1) -> Array:
    """Make a convolution's weight (out, in, *kernel) the identity, of each group and as many channels as it can."""
    _writable("dirac_", tensor, 3, 4, 5)
    out = tensor.shape[0]
    if groups < 1 or out % groups:
        raise InputError(f"dirac_: groups={groups} must divide the {out} output channels; choose a divisor")
    channel = np.arange(min(out // groups, tensor.shape[1]))
    first = np.arange(groups)[:, None] * (out // groups)
    centre = tuple(size // 2 for size in tensor.shape[2:])
    tensor[...] = 0
    tensor[(first + channel, channel, *centre)] = 1
    return tensor


def uniform_(tensor: Array, a: float = 0.0, b: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Fill from U(a, b)."""
    _writable("uniform_", tensor)
    tensor[...] = rng.uniform(a, b, tensor.shape)
    return tensor


def normal_(tensor: Array, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Fill from N(mean, std²)."""
    _writable("normal_", tensor)
    tensor[...] = rng.normal(mean, std, tensor.shape)
    return tensor


def trunc_normal_(
    tensor: Array, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, *, rng: np.random.Generator
) -> Array:
    """Fill from N(mean, std²) as far as it lies in [a, b], which are values, not multiples of std.

    Uniform draws from [a, b], but from no more than 9 std around the mean, are kept in proportion to the density.
    """
    _writable("trunc_normal_", tensor)
    if not std > 0:
        raise InputError(f"trunc_normal_: std is {std} but must be above 0; use constant_ for a spread of none")
    if not a - 2 * std <= mean <= b + 2 * std or a >= b:
        raise InputError(
            f"trunc_normal_: [a, b] is [{a}, {b}] but must reach within 2 std = {2 * std} of the mean {mean}; widen it"
        )
    low, high = max(a, mean - 9 * std), min(b, mean + 9 * std)
    peak = min(max(mean, low), high)
    missing = np.ones(tensor.shape, bool)
    while missing.any():
        x = rng.uniform(low, high, tensor.shape)
        density = np.exp(((peak - mean) ** 2 - (x - mean) ** 2) / (2 * std**2))
        found = missing & (rng.random(tensor.shape) < density)
        tensor[found] = x[found]
        missing &= ~found
    return tensor


def xavier_uniform_(tensor: Array, gain: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Fill from U(-a, a), a = gain · √(6 / (fan_in + fan_out)). Source: Glorot and Bengio, 2010, equation 16."""
    bound = gain * sqrt(6 / sum(_fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor: Array, gain: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Fill from N(0, σ²), σ = gain · √(2 / (fan_in + fan_out)). Source: Glorot and Bengio, 2010, equation 12."""
    return normal_(tensor, 0.0, gain * sqrt(2 / sum(_fans("xavier_normal_", tensor))), rng=rng)


def kaiming_uniform_(
    tensor: Array,
    a: float = 0.0,
    mode: Mode = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Array:
    """Fill from U(-b, b), b = gain · √(3 / fan); a is leaky_relu's slope. Source: He et al., 2015, section 2.2."""
    bound = sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(
    tensor: Array,
    a: float = 0.0,
    mode: Mode = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Array:
    """Fill from N(0, σ²), σ = gain / √fan; a is leaky_relu's slope. Source: He et al., 2015, section 2.2."""
    return normal_(tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng=rng)


def orthogonal_(tensor: Array, gain: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Make gain times a random orthogonal matrix of (out, the rest): rows, or columns if they are fewer, orthonormal.

    It is Q of the decomposition QR of a Gaussian matrix, with R's diagonal positive, so that none is preferred.
    Source: Saxe et al., ICLR 2014; Mezzadri, 2007.
    """
    _fans("orthogonal_", tensor)
    rows, columns = tensor.shape[0], tensor[0].size
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q = q @ np.diag(np.sign(np.diag(r)))
    tensor[...] = gain * (q if rows >= columns else q.T).reshape(tensor.shape)
    return tensor


def sparse_(tensor: Array, sparsity: float, std: float = 0.01, *, rng: np.random.Generator) -> Array:
    """Fill a matrix from N(0, std²), but ⌈sparsity · rows⌉ entries of each column with 0. Source: Martens, 2010."""
    normal_(_writable("sparse_", tensor, 2), 0.0, std, rng=rng)
    rows, columns = tensor.shape
    is_zero = np.repeat(np.arange(rows)[:, None] < ceil(sparsity * rows), columns, axis=1)
    tensor[rng.permuted(is_zero, axis=0)] = 0
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps a signal's size through a nonlinearity; param is leaky_relu's slope, 0.01 if None."""
    slope = 0.01 if param is None else param
    gains = {"tanh": 5 / 3, "relu": sqrt(2), "leaky_relu": sqrt(2 / (1 + slope**2)), "selu": 3 / 4}
    if nonlinearity in ("linear", "sigmoid") or nonlinearity in CONVOLUTIONS:
        return 1.0
    if nonlinearity not in gains:
        raise InputError(
            f"calculate_gain: nonlinearity is {nonlinearity!r}; choose one of linear, sigmoid, {', '.join(gains)}"
        )
    return gains[nonlinearity]


def _kaiming_std(function: str, tensor: Array, a: float, mode: Mode, nonlinearity: str) -> float:
    fan_in, fan_out = _fans(function, tensor)
    fans = {"fan_in": fan_in, "fan_out": fan_out}
    if mode not in fans:
        raise InputError(f"{function}: mode is {mode!r}; choose 'fan_in' or 'fan_out'")
    return calculate_gain(nonlinearity, a) / sqrt(fans[mode])


def _fans(function: str, tensor: Array) -> tuple[int, int]:
    """fan_in and fan_out of a weight of shape (out, in, *kernel)."""
    if _writable(function, tensor).ndim < 2:
        raise InputError(f"{function}: tensor has shape {tensor.shape}, no fans; pass a weight of (out, in, ...)")
    return tensor[0].size, tensor[:, 0].size


def _writable(function: str, tensor: Array, *dimensions: int) -> Array:
    """`tensor`, if it is an array of floating-point numbers and has as many dimensions as it may."""
    if not (isinstance(tensor, np.ndarray) and np.issubdtype(tensor.dtype, np.floating)):
        raise InputError(f"{function}: tensor is {type(tensor).__name__}, no floating-point array; pass parameter.data")
    if dimensions and tensor.ndim not in dimensions:
        wanted = " or ".join(map(str, dimensions))
        raise InputError(f"{function}: tensor has shape {tensor.shape} but must have {wanted} dimensions; reshape it")
    return tensor
