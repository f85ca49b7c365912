"""torch's initialisers: exact ones exactly, random ones by moments, whose bounds are five standard errors."""

from math import sqrt
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import init
from tests.nn.peers import torch_is_wanted

N = 40_000
needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")


def rng() -> np.random.Generator:
    return np.random.default_rng(23)


def empty(*shape: int, dtype: Any = np.float64) -> Any:
    return np.full(shape, np.nan, dtype)


def assert_moments(values: Any, mean: float, std: float, kurtosis: float) -> None:
    """Mean and variance within five standard errors of a sample with this kurtosis (1.8 uniform, 3 normal)."""
    assert abs(values.mean() - mean) < 5 * std / sqrt(values.size)
    assert abs(values.var() / std**2 - 1) < 5 * sqrt((kurtosis - 1) / values.size)


def assert_uniform(values: Any, low: float, high: float) -> None:
    assert values.min() >= low
    assert values.max() <= high
    assert values.max() - values.min() > (high - low) * (1 - 50 / values.size)
    assert_moments(values, (low + high) / 2, (high - low) / sqrt(12), 1.8)


def assert_normal(values: Any, mean: float, std: float) -> None:
    assert_moments(values, mean, std, 3.0)
    within = np.mean(np.abs(values - mean) < std)
    assert abs(within - 0.682689) < 5 * sqrt(0.6827 * 0.3173 / values.size)


def test_constants_fill_in_place_and_return_the_array() -> None:
    for fill, value in (
        (lambda t: init.constant_(t, 2.5), 2.5),
        (init.zeros_, 0.0),
        (init.ones_, 1.0),
    ):
        for dtype in (np.float32, np.float64):
            tensor = empty(2, 3, dtype=dtype)
            assert fill(tensor) is tensor
            assert (tensor == value).all()


@pytest.mark.parametrize("shape", [(2, 4), (4, 2), (3, 3)])
def test_eye_keeps_the_first_inputs(shape: tuple[int, int]) -> None:
    tensor = empty(*shape)
    assert init.eye_(tensor) is tensor
    np.testing.assert_array_equal(tensor, np.eye(*shape))


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 2, 3), (6, 4, 3, 4), (2, 3, 3, 2, 5)])
def test_dirac_is_torchs(shape: tuple[int, ...], groups: int) -> None:
    tensor = empty(*shape)
    assert init.dirac_(tensor, groups) is tensor
    wanted = np.zeros(shape)
    per_group = shape[0] // groups
    for group in range(groups):
        for channel in range(min(per_group, shape[1])):
            wanted[(group * per_group + channel, channel, *(size // 2 for size in shape[2:]))] = 1
    np.testing.assert_array_equal(tensor, wanted)


@needs_torch
@pytest.mark.parametrize(("shape", "groups"), [((4, 3, 5), 2), ((6, 4, 3, 4), 3), ((2, 3, 3, 2, 5), 1)])
def test_torch_makes_the_same_dirac(shape: tuple[int, ...], groups: int) -> None:
    import torch

    theirs = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    np.testing.assert_array_equal(init.dirac_(empty(*shape), groups), theirs)


def test_a_dirac_convolution_keeps_its_input() -> None:
    layer = nn.Conv1d(3, 3, 3, padding=1, bias=False, rng=rng())
    init.dirac_(layer.weight.data)
    x = rng().standard_normal((2, 3, 7))
    np.testing.assert_array_equal(layer(x), x)


def test_uniform_fills_the_interval() -> None:
    tensor = empty(200, 200, dtype=np.float32)
    assert init.uniform_(tensor, -1.0, 3.0, rng=rng()) is tensor
    assert tensor.dtype == np.float32
    assert_uniform(tensor, -1.0, 3.0)
    assert_uniform(init.uniform_(empty(N), rng=rng()), 0.0, 1.0)


def test_normal_has_its_mean_and_deviation() -> None:
    tensor = empty(200, 200)
    assert init.normal_(tensor, 2.0, 0.5, rng=rng()) is tensor
    assert_normal(tensor, 2.0, 0.5)
    assert_normal(init.normal_(empty(N), rng=rng()), 0.0, 1.0)


def truncated(low: float, high: float) -> tuple[float, float]:
    """Mean and deviation of a standard normal within [low, high], by adding up."""
    x = np.linspace(low, high, 200_001)
    p = np.exp(-(x**2) / 2)
    p /= p.sum()
    mean = (p * x).sum()
    return mean, sqrt((p * (x - mean) ** 2).sum())


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0.0, 1.0, -2.0, 2.0), (1.0, 2.0, 0.0, 2.0), (0.0, 1.0, 1.5, 4.0), (1.0, 0.5, -2.0, 0.5), (0.0, 0.02, -2.0, 2.0)],
)
def test_truncated_normal_is_the_part_of_a_normal(mean: float, std: float, a: float, b: float) -> None:
    tensor = empty(200, 200)
    assert init.trunc_normal_(tensor, mean, std, a, b, rng=rng()) is tensor
    assert tensor.min() >= a
    assert tensor.max() <= b
    part_mean, part_std = truncated(max((a - mean) / std, -9), min((b - mean) / std, 9))
    assert_moments(tensor, mean + std * part_mean, std * part_std, 9.0)


