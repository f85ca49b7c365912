"""The peephole: what it shortens and what it leaves alone."""

import pytest

from riscv.backend.lines import Label, Line
from riscv.backend.peephole import peephole
from riscv.ir.nodes import Value
from tests.riscv.written import function


def shortened(source):
    """The text of some lines behind the peephole; `f:` stands in front."""
    code = [Label("f")]
    for word in source.split("\n"):
        line = word.strip()
        if line.endswith(":"):
            code.append(Label(line[:-1]))
        else:
            mnemonic, _, rest = line.partition(" ")
            operands = [o for o in rest.replace("(", ", ").replace(")", "").split(", ") if o]
            operands = tuple(int(o) if o.lstrip("-").isdigit() else o for o in operands)
            code.append(Line(mnemonic, operands, function("e0():\nreturn 0").blocks[0].end if line == "j g" else None))
    return [str(line).strip() for line in peephole(code)][1:]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "beq a0, a1, x\nret\nx:\nj y\nz:\nret\ny:\nbne a0, a1, z\nret",
            "beq a0, a1, y\nret\nz:\nret\ny:\nbne a0, a1, z\nret",
        ),
        ("beq a0, a1, x\nret\nx:\nj y\ny:\nj z\nz:\nnop\nret", "beq a0, a1, z\nret\nz:\nnop\nret"),
        ("j x\nadd a0, a0, a0\nx:\nret", "ret"),
        ("ret\nadd a0, a0, a0", "ret"),
        ("j g\nadd a0, a0, a0", "j g"),
        ("beq a0, a1, x\nj y\nx:\nnop\ny:\nret", "bne a0, a1, y\nnop\ny:\nret"),
        ("blt a0, a1, x\nj y\nz:\nx:\nnop\ny:\nbeq a0, a1, z\nret", "bge a0, a1, y\nz:\nnop\ny:\nbeq a0, a1, z\nret"),
        ("sw a0, 4(sp)\nlw a1, 4(sp)\nret", "sw a0, 4(sp)\nmv a1, a0\nret"),
        ("sw a0, 4(sp)\nlw a0, 4(sp)\nret", "sw a0, 4(sp)\nret"),
        ("x:\nj x", "x:\nj x"),
        ("x:\nj y\ny:\nj x", "x:\nj x"),
        ("beq a0, a1, x\nadd a0, a0, a0\nx:\nret", "beq a0, a1, x\nadd a0, a0, a0\nx:\nret"),
    ],
)
def test_the_peephole_shortens(source, expected):
    assert shortened(source) == expected.split("\n")


@pytest.mark.parametrize(
    "source",
    [
        "sw a0, 4(sp)\nlw a1, 8(sp)\nret",
        "sw a0, 4(sp)\nlbu a1, 4(sp)\nret",
        "sw a0, 4(t1)\nlw a1, 4(t1)\nret",
        "sw a0, 4(sp)\nlw a1, 4(t1)\nret",
        "lw a0, 4(sp)\nlw a1, 4(sp)\nret",
        "sw a0, 4(sp)\nsw a1, 4(sp)\nret",
        "beq a0, a1, x\nsw a0, 4(sp)\nx:\nlw a0, 4(sp)\nret",
        "beq a0, a1, x\nret\nx:\nj g",
        "call x\nbeq a0, a1, y\nret\ny:\nret",
        "x:\nbeq a0, a1, y\nnop\nz:\ny:\nbne a0, a1, z\nbeq a0, a1, x\nret",
    ],
)
def test_the_peephole_leaves_alone(source):
    assert shortened(source) == source.split("\n")


def test_what_is_carried_out_stays_known():
    source = function("e0():\nreturn 0").blocks[0].end
    code = [Label("f"), Line("nop", ()), Line("nop", ()), Line("beq", ("a0", "a1", "x"), source), Line("j", ("y",))]
    code += [Label("x"), Line("nop", ()), Label("y"), Line("bne", ("a0", "a1", "z"), source), Line("nop", ())]
    code += [Label("z"), Line("j", ("x",))]
    found = peephole(code)
    assert [str(line).strip() for line in found[1:4]] == ["nop", "nop", "bne a0, a1, y"]
    assert [line.source for line in found if isinstance(line, Line)] == [None, None, source, None, source, None, None]
    assert "    bne a0, a1, x" in map(str, found)


def test_a_value_is_compared_by_identity():
    assert Value() != Value()
