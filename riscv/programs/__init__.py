"""The corpus: one small program per feature, with what it prints as `// => value` behind each puts.

The values were worked out by hand or stated by the programs' authors, never copied from a run; interpreter and
emulator are both checked against them. A puts with several arguments lists their values after one arrow; a puts
that runs several times has the values of all its runs. What counts is the order of the arrows in the text.
"""

import re
from pathlib import Path


def load() -> tuple[tuple[str, str], ...]:
    """All programs as (name, source), sorted by name."""
    files = sorted(Path(__file__).parent.glob("*.monkey"))
    return tuple((file.stem, file.read_bytes().decode()) for file in files)


def expected_output(source: str) -> tuple[str, ...]:
    """The lines a program of the corpus says it prints."""
    arrows = re.findall(r"// => (.*)", source)
    return tuple(value for arrow in arrows for value in arrow.split())
