"""Correct layers agree, of every shape, nesting, layout and dtype."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.gradcheck import assert_gradients, check
from tests.gradcheck.layers import PROMISED, Function, Matrix, draw, parameter

ELEMENTWISE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "square": (lambda x: x**2, lambda dy, x: 2 * x * dy),
    "sine": (np.sin, lambda dy, x: np.cos(x) * dy),
    "exponential": (np.exp, lambda dy, x: np.exp(x) * dy),
    "tanh": (np.tanh, lambda dy, x: (1 - np.tanh(x) ** 2) * dy),
    "reciprocal": (lambda x: 1 / x, lambda dy, x: -dy / x**2),
    "absolute": (np.abs, lambda dy, x: np.sign(x) * dy),
    "sign": (np.sign, lambda dy, x: 0 * dy),
    "identity": (lambda x: 1 * x, lambda dy, x: 1 * dy),
    "zero": (lambda x: 0 * x, lambda dy, x: 0 * dy),
    "reversed": (lambda x: np.flip(x).copy(), lambda dy, x: np.flip(dy).copy()),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (3, 4), (1, 2, 3), (2, 0, 3)], ids=str)
def test_closed_forms_agree(name: str, shape: tuple[int, ...]) -> None:
    report = check(Function(*ELEMENTWISE[name]), draw(*shape))
    assert report.outcome == "agrees", str(report)
    assert report.disagreements == ()
    assert report.promised == PROMISED


def test_no_clean_check_raises_an_alarm() -> None:
    for seed in range(30):
        for name, functions in ELEMENTWISE.items():
            report = check(Function(*functions), draw(2, 3, seed=seed), rng=np.random.default_rng(seed))
            assert report.outcome == "agrees", f"{name} {seed}: {report}"


@pytest.mark.parametrize(
    "layer",
    ["Linear", "LayerNorm", "BatchNorm1d", "Conv2d", "LSTM", "MultiheadAttention", "Dropout", "Embedding"],
)
def test_layers_of_nnlab_agree_to_1e_8(layer: str) -> None:
    rng = np.random.default_rng(7)
    for case in getattr(nn, layer).cases:
        module = case.build(getattr(nn, layer), rng)
        nn.randomize(module, rng)
        report = check(module, *case.draw(rng), constant=case.constant)
        assert report.outcome == "agrees", f"{case}: {report}"
        assert report.resolution <= 1.1e-8


def test_a_constant_layer_is_known_to_20_rounding_errors_over_a_step() -> None:
    # Differences of a constant have no other error: 10 bars of 2 eps ‖dy‖ max|y| / step, with step = eps^(1/8).
    layer = Function(lambda x: np.array([1.0, -3.0]), lambda dy, x: np.zeros(3))
    report = check(layer, draw(3), directions=1)
    dy = np.random.default_rng(0).standard_normal(2)
    eps = 2.0**-52
    bar = 10 * 2 * eps * np.linalg.norm(dy) * 3 / eps**0.125
    # The gradient is 0, so it is compared with how far the outputs are apart: a standard deviation of 2.
    assert report.resolution == pytest.approx(bar / (np.linalg.norm(dy) * 2), rel=1e-12, abs=0)


@pytest.mark.parametrize(("dtype", "eps"), [("float64", 2.0**-52), ("float32", 2.0**-23)])
def test_where_nothing_differs_the_resolution_is_absolute(dtype: str, eps: float) -> None:
    # The same bar for one output, with no gradient and no other output to compare it with; an empty one adds nothing.
    layer = Function(lambda x: (np.array(-3.0, dtype), np.zeros(0, dtype)), lambda dy, none, x: 0 * x)
    dy = abs(float(np.dtype(dtype).type(np.random.default_rng(0).standard_normal())))
    for x in (draw(3).astype(dtype), draw(3).astype("float64" if dtype == "float32" else dtype)):
        report = check(layer, x, directions=1)
        assert report.resolution == pytest.approx(10 * 2 * eps * dy * 3 / eps**0.125, rel=1e-12, abs=0)


def test_an_output_is_rounded_like_its_own_largest_entry() -> None:
    layer = Function(lambda x: (np.array([0.5, -0.25]), np.full(2, 8.0)), lambda dy, dz, x: 0 * x)
    y = np.random.default_rng(0).standard_normal(4)
    eps = 2.0**-52
    bar = 10 * 2 * eps * np.linalg.norm(y * [0.5, 0.5, 8, 8]) / eps**0.125
    # The standard deviations are 3/8 and 0.
    spread = np.linalg.norm(y[:2]) * 0.375
    assert check(layer, draw(3), directions=1).resolution == pytest.approx(bar / spread, rel=1e-12, abs=0)


def test_the_worst_resolution_of_all_directions_is_reported() -> None:
    layer = Function(lambda x: np.array(np.sin(x).sum()), lambda dy, x: np.cos(x) * dy)
    for directions in (1, 2, 5):
        report = check(layer, draw(4), directions=directions)
        assert len(set(report.seen)) == directions
        # An average one of 1 × 4 entries of the Jacobian is half as large as the gradient.
        assert report.resolution == pytest.approx(max(report.seen) / 2, rel=1e-12)


def test_inputs_that_are_nested_tuples_agree() -> None:
    layer = Function(lambda x, hc: x * hc[0] + hc[1][0], lambda dy, x, hc: (dy * hc[0], (dy * x, (dy,))))
    assert check(layer, draw(2, 3), (draw(2, 3, seed=2), (draw(2, 3, seed=3),))).outcome == "agrees"


def test_outputs_that_are_nested_tuples_agree_and_get_no_cotangent_where_they_are_no_floats() -> None:
    given = []

    def gradient(da: Any, rest: Any, none: Any, x: Any) -> Any:
        given.append((rest, none))
        return 2 * da + 3 * rest[1]

    layer = Function(lambda x: (2 * x, (np.array([1, 2]), 3 * x), None), gradient)
    report = check(layer, draw(4), directions=1)
    assert report.outcome == "agrees", str(report)
    ((integers, floats), none) = given[0]
    assert integers is None
    assert floats.shape == (4,)
    assert none is None


def test_one_output_is_given_to_backward_alone_and_a_tuple_of_one_too() -> None:
    for value in (lambda x: 2 * x, lambda x: (2 * x,)):
        assert check(Function(value, lambda dy, x: (2 * dy,)), draw(3)).outcome == "agrees"


def test_integer_inputs_and_settings_get_no_gradient() -> None:
    def gradient(dy: Any, rows: Any, table: Any, scale: float) -> Any:
        dtable = np.zeros_like(table)
        np.add.at(dtable, rows, scale * dy)
        return None, dtable, None

    layer = Function(lambda rows, table, scale: scale * table[rows], gradient)
    assert check(layer, np.array([2, 0, 2, 1]), draw(3, 2), 0.5).outcome == "agrees"


def test_constant_inputs_are_counted_through_tuples_and_get_no_gradient() -> None:
    layer = Function(lambda pair, y: pair[0] * pair[1] + y, lambda dy, pair, y: ((dy * pair[1], None), dy))
    inputs = (draw(3), draw(3, seed=2)), draw(3, seed=3)
    assert check(layer, *inputs, constant=[1]).outcome == "agrees"
    assert [d.tensor for d in check(layer, *inputs).disagreements] == ["input 1"]
    assert_gradients(layer, *inputs, constant=[1])


def test_a_backward_may_return_more_than_is_asked() -> None:
    layer = Function(lambda x, flag: 2 * x, lambda dy, x, flag: (2 * dy, None))
    assert check(layer, draw(3), True).outcome == "agrees"


@pytest.mark.parametrize(
    "scalar", [np.float64, np.array, np.asarray], ids=["NumPy scalar", "0-d array", "what NumPy gives"]
)
def test_scalars_of_numpy_count_as_arrays_without_dimensions(scalar: Any) -> None:
    layer = Function(lambda x: scalar((x**3).sum()), lambda dy, x: scalar(3 * dy * x**2))
    assert check(layer, scalar(0.7)).outcome == "agrees"
    wrong = Function(lambda x: scalar((x**3).sum()), lambda dy, x: scalar(2 * dy * x**2))
    assert check(wrong, scalar(0.7)).disagreements[0].index == ()


LAYOUTS = {
    "Fortran order": (lambda: np.asfortranarray(draw(3, 4)), lambda x: x.flags.f_contiguous),
    "transposed": (lambda: draw(3, 4, 2).transpose(2, 0, 1), lambda x: x.strides[0] < x.strides[2] < x.strides[1]),
    "every second": (lambda: draw(6, 8)[::2, ::2], lambda x: True),
    "backwards": (lambda: draw(3, 4)[::-1, ::-1], lambda x: True),
    "broadcast": (lambda: np.broadcast_to(draw(4), (3, 4)), lambda x: True),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_inputs_in_any_layout_agree_and_keep_their_order_of_axes(layout: str) -> None:
    make, kept = LAYOUTS[layout]
    seen = []

    def gradient(dy: Any, x: Any) -> Any:
        seen.append(kept(x))
        return np.cos(x) * dy

    assert check(Function(np.sin, gradient), make()).outcome == "agrees"
    assert seen == [True, True]


def test_float32_is_judged_with_bars_of_float32() -> None:
    x = draw(3, 4).astype(np.float32)
    report = check(Function(*ELEMENTWISE["sine"]), x)
    assert report.outcome == "agrees"
    assert report.promised == pytest.approx(60 * 2**-11.5)
    assert 1e-5 < report.resolution < 1e-3
    assert check(Function(*ELEMENTWISE["sine"]), x, promised=1e-5).outcome == "undecided"


def test_an_output_of_float32_is_judged_with_bars_of_float32() -> None:
    layer = Function(lambda x: np.sin(x).astype(np.float32), lambda dy, x: np.cos(x) * dy.astype(float))
    assert 1e-5 < check(layer, draw(3, 4)).resolution < 1e-2


def test_a_float32_cotangent_is_given_to_a_float32_output() -> None:
    layer = Function(lambda x: 2 * x, lambda dy, x: 2 * dy)  # would give float64 for float64
    assert check(layer, draw(3).astype(np.float32)).disagreements == ()


class Tied(Matrix):
    """y = (x W + b) Wᵀ with one weight that has two names."""

    def named_parameters(self) -> Any:
        yield "first", self.weight
        yield "bias", self.bias
        yield "second", self.weight

    def forward(self, x: Any) -> Any:
        self.hidden = super().forward(x)
        return self.hidden @ self.weight.data.T

    def backward(self, dy: Any) -> Any:
        self.weight.grad += dy.T @ self.hidden
        return super().backward(dy @ self.weight.data)


def test_a_parameter_needs_no_mask_of_constants() -> None:
    layer = Matrix()
    del layer.weight.constant, layer.bias.constant
    assert check(layer, draw(2, 3)).outcome == "agrees"


def test_a_tied_parameter_is_one_tensor_under_its_first_name() -> None:
    assert check(Tied(), draw(2, 3)).outcome == "agrees"
    wrong = Tied()
    wrong.spoil = lambda dx, dw, db: (dx, 0 * dw, 0 * db)
    assert [d.tensor for d in check(wrong, draw(2, 3)).disagreements] == ["first", "bias"]


def test_a_gradient_may_be_none_until_backward_sets_it() -> None:
    class Late(Matrix):
        def backward(self, dy: Any) -> Any:
            self.weight.grad, self.bias.grad = self.x.T @ dy, dy.sum(axis=0)
            return dy @ self.weight.data.T

    layer = Late()
    layer.weight.grad = layer.bias.grad = None
    assert check(layer, draw(2, 3)).outcome == "agrees"


def test_gradients_that_are_there_already_do_not_count() -> None:
    layer = Matrix()
    layer.weight.grad[...] = 1e6
    assert check(layer, draw(2, 3), directions=3).outcome == "agrees"


def test_a_constant_entry_of_a_parameter_is_not_moved() -> None:
    class Padded(Matrix):
        def backward(self, dy: Any) -> Any:
            dx = super().backward(dy)
            self.weight.grad[1] = 0.0
            return dx

    layer = Padded()
    assert check(layer, draw(2, 3)).outcome == "disagrees"
    layer.weight.constant = np.zeros((3, 4), bool)
    layer.weight.constant[1] = True
    assert check(layer, draw(2, 3)).outcome == "agrees"
    layer.weight.constant = np.array([[False], [True], [False]])
    assert check(layer, draw(2, 3)).outcome == "agrees"


def test_large_entries_are_moved_in_proportion_to_their_size() -> None:
    # Steps of 1e-4 from 1e8 would leave three digits of a difference.
    report = check(Function(*ELEMENTWISE["square"]), 1e8 * draw(5))
    assert report.outcome == "agrees"
    assert report.resolution < 1e-9


def test_infinite_entries_stay_where_they_are() -> None:
    x = np.array([0.5, -np.inf, 1.5, np.inf])
    assert check(Function(np.arctan, lambda dy, x: dy / (1 + x**2)), x).outcome == "agrees"


@pytest.mark.parametrize(
    ("value", "gradient"), [(np.log, lambda dy, x: dy / x), (np.sqrt, lambda dy, x: dy / 2 / x**0.5)]
)
def test_near_the_edge_of_the_domain_smaller_steps_are_used_without_a_warning(value: Any, gradient: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check(Function(value, gradient), np.array([1e-4, 2e-4, 1.0]))
    assert report.outcome == "agrees"
    assert report.forwards > 13


def test_the_layers_own_warning_at_the_point_is_not_hidden() -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        check(Function(np.log, lambda dy, x: 0 * dy), np.array([0.0, 1.0]))


@pytest.mark.parametrize("directions", [1, 2, 5])
@pytest.mark.parametrize(("name", "first", "more"), [("identity", 4, 2), ("square", 4, 2), ("sine", 8, 4)])
def test_the_first_direction_finds_a_step_and_a_straight_layer_needs_only_pairs_after_it(
    name: str, first: int, more: int, directions: int
) -> None:
    count = []
    value, gradient = ELEMENTWISE[name]
    layer = Function(lambda x: count.append(x) or value(x), gradient)  # type: ignore[func-returns-value]
    report = check(layer, draw(3), directions=directions)
    assert report.forwards == 1 + first + more * (directions - 1)
    assert len(count) == report.forwards


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_bar_that_is_aimed_at_is_relative(scale: float) -> None:
    layer = Function(lambda x: scale * np.sin(x), lambda dy, x: scale * np.cos(x) * dy)
    assert check(layer, draw(3)).forwards == 13


def test_the_default_is_two_directions_from_seed_0() -> None:
    layer, x = Function(*ELEMENTWISE["sine"]), draw(3)
    assert check(layer, x) == check(layer, x, rng=np.random.default_rng(0), directions=2, promised=PROMISED)


def test_the_same_seed_gives_the_same_report_and_another_seed_another() -> None:
    run = partial(check, Function(*ELEMENTWISE["tanh"]), draw(3))
    assert run(rng=np.random.default_rng(3)) == run(rng=np.random.default_rng(3))
    assert run(rng=np.random.default_rng(3)) != run(rng=np.random.default_rng(4))


def test_one_generator_draws_anew_at_every_check_and_every_direction() -> None:
    given: list[Any] = []

    def gradient(dy: Any, x: Any) -> Any:
        given.append(dy.tolist())
        return 2 * dy

    rng = np.random.default_rng(3)
    for _ in range(2):
        check(Function(lambda x: 2 * x, gradient), draw(3), rng=rng)
    assert len({tuple(dy) for dy in given}) == 4


@pytest.mark.parametrize(
    ("layer", "inputs", "found"),
    [
        (Function(lambda x: 2, lambda dy, x: x), (np.ones(3),), "1 floating-point inputs and parameters, 0 such"),
        (Function(lambda x: [x], lambda dy, x: x), (np.ones(3),), "1 floating-point inputs and parameters, 0 such"),
        (Function(np.array, lambda dy, x: dy), ([1.0, 2.0],), "0 floating-point inputs and parameters, 1 such"),
        (Function(np.array, lambda dy, x: dy), (np.array([1, 2]),), "0 floating-point inputs and parameters, 0 such"),
    ],
)
def test_a_check_of_nothing_is_refused(layer: Any, inputs: Any, found: str) -> None:
    with pytest.raises(InputError) as error:
        check(layer, *inputs)
    assert str(error.value) == (
        f"Function: nothing to check: {found} outputs; pass and return NumPy arrays, in a tuple where there are several"
    )


def test_no_directions_promise_nothing() -> None:
    report = check(Matrix(), draw(2, 3), directions=0)
    assert report.outcome == "undecided"
    assert report.resolution == np.inf


def test_a_layer_with_parameters_only_agrees() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (None, dw, db))
    assert check(layer, draw(2, 3), constant={0}).outcome == "agrees"
    layer = Matrix()
    layer.weight = parameter(np.zeros((3, 0)))
    layer.bias = parameter(np.zeros(0))
    assert check(layer, draw(2, 3)).outcome == "agrees"


def test_assert_gradients_is_silent_where_gradients_agree() -> None:
    assert_gradients(Matrix(), draw(2, 3))
    assert_gradients(Matrix(), draw(2, 3), rng=np.random.default_rng(1))
