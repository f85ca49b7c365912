"""A run before which nothing has changed takes all its rows as one; any change makes it look at each verdict again."""

import importlib
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.lab import Cited, Edit, Fault, Replacement
from nnlab.lab.engine import snapshot
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.snapshot import Snapshot
from nnlab.lab.engine.store import SNAPSHOTS, Store
from nnlab.lab.fault import Change
from nnlab.lab.score import Score, Settings, score
from nnlab.report.data import score_data

SMALL = Path(__file__).parent / "small"


def fault(id: str, layer: str, correct: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit(f"small.layers:{layer}.forward", correct, faulty)])


FAULTS = (
    fault("double-1", "Double", "* FACTOR", "+ FACTOR"),
    fault("double-2", "Double", "* FACTOR", "* 5"),
    fault("square-1", "Square", "x * x", "x + x"),
)
Cells = set[tuple[str, str]]
DOUBLE, SQUARE = {"double-1", "double-2"}, {"square-1"}


def cells(faults: Iterable[str], *detectors: str) -> Cells:
    return {(id, name) for id in faults for name in detectors or ("values", "signs")}


EVERY = cells(DOUBLE | SQUARE)


def quiet(doing: str, done: int, total: int) -> None:
    pass


class Project:
    """A package with layers and detectors, scored as by a new process each time, with one store."""

    def __init__(self, root: Path) -> None:
        self.root, self.store = root, root / "store.db"
        shutil.copytree(SMALL, root / "small", ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, name: str, text: str) -> None:
        (self.root / "small" / name).write_text(text)

    def edit(self, name: str, before: str, after: str) -> None:
        """Write this file anew, changed at one place."""
        text = (SMALL / name).read_text()
        assert text.count(before) == 1
        self.write(name, text.replace(before, after))

    def score(
        self,
        faults: Iterable[Fault] = FAULTS,
        asked: Callable[[list[Any]], list[Any]] = list,
        progress: Callable[[str, int, int], None] = quiet,
        **settings: Any,
    ) -> Score:
        self.forget()
        checks = importlib.import_module("small.checks")
        return score(list(faults), asked(checks.DETECTORS), 1, progress, Settings(self.store, **settings))

    def forget(self) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] in ("small", "other")]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def made(self) -> list[str]:
        """The detectors that have made their probes since this was asked last."""
        file = self.root / "made.txt"
        names = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return names

    def database(self, statement: str, *values: object) -> int:
        """Do this to the store; the number of rows concerned."""
        with sqlite3.connect(self.store) as db:
            count = db.execute(statement, values).rowcount
        db.close()
        return count


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    # What pytest has imported of these tests may be edited while they run.
    monkeypatch.setattr(snapshot, "is_installed", lambda file: not file.startswith(str(tmp_path)))
    project = Project(tmp_path)
    yield project
    project.forget()


def untimed(score: Score) -> dict[str, Any]:
    return {key: value for key, value in score_data(score).items() if "second" not in key}


def test_a_second_run_makes_no_probe_and_gives_the_same(project: Project) -> None:
    first = project.score()
    assert (project.made(), first.judged) == (["values", "signs"], EVERY)
    second = project.score()
    assert (project.made(), second.judged) == ([], set())
    assert second.rows == first.rows
    assert untimed(second) == untimed(first)


def test_a_second_run_is_in_the_history_like_any_other(project: Project) -> None:
    first, second = project.score(), project.score()
    store = Store(project.store)
    runs = store.runs()
    assert store.run_verdicts(second.run) == store.run_verdicts(first.run)
    store.close()
    assert [run["run"] for run in runs] == [first.run, second.run]
    assert [run["judged"] for run in runs] == [len(EVERY), 0]
    changing = ("run", "started", "seconds", "judged")
    assert len({str([(k, v) for k, v in run.items() if k not in changing]) for run in runs}) == 1


