"""The intermediate representation of programs that use everything, against a listing that was read and found right.

`python -m tests.riscv.test_listing` writes it anew; the difference is to be read before it is committed.
"""

from pathlib import Path

import pytest

from riscv.errors import Source
from riscv.ir.lower import lower
from riscv.ir.nodes import text
from riscv.ir.verify import verify
from riscv.resolver import resolve

FILE = Path(__file__).parent / "recorded" / "lowered.txt"
SEPARATOR = "\n====\n"
RECORDED = [tuple(part.split("\n----\n")) for part in FILE.read_text("utf-8").strip("\n").split(SEPARATOR)]


def listing(source, runtime):
    """The functions and the data of a program; those of the runtime only where they are asked for."""
    program = lower(resolve(Source("test", source)))
    verify(program)
    shown = [f for f in program.functions if runtime or not f.label.startswith("runtime.")]
    functions = [f"{f.label}, {f.results} results\n{text(f)}" for f in shown]
    return "\n".join(functions + [f"{label}: {datum}" for label, datum in program.data.items()])


def wants_runtime(source):
    return source.endswith("// with the runtime")


@pytest.mark.parametrize(("source", "expected"), RECORDED, ids=[str(n) for n in range(len(RECORDED))])
def test_a_program_is_lowered_to_what_was_recorded(source, expected):
    assert listing(source, wants_runtime(source)).splitlines() == expected.splitlines()


if __name__ == "__main__":
    parts = [f"{source}\n----\n{listing(source, wants_runtime(source))}" for source, *_ in RECORDED]
    FILE.write_text(SEPARATOR.join(parts) + "\n", "utf-8")
