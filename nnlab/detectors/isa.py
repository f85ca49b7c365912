"""isa: the instruction table against the specification, and against Unicorn and capstone where they are installed."""

from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from random import Random

from nnlab.detectors.object_files import OBJECT_FILES
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from riscv import peers, single
from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.errors import AssemblyError, EncodingError
from riscv.formats import REGISTER, UPPER
from riscv.isa import INSTRUCTIONS, decode, instruction

MIN, MAX = -(2**31), 2**31 - 1
#: Draws of each instruction for one seed.
DRAWS = 4

#: meaning(*operands) = result, where the unprivileged specification says so in words or in a table.
CORNERS: Sequence[tuple[str, tuple[int, ...], int]] = [
    *(("div", (a, 0), -1) for a in (0, 7, -7, MIN)),  # chapter M, "Semantics for division by zero and overflow"
    *(("divu", (a, 0), -1) for a in (0, 7, -7, MIN)),
    *(("rem", (a, 0), a) for a in (0, 7, -7, MIN)),
    *(("remu", (a, 0), a) for a in (0, 7, -7, MIN)),
    ("div", (MIN, -1), MIN),
    ("rem", (MIN, -1), 0),
    *(("div", (a, b), q) for a, b, q in ((7, 2, 3), (-7, 2, -3), (7, -2, -3), (-7, -2, 3))),  # towards zero
    *(("rem", (a, b), r) for a, b, r in ((7, 2, 1), (-7, 2, -1), (7, -2, 1), (-7, -2, -1))),  # sign of the dividend
    ("divu", (-1, 2), MAX),
    ("divu", (-1, 1), -1),
    ("divu", (5, -1), 0),
    ("remu", (5, -1), 5),
    ("remu", (-2, -1), -2),
    ("remu", (-1, 10), 5),
    ("mul", (MAX, MAX), 1),
    ("mulh", (MIN, MIN), 2**30),
    ("mulh", (-1, 1), -1),
    ("mulhsu", (-1, -1), -1),
    ("mulhsu", (2, -1), 1),
    ("mulhu", (-1, -1), -2),
    ("mulhu", (2, -1), 1),
    ("mulhu", (-1, 2), 1),
    ("mulhu", (-1, 0), 0),
    ("add", (MAX, 1), MIN),  # overflow is ignored
    ("sub", (MIN, 1), MAX),
    ("addi", (MAX, 1), MIN),
    ("sll", (1, 33), 2),  # the low five bits of rs2
    ("sll", (1, 31), MIN),
    ("srl", (MIN, 63), 1),
    ("sra", (MIN, 63), -1),
    ("srl", (-1, 1), MAX),
    ("sra", (-8, 1), -4),
    ("srl", (5, 32), 5),
    ("slli", (3, 31), MIN),
    ("srli", (-1, 31), 1),
    ("srai", (MIN, 31), -1),
    *((name, (-1, 1), 1) for name in ("slt", "slti", "blt", "bne")),  # signed
    *((name, (-1, 1), 0) for name in ("sltu", "sltiu", "bltu", "bge", "beq")),  # unsigned
    ("bgeu", (-1, 1), 1),
    ("bgeu", (1, -1), 0),
    ("sltiu", (0, -1), 1),  # the immediate is sign-extended first
    *((name, (3, 3), 1) for name in ("beq", "bge", "bgeu")),
    *((name, (3, 3), 0) for name in ("bne", "blt", "bltu", "slt", "sltu")),
    ("xor", (0b1100, -1), ~0b1100),
    ("xori", (5, -1), -6),
    *((name, (0b1100, 0b1010), 0b1110) for name in ("or", "ori")),
    *((name, (0b1100, 0b1010), 0b1000) for name in ("and", "andi")),
    ("lui", (0x10000, 0x80000), MIN),
    ("auipc", (0x10004, 0xFFFFF), 0xF004),
    ("jal", (0x10000, -4), 0xFFFC),
    ("jalr", (0x10000, 7), 0x10006),  # the lowest bit of the target is zero
    ("lb", (0x80,), -128),
    ("lh", (0x8000,), -32768),
    ("lw", (0x8000_0000,), MIN),
    ("lbu", (0xFF,), 255),
    ("lhu", (0xFFFF,), 65535),
    ("sb", (-1,), 0xFF),
    ("sh", (-2,), 0xFFFE),
    ("sw", (-3,), 0xFFFF_FFFD),
]
#: Each instruction once, as GNU as encodes it.
ENCODINGS: Sequence[tuple[int, str]] = [
    (0x00C58533, "add a0, a1, a2"),
    (0x400D8FB3, "sub t6, s11, zero"),
    (0x003110B3, "sll ra, sp, gp"),
    (0x0062A233, "slt tp, t0, t1"),
    (0x009433B3, "sltu t2, s0, s1"),
    (0x00F746B3, "xor a3, a4, a5"),
    (0x0128D833, "srl a6, a7, s2"),
    (0x415A59B3, "sra s3, s4, s5"),
    (0x018BEB33, "or s6, s7, s8"),
    (0x01BD7CB3, "and s9, s10, s11"),
    (0xFF010113, "addi sp, sp, -16"),
    (0x8005A513, "slti a0, a1, -2048"),
    (0x001EBE13, "sltiu t3, t4, 1"),
    (0xFFFFCF13, "xori t5, t6, -1"),
    (0x55556513, "ori a0, a0, 1365"),
    (0x0FF57513, "andi a0, a0, 255"),
    (0x01F59513, "slli a0, a1, 31"),
    (0x0015D513, "srli a0, a1, 1"),
    (0x4105D513, "srai a0, a1, 16"),
    (0xFFF10503, "lb a0, -1(sp)"),
    (0x00241503, "lh a0, 2(s0)"),
    (0x80042503, "lw a0, -2048(s0)"),
    (0x7FF14503, "lbu a0, 2047(sp)"),
    (0x00635283, "lhu t0, 6(t1)"),
    (0x00A10FA3, "sb a0, 31(sp)"),
    (0xFEB41023, "sh a1, -32(s0)"),
    (0x81B12023, "sw s11, -2048(sp)"),
    (0x00B50463, "beq a0, a1, 8"),
    (0x80051063, "bne a0, zero, -4096"),
    (0x7E62CFE3, "blt t0, t1, 4094"),
    (0xFE945FE3, "bge s0, s1, -2"),
    (0x011860E3, "bltu a6, a7, 2048"),
    (0x41FF7063, "bgeu t5, t6, 1024"),
    (0xFFFFF537, "lui a0, 1048575"),
    (0x00001297, "auipc t0, 1"),
    (0x001000EF, "jal ra, 2048"),
    (0x00008067, "jalr zero, 0(ra)"),
    (0x0FF0000F, "fence iorw, iorw"),
    (0x0000100F, "fence.i"),
    (0x00000073, "ecall"),
    (0x00100073, "ebreak"),
    (0x02C58533, "mul a0, a1, a2"),
    (0x02C59533, "mulh a0, a1, a2"),
    (0x02C5A533, "mulhsu a0, a1, a2"),
    (0x02C5B533, "mulhu a0, a1, a2"),
    (0x027342B3, "div t0, t1, t2"),
    (0x027352B3, "divu t0, t1, t2"),
    (0x02A4E433, "rem s0, s1, a0"),
    (0x03EEFE33, "remu t3, t4, t5"),
]


