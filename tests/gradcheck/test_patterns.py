"""The pattern of a wrong gradient is named where one fits, with its R², and otherwise not."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import Disagreement, check
from tests.gradcheck.layers import Function, Matrix, draw
from tests.gradcheck.test_known_faults import layernorm, layernorm_backward

X = draw(4, 5, seed=7)
SQUARE = draw(5, 5, seed=8)


def found(value: Any, gradient: Any, x: Any = X) -> Disagreement:
    report = check(Function(value, gradient), x)
    (disagreement,) = report.disagreements
    assert report.outcome == "disagrees"
    return disagreement


def sine(change: Any) -> Any:
    """The gradient of sin x, changed by change(g, dy, x)."""
    return lambda dy, x: change(np.cos(x) * dy, dy, x)


def last_only(g: Any, axis: int, place: int) -> Any:
    keep = np.zeros(g.shape)
    keep[(slice(None),) * axis + (place,)] = 1
    return g * keep


CHANGES: dict[str, Any] = {
    "a gradient that is never computed: it is zero": lambda g, dy, x: 0 * g,
    "the wrong sign": lambda g, dy, x: -g,
    "a factor 2": lambda g, dy, x: 2 * g,
    "a factor 1/2": lambda g, dy, x: g / 2,
    "a factor -3/2": lambda g, dy, x: -1.5 * g,
    "a factor 5/6": lambda g, dy, x: g * 5 / 6,
    "a factor 6/5": lambda g, dy, x: g * 6 / 5,
    "a factor 0.1428571": lambda g, dy, x: g / 7,
    "a factor 1.4": lambda g, dy, x: g * 7 / 5,
    "a factor 1e-09": lambda g, dy, x: g * 1e-9,
    "a factor 0.1234568": lambda g, dy, x: 0.12345678 * g,
    "a factor 20, as if for a size": lambda g, dy, x: 20 * g,
    "a factor 1/20, as if for a size": lambda g, dy, x: g / 20,
    "a factor 1/4, as if for a size": lambda g, dy, x: g / 4,
    "a factor 5, as if for a size": lambda g, dy, x: g * 5,
    "a factor 20/19, as if N-1 stood for N": lambda g, dy, x: g * 20 / 19,
    "the upstream gradient ignored, taken as 1": lambda g, dy, x: np.cos(x),
    "the upstream gradient handed through, as by y = x": lambda g, dy, x: 1 * dy,
    "reversed along axis 0": lambda g, dy, x: g[::-1].copy(),
    "reversed along axis 1": lambda g, dy, x: g[:, ::-1].copy(),
    "shifted by 1 along axis 0": lambda g, dy, x: np.roll(g, 1, 0),
    "shifted by 3 along axis 1": lambda g, dy, x: np.roll(g, 3, 1),
    "the right numbers in another order": lambda g, dy, x: g.ravel()[np.random.default_rng(0).permutation(20)].reshape(
        4, 5
    ),
    "a path past the layer: -1 times the upstream gradient": lambda g, dy, x: g - dy,
    "a path past the layer: +0.5 times the upstream gradient": lambda g, dy, x: g + dy / 2,
    "right but for the first place on axis 0": lambda g, dy, x: g + last_only(1 + x, 0, 0),
    "right but for the last place on axis 1": lambda g, dy, x: g + last_only(1 + x, 1, -1),
    "right but for one entry": lambda g, dy, x: g + np.eye(20)[7].reshape(4, 5),
    "a term constant along axis 1 missing, such as a mean": lambda g, dy, x: g - g.mean(1, keepdims=True),
    "a term constant along axis 0 missing, such as a mean": lambda g, dy, x: g - g.mean(0),
    "a term constant along axes 0, 1 missing, such as a mean": lambda g, dy, x: g - 3,
    "a term proportional to the tensor along axis 1 missing": lambda g, dy, x: g - x * (x * g).mean(1, keepdims=True),
    "a term proportional to the output along axis 1 missing, such as of a division by a sum": (
        lambda g, dy, x: g - np.sin(x) * (dy * np.sin(x)).sum(1, keepdims=True)
    ),
}


@pytest.mark.parametrize("pattern", CHANGES)
def test_a_pattern_of_an_elementwise_layer_is_named(pattern: str) -> None:
    wrong = found(np.sin, sine(CHANGES[pattern]))
    assert wrong.pattern == pattern
    assert wrong.fit is not None
    assert 0.999 <= wrong.fit <= 1


def test_assigned_for_accumulated_is_named_with_the_place_that_counts() -> None:
    for axis, place, word in ((0, -1, "last"), (0, 0, "first"), (1, -1, "last"), (1, 0, "first")):
        wrong = found(lambda w: X * w, lambda dy, w, a=axis, p=place: last_only(dy * X, a, p).sum(0), draw(5))
        assert wrong.pattern == (
            f"assigned, not accumulated: only the {word} place on axis {axis} of the output counts"
        )


def test_transposed_axes_are_named() -> None:
    assert found(lambda x: x**3, lambda dy, x: (3 * x**2 * dy).T, SQUARE).pattern == "axes 0 and 1 transposed"
    x = draw(4, 2, 4)
    assert found(lambda x: x**3, lambda dy, x: (3 * x**2 * dy).swapaxes(0, 2), x).pattern == "axes 0 and 2 transposed"


def test_the_missing_terms_of_a_normalisation_are_named() -> None:
    wrong = found(layernorm, lambda dy, x: layernorm_backward(dy, x, cross=0.0), draw(3, 4, 6))
    assert wrong.pattern == (
        "terms constant and proportional to the tensor along axis 2 missing, such as a mean and a variance"
    )


def test_an_output_that_is_forgotten_is_named() -> None:
    layer = Function(lambda x: (np.sin(x), x**2), lambda da, db, x: np.cos(x) * da)
    (wrong,) = check(layer, X).disagreements
    assert wrong.pattern == "output 1 forgotten"
    layer = Function(lambda x: (np.sin(x), x**2), lambda da, db, x: 2 * x * db)
    (wrong,) = check(layer, X).disagreements
    assert wrong.pattern == "output 0 forgotten"


def test_the_shapes_of_outputs_give_their_sizes() -> None:
    layer = Function(lambda x: np.outer(np.sin(x), np.ones(7)), lambda dy, x: np.cos(x) * dy.sum(1) * 7)
    assert check(layer, draw(3)).disagreements[0].pattern == "a factor 7, as if for a size"


def test_what_fits_nothing_gets_no_pattern() -> None:
    wrong = found(np.sin, sine(lambda g, dy, x: g * (1 + x**2)))
    assert (wrong.pattern, wrong.fit) == (None, None)
    wrong = found(np.sin, sine(lambda g, dy, x: g * 1e-3 * x))  # nearly 0: a small factor would almost fit
    assert wrong.pattern is None


def test_candidates_that_are_not_finite_explain_nothing_and_warn_of_nothing() -> None:
    x = X.copy()
    x[1, 2] = 0
    assert found(np.sin, sine(lambda g, dy, x: g * (0.5 + x**2)), x).pattern is None


def test_a_small_factor_is_told_from_a_small_term() -> None:
    assert found(np.sin, sine(lambda g, dy, x: g * (1 + 1e-7))).pattern == "a factor 1"
    wrong = found(np.sin, sine(lambda g, dy, x: g + 1e-7 * dy))
    assert wrong.pattern == "a path past the layer: +1e-07 times the upstream gradient"


def test_large_tensors_are_known_by_a_sample() -> None:
    x = draw(40, 20)
    assert found(np.sin, sine(lambda g, dy, x: 2 * g), x).pattern == "a factor 2"
    assert found(np.sin, sine(lambda g, dy, x: g + dy), x).pattern is None
    report = check(Function(np.sin, sine(lambda g, dy, x: 2 * g)), x)
    assert report.forwards < 500


def test_a_loss_that_ignores_its_upstream_gradient_has_no_odd_factor() -> None:
    wrong = found(lambda x: np.sin(x).sum(), lambda dy, x: np.cos(x))
    assert wrong.pattern == "the upstream gradient ignored, taken as 1"


def test_a_scalar_has_few_patterns() -> None:
    assert found(np.sin, sine(lambda g, dy, x: g + dy), np.array(0.4)).pattern is None
    assert found(np.sin, sine(lambda g, dy, x: g * 1.5), np.array(0.4)).pattern == "a factor 3/2"
    assert found(lambda x: x**2, lambda dy, x: 0 * x, np.array(0.4)).pattern == (
        "a gradient that is never computed: it is zero"
    )


def test_a_gradient_for_a_function_without_slope_is_no_factor() -> None:
    assert found(lambda x: 0 * x, lambda dy, x: dy * x).pattern is None


def test_each_wrong_tensor_has_its_pattern() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, -dw, db / 4))
    patterns = {d.tensor: d.pattern for d in check(layer, draw(2, 3)).disagreements}
    assert patterns == {"weight": "the wrong sign", "bias": "a factor 1/4, as if for a size"}


def test_the_report_prints_the_pattern() -> None:
    report = str(check(Function(np.sin, sine(lambda g, dy, x: -g)), X))
    assert report.endswith("; likely the wrong sign (R² = 1)")


def test_a_term_is_constant_along_all_axes_but_one() -> None:
    x = draw(3, 4, 5)
    wrong = found(np.sin, sine(lambda g, dy, x: g - g.mean((0, 2), keepdims=True)), x)
    assert wrong.pattern == "a term constant along axes 0, 2 missing, such as a mean"
    wrong = found(np.sin, sine(lambda g, dy, x: g - g.mean((1, 2), keepdims=True)), x)
    assert wrong.pattern == "a term constant along axes 1, 2 missing, such as a mean"


@pytest.mark.parametrize(("size", "named"), [(2, False), (3, True)])
def test_a_term_or_a_place_needs_three_entries(size: int, named: bool) -> None:
    x = draw(4, size, seed=3)
    changes = {
        "a term constant along axis 1 missing, such as a mean": lambda g, dy, x: g - g.mean(1, keepdims=True),
        "a term proportional to the tensor along axis 1 missing": lambda g, dy, x: g - x * g.mean(1, keepdims=True),
        "right but for the first place on axis 1": lambda g, dy, x: g + last_only(1 + x, 1, 0),
    }
    for pattern, change in changes.items():
        assert (found(np.sin, sine(change), x).pattern == pattern) == named
    row = draw(size, seed=3)
    changes = {
        "right but for one entry": lambda g, dy, x: g + np.arange(size) // (size - 1),
        "a path past the layer: +2 times the upstream gradient": lambda g, dy, x: g + 2 * dy,
    }
    for pattern, change in changes.items():
        assert (found(np.sin, sine(change), row).pattern == pattern) == named


@pytest.mark.parametrize(("size", "named"), [(3, False), (4, True)])
def test_two_terms_need_four_entries(size: int, named: bool) -> None:
    x = draw(5, size, seed=3)
    wrong = found(np.sin, sine(lambda g, dy, x: g - (1 + x) * g.mean(1, keepdims=True) - dy.mean(1, keepdims=True)), x)
    pattern = "terms constant and proportional to the tensor along axis 1 missing, such as a mean and a variance"
    assert (wrong.pattern == pattern) == named


def test_several_outputs_without_a_fit_have_no_pattern() -> None:
    layer = Function(lambda x: (np.sin(x), x**2), lambda da, db, x: (np.cos(x) * da + 2 * x * db) * (0.5 + x**2))
    assert check(layer, X).disagreements[0].pattern is None


@pytest.mark.parametrize(("size", "whole"), [(512, True), (513, False)])
def test_up_to_512_entries_are_all_differenced(size: int, whole: bool) -> None:
    pattern = found(np.sin, sine(lambda g, dy, x: g + dy), draw(size)).pattern
    assert (pattern == "a path past the layer: +1 times the upstream gradient") == whole


@pytest.mark.parametrize(("size", "whole"), [(400, True), (401, False)])
def test_a_jacobian_of_up_to_4_million_entries_is_whole(size: int, whole: bool) -> None:
    def value(x: Any) -> Any:
        return np.concatenate([np.sin(x), np.zeros(10_000 - size)])

    wrong = found(value, lambda dy, x: np.cos(x) * dy[:size] + (np.arange(size) == 7), draw(size))
    assert (wrong.pattern == "right but for one entry") == whole


def test_a_sample_is_evenly_spread_and_large_entries_move_by_their_size() -> None:
    x, seen = 1e6 * draw(1000), []
    layer = Function(
        lambda x: seen.append(x.copy()) or np.sin(x / 1e6),  # type: ignore[func-returns-value]
        lambda dy, x: -np.cos(x / 1e6) * dy / 1e6,
    )
    assert check(layer, x).disagreements[0].pattern == "the wrong sign"
    assert [int(np.flatnonzero(point != x)[0]) for point in seen[-250::2]] == list(range(0, 1000, 8))


def test_entries_that_may_not_move_do_not_spoil_the_pattern() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, -dw * [[0.0], [1.0], [1.0]], db))
    layer.weight.constant = np.array([[True], [False], [False]])
    assert check(layer, draw(2, 3)).disagreements[0].pattern == "the wrong sign"


def shifted(by: tuple[int, int], shape: tuple[int, int]) -> str | None:
    """What is said of a gradient that has moved, with noise at the edges."""
    x, noise = draw(*shape, seed=7), draw(*shape, seed=8)

    def gradient(dy: Any, x: Any) -> Any:
        g = np.full((shape[0] + 6, shape[1] + 6), np.nan)
        g[3:-3, 3:-3] = np.cos(x) * dy
        moved = g[3 - by[0] : 3 - by[0] + shape[0], 3 - by[1] : 3 - by[1] + shape[1]]
        return np.where(np.isnan(moved), noise, moved)

    return found(np.sin, gradient, x).pattern


@pytest.mark.parametrize("by", [(1, 1), (-1, 2), (2, -1), (0, -2), (3, 0), (-3, 0)], ids=str)
def test_a_shift_along_several_axes_is_named_whatever_comes_in_at_the_edges(by: tuple[int, int]) -> None:
    assert shifted(by, (7, 6)) == f"shifted by {by}, but for the edges"


def test_half_of_the_entries_must_not_be_edges() -> None:
    assert shifted((1, 1), (4, 3)) is None
    assert shifted((1, 1), (4, 4)) == "shifted by (1, 1), but for the edges"
