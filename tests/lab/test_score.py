"""The score: controls first, then a verdict for every cell, each for its own reason."""

import os
import time
from types import ModuleType
from typing import Any

import pytest

from nnlab.errors import ControlFailed, FaultError
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe, Verdict
from nnlab.lab.engine.limits import Limits
from nnlab.lab.score import Settings, score


def toy_fault(id: str, target: str, correct: str, faulty: str) -> Fault:
    return Fault(id=id, title=id, pattern="toy", source=Cited("here"), edits=[Edit(target, correct, faulty)])


BLATANT = toy_fault("blatant", "toy:triple", "x * SCALE", "0")


def expect(got: object, wanted: object) -> None:
    if got != wanted:
        raise Detected(f"expected {wanted}, got {got}")


def triples(toy: ModuleType, example: Fault = BLATANT, weak: bool = False) -> Detector:
    probes = [
        Probe("five", lambda seed: expect(toy.triple(5), 15)),
        Probe("two", lambda seed: expect(toy.triple(2), 6)),
    ]
    return Detector("triples", "triple is right", lambda: probes, example, weak)


def doubles(toy: ModuleType) -> Detector:
    probe = Probe("two", lambda seed: expect(toy.Child.twice(2), 4))
    return Detector("doubles", "twice is right", lambda: [probe], toy_fault("b2", "toy:Child.twice", "2", "3"))


def quiet(doing: str, done: int, total: int) -> None:
    pass


@pytest.mark.parametrize(
    ("faulty", "verdict", "evidence"),
    [
        ("x + 10", Verdict.KILLED, "expected 6, got 12"),
        ("x * nothing", Verdict.CRASHED, "NameError: name 'nothing' is not defined (in triple, line 12)"),
        ("__import__('os')._exit(4)", Verdict.CRASHED, "the process died with exit status 4"),
        ("x * SCALE if x < 9 else 0", Verdict.SURVIVED, ""),
    ],
)
def test_each_verdict_has_its_evidence(toy: ModuleType, faulty: str, verdict: Verdict, evidence: str) -> None:
    wrong = toy_fault("wrong", "toy:triple", "x * SCALE", faulty)
    result = score([wrong], [triples(toy), doubles(toy)], 2, quiet)
    judgement = result.rows["wrong"]["triples"]
    assert (judgement.verdict, judgement.evidence) in [(verdict, evidence), (verdict, "expected 15, got 15")]
    assert result.rows["wrong"]["doubles"].verdict is Verdict.UNREACHED


def test_an_assertion_in_a_later_probe_beats_a_crash_in_an_earlier_one(toy: ModuleType) -> None:
    wrong = toy_fault("wrong", "toy:triple", "x * SCALE", "x / (x - 5)")
    judgement = score([wrong], [triples(toy)], 1, quiet).rows["wrong"]["triples"]
    assert (judgement.verdict, judgement.probe) == (Verdict.KILLED, "two")


def test_an_endless_fault_is_a_timeout(toy: ModuleType) -> None:
    wrong = toy_fault("wrong", "toy:triple", "y = x * SCALE", "while True: pass")
    settings = Settings(limits=Limits(cpu=0.05))
    judgement = score([wrong], [triples(toy)], 1, quiet, settings).rows["wrong"]["triples"]
    assert (judgement.verdict, judgement.evidence) == (Verdict.TIMEOUT, "did not end in time")


def test_a_detector_that_fires_on_clean_code_stops_the_score(toy: ModuleType) -> None:
    broken = Detector("broken", "", lambda: [Probe("one", lambda seed: expect(toy.triple(1), 4))], BLATANT)
    with pytest.raises(ControlFailed, match=r"broken raises an alarm on clean code, at one: .*expected 4, got 3"):
        score([BLATANT], [broken], 1, quiet)


def test_a_detector_that_misses_its_example_stops_the_score(toy: ModuleType) -> None:
    blind = Detector("blind", "", lambda: [Probe("one", lambda seed: toy.triple(1))], BLATANT)
    with pytest.raises(ControlFailed, match=r"blind does not kill its own blatant example \(survived\)") as caught:
        score([BLATANT], [blind], 1, quiet)
    assert caught.value.exit_code == 3


def test_a_detector_that_crashes_on_its_example_has_not_killed_it(toy: ModuleType) -> None:
    crash = toy_fault("crash", "toy:triple", "x * SCALE", "x / 0")
    with pytest.raises(ControlFailed, match=r"\(crashed: ZeroDivisionError"):
        score([BLATANT], [triples(toy, example=crash)], 1, quiet)


def test_a_detector_that_dies_on_clean_code_stops_the_score(toy: ModuleType) -> None:
    deadly = Detector("deadly", "", lambda: [Probe("one", lambda seed: os._exit(9))], BLATANT)
    with pytest.raises(ControlFailed, match="deadly fails on clean code: the process died with exit status 9"):
        score([BLATANT], [deadly], 1, quiet)


def test_a_drifted_fault_stops_the_score_before_anything_runs(toy: ModuleType) -> None:
    def never(doing: str, done: int, total: int) -> None:
        raise AssertionError("something ran")

    with pytest.raises(FaultError, match="drifted"):
        score([toy_fault("old", "toy:triple", "x ** 2", "x")], [triples(toy)], 1, never)


def test_weak_detectors_count_in_the_total_only_when_alone(toy: ModuleType) -> None:
    wrong = toy_fault("wrong", "toy:triple", "x * SCALE", "x + 11")
    mixed = score([wrong], [triples(toy, weak=True), doubles(toy)], 1, quiet)
    assert mixed.total().rate == 0.0
    alone = score([wrong], [triples(toy, weak=True)], 1, quiet)
    assert alone.total().rate == 1.0


def test_progress_is_told_of_every_step(toy: ModuleType) -> None:
    told: list[Any] = []
    score([BLATANT], [triples(toy)], 1, lambda *step: told.append(step))
    assert told == [("silent on clean code", 1, 1), ("catches its example", 1, 1), ("judged", 1, 1)]


def test_the_clock_runs(toy: ModuleType) -> None:
    started = time.perf_counter()
    assert 0 < score([BLATANT], [triples(toy)], 1, quiet).seconds <= time.perf_counter() - started


def test_a_first_kill_keeps_what_no_probe_reaches_beside_what_one_does(toy: ModuleType) -> None:
    reached = toy_fault("reached", "toy:triple", "x * SCALE", "0")
    unreached = toy_fault("unreached", "toy:Child.twice", "2", "3")
    result = score([reached, unreached], [triples(toy)], 1, quiet, Settings(first_kill=True))
    assert {fault.id: result.verdict(fault) for fault in result.faults} == {
        "reached": Verdict.KILLED,
        "unreached": Verdict.UNREACHED,
    }
    assert not result.unjudged
