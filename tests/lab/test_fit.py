"""Faults are put in once to see that they fit, and again after an edit of their module or themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nnlab.errors import FaultError
from nnlab.lab import Cited, Edit, Fault, Replacement
from nnlab.lab.engine import fit
from nnlab.lab.engine.fit import check_fit
from nnlab.lab.engine.store import Store
from nnlab.lab.inject import injected
from nnlab.lab.source import fingerprint

Check = Callable[..., list[str]]


def fault(id: str, target: str, correct: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit(f"toy:{target}", correct, faulty)])


TWO = [fault("one", "triple", "x * SCALE", "x"), fault("two", "Base.apply", "self.factor", "1")]


@pytest.fixture
def check(toy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    """Check the faults with one store; the ids of those that were put in."""
    put_in: list[str] = []

    def noting(fault: Fault) -> Any:
        put_in.append(fault.id)
        return injected(fault)

    monkeypatch.setattr(fit, "injected", noting)
    store = Store(tmp_path / "store.db")

    def run(faults: list[Fault], **options: bool) -> list[str]:
        put_in.clear()
        check_fit(faults, store, **options)
        return list(put_in)

    yield run
    store.close()


def test_what_fitted_is_not_put_in_again(check: Check) -> None:
    assert check(TWO) == ["one", "two"]
    assert check(TWO) == []
    assert check(TWO, fresh=True) == ["one", "two"]


def test_an_edit_of_the_module_puts_its_faults_in_again(check: Check, tmp_path: Path) -> None:
    check(TWO)
    with (tmp_path / "toy.py").open("a") as file:
        file.write("# edited\n")
    assert check(TWO) == ["one", "two"]


def test_an_edited_fault_is_put_in_again(check: Check) -> None:
    check(TWO)
    assert "one" in check([fault("one", "triple", "x * SCALE", "2 * x"), TWO[1]])


def test_another_replacement_is_put_in_again(check: Check, toy: ModuleType, tmp_path: Path) -> None:
    mark = fingerprint((tmp_path / "toy.py").read_text(), "toy:triple")

    def replaced(body: Callable[[Any], Any]) -> list[Fault]:
        return [Fault("r", "r", "toy", Cited("here"), [Replacement("toy:triple", mark, body)])]

    assert check(replaced(lambda x: x)) == ["r"]
    assert check(replaced(lambda x: x)) == []
    assert check(replaced(lambda x: 2 * x)) == ["r"]


def test_one_that_does_not_fit_is_refused_every_time(check: Check) -> None:
    for _ in range(2):
        with pytest.raises(FaultError, match="toy:triple"):
            check([fault("drifted", "triple", "x ** SCALE", "x")])


def test_without_a_store_all_are_put_in(toy: ModuleType) -> None:
    check_fit(TWO)
    with pytest.raises(FaultError, match="no_such_module"):
        check_fit([Fault("x", "", "toy", Cited(""), [Edit("no_such_module:f", "a", "b")])])
