"""Pseudo-instructions: what each stands for (assembly programmer's handbook, "Pseudoinstructions").

The number of operands belongs to the name: `jal label` is one, `jal rd, label` is an instruction. `li` is apart,
since what it stands for depends on the number.
"""

from collections.abc import Mapping
from typing import Final

from riscv.int32 import unsigned, wrap

PSEUDO: Final[Mapping[tuple[str, int], tuple[str, ...]]] = {
    ("nop", 0): ("addi zero, zero, 0",),
    ("mv", 2): ("addi {0}, {1}, 0",),
    ("not", 2): ("xori {0}, {1}, -1",),
    ("neg", 2): ("sub {0}, zero, {1}",),
    ("seqz", 2): ("sltiu {0}, {1}, 1",),
    ("snez", 2): ("sltu {0}, zero, {1}",),
    ("sltz", 2): ("slt {0}, {1}, zero",),
    ("sgtz", 2): ("slt {0}, zero, {1}",),
    ("beqz", 2): ("beq {0}, zero, {1}",),
    ("bnez", 2): ("bne {0}, zero, {1}",),
    ("blez", 2): ("bge zero, {0}, {1}",),
    ("bgez", 2): ("bge {0}, zero, {1}",),
    ("bltz", 2): ("blt {0}, zero, {1}",),
    ("bgtz", 2): ("blt zero, {0}, {1}",),
    ("bgt", 3): ("blt {1}, {0}, {2}",),
    ("ble", 3): ("bge {1}, {0}, {2}",),
    ("bgtu", 3): ("bltu {1}, {0}, {2}",),
    ("bleu", 3): ("bgeu {1}, {0}, {2}",),
    ("j", 1): ("jal zero, {0}",),
    ("jal", 1): ("jal ra, {0}",),
    ("jr", 1): ("jalr zero, 0({0})",),
    ("jalr", 1): ("jalr ra, 0({0})",),
    ("jalr", 3): ("jalr {0}, {2}({1})",),
    ("ret", 0): ("jalr zero, 0(ra)",),
    # A jal reaches the whole text, so neither of these needs the auipc that other assemblers put before it.
    ("call", 1): ("jal ra, {0}",),
    ("tail", 1): ("jal zero, {0}",),
    ("la", 2): ("auipc {0}, %pcrel_hi({1})", "addi {0}, {0}, %pcrel_lo(. - 4)"),
    ("fence", 0): ("fence iorw, iorw",),
}
#: What `li` stands for when its value is not known before all labels have their places.
LOAD_SYMBOL: Final = ("lui {0}, %hi({1})", "addi {0}, {0}, %lo({1})")


def load_immediate(register: str, value: int) -> list[str]:
    """The shortest way to a constant: addi, lui, or lui and addi."""
    low = low_part(value)
    if unsigned(value - low) == 0:
        return [f"addi {register}, zero, {low}"]
    upper = f"lui {register}, {high_part(value)}"
    return [upper, f"addi {register}, {register}, {low}"] if low else [upper]


def low_part(value: int) -> int:
    """%lo: the low 12 bits as addi and loads sign-extend them."""
    return wrap(value << 20) >> 20


def high_part(value: int) -> int:
    """%hi: the upper 20 bits, one higher when the low part is negative, so that the two add up."""
    return unsigned(value - low_part(value)) >> 12
