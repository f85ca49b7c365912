"""The verdict of a cell: its first probe that notices the fault, or one of a few behind it that says more."""

import signal

import pytest

from nnlab.lab.detector import Detected, Probe
from nnlab.lab.engine.cell import MORE, UNSAID, Patience, Ready, ask, judge_cell
from nnlab.lab.engine.limits import Limits, OutOfTime, _out_of_time
from nnlab.lab.verdict import Verdict


def cell(*raised):
    """Probes that raise these, None for one that returns."""

    def probe(place, error):
        def run(seed):
            if error:
                raise error("said")

        return Ready(Probe(f"probe {place}", run), 0.0, 1, place)

    return [probe(place, error) for place, error in enumerate(raised)]


def judged(*raised):
    asked = []
    judgement, _ = judge_cell(cell(*raised), Patience(Limits(budget=100)), lambda ready: asked.append(ready.place))
    return str(judgement.verdict), judgement.probe, len(asked)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        ([None] * 99, ("survived", "", 99)),
        ([None, None, AssertionError, ValueError], ("killed", "probe 2", 3)),
        ([ValueError] + [None] * MORE, ("crashed", "probe 0", MORE + 1)),
        ([None, ValueError] + [None] * (3 * MORE), ("crashed", "probe 1", MORE + 2)),
        ([ValueError] + [None, None, AssertionError] * MORE, ("killed", "probe 3", 2)),
        ([ValueError] + [AssertionError, AssertionError, None] * MORE, ("crashed", "probe 0", MORE + 1)),
        ([ValueError] + [None] * (3 * MORE - 1) + [AssertionError], ("killed", f"probe {3 * MORE}", MORE + 1)),
        ([ValueError] + [None] * (3 * MORE - 1), ("crashed", "probe 0", MORE)),
        ([OutOfTime, ValueError] + [None] * (2 * MORE), ("timeout", "probe 0", 9)),
        ([OutOfTime, None, None, ValueError] + [None] * (3 * MORE - 3), ("crashed", "probe 3", MORE + 1)),
        ([OutOfTime, None, AssertionError], ("killed", "probe 2", 3)),
        ([OutOfTime, ValueError], ("crashed", "probe 1", 2)),
    ],
    ids=[
        "survives",
        "asserts",
        "raises",
        "raises-before-many",
        "asserts-where-asked",
        "asserts-elsewhere",
        "asserts-at-last",
        "not-a-multiple",
        "hangs",
        "raises-behind",
        "asserts-behind",
        "end",
    ],
)
def test_the_first_that_notices_decides_but_an_assertion_behind_says_more(raised, expected):
    assert judged(*raised) == expected


def test_no_more_is_asked_when_the_time_of_a_fault_is_over():
    asked = []
    judgement, _ = judge_cell(
        cell(OutOfTime, OutOfTime, OutOfTime, AssertionError),
        Patience(Limits(cpu=1.0, again=1.0, budget=2.0)),
        lambda ready: asked.append(ready.place),
    )
    assert judgement.verdict is Verdict.TIMEOUT
    assert asked == [0, 1]


def failing(evidence):
    def run(seed):
        raise Detected(evidence)

    return Ready(Probe("probe", run), 0.0, 1, 0)


def test_evidence_may_be_found_out_when_it_is_asked_for():
    asked = []
    ready = failing(lambda: asked.append(1) or "the sign is wrong")
    assert ask(ready, Patience(Limits()), brief=True).evidence == UNSAID
    assert not asked
    assert ask(ready, Patience(Limits())).evidence == "the sign is wrong"
    assert ask(failing("the sign"), Patience(Limits()), brief=True).evidence == "the sign"


def test_to_find_evidence_out_takes_no_longer_than_a_probe_may():
    def forever():
        while True:
            pass

    def broken():
        raise ValueError("no")

    before = signal.signal(signal.SIGPROF, _out_of_time)
    try:
        found = ask(failing(forever), Patience(Limits(cpu=0.05)))
    finally:
        signal.signal(signal.SIGPROF, before)
    assert (found.verdict, found.evidence) == (Verdict.KILLED, "Detected, and OutOfTime while asked for evidence")
    assert ask(failing(broken), Patience(Limits())).evidence == "Detected, and ValueError while asked for evidence"
