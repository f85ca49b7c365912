"""What is wrong with some derivatives and right with the others is named, each mistake apart."""

from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.patterns import GOOD
from nnlab.gradcheck.trees import one_by_one
from tests.gradcheck.layers import Function, Matrix, draw

X = draw(4, 5, seed=7)
RIGHT = draw(4, 6, seed=1)
NONE = np.zeros(RIGHT.shape, bool)
SQUARE, OWN = draw(5, 5, seed=2), np.eye(5) > 0
FIRST = np.arange(24).reshape(4, 6) < 4  # four derivatives of one entry


def paths(own: Any, right: Any = RIGHT, own_output: Any = None) -> Paths:
    return Paths(right, own, NONE if own_output is None else own_output, 1e-6)


def named(found: Paths) -> list[str]:
    """The first mistake that explains the difference, if any does."""
    fits = chain(found.mistakes(lambda factor: f"a factor {factor:g}"), found.rest())
    return [name for name, candidate in fits if found.explained(candidate) >= GOOD][:1]


def pattern(value: Any, gradient: Any, x: Any = X) -> str | None:
    (wrong,) = check(Function(value, gradient), x).disagreements
    return wrong.pattern


def test_a_factor_in_part_is_named_with_the_number_of_derivatives() -> None:
    assert named(paths(np.where(FIRST, 3 * RIGHT, RIGHT))) == ["a factor 3 in 4 of 24 derivatives"]
    right = np.where(FIRST, RIGHT, 0)
    assert named(paths(-right, right)) == ["a factor -1 in 4 of 4 derivatives"]
    assert named(paths(np.where(FIRST, RIGHT + 3, RIGHT))) == []
    assert pattern(np.sin, lambda dy, x: np.where(x > 0, 1, -1) * np.cos(x) * dy).startswith("the wrong sign in ")  # type: ignore[union-attr]
    found = pattern(np.sin, lambda dy, x: np.where(x > 0, 1, 0.3) * np.cos(x) * dy)
    assert found == f"a factor 0.3 in {np.count_nonzero(X <= 0)} of 20 derivatives"


@pytest.mark.parametrize(("few", "number"), [(2, 0), (3, 1)])
def test_three_derivatives_must_be_wrong_to_name_their_mistake(few: int, number: int) -> None:
    some = np.arange(24).reshape(4, 6) < few
    assert len(named(paths(np.where(some, 3 * RIGHT, RIGHT)))) == number
    assert len(named(paths(np.where(some, 0, RIGHT)))) == number


def test_a_factor_that_is_nearly_0_explains_nothing() -> None:
    own = np.where(FIRST, 1e-3 * RIGHT**2, RIGHT)
    assert named(paths(own)) == []
    assert named(paths(np.where(FIRST, 1e-3 * RIGHT, RIGHT))) == ["a factor 0.001 in 4 of 24 derivatives"]


def test_masked_entries_are_named_where_the_output_does_not_depend_on_them() -> None:
    right = np.where(FIRST, 0, RIGHT)
    name = "masked entries included: a gradient where the output does not depend on the entry"
    assert named(paths(RIGHT, right)) == [name]
    assert named(paths(2 * RIGHT, right)) == []
    assert named(paths(RIGHT, 0 * RIGHT)) == []
    assert pattern(lambda x: np.maximum(x, 0), lambda dy, x: dy * (x > -0.5)) == name


def test_cross_terms_are_missing_where_only_own_outputs_are_left() -> None:
    name = "cross terms missing: each entry has only the gradient of its own output"
    assert named(paths(np.where(OWN, SQUARE, 0), SQUARE, OWN)) == [name]
    matrix = draw(5, 5)
    assert pattern(lambda x: matrix @ x, lambda dy, x: np.diag(matrix) * dy, draw(5)) == name


def test_assigned_is_what_leaves_each_entry_one_output() -> None:
    name = "assigned, not accumulated: each entry has the gradient of one output only"
    last = np.tile(np.arange(6) == 5, (4, 1))
    assert named(paths(np.where(last, RIGHT, 0))) == [name]
    some = np.where(np.arange(4)[:, None] < 2, last, True)  # two entries keep all
    assert named(paths(np.where(some, RIGHT, 0))) == [name]
    two = np.where(np.arange(4)[:, None] == 0, True, last)
    two[0, 0] = False
    assert named(paths(np.where(two, RIGHT, 0))) == ["paths missing: 16 of 24 derivatives"]


def test_forgotten_outputs_are_counted() -> None:
    kept = np.tile(np.arange(6) < 4, (4, 1))
    assert named(paths(np.where(kept, RIGHT, 0))) == ["outputs forgotten: 2 of 6"]
    weights = draw(3, 6)
    found = pattern(lambda x: x @ weights, lambda dy, x: dy[:, 1:4] @ weights[:, 1:4].T, draw(2, 3))
    assert found == "outputs forgotten: 6 of 12"


