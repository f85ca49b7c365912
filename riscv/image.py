"""A program ready to be loaded: what assembler and ELF loader give, and what emulator and ELF writer take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riscv.memory import TEXT_BASE, Segment


@dataclass(frozen=True)
class Image:
    """Segments of memory, where execution starts, the address of each label and what sp holds at the start."""

    segments: tuple[Segment, ...]
    entry: int = TEXT_BASE
    labels: Mapping[str, int] = field(default_factory=dict, hash=False)
    sp: int = 0

    @property
    def words(self) -> tuple[int, ...]:
        """The words of what can be executed."""
        return tuple(word for segment in self.segments if segment.executable for word in words(segment))


def words(segment: Segment) -> tuple[int, ...]:
    """A segment's content, four bytes at a time."""
    content = segment.content.ljust(segment.size, b"\0")
    return tuple(int.from_bytes(content[place : place + 4], "little") for place in range(0, segment.size, 4))


def bare(code: Sequence[int]) -> Image:
    """Words alone: a text at TEXT_BASE that starts at its first word."""
    content = b"".join(word.to_bytes(4, "little") for word in code)
    return Image((Segment(TEXT_BASE, content, len(content), executable=True),))
