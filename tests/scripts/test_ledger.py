"""The ledger of equivalent mutants."""

from pathlib import Path

import pytest
from mutation import ledger
from mutation.ledger import Key, LedgerError

ENTRY = """
[[equivalent]]
function = "riscv.int32:wrap"
from = "return value + 1"
to = "return value - 1"
reason = "both wrap to the same"
"""
KEY = Key("riscv.int32:wrap", "return value + 1", "return value - 1")
ROOT = Path(__file__).resolve().parents[2]


def test_an_entry_is_read() -> None:
    assert ledger.parse(ENTRY) == {KEY: "both wrap to the same"}


def test_entries_of_other_faults_are_checked_and_left_out() -> None:
    other = ENTRY + 'origin = "operator"\n'
    assert ledger.parse(ENTRY + other) == {KEY: "both wrap to the same"}
    assert ledger.parse(other) == {}


def test_the_ledger_of_this_project_can_be_read() -> None:
    ledger.parse((ROOT / "tests/equivalents.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace('"both wrap to the same"', '" "'), "has no reason"),
        (ENTRY.replace("reason", "# reason"), "has no reason"),
        (ENTRY.replace("from =", "before ="), "unknown field 'before'"),
        (ENTRY.replace("to = ", "# "), "must be strings"),
        (ENTRY + "occurrence = 0", "occurrence must be 1 or more"),
        (ENTRY * 2, "is there twice"),
        ((ENTRY + 'origin = "operator"\n') * 2, "is there twice"),
        (ENTRY + 'origin = "graded"\n', "unknown origin 'graded'"),
        ("[[", "not TOML"),
    ],
)
def test_a_faulty_entry_is_an_error(text: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        ledger.parse(text)


@pytest.mark.parametrize(
    "key", [KEY, Key("m:f", 'print("a\\n")', "x = 'γ'\ny = 1", occurrence=2), Key("m:f", "axis=1,", "")]
)
def test_the_block_to_paste_reads_back(key: Key) -> None:
    assert ledger.parse(key.toml("why")) == {key: "why"}


def test_equal_edits_of_one_function_are_told_apart() -> None:
    keys = ledger.numbered([("m:f", "a", "b"), ("m:f", "a", "c"), ("m:f", "a", "b"), ("m:g", "a", "b")])
    assert [key.occurrence for key in keys] == [1, 1, 2, 1]
