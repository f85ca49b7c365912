"""Coverage counts every fault once and its interval is Wilson's."""

import pytest

from nnlab.lab.matrix import Coverage, together, wilson
from nnlab.lab.verdict import Judgement, Verdict


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_the_published_table(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_coverage_counts_each_verdict_and_only_detections_make_the_rate() -> None:
    verdicts = [Verdict.KILLED] * 3 + [Verdict.CRASHED, Verdict.TIMEOUT, Verdict.SURVIVED, Verdict.UNREACHED]
    coverage = Coverage.of(verdicts)
    assert (coverage.killed, coverage.crashed, coverage.timeout) == (3, 1, 1)
    assert (coverage.survived, coverage.unreached, coverage.total) == (1, 1, 7)
    assert coverage.rate == pytest.approx(5 / 7)


def test_no_fault_at_all_has_no_rate_rather_than_0_or_100_percent() -> None:
    assert Coverage.of([]).rate is None
    assert Coverage.of([]).ci95 is None


def test_together_the_best_verdict_counts() -> None:
    row = {
        "a": Judgement(Verdict.SURVIVED),
        "b": Judgement(Verdict.CRASHED),
        "c": Judgement(Verdict.KILLED),
        "d": Judgement(Verdict.UNREACHED),
    }
    assert together(row, ["a", "b", "c"]) is Verdict.KILLED
    assert together(row, ["a", "b"]) is Verdict.CRASHED
    assert together(row, ["a", "d"]) is Verdict.SURVIVED
    assert together(row, ["d"]) is Verdict.UNREACHED
