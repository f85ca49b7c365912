"""Words to assembly text."""

from collections.abc import Mapping, Sequence

from riscv.formats import spell
from riscv.isa import Instruction, decode
from riscv.memory import TEXT_BASE


def disassemble(word: int) -> str:
    """One instruction as the assembler would take it, or `.word 0x...` when there is none that gives this word."""
    decoded = decode(word)
    if decoded is None or decoded[0].encode(decoded[1]) != word:  # a fence may have bits that no text can say
        return f".word {word:#010x}"
    return written(*decoded)


def written(instruction: Instruction, operands: Mapping[str, int]) -> str:
    """An instruction as the assembler takes it."""
    names = {name: spell(name, value) for name, value in operands.items()}
    return f"{instruction.mnemonic} {instruction.format.syntax.format(**names)}".rstrip()


def line(word: int, address: int, labels: Mapping[int, str]) -> str:
    """Address, word and text of one instruction, and for a jump or a branch where it goes."""
    text = f"{address:08x}: {word:08x}  {disassemble(word)}"
    decoded = decode(word)
    if decoded is None or decoded[0].format.name not in ("branch", "jal"):
        return text
    target = address + decoded[1]["imm"]
    return f"{text}  # {target:#x} {labels.get(target, '')}".rstrip()


def listing(words: Sequence[int], labels: Mapping[str, int], base: int = TEXT_BASE) -> str:
    """A whole text section, each label on a line of its own before its instruction."""
    names = {address: label for label, address in labels.items()}
    lines = []
    for index, word in enumerate(words):
        address = base + 4 * index
        lines += [f"{label}:" for label, place in labels.items() if place == address]
        lines.append(f"  {line(word, address, names)}")
    return "\n".join(lines)


def neighbourhood(words: Mapping[int, int], pc: int) -> str:
    """Some instructions by their addresses, with an arrow at the pc."""
    return "\n".join(f"{'->' if address == pc else '  '} {line(word, address, {})}" for address, word in words.items())
