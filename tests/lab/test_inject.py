"""Faults are applied whole, seen through aliases, and undone however the block ends."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nnlab.errors import FaultError
from nnlab.lab import Cited, Constant, Edit, Fault, Replacement, injected
from nnlab.lab.digest import digests
from nnlab.lab.inject import changes
from nnlab.lab.source import fingerprint, locate


def fault(*edits: Any) -> Fault:
    return Fault(id="toy-fault", title="A toy fault", pattern="toy", source=Cited("here"), edits=edits)


def test_an_edit_is_in_the_code_inside_the_block_and_out_of_it_after(toy: ModuleType) -> None:
    with injected(fault(Edit("toy:triple", "x * SCALE", "x + SCALE"))):
        assert toy.triple(5) == 8
    assert toy.triple(5) == 15


def test_a_module_that_holds_an_array_can_be_edited(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "TABLE", np.arange(3), raising=False)
    with injected(fault(Edit("toy:triple", "x * SCALE", "x + SCALE"))):
        assert toy.triple(5) == 8


def test_an_alias_imported_earlier_sees_the_edit(toy: ModuleType) -> None:
    alias = toy.triple
    with injected(fault(Edit("toy:triple", "SCALE", "10"))):
        assert alias(5) == 50


@pytest.mark.parametrize(
    ("edit", "call", "clean", "faulty"),
    [
        (Edit("toy:Child.apply", "+ 1", "- 1"), lambda t: t.Child().apply(4), 9, 7),
        (Edit("toy:Child.name", '"child"', '"orphan"'), lambda t: t.Child().name, "child", "orphan"),
        (Edit("toy:Child.twice", "2 * x", "3 * x"), lambda t: t.Child.twice(4), 8, 12),
        (Edit("toy:Child.make", "cls()", "Base()"), lambda t: type(t.Child.make()).__name__, "Child", "Base"),
        (Edit("toy:adder", "return x + n", "return x - n"), lambda t: t.adder(1)(4), 5, 3),
        (Edit("toy:sum_of", "return (total + 0)", "return total + 100"), lambda t: t.sum_of([1, 2]), 3, 103),
        (Constant("toy:Base.factor", "2", "7"), lambda t: t.Base().apply(2), 4, 14),
        (Constant("toy:SCALE", "3", "SCALE + 1"), lambda t: t.triple(2), 6, 8),
        (Constant("toy:NAMES", '"a"', '"z"'), lambda t: t.NAMES, ("a", "b"), ("z", "b")),
    ],
    ids=lambda value: value.target if hasattr(value, "target") else None,
)
def test_every_kind_of_target_can_be_edited(toy: ModuleType, edit: Any, call: Any, clean: Any, faulty: Any) -> None:
    assert call(toy) == clean
    with injected(fault(edit)):
        assert call(toy) == faulty
    assert call(toy) == clean


def test_lines_are_replaced_with_their_indentation_kept(toy: ModuleType) -> None:
    edit = Edit(
        "toy:sum_of",
        "total += value",
        """
        if value > 0:
            total += value
        """,
    )
    with injected(fault(edit)):
        assert toy.sum_of([5, -3]) == 5


def test_several_edits_of_one_file_are_applied_together(toy: ModuleType) -> None:
    with injected(fault(Edit("toy:triple", "x * SCALE", "x"), Edit("toy:Child.twice", "2 * x", "x"))):
        assert (toy.triple(5), toy.Child.twice(5)) == (5, 5)
    assert (toy.triple(5), toy.Child.twice(5)) == (15, 10)


def test_a_replacement_runs_with_the_globals_of_its_target(toy: ModuleType) -> None:
    def replacement(x):  # type: ignore[no-untyped-def]
        return -x * SCALE  # type: ignore[name-defined]  # noqa: F821

    mark = fingerprint(locate("toy:triple").text, "toy:triple")
    with injected(fault(Replacement("toy:triple", mark, replacement))):
        assert toy.triple(5) == -15
    assert toy.triple(5) == 15


def test_a_fingerprint_ignores_comments_and_docstring_but_not_code() -> None:
    text = 'def f(x):\n    """Doc."""\n    return x  # why\n'
    assert fingerprint(text, "m:f") == fingerprint("def f(x):\n    return (x)\n", "m:f")
    assert fingerprint(text, "m:f") != fingerprint("def f(x):\n    return -x\n", "m:f")


class Stop(BaseException):
    """Something that no `except Exception` catches."""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, Stop])
def test_a_fault_is_undone_whatever_ends_the_block(toy: ModuleType, error: type[BaseException]) -> None:
    before = digests_of(toy)
    faults = fault(Edit("toy:triple", "SCALE", "1"), Constant("toy:Base.factor", "2", "9"))
    with pytest.raises(error), injected(faults):  # noqa: PT012
        assert digests_of(toy) != before
        raise error
    assert digests_of(toy) == before
    assert toy.Base.factor == 2


def digests_of(toy: ModuleType) -> dict[str, str]:
    toy.__path__ = []
    return digests("toy")


def test_faults_nest_and_come_off_in_order(toy: ModuleType) -> None:
    with injected(fault(Edit("toy:triple", "SCALE", "1"))):
        with injected(fault(Edit("toy:Child.twice", "2", "5"))):
            assert (toy.triple(2), toy.Child.twice(2)) == (2, 10)
        assert (toy.triple(2), toy.Child.twice(2)) == (2, 4)
    assert toy.triple(2) == 6


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            Edit("toy:triple", "x / SCALE", "x"),
            r"drifted: the text 'x / SCALE' is missing in toy:triple \(.*toy\.py:9\)",
        ),
        (Edit("toy:triple", "x", "y"), r"drifted: the text 'x' occurs 2 times in toy:triple"),
        (Edit("toy:gone", "x", "y"), r"target 'toy:gone': 'gone' is not defined there any more"),
        (Edit("toy:Child.gone", "x", "y"), r"target 'toy:Child.gone': 'gone' is not defined"),
        (Edit("toy:Child", "x", "y"), r"target 'toy:Child' is a class; name one of its methods"),
        (Edit("nowhere.at.all:f", "x", "y"), r"there is no Python source of module 'nowhere.at.all'"),
        (Edit("toy", "x", "y"), r"target 'toy' must be written package.module:Qual.name"),
        (Edit("toy:triple", "x * SCALE", "x *"), r"toy-fault: the faulty text does not compile"),
        (Edit("toy:triple", "", "x"), r"the text to replace is empty"),
        (
            Edit("toy:Child.apply", "super().apply(x)", "x"),
            r"changes the captured variables from \('__class__',\) to \(\)",
        ),
        (Constant("toy:SCALE", "4", "5"), r"drifted: the text '4' is missing in toy:SCALE \(.*toy\.py:5\)"),
        (Constant("toy:triple", "SCALE", "5"), r"target 'toy:triple' is not a constant with a value"),
        (Replacement("toy:triple", "0" * 12, lambda x: x), r"drifted: toy:triple .* has fingerprint [0-9a-f]{12}"),
    ],
)
def test_what_cannot_be_applied_says_why_and_changes_nothing(toy: ModuleType, edit: Any, message: str) -> None:
    before = digests_of(toy)
    applies = Edit("toy:Child.twice", "2 * x", "x")
    with pytest.raises(FaultError, match=message) as caught, injected(fault(applies, edit)):
        pass
    assert caught.value.exit_code == 4
    assert digests_of(toy) == before


def test_an_edit_of_a_changed_file_is_found_by_tokens_not_by_layout(toy: ModuleType) -> None:
    edit = Edit("toy:sum_of", "return (total+0)", "return -1")
    with injected(fault(edit)):
        assert toy.sum_of([1]) == -1


def test_the_diff_shows_the_faulty_lines_and_their_first_line(toy: ModuleType) -> None:
    change = changes(fault(Edit("toy:triple", "x * SCALE", "x")))[0]
    assert change.line == 12
    assert change.name == "toy.py"
    assert "-    y = x * SCALE\n+    y = x\n" in change.diff()


def test_a_traceback_shows_the_faulty_line(toy: ModuleType) -> None:
    import traceback

    with injected(fault(Edit("toy:triple", "x * SCALE", "x / 0"))):
        try:
            toy.triple(1)
        except ZeroDivisionError as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
    assert last.line == "y = x / 0"
    assert last.filename.endswith("toy.py with fault toy-fault")
