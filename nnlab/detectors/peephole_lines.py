"""What the detector `codegen` expects of the peephole: lines before it and behind it, where the compiler has none such.

Lines are written as assembly; `;` stands between them, and the function's label stands in front.
"""

from collections.abc import Callable, Mapping
from functools import partial

from nnlab.detectors.subjects import require
from riscv.backend.lines import Code, Label, Line
from riscv.backend.peephole import peephole

SHORTER: Mapping[str, str] = {
    # jumps to jumps, also to several one behind the other
    "beq s0, s1, x; ret; x:; j y; z:; ret; y:; bnez s0, z; ret": "beq s0, s1, y; ret; z:; ret; y:; bnez s0, z; ret",
    "beq s0, s1, x; ret; x:; j y; w:; j z; y:; j w; z:; nop; ret": "beq s0, s1, z; ret; z:; nop; ret",
    "x:; j y; y:; j x": "x:; j x",
    # what nothing runs into, and jumps to what follows, behind several labels, too
    "ret; nop; nop": "ret",
    "j x; nop; x:; ret": "ret",
    "beq s0, s1, x; j y; x:; y:; beq s0, s2, x; ret": "beq s0, s1, x; x:; beq s0, s2, x; ret",
    "beq s0, s1, z; nop; j y; z:; y:; beq s0, s1, y; ret": "beq s0, s1, z; nop; z:; y:; beq s0, s1, y; ret",
    # a branch over a jump
    "beq s0, s1, x; j y; x:; nop; y:; ret": "bne s0, s1, y; nop; y:; ret",
    "nop; bltu s0, s1, x; j y; w:; x:; j w; y:; ret": "nop; bgeu s0, s1, y; w:; j w; y:; ret",
    # words of the frame
    "nop; sw a0, 4(sp); lw a1, 4(sp); ret": "nop; sw a0, 4(sp); mv a1, a0; ret",
    "nop; sw a0, 4(sp); lw a0, 4(sp); ret": "nop; sw a0, 4(sp); ret",
    "nop; sw a0, 4(t1); lw a1, 4(t1); ret": "nop; sw a0, 4(t1); lw a1, 4(t1); ret",
    "sw a0, 4(sp); lw a1, 8(sp); lw a2, 8(sp); ret": "sw a0, 4(sp); lw a1, 8(sp); lw a2, 8(sp); ret",
    "sw a0, 4(sp); sw a1, 4(sp); ret": "sw a0, 4(sp); sw a1, 4(sp); ret",
}


def _is_shortened(before: str, after: str, seed: int) -> None:
    got = "; ".join(str(line).strip() for line in peephole([Label("f"), *_lines(before)])[1:])
    require(got == after, f"{before}: expected {after}, got {got}")


def _lines(text: str) -> Code:
    found: Code = []
    for line in text.split("; "):
        mnemonic, _, rest = line.partition(" ")
        operands = rest.replace("(", ", ").replace(")", "").split(", ") if rest else []
        numbers = (int(operand) if operand.isdigit() else operand for operand in operands)
        found.append(Label(line[:-1]) if line.endswith(":") else Line(mnemonic, tuple(numbers)))
    return found


PEEPHOLE: Mapping[str, Callable[[int], None]] = {
    f"peephole of {before}": partial(_is_shortened, before, after) for before, after in SHORTER.items()
}
