"""A second run judges again exactly what depends on something that has changed."""

import importlib
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from nnlab.lab.engine.store import Store
from nnlab.lab.score import Score, Settings, score

LAYERS = """
FACTOR = 2
OTHER = 5


class Layer:
    scale = 1

    def helper(self, x):
        return x


class Double(Layer):
    def forward(self, x):
        return self.helper(x) * FACTOR * self.scale


class Square(Layer):
    def forward(self, x):
        return x * x
"""

Cells = set[tuple[str, str]]
Session = Callable[..., Score]


def agrees(layer: type, inputs: list[int], expected: list[int], seed: int) -> None:
    for x, y in zip(inputs, expected, strict=True):
        if (got := layer().forward(x)) != y:
            raise Detected(f"expected {y}, got {got}")


def is_positive(layer: type, inputs: list[int], seed: int) -> None:
    if any(layer().forward(x) <= 0 for x in inputs):
        raise Detected("not positive")


def fault(id: str, layer: str, correct: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit(f"layers:{layer}.forward", correct, faulty)])


FAULTS = {
    "double-1": fault("double-1", "Double", "* FACTOR", "+ FACTOR"),
    "double-2": fault("double-2", "Double", "* FACTOR", "* OTHER"),
    "square-1": fault("square-1", "Square", "x * x", "x + x"),
}
CELLS: Cells = {(id, name) for id in FAULTS for name in ("values", "signs")}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Score the faults on a text of the layers, as a new process would, with one store for all sessions."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(
        text: str = LAYERS, doubles: tuple[int, ...] = (3, 2), more: tuple[Fault, ...] = (), **settings: bool
    ) -> Score:
        (tmp_path / "layers.py").write_text(text)
        sys.modules.pop("layers", None)
        importlib.invalidate_caches()
        layers = importlib.import_module("layers")
        values = [
            Probe("Double", partial(agrees, layers.Double, list(doubles), [2 * x for x in doubles])),
            Probe("Square", partial(agrees, layers.Square, [3, 4], [9, 16])),
        ]
        signs = [Probe(name, partial(is_positive, getattr(layers, name), [1, 2])) for name in ("Double", "Square")]
        blatant = fault("blatant", "Square", "x * x", "-1")
        detectors = [Detector("values", "", lambda: values, blatant), Detector("signs", "", lambda: signs, blatant)]
        faults = list({**FAULTS, **{f.id: f for f in more}}.values())
        return score(faults, detectors, 1, quiet, Settings(store=tmp_path / "store.db", **settings))  # type: ignore[arg-type]

    yield run
    sys.modules.pop("layers", None)


def quiet(doing: str, done: int, total: int) -> None:
    pass


def test_nothing_changed_judges_nothing_and_gives_the_same(session: Session) -> None:
    first, second = session(), session()
    assert first.judged == CELLS
    assert second.judged == set()
    assert second.rows == first.rows


def test_fresh_judges_everything(session: Session) -> None:
    session()
    assert session(fresh=True).judged == CELLS


def test_comments_and_layout_change_nothing(session: Session) -> None:
    session()
    assert session(LAYERS.replace("    return x * x", "    # why\n        return (x * x)")).judged == set()


@pytest.mark.parametrize(
    ("before", "after", "affected"),
    [
        ("return x\n", "return x + 0\n", {"double-1", "double-2"}),
        ("FACTOR = 2", "FACTOR = 1 + 1", {"double-1", "double-2"}),
        ("scale = 1", "scale = 2 - 1", {"double-1", "double-2"}),
        ("OTHER = 5", "OTHER = 6", set()),
        ("class Square(Layer):", "class Square(Layer):\n    def helper(self, x):\n        return x\n", {"square-1"}),
    ],
)
def test_a_change_of_code_judges_what_executes_or_mentions_it(
    session: Session, before: str, after: str, affected: set[str]
) -> None:
    session()
    again = session(LAYERS.replace(before, after)).judged
    assert again == {cell for cell in CELLS if cell[0] in affected}


def test_another_subject_judges_what_that_detector_asks_with_it(session: Session) -> None:
    session()
    assert session(doubles=(3, 7)).judged == {("double-1", "values"), ("double-2", "values")}


def test_an_edited_fault_is_judged_and_no_other(session: Session) -> None:
    session()
    changed = fault("double-2", "Double", "* FACTOR", "- OTHER")
    assert session(more=(changed,)).judged == {("double-2", "values"), ("double-2", "signs")}


def test_a_layer_a_subject_and_a_fault_together(session: Session) -> None:
    session()
    edited = LAYERS.replace("class Square(Layer):", "class Square(Layer):\n    def backward(self):\n        pass\n")
    changed = fault("double-2", "Double", "* FACTOR", "- OTHER")
    again = session(edited, doubles=(3, 7), more=(changed,)).judged
    assert again == CELLS - {("double-1", "signs")}


def test_first_kills_are_known_apart_from_whole_rows(session: Session) -> None:
    whole = session()
    first = session(first_kill=True)
    assert {id for id, _ in first.judged} == set(FAULTS)
    assert session(first_kill=True).judged == set()
    assert session().rows == whole.rows
    assert first.total() == whole.total()


def test_a_store_of_another_version_is_begun_anew(session: Session, tmp_path: Path) -> None:
    session()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    assert session().judged == CELLS
    assert session().judged == set()


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("CREATE TABLE letters (text)")
    db.close()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(UsageError, match=r"is not a store of nnlab but holds 'letters'; name another with --store"):
        Store(tmp_path / "store.db")
    assert (tmp_path / "store.db").read_bytes() == before


def test_a_file_that_is_no_store_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("no database, but long enough to be looked at" * 9)
    with pytest.raises(UsageError, match=r"cannot be used \(file is not a database\); delete it, or name another"):
        Store(tmp_path / "store.db")