def test_other_paths_that_are_missing_are_counted() -> None:
    assert named(paths(np.where(FIRST, 0, RIGHT))) == ["paths missing: 4 of 24 derivatives"]


def test_a_path_past_the_layer_goes_from_each_entry_to_its_own_output() -> None:
    name = "a path past the layer, from each entry to its own output"
    assert named(paths(SQUARE + np.diag(draw(5, seed=9)), SQUARE, OWN)) == [name]
    assert named(paths(np.diag(draw(5, seed=9)), np.diag(draw(5)), OWN)) == []  # there is no other path
    assert named(paths(SQUARE + 1, SQUARE, OWN)) == []


def test_the_transposed_jacobian_is_named() -> None:
    name = "the Jacobian transposed: backward runs forward"
    assert named(paths(SQUARE.T, SQUARE, OWN)) == [name]
    assert named(paths(SQUARE.T, SQUARE, ~OWN & OWN)) == []  # the output has another shape
    matrix = draw(5, 5)
    assert pattern(lambda x: matrix @ x, lambda dy, x: matrix @ dy, draw(5)) == name


def test_a_factor_in_the_cross_terms_leaves_the_own_outputs_out() -> None:
    name = "a factor 3 in the cross terms, from each entry to the other outputs"
    own = np.where(OWN, draw(5, 5, seed=4), 3 * SQUARE)
    assert named(paths(own, SQUARE, OWN)) == [name]
    assert named(paths(np.where(OWN, own, SQUARE + 3), SQUARE, OWN)) == []
    assert named(paths(np.where(OWN, own, 0), SQUARE, OWN)) == ["cross terms missing"][:0]
    gate = pattern(
        lambda x: x * x.mean(1, keepdims=True), lambda dy, x: dy * x.mean(1, keepdims=True) + (dy * x).sum(1)[:, None]
    )
    assert gate == "a factor 5, as if for a size in the cross terms, from each entry to the other outputs"


def test_derivatives_of_other_outputs_are_named() -> None:
    name = "the right derivatives in another order: those of other outputs"
    assert named(paths(RIGHT[:, [1, 0, 3, 2, 5, 4]])) == [name]
    assert named(paths(RIGHT[[1, 0, 3, 2]])) == []
    assert pattern(lambda x: np.hstack([x, 0 * x, 3 * x]), lambda dy, x: dy[:, 5:10] + 3 * dy[:, :5]) == name


def test_what_is_explained_is_a_share_of_the_squared_difference() -> None:
    right, own = np.zeros((1, 4)), np.array([[3.0, 4.0, 0.0, 0.0]])
    assert paths(own, right).explained(own) == 1
    assert paths(own, right).explained(right) == 0
    assert paths(own, right).explained([[3, 0, 0, 0]]) == pytest.approx(9 / 25)
    # Against 8 and 6 the difference is larger than what is left.
    assert paths(own, np.array([[3.0, 8.0, 0.0, 6.0]])).explained([[3, 3, 0, 0]]) == pytest.approx(1 - 1 / 16)
    assert paths(0 * own, own).explained([[3, 0, 0, 0]]) == pytest.approx(1 - 9 / 25)


@pytest.mark.parametrize(("number", "found"), [(5, None), (6, "paths missing: 6 of 24 derivatives")])
def test_a_quarter_of_the_paths_must_be_lost_where_more_is_wrong(number: int, found: str | None) -> None:
    lost = number > np.arange(24).reshape(6, 4).T
    lost[0, 1], lost[1, 0] = lost[1, 0], lost[0, 1]
    own = np.where(lost, 0, RIGHT)
    own[3, 3:] += 0.9
    assert named(paths(own)) == []
    guess = paths(own).guess()
    assert (guess and guess[0]) == found
    own[3, 3:] += 9  # of which the lost ones are a small share
    assert paths(own).guess() is None
    own[3, 3:] -= 9
    if guess:
        assert guess[1] == pytest.approx((RIGHT[lost] ** 2).sum() / ((own - RIGHT) ** 2).sum())


def test_nothing_is_guessed_where_there_are_paths_too_many() -> None:
    right = RIGHT.copy()
    right[3, 3:] = 0
    own = np.where(FIRST, 0, RIGHT)
    own[1] = 0
    assert paths(own, right).guess() is None
    own[3, 3:] = 0
    assert paths(own, right).guess() is not None


