"""Every operator by its own examples; the sites, anchors and ids of the faults that operators make."""

import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

from faults import OPERATED
from faults.patterns import PATTERNS
from nnlab.errors import FaultError, UsageError
from nnlab.lab import Fault
from nnlab.lab.inject import changes, injected
from nnlab.lab.operators import apply
from nnlab.lab.operators.apply import Source, discover_operators, faults_of
from nnlab.lab.operators.find import operator_fault, operator_faults
from nnlab.lab.operators.rewrite import Operator
from nnlab.lab.operators.sites import sites

OPERATORS = {operator.name: operator for operator in discover_operators()}
EXAMPLES = [(operator, before) for operator in OPERATORS.values() for before in operator.examples]

TOY = '''
import numpy as np


class Outer:
    class Scale:
        """Scales."""

        def backward(self, dy: "np.ndarray[1 - 2]") -> object:
            """A minus - in a docstring."""
            if dy.ndim - 1 > 2:
                raise ValueError(dy - 1)
            γ = 1; dx = dy - γ
            if self.flag:
                return (
                    dx - 1
                )
            return (
                dx - 1
            )

        @property
        def size(self):
            return self.n - 1

        @size.setter
        def size(self, n):
            self.n = n - 1

        def __repr__(self):
            return f"{self.n - 1}"


def decorate(f):
    return f


@decorate
def hidden(x):
    return x - 1



def closed(n):
    def inner(x):
        return x - n

    return inner
'''


