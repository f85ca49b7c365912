"""initialiser: initial values have the distribution that their formula says, or are exactly what it says."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.beginnings import BEGINNINGS, padding_is_zero
from nnlab.detectors.references.chance import distributed, normal_cdf
from nnlab.detectors.references.given import Array, entrywise
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from nnlab.nn import init

Rng = np.random.Generator
Fill = Callable[..., Array]


@dataclass(frozen=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))


@dataclass(frozen=True)
class Gaussian:
    """N(mean, std²), as far as it lies in [low, high]."""

    mean: float
    std: float
    low: float = -math.inf
    high: float = math.inf

    def cdf(self, x: float) -> float:
        below, p, above = (normal_cdf((value - self.mean) / self.std) for value in (self.low, x, self.high))
        return (p - below) / (above - below)


def keeps(name: str, values: Array, law: Uniform | Gaussian) -> None:
    """Raise Detected unless the values are all different, inside the law's bounds, and distributed as it says.

    The largest and the smallest of n uniform numbers are each within 40 / n of the bounds but for a chance of e⁻⁴⁰.
    """
    slack = 1e-6 * (abs(law.low) + abs(law.high)) if math.isfinite(law.low + law.high) else 0.0  # float32's rounding
    low, high = float(values.min()), float(values.max())
    inside = law.low - slack <= low and high <= law.high + slack
    require(inside, f"{name}: expected values in [{law.low:.6g}, {law.high:.6g}], got [{low:.6g}, {high:.6g}]")
    if isinstance(law, Uniform):
        reach = (law.high - law.low) * 40 / values.size
        wide = low <= law.low + reach and high >= law.high - reach
        require(wide, f"{name}: expected to reach [{law.low:.6g}, {law.high:.6g}], got [{low:.6g}, {high:.6g}]")
    different = len(np.unique(values))
    twins = values.size * 0.01 if values.dtype == np.float32 else 2  # that chance explains
    require(different >= values.size - twins, f"{name}: expected {values.size} different numbers, got {different}")
    distributed(name, entrywise(law.cdf, values.ravel()).reshape(-1, 1), 1)


def _fills(fill: Fill, shape: tuple[int, ...], law: Uniform | Gaussian, seed: int) -> None:
    """Every entry, in place and in the array's dtype; each seed has its own values and each call new ones."""
    wide = np.full((shape[0], 2, *shape[1:]), np.nan)
    tensor = wide[:, 0]  # not contiguous, so that what fills a copy leaves it unfilled
    rng = np.random.default_rng(seed)
    _is_filled(tensor, fill(tensor, rng=rng))
    require(bool(np.isnan(wide[:, 1]).all()), "tensor: expected nothing beside it to change, but it did")
    keeps("tensor", tensor, law)
    again = [fill(np.empty(shape), rng=np.random.default_rng(seed)), fill(np.empty(shape), rng=rng)]
    require(np.array_equal(again[0], tensor), "tensor: expected the same values from the same seed, got others")
    require(not np.array_equal(again[1], tensor), "tensor: expected new values from the second call, got the same")
    narrow = np.empty(shape, np.float32)
    filled = fill(narrow, rng=np.random.default_rng(seed))
    _is_filled(narrow, filled)
    keeps("float32 tensor", narrow, law)


def _is_filled(tensor: Array, returned: Array) -> None:
    require(returned is tensor, "returned: expected the tensor itself, got another array")
    require(bool(np.isfinite(tensor).all()), "tensor: expected all entries to be filled, got some that are not")


def _has(make: Callable[[Rng], dict[str, Array]], laws: dict[str, Uniform | Gaussian], seed: int) -> None:
    """The initial values of a layer, each array by its own law; each seed has its own."""
    values = make(np.random.default_rng(seed))
    again = make(np.random.default_rng(seed))
    for name, law in laws.items():
        keeps(name, values[name], law)
        require(np.array_equal(again[name], values[name]), f"{name}: expected the same values from the same seed")


