"""What happens exactly at a limit, and what settings must be."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.gradcheck import check, draws, patterns
from nnlab.gradcheck.check import _screen
from nnlab.gradcheck.differences import Derivative, _with_bar, quick
from nnlab.gradcheck.draws import Centre, Comparison, Draw
from nnlab.gradcheck.layers import Evaluation
from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.trees import reals
from tests.gradcheck.layers import Function, draw

IDENTITY = Function(lambda x: 1 * x, lambda dy, x: 1 * dy)


def test_a_report_tells_its_mode() -> None:
    x = draw(2, 3)
    assert check(IDENTITY, x).mode == "screen"
    assert check(IDENTITY, x, mode="screen").mode == "screen"
    assert check(IDENTITY, x, mode="exact").mode == "exact"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "fast"}, "check: mode is 'fast' but must be one of 'screen', 'exact'; choose one"),
        ({"explain": -1}, "check: explain is -1 but must be at least 0; leave it out to explain every wrong tensor"),
        ({"kinks": "skip"}, "check: kinks is 'skip' but must be one of 'move', 'keep', 'accept'; choose one"),
    ],
)
def test_an_unknown_setting_is_refused(options: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check(IDENTITY, draw(2), **options)
    assert str(caught.value) == message


def test_without_directions_nothing_is_wrong_and_nothing_known() -> None:
    report = check(IDENTITY, draw(2), directions=0)
    assert report.disagreements == ()
    assert report.outcome == "undecided"


@pytest.mark.parametrize(("resolution", "times"), [(1.0, 0), (1.5, 1)])
def test_a_screen_as_sharp_as_the_root_of_eps_is_not_repeated(resolution: float, times: int) -> None:
    thorough: list[float] = []
    seen = Comparison(0.0, 0.0, resolution, 1.0, 1.0)
    one = SimpleNamespace(
        gradient=np.ones(2),
        evaluation=SimpleNamespace(unit=np.ones(2)),
        eps=1.0,
        resolved=0.5,
        screen=lambda direction, known: (seen, known),
        compare=lambda direction, goal: thorough.append(goal) or seen,  # type: ignore[func-returns-value]
    )
    found: Any = SimpleNamespace(draws=[one], seen=[])
    assert _screen(found, np.random.default_rng(0), False) == ()
    assert thorough == [0.5] * times


def test_a_bar_that_is_just_sharp_enough_is_not_sharpened(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed(Draw):
        resolved = 10.0

        def size(self, direction: Any) -> float:
            return 1.0

    evaluation = Evaluation(IDENTITY, (draw(2),), ())
    outputs = evaluation.forward(evaluation.point)
    one = Fixed(evaluation, Centre.of(evaluation, outputs), np.ones(2), [np.ones(2)])
    for bar, times in ((1.0, 1), (1.0 + 1e-9, 2)):
        calls: list[float] = []
        answer = Derivative(0.0, bar)
        monkeypatch.setattr(draws, "quick", lambda f, c, step, r, a=answer, k=calls: k.append(step) or a)
        one.screen(np.ones(2), None)
        assert len(calls) == times


def test_a_roughness_of_five_roundings_says_nothing() -> None:
    value = np.array([1.0])
    assert _with_bar(value, 0.0, 5.0, 1.0) == Derivative(1.0, 1.0, 0.0)
    assert _with_bar(value, 0.0, 5.5, 1.0) == Derivative(1.0, 6.5, 5.5)


@pytest.mark.parametrize(("value", "truncation"), [(np.inf, 0.0), (2.0, np.inf), (np.nan, 0.0)])
def test_what_is_not_finite_is_not_known(value: float, truncation: float) -> None:
    assert _with_bar(np.array([value]), truncation, 0.0, 0.0) == Derivative(0.0, math.inf, math.inf)


def test_the_derivative_of_a_constant_has_no_truncation() -> None:
    found = quick(lambda t: np.zeros(2), np.zeros(2), 0.1, 0.0)
    assert (found.value, found.bar) == (0.0, 0.0)


def test_every_array_of_the_outputs_has_its_own_part() -> None:
    evaluation = Evaluation(IDENTITY, (draw(2),), ())
    centre = Centre.of(evaluation, (np.ones(2), np.full(3, 5.0), np.arange(4.0)))
    assert [(part.at, part.largest) for part in centre.parts] == [
        (slice(0, 2), 1.0),
        (slice(2, 5), 5.0),
        (slice(5, 9), 3.0),
    ]


def test_outputs_near_the_largest_number_do_not_warn() -> None:
    assert check(Function(lambda x: x * 1e308, lambda dy, x: dy * 1e308), np.array([1.5, -1.7])).outcome != "disagrees"


def test_cotangents_of_complex_outputs_are_complex_with_independent_parts() -> None:
    evaluation = Evaluation(IDENTITY, (draw(3),), ())
    dy = evaluation.cotangents(np.ones(3, np.complex128), np.random.default_rng(4))
    rng = np.random.default_rng(4)
    real, imaginary = rng.standard_normal(3), rng.standard_normal(3)
    np.testing.assert_array_equal(dy.real, real)
    np.testing.assert_array_equal(dy.imag, imaginary)
    np.testing.assert_array_equal(evaluation.cotangents(np.ones(3), np.random.default_rng(4)), real)


def test_a_backward_without_cotangent_means_ones_of_the_outputs_kind() -> None:
    class Loss:
        def forward(self, x: Any) -> Any:
            return (x**2).sum()

        def backward(self) -> Any:
            return None

    evaluation = Evaluation(Loss(), (draw(3),), ())  # type: ignore[arg-type]
    (one,) = reals(evaluation.cotangents(np.float32(3.0), np.random.default_rng(0)))
    assert one == 1.0
    ones = evaluation.cotangents(np.ones(2, np.complex128), np.random.default_rng(0))
    assert reals(ones).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_reals_are_a_copy_in_float64_and_c_order() -> None:
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    entries = reals(array)
    assert entries.dtype == np.float64
    assert entries.tolist() == [0, 1, 2, 3, 4, 5]
    wide = np.arange(3.0)
    reals(wide)[0] = 9
    assert wide[0] == 0
    assert reals(np.array([1 + 2j, 3 - 4j])).tolist() == [1, 2, 3, -4]


def test_a_pattern_that_fits_just_well_enough_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    x = draw(4, 5, seed=7)
    noise = 1e-2 * draw(4, 5, seed=9)
    layer = Function(np.sin, lambda dy, x: 1.234 * np.cos(x) * dy + 0.5 * noise * dy)
    monkeypatch.setattr(patterns, "GOOD", 0.9)
    (first,) = check(layer, x).disagreements
    assert first.fit is not None
    monkeypatch.setattr(patterns, "GOOD", first.fit)
    (again,) = check(layer, x).disagreements
    assert (again.pattern, again.fit) == (first.pattern, first.fit)


def test_a_mistake_in_part_that_fits_just_well_enough_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Paths, "explained", lambda *_: patterns.GOOD)
    layer = Function(np.sin, lambda dy, x: np.where(x > 0, 1, 0.3) * np.cos(x) * dy)
    (wrong,) = check(layer, draw(4, 5, seed=7)).disagreements
    assert str(wrong.pattern).startswith("a factor 0.3 in ")


def test_any_factor_is_named_for_two_entries_but_for_one_only_a_known_one() -> None:
    layer = Function(np.sin, lambda dy, x: 1.2345678 * np.cos(x) * dy)
    (two,) = check(layer, draw(2)).disagreements
    (one,) = check(layer, draw(1)).disagreements
    assert two.pattern == "a factor 1.234568"
    assert one.pattern != "a factor 1.234568"


def test_three_is_a_size_and_two_a_plain_number() -> None:
    for size, said in ((3, "a factor 3, as if for a size"), (2, "a factor 2")):
        (wrong,) = check(Function(np.sin, lambda dy, x, n=size: n * np.cos(x) * dy), draw(size, 7)).disagreements
        assert wrong.pattern == said


@pytest.mark.parametrize(("off", "part"), [(1j, "imaginary"), (1.0, "real")])
def test_the_part_of_a_complex_entry_is_counted_from_the_start_of_its_tensor(off: complex, part: str) -> None:
    def gradients(dy: Any, a: Any, z: Any) -> Any:
        dz = dy.copy()
        dz[1] += off
        return dy.real.sum(keepdims=True), dz

    z = draw(2, seed=5) + 1j * draw(2, seed=6)
    (wrong,) = check(Function(lambda a, z: z + a, gradients), draw(1), z).disagreements
    assert (wrong.tensor, wrong.index) == ("input 1", (1,))
    assert wrong.problem.endswith(f" in its {part} part")