def rewritten(operator: Operator, before: str) -> list[str]:
    """What the operator makes of a function, or of statements inside one."""
    whole = before if before.startswith("def ") else f"def f():\n{indent(before, '    ')}"
    source = Source("toy", whole)
    ((qualname, function),) = source.functions()
    scope, nodes = sites(qualname, function, whole)
    texts = [source.edited(rewrite) for node in nodes for rewrite in operator.rewrites(node, scope)]
    return [text if whole == before else dedent(text.removeprefix("def f():\n")) for text in texts]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module to rewrite."""
    (tmp_path / "operated_toy.py").write_text(TOY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "operated_toy"


def made(module: str, *names: str) -> list[Fault]:
    return list(faults_of(module, [OPERATORS[name] for name in names]))


@pytest.mark.parametrize(
    ("operator", "before"), EXAMPLES, ids=[f"{operator.name}-{i}" for i, (operator, _) in enumerate(EXAMPLES)]
)
def test_the_operator_makes_of_its_example_what_it_says(operator: Operator, before: str) -> None:
    assert rewritten(operator, before) == list(operator.examples[before])


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_each_operator_has_examples_where_it_fits_and_where_it_must_not(operator: Operator) -> None:
    assert any(operator.examples.values())
    assert not all(operator.examples.values())
    assert operator.pattern in PATTERNS
    assert operator.name == operator.name.lower().replace("_", "-").replace(" ", "-")


def test_a_fault_is_an_ordinary_record(toy: str) -> None:
    first, *_ = made(toy, "flip-sign")
    assert first.id == "operator:flip-sign:operated_toy:Outer.Scale.backward:1"
    assert first.title == "Outer.Scale.backward takes a term with the other sign: dy - γ becomes dy + γ"
    assert (first.origin, first.pattern, first.package) == ("operator", "sign", "operated_toy")
    assert str(first.source) == "nnlab, operator flip-sign"
    assert operator_fault(first.id, {toy: ()}).id == first.id


def test_every_place_gets_its_own_edit_even_where_the_same_line_stands_twice(toy: str) -> None:
    lines = TOY.splitlines()
    for fault, line in zip(made(toy, "flip-sign"), (13, 16, 19, 46), strict=True):
        (change,) = changes(fault)
        after = change.after.splitlines()
        assert [i for i, text in enumerate(after, start=1) if text != lines[i - 1]] == [line]
        assert after[line - 1] == lines[line - 1].replace(" - ", " + ")


def test_texts_for_people_guards_and_what_no_name_leads_to_are_left_alone(toy: str) -> None:
    targets = [fault.targets[0] for fault in made(toy, "flip-sign")]
    assert targets == ["operated_toy:Outer.Scale.backward"] * 3 + ["operated_toy:closed"]


def test_faults_apply_and_are_undone(toy: str) -> None:
    import importlib

    closed = importlib.import_module(toy).closed
    (fault,) = [fault for fault in made(toy, "flip-sign") if fault.targets[0].endswith("closed")]
    with injected(fault):
        assert closed(2)(5) == 7
    assert closed(2)(5) == 3
    del sys.modules[toy]


def write(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("text", "names", "numbers"),
    [
        ("def f(x):\n    x - 0\n    return x - 1", ["flip-sign"], ["f:1", "f:2"]),
        ("def f(x):\n    if 0:\n        x = x - 1\n    return x - 1", ["flip-sign"], ["f:2"]),  # dead code
        ("def f(x, m):\n    return x * m.mask", ["drop-mask", "drop-factor"], ["f:1", "f:2"]),
        ("def f(x, m):\n    return x * m.mask", ["drop-factor"], ["f:1", "f:2"]),
        ("class A(B):\n    def f(self):\n        return super().f() - 1", ["flip-sign"], ["A.f:1"]),
        ("def f():\n    x: int = 0\n    return x", ["wrong-start"], ["f:1"]),
        ("def f(n):\n    def g():\n        x = n + 1\n    return g", ["drop-term"], []),
        (
            "def backward(n):\n    def g():\n        return n + 1\n    return g",
            ["drop-term"],
            ["backward:1", "backward:2"],
        ),
    ],
)
def test_only_what_changes_the_bytecode_is_a_fault_and_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, names: list[str], numbers: list[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = write(tmp_path, "operated_small", text + "\n")
    assert [fault.id.partition("operated_small:")[2] for fault in made(module, *names)] == numbers


def test_lines_that_go_on_inside_brackets_may_be_indented_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    body = "            self.weight.grad += f(\n                [dy]\n            )\n"
    module = write(tmp_path, "operated_brackets", f"class A:\n    def backward(self, dy):\n        if dy:\n{body}")
    (fault,) = made(module, "assign-gradient")
    (change,) = changes(fault)
    compile(change.after, "brackets", "exec")
    assert "            self.weight.grad = f(\n" in change.after


def test_what_a_special_operator_does_is_left_to_it(toy: str) -> None:
    ids = [operator.name for operator in discover_operators()]
    assert ids.index("drop-mask") < ids.index("drop-factor")
    assert sorted(ids[:-3]) == ids[:-3]


@pytest.mark.parametrize(
    ("wish", "read"),
    [
        ("*", 4),
        ("operator:flip-sign:*", 4),
        ("operator:*:operated_toy:*", 4),
        ("operator:*:operated_toy:Outer.Scale.backward:*", 1),
        ("operator:flip-sign:operated_toy:closed:1", 1),
        ("operator:*:closed:[12]", 1),
        ("operator:*7", 4),
        ("operator:*:elsewhere:*", 0),
        ("operator:*:elsewhere:*:*", 0),
        ("operator:*:*_t?y:*:*", 4),
        ("operator:*:[!:]perated_toy:*:*", 4),
        ("operator[:]*:closed:*", 1),
        ("graded:*", 0),
    ],
)
def test_faults_are_made_only_of_functions_that_the_glob_can_match(
    toy: str, monkeypatch: pytest.MonkeyPatch, wish: str, read: int
) -> None:
    found: list[str] = []
    monkeypatch.setattr(apply, "_faults_of_function", lambda source, qualname, *rest: found.append(qualname) or [])
    operator_faults({toy: ()}, wish)
    assert len(found) == read


def test_ids_that_name_nothing_are_wrong_usage(toy: str) -> None:
    with pytest.raises(UsageError, match="'elsewhere' has no operator faults"):
        operator_fault("operator:tie:elsewhere:f:1", {toy: ()})
    with pytest.raises(UsageError, match="there is no fault 'operator:tie:operated_toy:f:1'"):
        operator_fault("operator:tie:operated_toy:f:1", {toy: ()})
    with pytest.raises(FaultError, match="no Python source of module 'no_such_module'"):
        made("no_such_module", "tie")


def test_modules_are_left_out_with_all_below_them_and_must_exist() -> None:
    modules = {fault.targets[0].partition(":")[0] for fault in operator_faults({"nnlab.lab": ("operators", "judge")})}
    assert "nnlab.lab.score" in modules
    assert not [module for module in modules if module.startswith(("nnlab.lab.operators", "nnlab.lab.judge"))]
    with pytest.raises(UsageError, match=r"'nnlab\.lab\.operators\.apply' has no operator faults"):
        operator_fault("operator:tie:nnlab.lab.operators.apply:f:1", {"nnlab.lab": ("operators",)})
    with pytest.raises(FaultError, match=r"package nnlab\.lab has no module 'judges' to leave out; mend OPERATED"):
        operator_faults({"nnlab.lab": ("judges",)})


def test_two_operators_of_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnlab.lab.operators import matrix

    monkeypatch.setattr(matrix, "OPERATORS", [*matrix.OPERATORS, OPERATORS["tie"]])
    with pytest.raises(FaultError, match="two operators have the name 'tie'"):
        discover_operators()


@pytest.mark.slow
def test_the_operators_make_thousands_of_faults_that_all_apply() -> None:
    found = operator_faults(OPERATED)
    assert len(found) >= 3000
    assert len({fault.id for fault in found}) == len(found)
    for fault in found[::10]:
        (change,) = changes(fault)
        compile(change.after, change.name, "exec")
