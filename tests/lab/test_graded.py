"""Graded faults: made from the source when they are asked for, each an ordinary record."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import FaultError, UsageError
from nnlab.lab import Catalog, Cited, Edit, Fault, discover, injected
from nnlab.lab.graded import DELTAS, graded_fault, graded_faults, graded_terms, spelled, terms_of
from nnlab.lab.inject import changes
from nnlab.lab.source import modules_below

LAYER = """
class Cube:
    def backward(self, dy):
        if self.flag:
            dx = dy * (1 - x)  # Größe γ
            return dx
        dx = dy * (1 - x)
        return (
            dx
            + 2 * dx
        )
"""


TANH = "graded:nnlab.nn.activation:Tanh.backward:1@0.5"


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a package with one layer in it, which cannot be imported."""
    package = tmp_path / "graded_toy"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('ran')\n")
    (package / "inner" / "__init__.py").write_text("")
    (package / "cube.py").write_text(LAYER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "graded_toy"


def test_terms_are_numbered_in_their_function_and_nothing_is_imported(layer: str) -> None:
    found = {term.id: term.term for term in graded_terms(layer)}
    target = "graded:graded_toy.cube:Cube.backward"
    texts = ["1", "x", "1", "x", "dx", "(2 * dx)"]
    assert found == {f"{target}:{number}": text for number, text in enumerate(texts, start=1)}
    assert modules_below(layer) == ["graded_toy", "graded_toy.cube", "graded_toy.inner"]
    assert layer not in sys.modules


def test_a_fault_scales_its_own_term_even_where_the_same_line_stands_twice(layer: str) -> None:
    for term in graded_terms(layer):
        (change,) = changes(term.fault(1e-3))
        assert change.after.count("(1 + 1e-3)") == 1
        assert change.after.replace(f"{term.term} * (1 + 1e-3)", term.term.strip("()")) == change.before
    texts = [changes(term.fault(1.0))[0].after for term in graded_terms(layer)]
    assert [text.splitlines().index(line) for text in texts for line in text.splitlines() if "(1 + 1)" in line] == [
        *(4, 4, 6, 6, 8, 9),
    ]


def test_a_fault_is_an_ordinary_record(layer: str) -> None:
    fault = terms_of("graded_toy.cube")[5].fault(0.01)
    assert fault.id == "graded:graded_toy.cube:Cube.backward:6@1e-2"
    assert fault.title == "Cube.backward scales the term (2 * dx) by 1 + 1e-2"
    assert (fault.origin, fault.pattern, fault.package) == ("graded", "scale", "graded_toy")
    assert graded_fault(fault.id, [layer]) == fault
    assert graded_fault("graded:graded_toy.cube:Cube.backward:6@0.01", [layer]) == fault
    assert graded_faults([layer], "*:6@1e-2") == [fault]
    assert len(graded_faults([layer])) == 6 * len(DELTAS)


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("graded:riscv.compiler:Compiler.value:1@1", "'riscv.compiler' has no graded faults"),
        ("graded:graded_toy_too.cube:Cube.backward:1@1", "'graded_toy_too.cube' has no graded faults"),
        ("graded:graded_toy.cube:Cube.backward:7@1", "the terms of graded_toy.cube are graded:graded_toy.cube:Cube"),
        ("graded:graded_toy.inner:f:1@1", "the terms of graded_toy.inner are none"),
        ("graded:graded_toy.cube:Cube.backward:1", "'' is not the size of an error"),
        ("graded:graded_toy.cube:Cube.backward:1@big", "'big' is not the size of an error; end it with @1e-3, say"),
    ],
)
def test_an_id_that_names_nothing_is_wrong_usage(layer: str, id: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        graded_fault(id, [layer])


def test_a_module_that_does_not_exist_is_an_error(layer: str) -> None:
    with pytest.raises(FaultError, match=r"no Python source of module 'graded_toy\.ball'"):
        graded_fault("graded:graded_toy.ball:Ball.backward:1@1", [layer])
    with pytest.raises(FaultError, match="no Python source of package 'no_such_package'"):
        graded_terms("no_such_package")


def test_a_package_may_be_one_module(toy: ModuleType) -> None:
    assert modules_below("toy") == ["toy"]
    assert graded_terms("toy") == []


@pytest.mark.parametrize(
    ("delta", "text"), [(1.0, "1"), (0.1, "1e-1"), (1e-8, "1e-8"), (0.05, "5e-2"), (0.025, "0.025"), (20.0, "2e1")]
)
def test_sizes_are_spelled_short_and_exactly(delta: float, text: str) -> None:
    assert spelled(delta) == text
    assert float(text) == delta


def test_the_catalog_makes_graded_faults_when_they_are_asked_for() -> None:
    catalog = discover()
    id = "graded:nnlab.nn.norm:LayerNorm.backward:5@1e-3"
    assert catalog[id].edits[0].faulty.startswith("dx: Array = (g - g.mean(axes, keepdims=True) * (1 + 1e-3) - x_hat")
    assert catalog.select(id) == catalog.select(id.replace("1e-3", "0.001")) == [catalog[id]]
    assert [f.id for f in catalog.select(id.replace("1e-3", "5e-3"))] == [id.replace("1e-3", "5e-3")]
    assert [f.id for f in catalog.select("graded:*norm:LayerNorm*:5@1e-[34]")] == [id, id[:-1] + "4"]
    assert len(catalog.select("graded")) == len(DELTAS) * len(catalog.graded_terms())
    assert all(fault.origin == "catalog" for fault in catalog)
    with pytest.raises(UsageError, match="there is no fault 'graded:x'"):
        catalog.select("graded:x")
    with pytest.raises(UsageError, match=r"no fault matches 'graded:x\*'"):
        catalog.select("graded:x*")


def test_a_catalog_without_graded_packages_has_none() -> None:
    edits = [Edit("a:f", "x", "y")]
    catalog = Catalog([Fault(id="one", title="", pattern="", source=Cited("s"), edits=edits)])
    with pytest.raises(UsageError, match="has no graded faults"):
        catalog["graded:a:f:1@1"]


@pytest.mark.slow
def test_a_graded_fault_reaches_other_processes() -> None:
    code = "import numpy as np, nnlab.nn as nn; t = nn.Tanh(); t(np.zeros(1)); print(t.backward(np.ones(1)))"
    main = "from nnlab.cli import main; main()"
    command = [sys.executable, "-c", main, "inject", TANH, "--", sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "[1.5]"), ended.stderr


def test_the_term_is_scaled_while_the_fault_is_in() -> None:
    tanh = nn.Tanh()
    tanh(np.zeros(1))
    with injected(discover()[TANH]):
        assert tanh.backward(np.ones(1)) == 1.5
    assert tanh.backward(np.ones(1)) == 1.0
