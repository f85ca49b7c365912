"""Assembly text to words: labels, a few pseudo-instructions, and branches that reach as far as they must.

One statement per line, `label:` or `mnemonic operands`; `#` starts a comment. A conditional branch whose label is
too far away becomes the opposite branch over a jump.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from riscv.errors import AssemblyError, EncodingError
from riscv.formats import BRANCH, REGISTERS, Format
from riscv.int32 import unsigned, wrap
from riscv.isa import INSTRUCTIONS
from riscv.memory import TEXT_BASE, TEXT_SIZE

PSEUDO: Final[Mapping[str, tuple[int, str]]] = {
    "mv": (2, "addi {0}, {1}, 0"),
    "neg": (2, "sub {0}, zero, {1}"),
    "seqz": (2, "sltiu {0}, {1}, 1"),
    "snez": (2, "sltu {0}, zero, {1}"),
    "beqz": (2, "beq {0}, zero, {1}"),
    "bnez": (2, "bne {0}, zero, {1}"),
    "j": (1, "jal zero, {0}"),
    "call": (1, "jal ra, {0}"),
    "ret": (0, "jalr zero, 0(ra)"),
}
OPPOSITE: Final[Mapping[str, str]] = {
    "beq": "bne",
    "bne": "beq",
    "blt": "bge",
    "bge": "blt",
    "bltu": "bgeu",
    "bgeu": "bltu",
}
LABEL: Final = re.compile(r"[A-Za-z_.][\w.]*")
NUMBER: Final = re.compile(r"-?(0[xX][0-9a-fA-F]+|[0-9]+)")


@dataclass(frozen=True)
class Assembled:
    """The words of a text section and the address of each label."""

    words: tuple[int, ...]
    labels: Mapping[str, int]


@dataclass(frozen=True)
class Statement:
    """A machine instruction as text, not yet encoded, and the line it comes from."""

    line: int
    mnemonic: str
    operands: Mapping[str, str]

    def error(self, message: str) -> AssemblyError:
        """The error that names the line."""
        return AssemblyError(f"line {self.line}: {message}")


def assemble(text: str) -> Assembled:
    """Assemble a text section that starts at TEXT_BASE."""
    return Assembler(text).assemble()


class Assembler:
    """The statements of a text, and before which of them each label stands."""

    def __init__(self, text: str) -> None:
        self.statements: list[Statement] = []
        self.labels: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), 1):
            self.read(number, line.split("#")[0].strip())

    def read(self, number: int, line: str) -> None:
        """Take one line: a label, an instruction, or nothing."""
        if not line:
            return
        if line.endswith(":"):
            label = line[:-1]
            if LABEL.fullmatch(label) is None or label in self.labels:
                raise AssemblyError(f"line {number}: '{label}' is not a new label")
            self.labels[label] = len(self.statements)
            return
        for real in expand(number, line):
            mnemonic, _, rest = real.partition(" ")
            if mnemonic not in INSTRUCTIONS:
                raise AssemblyError(f"line {number}: unknown instruction '{mnemonic}'")
            operands = match_operands(INSTRUCTIONS[mnemonic].format, rest.strip())
            if operands is None:
                form = INSTRUCTIONS[mnemonic].format.syntax.replace("{", "").replace("}", "")
                raise AssemblyError(f"line {number}: write '{f'{mnemonic} {form}'.rstrip()}', not '{line}'")
            self.statements.append(Statement(number, mnemonic, operands))

    def assemble(self) -> Assembled:
        """Widen the branches that do not reach until all do, then encode."""
        wide: set[int] = set()
        while (far := self.far_branches(self.layout(wide))) != wide:
            wide = far  # which has grown: a longer text brings nothing closer
        addresses = self.layout(wide)
        words: list[int] = []
        for index, statement in enumerate(self.statements):
            words += self.encode(statement, addresses[index], addresses, index in wide)
        return Assembled(tuple(words), {label: addresses[index] for label, index in self.labels.items()})

    def layout(self, wide: set[int]) -> list[int]:
        """The address of each statement, and at the end that of the end."""
        addresses = [TEXT_BASE]
        for index in range(len(self.statements)):
            addresses.append(addresses[-1] + (8 if index in wide else 4))
        if addresses[-1] > TEXT_BASE + TEXT_SIZE:
            raise AssemblyError(f"the text has {addresses[-1] - TEXT_BASE} bytes, {TEXT_SIZE} are available")
        return addresses

    def far_branches(self, addresses: Sequence[int]) -> set[int]:
        """The branches to labels that their immediate does not reach."""
        far = set()
        for index, statement in enumerate(self.statements):
            if statement.mnemonic in OPPOSITE and statement.operands["imm"] in self.labels:
                distance = addresses[self.labels[statement.operands["imm"]]] - addresses[index]
                if distance not in BRANCH.immediate:
                    far.add(index)
        return far

    def encode(self, statement: Statement, address: int, addresses: Sequence[int], wide: bool) -> list[int]:
        """The words of a statement: one, or two for a branch over a jump."""

        def immediate(text: str) -> int:
            if text in self.labels:
                return addresses[self.labels[text]] - address
            if NUMBER.fullmatch(text) is None:
                raise statement.error(f"undefined label '{text}'")
            return integer(text)

        if not wide:
            return [encode(statement, immediate)]
        opposite = OPPOSITE[statement.mnemonic]
        over = replace(statement, mnemonic=opposite, operands={**statement.operands, "imm": "8"})
        address += 4  # the jump is the second word
        jump = replace(statement, mnemonic="jal", operands={"rd": "zero", "imm": statement.operands["imm"]})
        return [encode(over, integer), encode(jump, immediate)]


def encode(statement: Statement, immediate: Callable[[str], int]) -> int:
    """The word of an instruction, given a way to read its immediate."""
    operands = {}
    for name, text in statement.operands.items():
        if name == "imm":
            operands[name] = immediate(text)
        elif text in REGISTERS:
            operands[name] = REGISTERS.index(text)
        else:
            raise statement.error(f"unknown register '{text}'")
    try:
        return INSTRUCTIONS[statement.mnemonic].encode(operands)
    except EncodingError as error:
        raise statement.error(f"{error}") from None


def expand(number: int, line: str) -> list[str]:
    """The machine instructions a line stands for: itself, unless it is a pseudo-instruction."""
    mnemonic, _, rest = line.partition(" ")
    operands = [operand.strip() for operand in rest.split(",")] if rest else []
    if mnemonic == "li":
        if len(operands) != 2 or NUMBER.fullmatch(operands[1]) is None:
            raise AssemblyError(f"line {number}: write 'li rd, number', not '{line}'")
        return load_immediate(operands[0], integer(operands[1]))
    if mnemonic not in PSEUDO:
        return [line]
    count, pattern = PSEUDO[mnemonic]
    if len(operands) != count:
        raise AssemblyError(f"line {number}: '{mnemonic}' takes {count} operands, not {len(operands)}")
    return [pattern.format(*operands)]


def load_immediate(register: str, value: int) -> list[str]:
    """The shortest way to a constant: addi, lui, or lui and addi.

    addi sign-extends, so a low part of 0x800 or more counts as negative and the upper part is one higher.
    """
    low = wrap(value << 20) >> 20
    high = unsigned(value - low) >> 12
    if high == 0:
        return [f"addi {register}, zero, {low}"]
    upper = f"lui {register}, {high}"
    return [upper, f"addi {register}, {register}, {low}"] if low else [upper]


def integer(text: str) -> int:
    """A decimal or hexadecimal number with its sign."""
    return int(text, 16 if "x" in text.lower() else 10)


def match_operands(form: Format, text: str) -> dict[str, str] | None:
    """The operands in a text that is written as the format says, or None."""
    pattern = re.escape(form.syntax)
    for name in ("rd", "rs1", "rs2", "imm"):
        pattern = pattern.replace(rf"\{{{name}\}}", rf"(?P<{name}>[\w.-]+)")
    match = re.fullmatch(pattern.replace(r",\ ", r"\s*,\s*"), text)
    return match and match.groupdict()
