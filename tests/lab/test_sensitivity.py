"""The sensitivity of toy detectors to graded faults: shares, intervals, the smallest size seen."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nnlab.errors import ControlFailed
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe, Verdict
from nnlab.lab.graded import DELTAS, graded_terms
from nnlab.lab.sensitivity import Sensitivity, Share, sensitivity

SCALE = """
def double_backward(dy):
    return 2 * dy


def triple_backward(dy):
    dx = dy + 2 * dy
    return dx
"""


@pytest.fixture
def scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "scale_toy.py").write_text(SCALE)
    monkeypatch.syspath_prepend(tmp_path)
    import scale_toy  # type: ignore[import-not-found]

    yield scale_toy
    import sys

    del sys.modules["scale_toy"]


def near(got: float, wanted: float, tolerance: float) -> None:
    if not abs(got - wanted) <= tolerance:
        raise Detected(f"expected {wanted}, got {got}")


def within(tolerance: float, scale: ModuleType, name: str = "within") -> Detector:
    """Sees errors above `tolerance` in both functions."""
    probes = [
        Probe("double", lambda seed: near(scale.double_backward(1.0), 2.0, 2 * tolerance)),
        Probe("triple", lambda seed: near(scale.triple_backward(1.0), 3.0, tolerance)),
    ]
    blatant = Fault("blatant", "", "", Cited("s"), [Edit("scale_toy:double_backward", "2 * dy", "0")])
    return Detector(name, "", lambda: probes, blatant)


def run(
    *detectors: Detector, reach: Any = None, subjects: Any = (), deltas: Any = DELTAS, told: Any = None
) -> Sensitivity:
    steps = told if told is not None else []
    terms = graded_terms("scale_toy")
    return sensitivity(terms, deltas, detectors, reach or {}, subjects, 2, lambda *step: steps.append(step))


def test_the_share_falls_where_the_tolerance_of_the_detector_is(scale: ModuleType) -> None:
    result = run(within(1.5e-3, scale), within(0.5, scale, "coarse"))
    assert len(result.terms) == 3
    rates = [share.rate for share in result.shares("within")]
    assert rates == [1.0, 1.0, 1.0, pytest.approx(1 / 3), 0, 0, 0, 0, 0]  # 2e-3 of the term 2 * dy is above 1.5e-3
    assert [share.rate for share in result.shares("coarse")] == [1.0, *[0.0] * 8]
    assert result.smallest("within").delta == 1e-2
    assert result.smallest("coarse").delta == 1.0
    assert result.smallest("within", power=0.3).delta == 1e-3
    assert result.seconds > 0


def test_sizes_are_judged_largest_first_in_whatever_order_they_are_given(scale: ModuleType) -> None:
    result = run(within(0.05, scale), deltas=[1e-4, 1.0, 0.1])
    assert [share.delta for share in result.shares("within")] == [1.0, 0.1, 1e-4]
    row = result.verdicts["within"]["graded:scale_toy:double_backward:1"]
    assert row == [Verdict.KILLED, Verdict.KILLED, Verdict.SURVIVED]


@pytest.mark.parametrize(
    ("counts", "smallest"),
    [
        ([100, 100, 100], (0.01, 0.01, 0.01)),
        ([100, 96, 50], (0.1, 1.0, 0.1)),
        ([94, 100, 100], (None, None, 0.01)),
        ([80, 100, 100], (None, None, None)),
        ([100, 92, 100], (1.0, 1.0, 0.01)),
    ],
)
def test_the_smallest_size_has_an_interval(counts: list[int], smallest: tuple[float | None, ...]) -> None:
    detector = within(1.0, ModuleType("none"))
    deltas = [1.0, 0.1, 0.01]
    seen = lambda n, i: Verdict.KILLED if n < counts[i] else Verdict.SURVIVED  # noqa: E731
    rows = {str(n): [seen(n, i) for i in range(3)] for n in range(100)}
    result = Sensitivity([None] * 100, deltas, [detector], {"within": rows}, 1.0)  # type: ignore[list-item]
    found = result.smallest("within")
    assert (found.delta, found.certain, found.possible) == smallest


def test_a_share_has_its_wilson_interval() -> None:
    share = Share(1e-3, 95, 100)
    assert share.rate == 0.95
    assert share.ci95 == (pytest.approx(0.8882, abs=1e-4), pytest.approx(0.9785, abs=1e-4))


def test_probes_whose_subject_reaches_no_term_or_was_not_asked_for_do_not_run(scale: ModuleType) -> None:
    reach = {"double": frozenset({"scale_toy:double_backward"}), "triple": frozenset({"scale_toy:triple_backward"})}
    result = run(within(1e-9, scale), reach=reach, subjects=["triple"], deltas=[1.0])
    verdicts = {id.rpartition(":")[0]: row[0] for id, row in result.verdicts["within"].items()}
    assert verdicts == {
        "graded:scale_toy:double_backward": Verdict.UNREACHED,
        "graded:scale_toy:triple_backward": Verdict.KILLED,
    }
    assert result.shares("within")[0].detected == 2


def test_a_fault_that_ends_the_process_is_judged_alone_and_harms_no_other(scale: ModuleType) -> None:
    def fragile(seed: int) -> None:
        if scale.triple_backward(1.0) > 4:
            os._exit(3)
        near(scale.triple_backward(1.0), 3.0, 1e-5)

    blatant = Fault("b", "", "", Cited("s"), [Edit("scale_toy:triple_backward", "dy + 2 * dy", "0.0")])
    told: list[Any] = []
    result = run(
        Detector("fragile", "", lambda: [Probe("triple", fragile)], blatant), deltas=[1.0, 1e-3, 1e-8], told=told
    )
    second = result.verdicts["fragile"]["graded:scale_toy:triple_backward:2"]
    assert second == [Verdict.CRASHED, Verdict.KILLED, Verdict.SURVIVED]
    assert ("judged alone", 6, 6) in told


def test_below_two_misses_in_a_row_nothing_is_run(scale: ModuleType, tmp_path: Path) -> None:
    """A detector that sees only errors between 0.5e-3 and 2e-3, and notes each call."""
    calls = tmp_path / "calls"

    def run_once(seed: int) -> None:
        with calls.open("a") as file:
            file.write(".")
        if 0.5e-3 < scale.double_backward(1.0) / 2.0 - 1 < 2e-3:
            raise Detected("seen")
        near(scale.double_backward(1.0), 2.0, 3.0)

    blatant = Fault("b", "", "", Cited("s"), [Edit("scale_toy:double_backward", "2 * dy", "9")])
    odd = Detector("odd", "", lambda: [Probe("double", run_once)], blatant)
    terms = graded_terms("scale_toy")[:1]
    for misses, seen, controls_and_runs in ((2, False, 3 + 2), (9, True, 3 + 9)):
        calls.write_text("")
        result = sensitivity(terms, DELTAS, [odd], {}, (), 1, lambda *step: None, misses)
        assert any(share.detected for share in result.shares("odd")) is seen
        assert len(calls.read_text()) == controls_and_runs


def test_both_controls_come_first(scale: ModuleType) -> None:
    with pytest.raises(ControlFailed, match="raises an alarm on clean code"):
        run(within(-1.0, scale))
    with pytest.raises(ControlFailed, match="does not kill its own blatant example"):
        run(within(9.0, scale))