def test_truncated_normal_is_cut_at_two_by_default() -> None:
    tensor = init.trunc_normal_(empty(N), rng=rng())
    assert 1.99 < np.abs(tensor).max() <= 2
    assert_moments(tensor, 0.0, truncated(-2, 2)[1], 3.0)


def test_truncated_normal_draws_the_same_for_the_same_seed_in_every_release() -> None:
    narrow = init.trunc_normal_(empty(3), 0.0, 0.1, rng=rng())
    shifted = init.trunc_normal_(empty(3), 1.0, 0.1, 0.5, 9.0, rng=rng())
    assert narrow.tolist() == pytest.approx(NARROW)
    assert shifted.tolist() == pytest.approx(SHIFTED)


NARROW = [0.014889508662482176, -0.08160090135919529, 0.03271558338348679]
SHIFTED = [0.9325566671221618, 0.9435841266487023, 0.9220345914395485]


def test_a_draw_is_kept_as_often_as_its_density_says() -> None:
    class Scripted:
        draws = iter([np.exp(-0.5), 0.0])

        def uniform(self, low: float, high: float, shape: Any) -> Any:
            return np.ones(shape)

        def random(self, shape: Any) -> Any:
            return np.full(shape, next(self.draws))

    scripted: Any = Scripted()
    assert init.trunc_normal_(empty(1), rng=scripted) == 1.0
    assert next(scripted.draws, None) is None


def test_the_mean_may_be_two_deviations_outside() -> None:
    assert (init.trunc_normal_(empty(9), 0.0, 1.0, 2.0, 3.0, rng=rng()) >= 2).all()
    assert (init.trunc_normal_(empty(9), 0.0, 1.0, -3.0, -2.0, rng=rng()) <= -2).all()
    assert (init.trunc_normal_(empty(9), 0.0, 2.0, 3.5, 5.0, rng=rng()) >= 3.5).all()
    assert (init.trunc_normal_(empty(9), 0.0, 2.0, -5.0, -3.5, rng=rng()) <= -3.5).all()


WEIGHT = (100, 80, 5)  # fan_in 400, fan_out 500


@pytest.mark.parametrize(
    ("fill", "bound"),
    [
        (lambda t: init.xavier_uniform_(t, rng=rng()), sqrt(6 / 900)),
        (lambda t: init.xavier_uniform_(t, 2.0, rng=rng()), 2 * sqrt(6 / 900)),
        (lambda t: init.kaiming_uniform_(t, rng=rng()), sqrt(2) * sqrt(3 / 400)),
        (lambda t: init.kaiming_uniform_(t, sqrt(5), rng=rng()), 1 / sqrt(400)),
        (lambda t: init.kaiming_uniform_(t, 1.0, "fan_out", rng=rng()), sqrt(3 / 500)),
        (lambda t: init.kaiming_uniform_(t, nonlinearity="tanh", rng=rng()), 5 / 3 * sqrt(3 / 400)),
    ],
)
def test_scaled_uniform_fills_its_interval(fill: Any, bound: float) -> None:
    tensor = empty(*WEIGHT)
    assert fill(tensor) is tensor
    assert_uniform(tensor, -bound, bound)


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t: init.xavier_normal_(t, rng=rng()), sqrt(2 / 900)),
        (lambda t: init.xavier_normal_(t, 2.0, rng=rng()), 2 * sqrt(2 / 900)),
        (lambda t: init.kaiming_normal_(t, rng=rng()), sqrt(2 / 400)),
        (lambda t: init.kaiming_normal_(t, 1.0, "fan_out", rng=rng()), sqrt(1 / 500)),
        (lambda t: init.kaiming_normal_(t, nonlinearity="linear", rng=rng()), sqrt(1 / 400)),
    ],
)
def test_scaled_normal_has_its_deviation(fill: Any, std: float) -> None:
    tensor = empty(*WEIGHT)
    assert fill(tensor) is tensor
    assert_normal(tensor, 0.0, std)


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6), (3, 4, 2), (7, 2, 3)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape: tuple[int, ...]) -> None:
    tensor = empty(*shape)
    assert init.orthogonal_(tensor, 2.0, rng=rng()) is tensor
    matrix = tensor.reshape(shape[0], -1) / 2.0
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-12)
    assert np.abs(init.orthogonal_(empty(*shape), rng=rng())).max() <= 1