def test_transposed_paths_are_guessed() -> None:
    right = np.triu(SQUARE)
    name = "the paths transposed: each entry has gradients of the outputs on which it depends"
    own = np.tril(draw(5, 5))
    found = paths(own, right, OWN).guess()
    assert found is not None
    assert found[0] == name
    cross = ~OWN
    assert found[1] == pytest.approx(((own - right)[cross] ** 2).sum() / ((own - right) ** 2).sum())
    assert paths(draw(5, 5), SQUARE, OWN).guess() is None  # no path is turned
    assert paths(own, right, ~OWN & OWN).guess() is None
    mask = np.tril(np.ones((5, 5)))
    found_by_check = check(
        Function(lambda x: np.exp(x) * (mask @ x), lambda dy, x: mask @ (dy * x) + dy), draw(5)
    ).disagreements[0]
    assert found_by_check.pattern == name
    assert found_by_check.fit is not None
    assert 0 < found_by_check.fit < 1


def test_own_outputs_are_those_of_arrays_with_the_shape_of_the_tensor() -> None:
    rng = SimpleNamespace(dy=(np.zeros((2, 3)), None, np.zeros(6), np.zeros((2, 3))), eps=2.0**-51)
    right = draw(6, 18)
    found = Paths.of(rng, right, right, (2, 3))  # type: ignore[arg-type]
    assert np.array_equal(found.own_output, np.hstack([np.eye(6), np.zeros((6, 6)), np.eye(6)]) > 0)
    assert found.noise == pytest.approx(2.0**-17 * np.abs(right).max())


def test_a_wrong_derivative_is_off_by_more_than_the_noise() -> None:
    found = Paths(np.array([[0.0, 1, 2, 3]]), np.array([[0.5, 1.5, 0, 3.75]]), NONE, 0.5)
    assert found.wrong.tolist() == [[False, False, True, True]]
    assert found.there.tolist() == [[False, True, True, True]]
    assert found.lost.tolist() == [[False, False, True, False]]


def test_cotangents_come_one_by_one() -> None:
    tree = (np.full(2, 7.0), (None, np.full((1, 1), 7.0)), 3)
    found = [(a.tolist(), none, b.tolist(), three) for a, (none, b), three in one_by_one(tree)]
    assert found == [([1, 0], None, [[0]], 3), ([0, 1], None, [[0]], 3), ([0, 0], None, [[1]], 3)]
    assert tree[0].tolist() == [7, 7]


def test_each_output_is_asked_after_a_forward() -> None:
    calls: list[str] = []

    class Counting(Matrix):
        def forward(self, x: Any) -> Any:
            calls.append("forward")
            return super().forward(x)

        def backward(self, dy: Any) -> Any:
            calls.append("backward")
            return super().backward(dy)

    check(Counting(spoil=lambda dx, dw, db: (dx, dw, db * [1, 1, 3, 3])), draw(2, 3))
    assert calls[-16:] == ["forward", "backward"] * 8


def test_a_backward_that_is_not_linear_or_takes_no_cotangent_has_no_derivatives_of_its_own() -> None:
    some = np.where(X > 0, 1, 0.3)
    assert pattern(np.sin, lambda dy, x: some * np.cos(x) * (dy + 1e-3)) is None

    class Loss:
        def forward(self, x: Any) -> Any:
            self.x = x
            return np.sin(x).sum()

        def backward(self) -> Any:
            return some * np.cos(self.x)

    assert check(Loss(), X).disagreements[0].pattern is None
    found = pattern(
        lambda x: (np.sin(x).ravel() + 0j, x.ravel()),
        lambda da, db, x: some * np.cos(x) * da.real.reshape(4, 5) + db.reshape(4, 5),
    )
    assert found is None


@pytest.mark.parametrize(("size", "named"), [(512, True), (513, False)])
def test_up_to_512_outputs_are_asked(size: int, named: bool) -> None:
    x, weights = draw(3), draw(size, 3)
    part = np.arange(3 * size).reshape(size, 3) % 2 + 1
    found = pattern(lambda x: weights @ x, lambda dy, x: (weights * part).T @ dy, x)
    assert (found == f"a factor 2 in {3 * size // 2} of {3 * size} derivatives") == named


def test_a_tensor_that_is_known_by_a_sample_has_no_paths() -> None:
    part = np.arange(513) % 2 + 1
    assert (
        pattern(
            lambda x: np.sin(x).reshape(27, 19).sum(1), lambda dy, x: part * np.cos(x) * np.repeat(dy, 19), draw(513)
        )
        is None
    )


@pytest.mark.parametrize("offset", [0, 600])
def test_a_term_proportional_to_exp_is_missing_of_a_softmax(offset: int) -> None:
    def value(x: Any) -> Any:
        return x - offset - np.log(np.exp(x - offset).sum(1, keepdims=True))

    assert pattern(value, lambda dy, x: dy - np.exp(value(x)) * dy.max(), X + offset) == (
        "a term proportional to exp of the tensor along axis 1 missing, such as of a softmax"
    )
