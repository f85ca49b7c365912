"""Discovery is loud, selection exact, and an unknown name gets its nearest neighbours."""

from pathlib import Path

import pytest

from nnlab.errors import FaultError, UsageError
from nnlab.lab import Catalog, Cited, Edit, Fault, discover
from nnlab.lab.catalog import discover_detectors


def make(id: str, *groups: str) -> Fault:
    edits = [Edit("a.b.c:f", "x", "y"), Edit("a.b.c:f", "z", "y"), Edit("a.d:g", "x", "y")]
    return Fault(id=id, title=id, pattern="p", source=Cited("s"), edits=edits, groups=frozenset(groups))


CATALOG = Catalog([make("norm-one", "seven"), make("norm-two"), make("conv-one", "seven")])


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        ("norm-two", ["norm-two"]),
        ("norm-*", ["norm-one", "norm-two"]),
        ("seven", ["norm-one", "conv-one"]),
        ("catalog", ["norm-one", "norm-two", "conv-one"]),
        ("conv-one,norm-*", ["conv-one", "norm-one", "norm-two"]),
        ("norm-one,seven", ["norm-one", "conv-one"]),
    ],
)
def test_faults_are_selected_by_id_glob_group_and_origin(wish: str, ids: list[str]) -> None:
    assert [fault.id for fault in CATALOG.select(wish)] == ids


@pytest.mark.parametrize("wish", ["", "norm", "norm-one,", "mutmut", "NORM-ONE"])
def test_a_wish_that_selects_nothing_is_an_error_not_an_empty_score(wish: str) -> None:
    with pytest.raises(UsageError, match="no fault matches"):
        CATALOG.select(wish)


def test_mutants_are_made_when_they_are_asked_for() -> None:
    catalog = Catalog(CATALOG, mutated=["riscv.errors", "riscv.int32"])
    every = catalog.select("mutmut")
    assert len(catalog) == 3
    assert {fault.package for fault in every} == {"riscv"}
    assert [fault.id for fault in catalog.select("mutmut:riscv/int32.py:*,norm-one")][-1] == "norm-one"
    assert catalog[every[0].alias] == catalog[every[0].id] == every[0]
    assert catalog.select(every[0].alias) == catalog.select(every[0].id) == every[:1]
    assert every[0] in catalog.select(every[0].id[:-1] + "*")
    with pytest.raises(UsageError, match=r"no fault matches 'mutmut:riscv/int33.py:\*'"):
        catalog.select("mutmut:riscv/int33.py:*")


def test_an_unknown_fault_names_its_neighbours() -> None:
    with pytest.raises(UsageError, match="there is no fault 'norm-on'; did you mean norm-one"):
        CATALOG["norm-on"]
    with pytest.raises(UsageError, match="there is no fault 'qqq'; see `nnlab list faults`"):
        CATALOG["qqq"]


def test_two_faults_of_one_id_are_an_error() -> None:
    with pytest.raises(FaultError, match="two faults have the id 'norm-one'"):
        Catalog([make("norm-one"), make("norm-one")])


def test_an_empty_catalog_is_an_error() -> None:
    with pytest.raises(FaultError, match="the catalog is empty"):
        Catalog([])


def test_an_import_error_in_a_catalog_stops_discovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "broken_catalog"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        discover("broken_catalog")


def test_a_fault_knows_its_targets_and_package() -> None:
    assert make("x").targets == ("a.b.c:f", "a.d:g")
    assert make("x").package == "a.b"


def test_detectors_come_weak_ones_first() -> None:
    weak = [detector.weak for detector in discover_detectors().values()]
    assert weak == sorted(weak, reverse=True)
    assert list(discover_detectors())[:4] == ["blog", "runs", "shapes", "trains"]