def probes() -> list[Probe]:
    found = [
        Probe("corners", _corners, seeded=False),
        Probe("encodings", _encodings, seeded=False),
        Probe("overlap", _overlap, seeded=False),
        Probe("texts", _texts, seeded=False),
        Probe("new rows", _new_rows, seeded=False),
        Probe("register 32", _too_high, seeded=False),
        *(Probe(name, check, seeded=False) for name, check in OBJECT_FILES.items()),
        *(Probe(f"round trip of {name}", partial(_round_trip, name)) for name in INSTRUCTIONS),
    ]
    if find_spec("unicorn"):
        _unicorn_machine()  # now: it takes more address space than a fault may
        found += [Probe(f"{name} beside Unicorn", partial(_unicorn, name)) for name in single.COMPARABLE]
    if find_spec("capstone"):
        found += [Probe(f"{name} beside capstone", partial(_capstone, name)) for name in single.COMPARABLE]
    return found


def _corners(seed: int) -> None:
    for name, operands, expected in CORNERS:
        got = INSTRUCTIONS[name].meaning(*operands)
        require(got == expected, f"{name}{operands}: expected {expected}, got {got}")


def _encodings(seed: int) -> None:
    for word, text in ENCODINGS:
        got = disassemble(word)
        require(got == text, f"{word:#010x}: expected {text}, got {got}")
        words = assemble(text).words
        require(words == (word,), f"{text}: expected {word:#010x}, got {_listed(words)}")


