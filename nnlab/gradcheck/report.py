"""What a gradient check found."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["agrees", "disagrees", "undecided"]


@dataclass(frozen=True)
class Disagreement:
    """One gradient that backward gets wrong: `got` where the differences of forward say `expected` ± `bar`."""

    tensor: str
    problem: str
    index: tuple[int, ...] | None = None
    expected: float | None = None
    got: float | None = None
    bar: float | None = None

    def __str__(self) -> str:
        place = f"{self.tensor}[{', '.join(map(str, self.index))}]" if self.index else self.tensor
        if self.bar is None:
            return f"{place}: {self.problem}"
        return f"{place}: {self.problem}: expected {self.expected:.12g} ± {self.bar:.1g}, got {self.got:.12g}"


@dataclass(frozen=True)
class Report:
    """The outcome over all tensors; `resolution` is the smallest error, relative to the whole gradient, it could see.

    Undecided means that nothing disagrees, but that the differences were too rough to promise `promised`.
    """

    disagreements: tuple[Disagreement, ...]
    resolution: float
    promised: float
    forwards: int

    @property
    def outcome(self) -> Outcome:
        if self.disagreements:
            return "disagrees"
        return "agrees" if self.resolution <= self.promised else "undecided"

    def __str__(self) -> str:
        if self.disagreements:
            return "\n".join(map(str, self.disagreements))
        seen = f"an error of {self.resolution:.1g} of the gradient would have been seen"
        return f"{self.outcome}: {seen}, in {self.forwards} forwards"