@pytest.mark.parametrize(
    ("file", "before", "after", "judged"),
    [
        ("layers.py", "FACTOR = 2", "FACTOR = 1 + 1", cells(DOUBLE)),
        ("layers.py", "return x * x", "return (x * x)  # why", set()),
        ("input.txt", "3", "4", cells(DOUBLE | SQUARE, "values")),
        ("checks.py", "<= 0", "< 1", cells(DOUBLE | SQUARE, "signs")),
        ("checks.py", "HERE /", "HERE /  ", set()),
        ("__init__.py", "copies", "takes", set()),
    ],
)
def test_a_change_of_a_file_judges_what_depends_on_it_and_no_more(
    project: Project, file: str, before: str, after: str, judged: Cells
) -> None:
    project.score()
    project.made()
    project.edit(file, before, after)
    again = project.score()
    assert (project.made(), again.judged) == (["values", "signs"], judged)
    assert project.score().rows == again.rows
    assert project.made() == []
    project.edit(file, before, before)
    assert project.score().judged == set()
    assert project.made() == []  # the snapshot of the former text is still there


def test_a_new_file_in_the_package_has_the_verdicts_looked_up(project: Project) -> None:
    project.score()
    (project.root / "small" / "inner").mkdir()
    project.write("inner/more.txt", "")
    project.made()
    assert project.score().judged == set()
    assert project.made() == ["values", "signs"]


def test_what_tools_keep_in_the_package_changes_nothing(project: Project) -> None:
    project.store = project.root / "small" / "store.db"
    project.score()
    for folder in (".hidden", "__pycache__"):
        (project.root / "small" / folder).mkdir()
        project.write(f"{folder}/more.txt", "")
    project.made()
    project.score()
    assert project.made() == []


EDITED = replace(FAULTS[1], edits=[Edit("small.layers:Double.forward", "* FACTOR", "- FACTOR")])
ADDED = fault("square-2", "Square", "x * x", "x")


@pytest.mark.parametrize(
    ("faults", "judged"),
    [
        ((FAULTS[0], EDITED, FAULTS[2]), cells(["double-2"])),
        ((*FAULTS, ADDED), cells(["square-2"])),
        (FAULTS[:2], set()),
        (FAULTS[::-1], set()),
    ],
    ids=["edited", "added", "left out", "in another order"],
)
def test_other_faults_are_judged_if_they_are_new(project: Project, faults: list[Fault], judged: Cells) -> None:
    project.score()
    project.made()
    again = project.score(faults)
    assert (project.made(), again.judged) == (["values", "signs"], judged)
    assert [f.id for f in again.faults] == [f.id for f in faults]


def renamed(detectors: list[Any]) -> list[Any]:
    return [detectors[0], replace(detectors[1], name="positive")]


def with_another_example(detectors: list[Any]) -> list[Any]:
    return [detectors[0], replace(detectors[1], example=fault("other", "Double", "x * FACTOR", "-1"))]


def made_elsewhere(detectors: list[Any]) -> list[Any]:
    return [detectors[0], replace(detectors[1], probes=partial(detectors[1].probes))]


def first_alone(detectors: list[Any]) -> list[Any]:
    return detectors[:1]


@pytest.mark.parametrize(
    ("asked", "judged"),
    [
        (renamed, cells(DOUBLE | SQUARE, "positive")),
        (with_another_example, set()),
        (made_elsewhere, set()),
        (first_alone, set()),
    ],
)
def test_other_detectors_make_their_probes(
    project: Project, asked: Callable[[list[Any]], list[Any]], judged: Cells
) -> None:
    project.score()
    project.made()
    again = project.score(asked=asked)
    assert again.judged == judged
    assert project.made() == ["values", "signs"][: len(again.detectors)]


def test_first_kills_and_whole_rows_are_kept_apart(project: Project) -> None:
    whole = project.score()
    first = project.score(first_kill=True)
    assert {id for id, _ in first.judged} == DOUBLE | SQUARE
    project.made()
    assert project.score(first_kill=True).rows == first.rows
    assert project.score().rows == whole.rows
    assert project.made() == []


@pytest.mark.parametrize(
    "settings", [{"fresh": True}, {"audit": 2}, {"isolation": "process"}, {"limits": Limits(cpu=0.6)}], ids=str
)
def test_these_settings_make_the_probes(project: Project, settings: dict[str, Any]) -> None:
    project.score()
    project.made()
    project.score(**settings)
    assert project.made() == ["values", "signs"]


def test_another_version_of_numpy_judges_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.score()
    monkeypatch.setattr(np, "__version__", "99.0")
    assert project.score().judged == EVERY


