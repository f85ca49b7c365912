"""Which probes are asked about a fault: those that execute the function, and enter the suite, that it changes."""

from nnlab.lab import Cited, Constant, Edit, Fault, Probe, Rewrite
from nnlab.lab.engine.plan import Reach
from nnlab.lab.judge import CleanRun

TEXT = "def f(x):\n    if x:\n        return 1\n    return 2"


def reach(*executed):
    """Probes 0, 1, … of a detector d that execute these; each takes fewer calls than the one before."""
    probes = [Probe(f"probe {number}", lambda seed: None) for number in range(len(executed))]
    runs = [CleanRun("", 0, "", frozenset(names), 0.0, 9 - number) for number, names in enumerate(executed)]
    return Reach({"d": probes}, {"d": runs})


def reaching(found, *edits):
    return [ready.probe.subject[-1] for ready in found.of(Fault(str(edits), "", "toy", Cited(""), edits), "d")]


def test_a_change_in_a_suite_is_reached_by_the_probes_that_enter_it():
    found = reach({"m:f", "m:f@0"}, {"m:f", "m:f@0", "m:f@1"}, {"m:g"}, {"m:f", "m:f@0", "m:f@1"})
    assert reaching(found, Rewrite("m:f", 1, TEXT, TEXT.replace("return 1", "return 3"))) == ["3", "1"]
    assert reaching(found, Rewrite("m:f", 1, TEXT, TEXT.replace("return 2", "return 3"))) == ["3", "1", "0"]
    assert reaching(found, Edit("m:f", "1", "3")) == ["3", "1", "0"]


def test_a_function_whose_suites_were_not_noted_is_reached_by_all_that_call_it():
    found = reach({"m:f"}, {"m:f", "m:f@0"})
    assert reaching(found, Rewrite("m:f", 1, TEXT, TEXT.replace("return 1", "return 3"))) == ["0"]


def test_one_of_several_changes_is_enough():
    found = reach({"m:g"}, {"m:f", "m:f@0"}, {"n:h"})
    inside = Rewrite("m:f", 1, TEXT, TEXT.replace("return 1", "return 3"))
    assert reaching(found, inside, Edit("m:g", "a", "b")) == ["0"]
    assert reaching(found, inside, Constant("n:FACTOR", "1", "2")) == ["2"]
    assert reaching(found, Constant("m:FACTOR", "1", "2")) == ["1", "0"]


def test_what_is_expected_is_reached_by_the_same_probes():
    executed = {"m:f", "m:f@0"}, {"m:f", "m:f@0", "m:f@1", "m:g"}, {"m:g"}, {"n:h"}
    edits = [
        Rewrite("m:f", 1, TEXT, TEXT.replace("return 1", "return 3")),
        Edit("m:g", "a", "b"),
        Edit("m:none", "a", "b"),
        Constant("n:FACTOR", "1", "2"),
    ]
    found = reach(*executed)
    found.expect(Fault(str(edit), "", "toy", Cited(""), [edit]) for edit in edits)
    assert [reaching(found, edit) for edit in edits] == [reaching(reach(*executed), edit) for edit in edits]
    assert [reaching(found, edit) for edit in edits] == [["1"], ["2", "1"], [], ["3"]]
    several = Fault("several", "", "toy", Cited(""), edits)
    assert found.calls(several, ["d"]) == (9 - 1) + (9 - 2) + (9 - 3)
