"""What a report says, word for word."""

import math

import pytest

from nnlab.gradcheck import Disagreement, Report


def test_a_wrong_entry_is_printed_with_both_sides_and_the_bar() -> None:
    wrong = Disagreement("weight", "gradient is wrong", (3, 0), 1.25, -1.25, 2e-10)
    assert str(wrong) == "weight[3, 0]: gradient is wrong: expected 1.25 ± 2e-10, got -1.25"


def test_twelve_digits_are_printed() -> None:
    wrong = Disagreement("input 0", "gradient is wrong", (7,), 1 / 3, 1 / 3 + 1e-11, 1.5e-12)
    assert str(wrong) == "input 0[7]: gradient is wrong: expected 0.333333333333 ± 2e-12, got 0.333333333343"


@pytest.mark.parametrize("index", [None, ()])
def test_a_tensor_without_index_is_printed_alone(index: tuple[int, ...] | None) -> None:
    assert str(Disagreement("bias", "gradient is wrong", index, 1.0, 2.0, 0.1)) == (
        "bias: gradient is wrong: expected 1 ± 0.1, got 2"
    )


def test_without_a_bar_only_the_problem_is_printed() -> None:
    assert str(Disagreement("bias", "gradient is missing")) == "bias: gradient is missing"
    assert str(Disagreement("bias", "gradient is nan", (1, 2))) == "bias[1, 2]: gradient is nan"


def test_a_bar_of_0_is_printed() -> None:
    assert str(Disagreement("x", "p", None, 0.0, 1.0, 0.0)) == "x: p: expected 0 ± 0, got 1"


def test_disagreements_are_printed_one_a_line_and_decide_the_outcome() -> None:
    report = Report((Disagreement("a", "p"), Disagreement("b", "q")), 1e-9, 1e-6, 17)
    assert report.outcome == "disagrees"
    assert str(report) == "a: p\nb: q"


@pytest.mark.parametrize(
    ("resolution", "outcome", "printed"),
    [(0.0, "agrees", "0"), (1e-6, "agrees", "1e-06"), (1.1e-6, "undecided", "1e-06"), (math.inf, "undecided", "inf")],
)
def test_without_disagreements_the_resolution_decides(resolution: float, outcome: str, printed: str) -> None:
    report = Report((), resolution, 1e-6, 17)
    assert report.outcome == outcome
    assert str(report) == f"{outcome}: an error of {printed} of the gradient would have been seen, in 17 forwards"
