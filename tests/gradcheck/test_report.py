"""What a report says, word for word."""

import json
import math
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import Disagreement, Report, check


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


def test_a_pattern_is_printed_behind_the_numbers() -> None:
    wrong = Disagreement("w", "gradient is wrong", (0,), 1.0, 2.0, 0.1, "a factor 2", 0.99999987)
    assert str(wrong) == "w[0]: gradient is wrong: expected 1 ± 0.1, got 2; likely a factor 2 (R² = 1)"
    assert str(Disagreement("w", "p", pattern="a guess", fit=0.9995)) == "w: p; likely a guess (R² = 0.9995)"


def test_moves_and_roughness_are_printed_last() -> None:
    undecided = Report((), 1e-3, 1e-6, 17, moved=3, rough=True)
    assert str(undecided) == (
        "undecided: an error of 0.001 of the gradient would have been seen, in 17 forwards; "
        "the point was moved 3 times, away from a kink; forward is not smooth here"
    )
    wrong = Report((Disagreement("a", "p"),), 1e-3, 1e-6, 17, moved=2, rough=True)
    assert str(wrong) == "a: p; the point was moved 2 times, away from a kink"


def test_a_report_is_json() -> None:
    wrong = Disagreement("w", "gradient is wrong", (0, 1), 1.0, math.nan, 0.1, "a factor 2", 0.9999)
    report = Report((wrong,), math.inf, 1e-6, 17, "exact", 1, True, (1e-9, math.inf))
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert told == {
        "outcome": "disagrees",
        "disagreements": [
            {
                "tensor": "w",
                "problem": "gradient is wrong",
                "index": [0, 1],
                "expected": 1.0,
                "got": None,
                "bar": 0.1,
                "pattern": "a factor 2",
                "fit": 0.9999,
            }
        ],
        "resolution": None,
        "promised": 1e-6,
        "forwards": 17,
        "mode": "exact",
        "moved": 1,
        "rough": True,
        "seen": [1e-9, None],
        "miss": {"0.01": report.miss(1e-2), "0.0001": report.miss(1e-4), "1e-06": report.miss(1e-6)},
    }


def test_the_report_of_a_real_check_is_json() -> None:
    def told(gradient: Any) -> dict[str, Any]:
        report = check(np.sin, np.array([0.5, 1.0]), vjp=lambda dy, x: gradient * dy * np.cos(x))
        return json.loads(json.dumps(report.as_dict(), allow_nan=False))  # type: ignore[no-any-return]

    assert told(1.0)["outcome"] == "agrees"
    assert told(2.0)["disagreements"][0]["pattern"] == "a factor 2"
    assert told(np.nan)["disagreements"][0]["problem"] == "gradient is nan"


def test_the_defaults_of_a_report_are_those_of_a_screen() -> None:
    report = Report((), 1e-9, 1e-6, 7)
    assert (report.mode, report.moved, report.rough, report.seen) == ("screen", 0, False, ())
    assert report.miss(0.1) == 1.0