def test_another_version_of_an_installed_package_makes_the_probes(project: Project) -> None:
    (project.root / "thing-1.0.dist-info").mkdir()
    project.score()
    (project.root / "thing-1.0.dist-info").rename(project.root / "thing-1.1.dist-info")
    project.made()
    project.score()
    assert project.made() == ["values", "signs"]


def test_warnings_that_are_errors_make_the_probes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.score()
    monkeypatch.setattr(sys, "warnoptions", ["error::UserWarning"])
    project.made()
    project.score()
    assert project.made() == ["values", "signs"]


def test_a_run_that_its_budget_ends_leaves_no_snapshot(project: Project) -> None:
    assert project.score(time_budget=0.0).unjudged
    project.made()
    assert project.score().judged == EVERY
    assert project.made() == ["values", "signs"]
    assert project.score(time_budget=0.0).judged == set()
    assert project.made() == []


@pytest.mark.parametrize("data", [b"", b"junk", b"x\x9c\xab\xae\x05\x00\x01u\x00\xf9", "text", None], ids=str)
def test_a_damaged_snapshot_is_no_error(project: Project, data: object) -> None:
    first = project.score()
    assert project.database("UPDATE snapshots SET data = ?", data) == 1
    project.made()
    second = project.score()
    assert (second.rows, second.judged, project.made()) == (first.rows, set(), ["values", "signs"])
    project.score()
    assert project.made() == []


def test_a_verdict_that_is_gone_is_judged_again(project: Project) -> None:
    first = project.score()
    store = Store(project.store)
    gone = next(key for key, j in store.verdicts(keys_of(store)).items() if j == first.rows["double-2"]["values"])
    store.close()
    assert project.database("DELETE FROM verdicts WHERE key = ?", gone) == 1
    assert project.score().judged == {("double-2", "values")}


def keys_of(store: Store) -> list[str]:
    return [key for (key,) in store.db.execute("SELECT key FROM verdicts")]


def test_a_file_that_changes_during_a_run_leaves_no_snapshot(project: Project) -> None:
    def edit(doing: str, done: int, total: int) -> None:
        project.edit("layers.py", "Two", doing)

    project.score(progress=edit)
    project.edit("layers.py", "Two", "Two")
    project.made()
    project.score()
    assert project.made() == ["values", "signs"]


def test_code_that_no_file_was_known_of_leaves_no_snapshot(project: Project) -> None:
    """A package that a layer imports when it runs, in a process of the engine's, may change unseen."""
    (project.root / "other").mkdir()
    (project.root / "other" / "__init__.py").write_text("def twice(x):\n    return 2 * x\n")
    project.edit("layers.py", "return x * FACTOR", "import other; return other.twice(x * FACTOR) / 2")
    project.score()
    project.made()
    project.score()
    assert project.made() == ["values", "signs"]


def test_a_package_that_is_asked_about_counts_where_it_is_installed_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "is_installed", lambda file: True)
    project.score()
    project.write("input.txt", "5")
    assert project.score().judged == cells(DOUBLE | SQUARE, "values")


def test_too_many_bytes_are_not_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LARGEST", 1000)
    project.score()
    project.made()
    assert project.score().judged == set()
    assert project.made() == ["values", "signs"]


def lone() -> None:
    """Stands for code of a module that is in no package."""


def test_a_module_in_no_package_has_no_snapshot(project: Project) -> None:
    (project.root / "alone.py").write_text("def f(x):\n    return x\n")
    lone.__module__ = "alone"
    odd: list[Change] = [
        Edit("alone:f", "x", "y"),
        Edit("nowhere:f", "x", "y"),
        Replacement("small.layers:Double", "", lone),
    ]
    store = Store(project.store)
    try:
        for edit in odd:
            assert Snapshot.of(store, [Fault("odd", "", "toy", Cited("here"), [edit])], [], False, Limits()) is None
        assert Snapshot.of(store, FAULTS, [], False, Limits()) is not None
    finally:
        store.close()


def test_only_the_newest_snapshots_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    for number in [*range(SNAPSHOTS), 0, SNAPSHOTS]:
        store.add_snapshot(str(number), {"fault": {"values": str(number)}})
    assert store.snapshot("1") is None
    for number in (0, 2, SNAPSHOTS):
        assert store.snapshot(str(number)) == {"fault": {"values": str(number)}}
    store.close()