def _overlap(seed: int) -> None:
    rows = list(INSTRUCTIONS.values())
    for index, one in enumerate(rows):
        for other in rows[:index]:
            apart = (one.bits ^ other.bits) & one.format.mask & other.format.mask
            require(bool(apart), f"{one.mnemonic} and {other.mnemonic} share an encoding")


def _new_rows(seed: int) -> None:
    """The table takes a row whose encodings are free, and none whose opcode another has, whichever is the wider."""
    for form, bits, free in ((REGISTER, 0x0000000B, True), (REGISTER, 0x00001037, False), (UPPER, 0x00001073, False)):
        taken = True
        try:
            instruction("odd", form, bits, max)
        except ValueError:
            taken = False
        entered = INSTRUCTIONS.pop("odd", None) is not None
        require((taken, entered) == (free, free), f"{bits:#010x}: expected it {'free' if free else 'taken'}")


def _too_high(seed: int) -> None:
    """There are 32 registers."""
    refused = False
    try:
        INSTRUCTIONS["add"].encode({"rd": 32, "rs1": 0, "rs2": 0})
    except EncodingError:
        refused = True
    require(refused, "add x32, x0, x0: expected it to be refused")


def _texts(seed: int) -> None:
    """A constant by name, a string's escapes, and a refusal that points at its column."""
    _same_words(".equ n, 5\naddi a0, zero, n", "addi a0, zero, 5")
    content = assemble('.rodata\ns: .asciz "a\\x41\\n\\\\é"').segments[-1].content
    require(
        content == b"aA\n\\\xc3\xa9\0", f".asciz: expected a, A, a line feed, a backslash, é and 0, got {content!r}"
    )
    try:
        assemble("nop\naddi a0, a9, 1")
    except AssemblyError as refusal:
        expected = "line 2: unknown register 'a9'\n  addi a0, a9, 1\n           ^"
        require(str(refusal) == expected, f"refusal: expected {expected!r}, got {str(refusal)!r}")
        return
    require(False, "a9: expected it to be refused, but it was assembled")


def _same_words(text: str, plain: str) -> None:
    got, expected = assemble(text).words, assemble(plain).words
    require(got == expected, f"{text!r}: expected {expected}, got {got}")


def _listed(words: Sequence[int]) -> str:
    return ", ".join(f"{word:#010x}" for word in words) or "nothing"


def _draws(name: str, seed: int) -> list[single.Draw]:
    rng = Random(f"{seed} {name}")
    return [single.draw(rng, INSTRUCTIONS[name]) for _ in range(DRAWS)]


def _round_trip(name: str, seed: int) -> None:
    for given in _draws(name, seed):
        found = decode(given.word)
        got = found[0].mnemonic if found else "nothing"
        require(got == name, f"{given.word:#010x}: expected {name}, decoded as {got}")
        text = disassemble(given.word)
        words = assemble(text).words
        require(words == (given.word,), f"{given.word:#010x}: its text {text} gives {_listed(words)}")


@cache
def _unicorn_machine() -> single.Machine:
    return peers.unicorn_machine()


def _unicorn(name: str, seed: int) -> None:
    ours, theirs = single.plain(), _unicorn_machine()
    for given in _draws(name, seed):
        got, expected = ours(given), theirs(given)
        require(got == expected, f"{disassemble(given.word)}: expected {expected}, got {got}")


def _capstone(name: str, seed: int) -> None:
    for given in _draws(name, seed):
        text = peers.capstone_text(given.word) or "nothing"
        if "unknown" in text:
            continue  # a fence of nothing
        words = assemble(text).words
        require(words == (given.word,), f"{given.word:#010x}: capstone's text {text} gives {_listed(words)}")


DETECTOR = Detector(
    name="isa",
    summary="the instruction table: encodings, no overlap, round trips, corners, third parties; ELF files",
    probes=probes,
    example=Fault(
        id="example-isa",
        title="An unsigned number divided by zero is zero",
        pattern="domain",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.isa:divu", "if b else -1", "if b else 0")],
    ),
)