def test_orthogonal_matrices_are_drawn_evenly() -> None:
    generator = rng()
    draws = np.array([init.orthogonal_(empty(3, 3), rng=generator) for _ in range(4000)])
    for entry in draws.reshape(-1, 9).T:
        assert_moments(entry, 0.0, sqrt(1 / 3), 1.8)


def test_sparse_has_its_zeros_in_every_column_in_random_rows() -> None:
    tensor = empty(50, 800)
    assert init.sparse_(tensor, 0.31, rng=rng()) is tensor
    is_zero = tensor == 0
    assert (is_zero.sum(0) == 16).all()
    assert np.abs(is_zero.sum(1) / 800 - 0.32).max() < 5 * sqrt(0.32 * 0.68 / 800)
    assert_normal(tensor[~is_zero], 0.0, 0.01)
    assert_normal(init.sparse_(empty(200, 200), 0.0, 3.0, rng=rng()), 0.0, 3.0)


@pytest.mark.parametrize(
    ("nonlinearity", "param", "gain"),
    [
        *((name, None, 1.0) for name in ("linear", "sigmoid", "conv1d", "conv2d", "conv3d")),
        *((f"conv_transpose{n}d", None, 1.0) for n in (1, 2, 3)),
        ("tanh", None, 5 / 3),
        ("relu", None, sqrt(2)),
        ("leaky_relu", None, sqrt(2 / 1.0001)),
        ("leaky_relu", 0.5, sqrt(1.6)),
        ("leaky_relu", 0, sqrt(2)),
        ("selu", None, 0.75),
    ],
)
def test_gain_is_torchs(nonlinearity: str, param: float | None, gain: float) -> None:
    assert init.calculate_gain(nonlinearity, param) == pytest.approx(gain, rel=1e-15)
    if torch_is_wanted():
        import torch

        assert gain == pytest.approx(torch.nn.init.calculate_gain(nonlinearity, param), rel=1e-15)  # type: ignore[arg-type]


def test_float32_arrays_stay_what_they_are() -> None:
    for fill in (init.trunc_normal_, init.xavier_normal_, init.kaiming_uniform_, init.orthogonal_):
        tensor = empty(4, 3, dtype=np.float32)
        assert fill(tensor, rng=rng()).dtype == np.float32
        assert np.isfinite(tensor).all()


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1, 3)])
def test_weights_of_one_row_or_column_have_fans_too(shape: tuple[int, ...]) -> None:
    for fill in (init.xavier_uniform_, init.kaiming_normal_, init.orthogonal_):
        assert np.isfinite(fill(empty(*shape), rng=rng())).all()
    np.testing.assert_allclose((init.orthogonal_(empty(*shape), rng=rng()) ** 2).sum(), 1.0, rtol=1e-12)


