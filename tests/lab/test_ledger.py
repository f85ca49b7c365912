"""The ledger of equivalent faults: what it may say, what it fits, what it does to a score."""

from pathlib import Path

import pytest

from nnlab.errors import FaultError, UsageError
from nnlab.lab import Cited, Edit, Fault, Verdict, discover
from nnlab.lab.ledger import Change, changes_of, equivalents, read, with_equivalents
from nnlab.lab.operators.find import operator_faults
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement

SOURCE = """
def f(x):
    if x:
        return x - 1
    y = (
        x -
        1
    )
    return x - 1
"""
ENTRY = """
[[equivalent]]
origin = "operator"
function = "ledger_toy:f"
from = "return x - 1"
to = "return x + 1"
occurrence = 2
reason = "x is always 0 here"
"""
CHANGE = Change("ledger_toy:f", "return x - 1", "return x + 1", 2)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Fault]:
    """Three faults, two of which change lines that read the same."""
    (tmp_path / "ledger_toy.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return operator_faults({"ledger_toy": ()}, "operator:flip-sign:*")


def ledger(folder: Path, text: str) -> Path:
    place = folder / "ledger.toml"
    place.write_text(text, encoding="utf-8")
    return place


def test_an_entry_is_read_and_those_of_mutmut_are_left_to_scripts_mutate(tmp_path: Path) -> None:
    other = ENTRY.replace('origin = "operator"', "")
    assert read(ledger(tmp_path, ENTRY + other)) == {CHANGE: "x is always 0 here"}


@pytest.mark.parametrize("change", [CHANGE, Change("m:f", 'print("a\\n")', "x = 'γ'\ny = 1"), Change("m:f", "x", "")])
def test_the_block_to_paste_reads_back(tmp_path: Path, change: Change) -> None:
    assert read(ledger(tmp_path, change.toml("why"))) == {change: "why"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CHANGE.toml(), "has no reason; say why"),
        (ENTRY.replace("reason", "# reason"), "has no reason"),
        (ENTRY.replace("from =", "before ="), "has the unknown field 'before'"),
        (ENTRY.replace("to = ", "# "), "must have the texts function, from and to"),
        (ENTRY.replace("= 2", "= 0"), "has the occurrence 0"),
        (ENTRY * 2, r"entry 2 \(ledger_toy:f\), is there twice"),
        ("[[", "is not TOML"),
    ],
)
def test_a_faulty_ledger_is_wrong_usage(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(ledger(tmp_path, text))


def test_a_ledger_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the ledger"):
        read(tmp_path / "none.toml")


def test_changes_are_told_by_their_lines_and_equal_ones_numbered_from_the_top(toy: list[Fault]) -> None:
    assert list(changes_of(reversed(toy)).values()) == [
        Change("ledger_toy:f", "return x - 1", "return x + 1"),
        Change("ledger_toy:f", "x -\n1", "x + 1"),
        CHANGE,
    ]


def test_a_fault_gets_the_reason_of_its_entry(toy: list[Fault]) -> None:
    assert equivalents({CHANGE: "why"}, toy, lambda function: toy) == {toy[2].id: "why"}
    assert equivalents({CHANGE: "why"}, toy[:1], lambda function: toy) == {}


def test_only_entries_of_functions_with_selected_operator_faults_are_looked_at(toy: list[Fault]) -> None:
    stale = {Change("elsewhere:f", "a", "b"): "why", CHANGE: "why"}
    own = Fault("own", "", "", Cited("s"), [Edit("elsewhere:f", "a", "b")])
    assert equivalents(stale, [*toy, own], lambda function: toy) == {toy[2].id: "why"}


def test_an_entry_that_fits_no_fault_is_an_error(toy: list[Fault]) -> None:
    stale = {Change("ledger_toy:f", "return x - 2", "return x + 2"): "why"}
    with pytest.raises(FaultError, match="from 'return x - 2' to 'return x \\+ 2' fits no fault any more; remove it"):
        equivalents(stale, toy, lambda function: toy)


def scored(faults: list[Fault], *verdicts: Verdict) -> Score:
    from nnlab.lab import Detector

    judge = Detector("judge", "", lambda: [], faults[0])
    rows = {fault.id: {"judge": Judgement(verdict)} for fault, verdict in zip(faults, verdicts, strict=True)}
    return Score(faults, [judge], rows, 1.0)


def test_equivalents_are_in_no_coverage(toy: list[Fault]) -> None:
    score = scored(toy, Verdict.KILLED, Verdict.SURVIVED, Verdict.SURVIVED)
    without = with_equivalents(score, {toy[2].id: "why"})
    assert (score.total().total, score.total().survived) == (3, 2)
    assert (without.total().total, without.total().survived, without.coverage("judge").total) == (2, 1, 2)
    assert without.counted == toy[:2]


def test_an_equivalent_that_is_killed_is_an_error(toy: list[Fault]) -> None:
    with pytest.raises(FaultError, match="but judge kills it; remove the entry"):
        with_equivalents(scored(toy, *[Verdict.KILLED] * 3), {toy[2].id: "why"})


def test_a_first_kill_has_not_asked_every_detector_and_what_was_not_judged_is_no_equivalent(toy: list[Fault]) -> None:
    from nnlab.lab import Detector

    judges = [Detector(name, "", lambda: [], toy[0]) for name in ("judge", "other")]
    row = {"judge": Judgement(Verdict.SURVIVED)}
    score = with_equivalents(Score(toy[:1], judges, {toy[0].id: row}, 1.0), {toy[0].id: "why", toy[1].id: "why"})
    assert score.equivalents == {toy[0].id: "why"}


@pytest.mark.slow
def test_every_entry_of_this_projects_ledger_fits_a_fault() -> None:
    ledger, catalog = read(ROOT / "tests/equivalents.toml"), discover()
    functions = sorted({change.function for change in ledger})
    faults = [fault for function in functions for fault in catalog.operator_faults(function)]
    assert len(equivalents(ledger, faults, catalog.operator_faults)) == len(ledger)
