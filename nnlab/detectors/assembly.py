"""assembly: texts to the words that the specification prints, to what they do when they run, or to a refusal.

What compiled programs never contain: immediates and branches at the ends of their ranges, a register that is read and
overwritten, writes to x0, relocations with an addend, accesses that trap.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from nnlab.detectors.machine_corners import MACHINE_CORNERS
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from riscv import AssemblyError
from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.emulator import Emulator
from riscv.outcome import TrapError

#: A text and its words, encoded by hand from the specification.
WORDS: Mapping[str, Sequence[int]] = {
    "addi a0, a0, -2048": [0x80050513],
    "addi a0, a0, 2047": [0x7FF50513],
    "sw ra, 4(zero)": [0x00102223],
    "slli a0, a0, 31": [0x01F51513],
    "beq a0, a1, 4094": [0x7EB50FE3],
    "beq a0, a1, -4096": [0x80B50063],
    "jal ra, -1048576": [0x800000EF],
    "jal ra, 1048574": [0x7FFFF0EF],
    "lui a0, 1048575": [0xFFFFF537],
    "li a0, 2047": [0x7FF00513],
    "li a0, 2048": [0x00001537, 0x80050513],
    "li a0, 0x76543210": [0x76543537, 0x21050513],
    "li a0, 0x12345000": [0x12345537],
    "li a0, -1": [0xFFF00513],
    "li a0, 4294967295": [0xFFF00513],
    "nop\n.align 3\nnop": [0x00000013] * 3,
    "nop\nnop\n.align 3\nnop": [0x00000013] * 3,
    ".word 5 - 3 - 1, 5 - 3 + 1, -1, 'a', 0b101": [1, 3, 0xFFFFFFFF, 97, 5],
    '.ascii "a\\x80\\n\\0"': [0x000A8061],
    "fence r, rw": [0x0230000F],
    ".equ n, 2\n.equ m, n + 1\n.space m + n - 1\n.word m": [0, 3],
    ".section .text\nnop": [0x00000013],
}
#: Words that no text gives are shown as they are.
ODD: Sequence[int] = (0x8330000F, 0x00000000, 0xFFFFFFFF, 0x00101013 | 1 << 25)
#: A text, run up to its end, and what is in a0 there.
RESULTS: Mapping[str, tuple[str, int]] = {
    "jalr through the register that it links": (
        "la ra, there\njalr ra, 0(ra)\nli a0, 1\nj print\nthere: li a0, 2\nj print",
        2,
    ),
    "addi to x0": ("addi zero, zero, 5\nmv a0, zero", 0),
    "lui to x0": ("lui zero, 5\nmv a0, zero", 0),
    "load to x0": ("la a1, word\nlw zero, 0(a1)\nmv a0, zero", 0),
    "jal to x0": ("j on\non: mv a0, zero", 0),
    "sltiu with a negative immediate": ("li a1, 5000\nsltiu a0, a1, -1", 1),
    "slti with a negative immediate": ("li a1, -5\nslti a0, a1, -1", 1),
    "sub into its second operand": ("li a0, 2\nli a1, 7\nsub a0, a1, a0", 5),
    "sub into its first operand": ("li a0, 7\nli a1, 2\nsub a0, a0, a1", 5),
    "mulhsu into its first operand": ("li a0, -1\nli a1, 2\nmulhsu a0, a0, a1", -1),
    "div by 0 into another register": ("li a0, 9\nli a1, 7\ndiv a0, a1, zero", -1),
    "%hi and %lo of an upper half": ("lui a1, %hi(upper)\nlw a0, %lo(upper)(a1)", 7),
    "%pcrel with an addend": ("here: auipc a1, %pcrel_hi(upper + 4)\nlw a0, %pcrel_lo(here)(a1)", 8),
    "a branch forwards over 8 KiB": ("beqz zero, far\nli a0, 1\nj print\n.space 8192\nfar: li a0, 2", 2),
    "a branch backwards over 8 KiB": ("j on\nback: li a0, 3\nj print\n.space 8192\non: beqz zero, back\nli a0, 1", 3),
    "a far branch that is not taken": ("bnez zero, far\nli a0, 1\nj print\n.space 8192\nfar: li a0, 2", 1),
    "a wide branch that makes another wide": (
        "li a1, 1\nbnez a1, one\nbeqz a1, two\n.space 4084\none: li a0, 3\nj print\n.space 99 + 1\ntwo: li a0, 4",
        3,
    ),
    "lb": ("la a1, halves\nlb a0, 1(a1)", -128),
    "lbu": ("la a1, halves\nlbu a0, 1(a1)", 128),
    "lh": ("la a1, halves\nlh a0, 0(a1)", -32768),
    "lhu": ("la a1, halves\nlhu a0, 0(a1)", 32768),
    "sb beside another byte": ("la a1, word\nli a2, -2\nsb a2, 1(a1)\nlw a0, 0(a1)", 0x01FE02 + (5 << 24) + 1),
    "li of a difference": ("li a0, after - word", 4),
    "auipc": ("nop\nauipc a0, 1", 0x11004),
    "call and ret": ("li a0, 1\ncall two\nj print\ntwo: slli a0, a0, 4\nret", 16),
    "bgtu": ("li a1, -1\nli a2, 1\nli a0, 1\nbgtu a1, a2, print\nli a0, 0", 1),
}
DATA = """
print: li a7, 93
ecall
.data
word: .byte 3, 2, 1, 5
after: .half 0
.align 2
halves: .half 0x8000
.align 11
.space 0x800
upper: .word 7, 8
"""
#: A text and the trap that ends it.
TRAPS: Mapping[str, str] = {
    "la a1, word\nlw a0, 2(a1)": "load-address-misaligned",
    "la a1, word\nsh a0, 1(a1)": "store-address-misaligned",
    "lw a0, 0(zero)": "load-access-fault",
    "li a1, 0x1ffff0\nsw zero, 0(a1)": "store-access-fault",
    "li a1, 0x1ffff0\nlw a0, 0(a1)": "load-access-fault",
    "start: la a1, start\nsw zero, 0(a1)": "store-access-fault",
    "li a1, 0x10002\njr a1": "instruction-address-misaligned",
    "jr zero": "instruction-access-fault",
    ".word 0": "illegal-instruction",
    "ebreak": "breakpoint",
    "li a7, 12345\necall": "environment-call",
}
#: A text that is refused, and under which column, from 0 on, the caret stands.
CARETS: Mapping[str, int] = {
    "  addi a0, a9, 1": 11,
    "lw a0, 4(q1)": 9,
    '.rodata\n.ascii "ab\\q"': 10,
    ".word 1, 2 + '\\q'": 14,
    "nop\n.text\n.byte 1\n   nop": 3,
}
#: What does not fit, or says nothing.
REFUSED: Sequence[str] = (
    *("addi a0, a0, 2048", "addi a0, a0, -2049", "lw a0, 2048(sp)", "sw a0, -2049(sp)", "jalr ra, 2048(a0)"),
    *("slli a0, a0, 32", "srai a0, a0, -1", "lui a0, 1048576", "lui a0, -1"),
    *("beq a0, a1, 4096", "beq a0, a1, -4098", "beq a0, a1, 3", "jal ra, 1048576", "jal ra, 3"),
    *("li a0, 4294967296", "li a0, -2147483649", ".word 4294967296"),
    # the word that the last byte fills is aligned, so that nothing but the number can be wrong
    *(".byte 256\n.align 2", ".byte -129\n.align 2", ".half 65536\n.align 2"),
    *("add a0, a1", "add a0, a1, 5", "addi a0, a1, a2", "lw a0, a1", "add a0, a1, q1", "frob a0", "j nowhere"),
    *(
        "a: a:",
        "lw a0, print(zero)",
        "lui a0, print",
        "li a0, 1 + + 2",
        ".data\nnop",
        '.ascii "open',
        ".align 17",
        ".space -1",
        ".globl nowhere",
        ".equ a, 1\n.equ a, 2",
        "a: .equ a, 1",
        ".section .odd",
        ".space 1048576\nnop",
        ".rodata\n.space 1048580",
    ),
)


def probes() -> list[Probe]:
    return [
        *(Probe(text, partial(_encoded, text, words), seeded=False) for text, words in WORDS.items()),
        Probe("odd words", _odd, seeded=False),
        *(Probe(name, partial(_gives, text, value), seeded=False) for name, (text, value) in RESULTS.items()),
        *(Probe(text, partial(_traps, text, kind), seeded=False) for text, kind in TRAPS.items()),
        *(Probe(text, partial(_refused, text), seeded=False) for text in REFUSED),
        *(
            Probe(f"caret of {text}", partial(_points_at, text, column), seeded=False)
            for text, column in CARETS.items()
        ),
        *(Probe(name, check, seeded=False) for name, check in MACHINE_CORNERS.items()),
    ]


def _encoded(text: str, words: Sequence[int], seed: int) -> None:
    expected = ", ".join(f"{word:#010x}" for word in words)
    try:
        got = ", ".join(f"{word:#010x}" for word in assemble(text).words)
    except AssemblyError as error:
        got = str(error)
    require(got == expected, f"{text}: expected {expected}, got {got}")


def _odd(seed: int) -> None:
    for word in ODD:
        got = disassemble(word)
        require(got == f".word {word:#010x}", f"{word:#010x}: expected .word {word:#010x}, got {got}")


def _run(text: str) -> str:
    try:
        outcome = Emulator(assemble(text + DATA)).run(100)
    except AssemblyError as error:
        return str(error)
    except TrapError as error:  # which nobody caught
        return error.kind
    return outcome.trap.kind if outcome.trap else str(outcome.status)


def _gives(text: str, value: int, seed: int) -> None:
    got = _run(text)
    require(got == str(value), f"{text}: expected {value}, got {got}")


def _traps(text: str, kind: str, seed: int) -> None:
    got = _run(text)
    require(got == kind, f"{text}: expected {kind}, got {got}")


def _refused(text: str, seed: int) -> None:
    try:
        got = ", ".join(f"{word:#010x}" for word in assemble(text + DATA).words)
    except AssemblyError:
        got = "a refusal"
    require(got == "a refusal", f"{text}: expected a refusal, got {got}")


def _points_at(text: str, column: int, seed: int) -> None:
    got = "no refusal"
    try:
        assemble(text)
    except AssemblyError as error:
        got = str(error).splitlines()[-1]
    expected = f"  {' ' * column}^"
    require(got == expected, f"{text}: expected the caret under column {column}, got {got!r}")


DETECTOR = Detector(
    name="assembly",
    summary="assembly texts: words at the ends of ranges, small runs, traps, refusals",
    probes=probes,
    example=Fault(
        id="example-assembly",
        title="Branches that do not reach are left as they are",
        pattern="range",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.assembler:Assembler.widen", "return bool(far)", "return False")],
    ),
)
