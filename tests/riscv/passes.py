"""What the tests of passes share."""

from riscv.ir.nodes import Program, text
from riscv.ir.verify import verify
from riscv.isa import INSTRUCTIONS
from tests.riscv.written import function

WORDS = (0, 1, -1, 2, 3, 7, 8, -8, 31, 32, 33, 0x7FF, 0x800, -0x80000000, 0x7FFFFFFF, -0x7FFFFFFF)


def after(source, change):
    """The text of a function after a pass, which must leave it proper."""
    f = function(source)
    change(f)
    verify(Program([f, function("entry0(v0):\nreturn v0", "g"), function("entry0():\nreturn 0", "h")]))
    return text(f).splitlines()


def meaning(op, a, b):
    """What an instruction gives on two numbers."""
    return INSTRUCTIONS[op].meaning(a, b)
