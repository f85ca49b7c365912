"""The corpus: one small program per feature, with its expectation on the line.

    puts(7, 1 + 8);           // => 7 9           these lines, which contain no space
    puts("two words");        // -> two words     this one line, as it is
    puts(1 + null);           // !! type-error    this trap ends the program

The values were worked out by hand or stated by the programs' authors, never copied from a run; interpreter and
emulator are both checked against them. A puts that runs several times has the values of all its runs. What counts is
the order of the arrows in the text. A file may hold several programs, each below a line `// --- name`; what stands
above the first belongs to all.
"""

import re
from pathlib import Path

from riscv.pairs import paired


def load() -> tuple[tuple[str, str], ...]:
    """All programs as (name, source), sorted by the names of their files."""
    files = sorted(Path(__file__).parent.glob("*.monkey"))
    return tuple(program for file in files for program in split(file.stem, file.read_bytes().decode()))


def split(name: str, text: str) -> list[tuple[str, str]]:
    """The programs of one file."""
    start, *parts = re.split(r"^// --- (.*)\n", text, flags=re.MULTILINE)
    if not parts:
        return [(name, text)]
    return [(f"{name}-{part}", start + body) for part, body in paired(parts[::2], parts[1::2])]


def expected_output(source: str) -> tuple[str, ...]:
    """The lines a program of the corpus says it prints."""
    arrows = re.findall(r"// ([=-])> ?(.*)", source)
    return tuple(line for arrow, text in arrows for line in (text.split() if arrow == "=" else [text]))


def expected_trap(source: str) -> str | None:
    """The kind of trap a program of the corpus says it ends in, or None."""
    found = re.search(r"// !! (.*)", source)
    return found[1] if found else None
