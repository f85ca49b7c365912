"""What the words of a selection speak of, and how they combine."""

import re
from typing import Any

import pytest

from nnlab.errors import UsageError
from nnlab.lab import Cited, Edit, Fault
from nnlab.lab.generated import Maker
from nnlab.lab.selection import select


def make(id: str, pattern: str, target: str, origin: Any = "catalog", *groups: str) -> Fault:
    edits = [Edit(target, "x", "y")]
    return Fault(id, id, pattern, Cited("s"), edits, groups=frozenset(groups), origin=origin)


CATALOG = [
    make("norm-sign", "sign", "nnlab.nn.norm:LayerNorm.backward", "catalog", "seven"),
    make("norm-scale", "scale", "nnlab.nn.norm:LayerNorm.forward"),
    make("batch-scale", "scale", "nnlab.nn.norm:BatchNorm.forward"),
    make("spill", "wrong-address", "riscv.compiler:spill"),
]
MADE = [
    make("operator:flip:nnlab.nn.norm:LayerNorm.backward:1", "sign", "nnlab.nn.norm:LayerNorm.backward", "operator"),
    make("operator:flip:riscv.isa:add:1", "sign", "riscv.isa:add", "operator"),
    make("operator:drop:riscv.isa:add:1", "scale", "riscv.isa:add", "operator"),
]


def some(wish: str) -> list[Fault]:
    from fnmatch import fnmatchcase

    return [fault for fault in MADE if fnmatchcase(fault.id, wish)]


def one(id: str) -> Fault:
    return {fault.id: fault for fault in MADE}[id]


MAKERS = {
    "operator": Maker(re.compile("operator:"), one, some),
    "graded": Maker(re.compile("graded:"), one, lambda wish: []),
}


def chosen(wish: str) -> list[str]:
    return [fault.id for fault in select(wish, CATALOG, MAKERS)]


FLIP, FLIP_ISA, DROP = (fault.id for fault in MADE)


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        ("spill", ["spill"]),
        ("*-scale", ["norm-scale", "batch-scale"]),
        ("seven", ["norm-sign"]),
        ("catalog", [fault.id for fault in CATALOG]),
        ("origin:catalog", [fault.id for fault in CATALOG]),
        ("operator", [FLIP, FLIP_ISA, DROP]),
        ("origin:operator", [FLIP, FLIP_ISA, DROP]),
        ("operator:drop:*", [DROP]),
        (DROP, [DROP]),
        ("pattern:scale", ["norm-scale", "batch-scale"]),
        ("pattern:s*", ["norm-sign", "norm-scale", "batch-scale"]),
        ("package:riscv", ["spill"]),
        ("package:nnlab", ["norm-sign", "norm-scale", "batch-scale"]),
        ("package:nnlab.nn.norm", ["norm-sign", "norm-scale", "batch-scale"]),
        ("layer:LayerNorm", ["norm-sign", "norm-scale"]),
        ("layer:*Norm", ["norm-sign", "norm-scale", "batch-scale"]),
        ("spill,seven", ["spill", "norm-sign"]),
        ("spill,spill", ["spill"]),
        ("pattern:scale+layer:LayerNorm", ["norm-scale"]),
        ("operator+package:riscv", [FLIP_ISA, DROP]),
        ("package:riscv+origin:operator+pattern:sign", [FLIP_ISA]),
        ("layer:LayerNorm+operator:flip:*", [FLIP]),
        ("operator+operator:drop:*", [DROP]),
        ("not:pattern:scale", ["norm-sign", "spill"]),
        ("not:seven,not:package:riscv", ["norm-scale", "batch-scale"]),
        ("not:pattern:scale+layer:LayerNorm", ["norm-sign", "batch-scale", "spill"]),
        ("operator,not:pattern:sign", [DROP]),
        ("not:package:riscv,operator,spill", [FLIP]),
        ("operator,seven,not:operator", ["norm-sign"]),
    ],
)
def test_commas_join_plus_narrows_and_not_takes_away(wish: str, ids: list[str]) -> None:
    assert chosen(wish) == ids


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("", "no fault matches ''"),
        ("spil", r"no fault matches 'spil'; did you mean spill\?"),
        ("pattern:scael", r"no fault matches 'pattern:scael'; did you mean pattern:scale or"),
        ("patern:scale", "no fault matches 'patern:scale'; did you mean pattern:"),
        ("layer:LayerNrom", r"did you mean layer:LayerNorm"),
        ("package:risv", r"did you mean package:riscv"),
        ("origin:operators", "no fault matches 'origin:operators'"),
        ("origin:graded", "no fault matches 'origin:graded'"),
        ("operator:flop:*", r"no fault matches 'operator:flop:\*'"),
        ("spill,not:pattern:skale", "no fault matches 'pattern:skale'; did you mean pattern:scale"),
        ("spill,not:", "no fault matches ''"),
        ("spill,not:package:riscv", "no fault is left of the selection 'spill,not:package:riscv'"),
        ("seven+layer:BatchNorm", "no fault matches 'layer:BatchNorm'; did you mean layer:LayerNorm"),
        ("operator+seven", "no fault matches 'seven'"),
        ("operator:drop:*+pattern:sign", "no fault matches 'pattern:sign'"),
    ],
)
def test_a_word_that_speaks_of_nothing_is_one_error_with_its_neighbours(wish: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        chosen(wish)


def test_words_that_exclude_each_other_are_an_error() -> None:
    with pytest.raises(UsageError, match=r"no fault matches"):
        chosen("layer:LayerNorm+pattern:sign+norm-scale")