def test_orthogonal_of_a_square_is_q_itself_with_the_signs_of_r() -> None:
    q, r = np.linalg.qr(rng().standard_normal((3, 3)))
    expected = [[q[i, j] * (1 if r[j, j] > 0 else -1) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(init.orthogonal_(empty(3, 3), rng=rng()), expected, rtol=1e-12)


TOO_FLAT = "tensor has shape (3,), no fans; pass a weight of (out, in, ...)"
REFUSALS: list[tuple[Any, str]] = [
    (lambda: init.zeros_([1.0]), "zeros_: tensor is list, no floating-point array; pass parameter.data"),  # type: ignore[arg-type]
    (
        lambda: init.ones_(nn.Parameter(empty(2))),
        "ones_: tensor is Parameter, no floating-point array; pass parameter.data",
    ),  # type: ignore[arg-type]
    (
        lambda: init.constant_(np.ones(2, int), 3),  # type: ignore[arg-type]
        "constant_: tensor is ndarray, no floating-point array; pass parameter.data",
    ),
    (lambda: init.uniform_(3, rng=rng()), "uniform_: tensor is int, no floating-point array; pass parameter.data"),  # type: ignore[arg-type]
    (lambda: init.normal_(3, rng=rng()), "normal_: tensor is int, no floating-point array; pass parameter.data"),  # type: ignore[arg-type]
    (
        lambda: init.trunc_normal_(3, rng=rng()),  # type: ignore[arg-type]
        "trunc_normal_: tensor is int, no floating-point array; pass parameter.data",
    ),
    (lambda: init.eye_(empty(2, 2, 2)), "eye_: tensor has shape (2, 2, 2) but must have 2 dimensions; reshape it"),
    (
        lambda: init.dirac_(empty(2, 2)),
        "dirac_: tensor has shape (2, 2) but must have 3 or 4 or 5 dimensions; reshape it",
    ),
    (
        lambda: init.sparse_(empty(2), 0.5, rng=rng()),
        "sparse_: tensor has shape (2,) but must have 2 dimensions; reshape it",
    ),
    (
        lambda: init.dirac_(empty(4, 2, 2), 3),
        "dirac_: groups=3 must divide the 4 output channels; choose a divisor",
    ),
    (
        lambda: init.dirac_(empty(4, 2, 2), 0),
        "dirac_: groups=0 must divide the 4 output channels; choose a divisor",
    ),
    (
        lambda: init.xavier_normal_(np.ones((2, 3), int), rng=rng()),  # type: ignore[arg-type]
        "xavier_normal_: tensor is ndarray, no floating-point array; pass parameter.data",
    ),
    (lambda: init.xavier_uniform_(empty(3), rng=rng()), f"xavier_uniform_: {TOO_FLAT}"),
    (lambda: init.xavier_normal_(empty(3), rng=rng()), f"xavier_normal_: {TOO_FLAT}"),
    (lambda: init.kaiming_uniform_(empty(3), rng=rng()), f"kaiming_uniform_: {TOO_FLAT}"),
    (lambda: init.kaiming_normal_(empty(3), rng=rng()), f"kaiming_normal_: {TOO_FLAT}"),
    (lambda: init.orthogonal_(empty(3), rng=rng()), f"orthogonal_: {TOO_FLAT}"),
    (
        lambda: init.kaiming_normal_(empty(3, 3), mode="fan", rng=rng()),  # type: ignore[arg-type]
        "kaiming_normal_: mode is 'fan'; choose 'fan_in' or 'fan_out'",
    ),
    (
        lambda: init.kaiming_uniform_(empty(3, 3), mode="fan", rng=rng()),  # type: ignore[arg-type]
        "kaiming_uniform_: mode is 'fan'; choose 'fan_in' or 'fan_out'",
    ),
    (
        lambda: init.calculate_gain("swish"),
        "calculate_gain: nonlinearity is 'swish'; choose one of linear, sigmoid, tanh, relu, leaky_relu, selu",
    ),
    (
        lambda: init.trunc_normal_(empty(3), std=0.0, rng=rng()),
        "trunc_normal_: std is 0.0 but must be above 0; use constant_ for a spread of none",
    ),
    *(
        (
            lambda std=std, a=a, b=b: init.trunc_normal_(empty(3), 0.0, std, a, b, rng=rng()),
            f"trunc_normal_: [a, b] is [{a}, {b}] but must reach within 2 std = {2 * std} of the mean 0.0; widen it",
        )
        for std, a, b in ((1.0, 2.1, 3.0), (1.0, -3.0, -2.1), (1.0, 1.0, 1.0), (0.5, 1.5, 2.0), (0.5, -2.0, -1.5))
    ),
]


@pytest.mark.parametrize(("function", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_what_does_not_fit_is_refused(function: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        function()
    assert str(caught.value) == words