def _is_exactly(fill: Callable[[Array], Array], expected: Array, seed: int) -> None:
    for dtype in (np.float64, np.float32):
        tensor = np.full(expected.shape, np.nan, dtype)
        require(fill(tensor) is tensor, "returned: expected the tensor itself, got another array")
        for index in np.argwhere(tensor != expected)[:1].tolist():
            got, wanted = tensor[tuple(index)], expected[tuple(index)]
            require(False, f"tensor{index}: expected {wanted}, got {got}")


def _dirac(shape: tuple[int, ...], groups: int) -> Array:
    """Output channel c of each group is 1 at input channel c in the middle of the kernel."""
    weight = np.zeros(shape)
    size = shape[0] // groups
    for group in range(groups):
        for channel in range(min(size, shape[1])):
            weight[(group * size + channel, channel, *(n // 2 for n in shape[2:]))] = 1
    return weight


def _orthogonal(shape: tuple[int, ...], gain: float, seed: int) -> None:
    """Rows, or columns if they are fewer, are orthogonal and `gain` long."""
    rng = np.random.default_rng(seed)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        tensor = np.full(shape, np.nan, dtype)
        _is_filled(tensor, init.orthogonal_(tensor, gain, rng=rng))
        w = tensor.reshape(shape[0], -1).astype(np.float64)
        gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
        error = np.abs(gram - gain**2 * np.eye(len(gram))).max()
        require(error <= tolerance * gain**2, f"W Wᵀ: expected {gain**2:.6g} times the identity, off by {error:.3g}")
    same, again = (init.orthogonal_(np.empty(shape), gain, rng=np.random.default_rng(seed)) for _ in range(2))
    require(np.array_equal(same, again), "tensor: expected the same values from the same seed, got others")


def _orthogonal_is_fair(seed: int) -> None:
    """Of a random orthogonal 2 × 2 matrix the angle of the first row is uniform, and half have determinant 1."""
    rng = np.random.default_rng(seed)
    matrices = [init.orthogonal_(np.empty((2, 2)), rng=rng) for _ in range(1000)]
    angles = np.array([math.atan2(m[0, 1], m[0, 0]) for m in matrices])
    distributed("the first row's angle", (angles[:, None] + math.pi) / (2 * math.pi), 1)
    turns = sum(float(np.linalg.det(m)) > 0 for m in matrices)
    require(abs(turns - 500) < 120, f"rotations: expected about 500 of 1000, got {turns}")  # 7.6 deviations


def _sparse(seed: int) -> None:
    """⌈sparsity · rows⌉ zeros in each column, anywhere in it; the others from N(0, std²)."""
    tensor = np.full((7, 4000), np.nan)
    _is_filled(tensor, init.sparse_(tensor, 0.3, 0.5, rng=np.random.default_rng(seed)))
    zeros = tensor == 0
    for column in np.flatnonzero(zeros.sum(0) != 3)[:1]:
        require(False, f"zeros of column {column}: expected 3, got {zeros[:, column].sum()}")
    for row, share in enumerate(zeros.mean(1)):
        fair = abs(share - 3 / 7) < 0.06  # 7.6 deviations
        require(fair, f"zeros in row {row}: expected a share of 0.429, got {share:.3g}")
    keeps("entries that are not 0", tensor[~zeros], Gaussian(0.0, 0.5))


def _without_factors(seed: int) -> None:
    """Left out, orthogonal_'s gain is 1 and sparse_'s std 0.01, as in torch."""
    for name, fill, option, value in (
        ("orthogonal_", init.orthogonal_, "gain", 1.0),
        ("sparse_", partial(init.sparse_, sparsity=0.3), "std", 0.01),
    ):
        given: dict[str, float] = {option: value}
        got, expected = (fill(np.empty((4, 3)), **o, rng=np.random.default_rng(seed)) for o in ({}, given))
        require(np.array_equal(got, expected), f"{name}: expected what {option}={value} gives, got another tensor")


GAINS = (
    ("linear", None, 1.0),
    ("sigmoid", None, 1.0),
    ("conv2d", None, 1.0),
    ("conv_transpose3d", None, 1.0),
    ("tanh", None, 5 / 3),
    ("relu", None, 2**0.5),
    ("selu", None, 0.75),
    ("leaky_relu", None, (2 / 1.0001) ** 0.5),
    ("leaky_relu", 0.0, 2**0.5),
    ("leaky_relu", 3.0, 0.2**0.5),
)


def _gains(seed: int) -> None:
    for nonlinearity, param, expected in GAINS:
        got = init.calculate_gain(nonlinearity, param)
        close = abs(got - expected) <= 1e-14
        require(close, f"gain of {nonlinearity} with {param}: expected {expected:.15g}, got {got:.15g}")


def _std(gain: float, fan: float) -> float:
    return gain / math.sqrt(fan)


#: A weight of few inputs and many outputs, one of many inputs and few outputs, and one of a convolution: (out, in, …).
TALL, WIDE, DEEP = (5000, 4), (4, 5000), (200, 20, 3, 2)
HE = math.sqrt(2)
LEAKY = math.sqrt(2 / (1 + 0.5**2))


def _of_fans(fans: int) -> Uniform:
    return Uniform(-math.sqrt(6 / fans), math.sqrt(6 / fans))


Row = tuple[Fill, tuple[int, ...], Uniform | Gaussian]
FILLS: dict[str, Row] = {
    "uniform_()": (init.uniform_, (20_000,), Uniform(0.0, 1.0)),
    "uniform_(-1, 3)": (partial(init.uniform_, a=-1.0, b=3.0), (100, 200), Uniform(-1.0, 3.0)),
    "normal_()": (init.normal_, (20_000,), Gaussian(0.0, 1.0)),
    "normal_(2, 0.5)": (partial(init.normal_, mean=2.0, std=0.5), (100, 200), Gaussian(2.0, 0.5)),
    "trunc_normal_()": (init.trunc_normal_, (20_000,), Gaussian(0.0, 1.0, -2.0, 2.0)),
    "trunc_normal_(std=0.02)": (partial(init.trunc_normal_, std=0.02), (100, 200), Gaussian(0.0, 0.02, -2.0, 2.0)),
    "trunc_normal_(1, 2, 0, 2)": (
        partial(init.trunc_normal_, mean=1.0, std=2.0, a=0.0, b=2.0),
        (20_000,),
        Gaussian(1.0, 2.0, 0.0, 2.0),
    ),
    "trunc_normal_(0, 0.5, 0.25, 2)": (
        partial(init.trunc_normal_, std=0.5, a=0.25),
        (20_000,),
        Gaussian(0.0, 0.5, 0.25, 2.0),
    ),
    "trunc_normal_(0, 1, 1.5, 4)": (
        partial(init.trunc_normal_, a=1.5, b=4.0),
        (20_000,),
        Gaussian(0.0, 1.0, 1.5, 4.0),
    ),
    "trunc_normal_(std=5, -99, 99)": (
        partial(init.trunc_normal_, std=5.0, a=-99.0, b=99.0),
        (20_000,),
        Gaussian(0.0, 5.0, -99.0, 99.0),
    ),
    "trunc_normal_(2, 0.5, 0, 4)": (
        partial(init.trunc_normal_, mean=2.0, std=0.5, a=0.0, b=4.0),
        (20_000,),
        Gaussian(2.0, 0.5, 0.0, 4.0),
    ),
    "xavier_uniform_() of a row": (init.xavier_uniform_, (1, 20_000), _of_fans(20_001)),
    "xavier_uniform_() of a column": (init.xavier_uniform_, (20_000, 1), _of_fans(20_001)),
    "xavier_uniform_()": (init.xavier_uniform_, (100, 200), Uniform(-(0.02**0.5), 0.02**0.5)),
    "xavier_uniform_(2) of a convolution": (
        partial(init.xavier_uniform_, gain=2.0),
        DEEP,
        Uniform(-2 * math.sqrt(6 / (120 + 1200)), 2 * math.sqrt(6 / (120 + 1200))),
    ),
    "xavier_normal_()": (init.xavier_normal_, (50, 400), Gaussian(0.0, math.sqrt(2 / 450))),
    "xavier_normal_(2) of a convolution": (
        partial(init.xavier_normal_, gain=2.0),
        DEEP,
        Gaussian(0.0, 2 * math.sqrt(2 / 1320)),
    ),
}
KAIMING: dict[str, Row] = {
    f"kaiming_{kind}_({', '.join(map(str, options.values()))}) of {shape}": (
        partial(fill, **options),
        shape,
        Uniform(-math.sqrt(3) * std, math.sqrt(3) * std) if kind == "uniform" else Gaussian(0.0, std),
    )
    for kind, fill in (("uniform", init.kaiming_uniform_), ("normal", init.kaiming_normal_))
    for options, shape, std in (
        ({}, TALL, _std(HE, 4)),
        ({"nonlinearity": "relu"}, WIDE, _std(HE, 5000)),
        ({"a": 0.5, "mode": "fan_out"}, WIDE, _std(LEAKY, 4)),
        ({"a": 0.5, "nonlinearity": "leaky_relu"}, DEEP, _std(LEAKY, 120)),
        ({"mode": "fan_out", "nonlinearity": "tanh"}, DEEP, _std(5 / 3, 1200)),
    )
}

Arrays = dict[str, Array]


def _layer(kind: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[Rng], Arrays]:
    return lambda rng: kind(*arguments, **options, rng=rng).state_dict()


def _drawn(draw: Callable[..., Array], *arguments: Any) -> Callable[[Rng], Arrays]:
    return lambda rng: {"values": draw(rng, *arguments, np.float64)}


def _within(bound: float) -> Uniform:
    return Uniform(-bound, bound)


#: What layers begin with, as torch's do.
LAYERS: dict[str, tuple[Callable[[Rng], Arrays], dict[str, Uniform | Gaussian]]] = {
    "uniform": (_drawn(init.uniform, (20_000,), 0.3), {"values": _within(0.3)}),
    "fan_in_uniform": (_drawn(init.fan_in_uniform, (20_000,), 16), {"values": _within(0.25)}),
    "xavier_uniform": (_drawn(init.xavier_uniform, (200, 100)), {"values": _within(0.02**0.5)}),
    "normal": (_drawn(init.normal, (20_000,)), {"values": Gaussian(0.0, 1.0)}),
    "Linear": (_layer(nn.Linear, 9, 3000), {"weight": _within(1 / 3), "bias": _within(1 / 3)}),
    "Bilinear": (_layer(nn.Bilinear, 4, 6, 800), {"weight": _within(0.5), "bias": _within(0.5)}),
    "Conv1d": (_layer(nn.Conv1d, 3, 1500, 3), {"weight": _within(1 / 3), "bias": _within(1 / 3)}),
    "Conv2d(groups=2)": (
        _layer(nn.Conv2d, 4, 1500, (2, 4), groups=2),
        {"weight": _within(0.25), "bias": _within(0.25)},
    ),
    "ConvTranspose1d": (_layer(nn.ConvTranspose1d, 1500, 8, 2), {"weight": _within(0.25)}),
    "Embedding": (_layer(nn.Embedding, 4000, 5), {"weight": Gaussian(0.0, 1.0)}),
    "EmbeddingBag": (_layer(nn.EmbeddingBag, 4000, 5), {"weight": Gaussian(0.0, 1.0)}),
    "LSTM": (
        _layer(nn.LSTM, 150, 25),
        {name: _within(0.2) for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")},
    ),
    "GRU": (_layer(nn.GRU, 150, 25), {name: _within(0.2) for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")}),
    "MultiheadAttention": (_layer(nn.MultiheadAttention, 96, 2), {"in_proj_weight": _within(math.sqrt(6 / 384))}),
    "GCNConv": (_layer(nn.GCNConv, 100, 200), {"lin.weight": _within(0.02**0.5)}),
    "GATConv": (_layer(nn.GATConv, 100, 50, 4), {"lin.weight": _within(0.02**0.5)}),
    "KANLayer": (_layer(nn.KANLayer, 50, 40, 7), {"coef": Gaussian(0.0, 0.1)}),
    "CapsuleLayer": (_layer(nn.CapsuleLayer, 20, 25, 20, 4), {"weight": Gaussian(0.0, 0.2)}),
    "HyperLinear": (_layer(nn.HyperLinear, 25, 200, 4), {"weight_map.weight": _within(0.1)}),
    "LearnedPositionalEmbedding": (_layer(nn.LearnedPositionalEmbedding, 200, 50), {"weight": Gaussian(0.0, 0.02)}),
    "VectorQuantizer": (_layer(nn.VectorQuantizer, 100, 50), {"weight": _within(0.01)}),
}

Exactly = tuple[Callable[[Array], Array], Array]
EXACT: dict[str, Exactly] = {
    "constant_": (partial(init.constant_, val=2.5), np.full((2, 3), 2.5)),
    "zeros_": (init.zeros_, np.zeros((2, 3))),
    "ones_": (init.ones_, np.ones((2, 3))),
    "eye_ of (2, 4)": (init.eye_, np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])),
    "dirac_() of (4, 2, 3)": (init.dirac_, _dirac((4, 2, 3), 1)),
    "eye_ of (4, 2)": (init.eye_, np.array([[1.0, 0], [0, 1], [0, 0], [0, 0]])),
}
DIRAC: dict[str, Exactly] = {
    f"dirac_(groups={groups}) of {shape}": (partial(init.dirac_, groups=groups), _dirac(shape, groups))
    for shape, groups in (((4, 3, 5), 1), ((4, 2, 3), 2), ((6, 4, 3, 4), 3), ((6, 2, 3, 2), 2), ((2, 3, 3, 2, 5), 1))
}

ORTHOGONAL = (((5, 5), 1.0), ((1, 4), 1.0), ((4, 1), 1.5), ((3, 7), 2.0), ((7, 3), 0.5), ((4, 2, 3), 1.5))


def probes() -> list[Probe]:
    return [
        *(Probe(name, partial(_fills, *row)) for name, row in (FILLS | KAIMING).items()),
        *(Probe(f"{name} as made", partial(_has, *row)) for name, row in LAYERS.items()),
        *(Probe(f"{name} at the beginning", row.check) for name, row in BEGINNINGS.items()),
        Probe("padding at the beginning", padding_is_zero),
        *(Probe(name, partial(_is_exactly, *row), seeded=False) for name, row in (EXACT | DIRAC).items()),
        *(Probe(f"orthogonal_({gain}) of {shape}", partial(_orthogonal, shape, gain)) for shape, gain in ORTHOGONAL),
        Probe("orthogonal_ is fair", _orthogonal_is_fair),
        Probe("sparse_(0.3, 0.5)", _sparse),
        Probe("orthogonal_ and sparse_ without factors", _without_factors),
        Probe("calculate_gain", _gains, seeded=False),
    ]


DETECTOR = Detector(
    name="initialiser",
    summary="initial values: bounds, distribution, fans, orthogonality, exact values; the same for the same seed",
    probes=probes,
    example=Fault(
        id="example-initialiser",
        title="Kaiming's deviation is twice as large",
        pattern="scale",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.init:_kaiming_std", "return calculate_gain", "return 2 * calculate_gain")],
    ),
)
