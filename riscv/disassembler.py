"""Words to assembly text."""

from collections.abc import Mapping, Sequence

from riscv.formats import REGISTERS
from riscv.isa import decode
from riscv.memory import TEXT_BASE


def disassemble(word: int) -> str:
    """One instruction as the assembler would take it, or `.word 0x...` when it is none."""
    decoded = decode(word)
    if decoded is None:
        return f".word {word:#010x}"
    instruction, operands = decoded
    names = {name: str(value) if name == "imm" else REGISTERS[value] for name, value in operands.items()}
    return f"{instruction.mnemonic} {instruction.format.syntax.format(**names)}".rstrip()


def line(word: int, address: int, labels: Mapping[int, str]) -> str:
    """Address, word and text of one instruction, and for a jump or a branch where it goes."""
    text = f"{address:08x}: {word:08x}  {disassemble(word)}"
    decoded = decode(word)
    if decoded is None or decoded[0].format.name not in ("branch", "jal"):
        return text
    target = address + decoded[1]["imm"]
    return f"{text}  # {target:#x} {labels.get(target, '')}".rstrip()


def listing(words: Sequence[int], labels: Mapping[str, int]) -> str:
    """A whole text section, each label on a line of its own before its instruction."""
    names = {address: label for label, address in labels.items()}
    lines = []
    for index, word in enumerate(words):
        address = TEXT_BASE + 4 * index
        lines += [f"{label}:" for label, place in labels.items() if place == address]
        lines.append(f"  {line(word, address, names)}")
    return "\n".join(lines)


def neighbourhood(words: Sequence[int], pc: int) -> str:
    """The instructions around an address, with an arrow at it."""
    lines = []
    for index, word in enumerate(words):
        address = TEXT_BASE + 4 * index
        if abs(address - pc) < 12:
            lines.append(f"{'->' if address == pc else '  '} {line(word, address, {})}")
    return "\n".join(lines)
