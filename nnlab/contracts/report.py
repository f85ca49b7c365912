"""What a check of contracts found."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """A contract that a layer breaks, and the evidence: tensor, index, got and expected."""

    contract: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.evidence}"


@dataclass(frozen=True)
class Report:
    """The contracts that hold, those that are broken, and those that do not apply, each with the reason."""

    kept: tuple[str, ...]
    violations: tuple[Violation, ...]
    skipped: Mapping[str, str]

    def __str__(self) -> str:
        """One line for each violation; without any, what was checked and what not."""
        if self.violations:
            return "\n".join(map(str, self.violations))
        skipped = "".join(f"\n{name} does not apply: {reason}" for name, reason in self.skipped.items())
        return f"{len(self.kept)} contracts hold{skipped}"
