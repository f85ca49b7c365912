"""What a gradient check found."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nnlab.gradcheck.chance import missed

Outcome = Literal["agrees", "disagrees", "undecided"]
Mode = Literal["screen", "exact"]


@dataclass(frozen=True)
class Disagreement:
    """One gradient that backward gets wrong: `got` where the differences of forward say `expected` ± `bar`.

    `pattern` says what the whole tensor's gradient looks like where something fits well, `fit` how well (R²).
    """

    tensor: str
    problem: str
    index: tuple[int, ...] | None = None
    expected: float | None = None
    got: float | None = None
    bar: float | None = None
    pattern: str | None = None
    fit: float | None = None

    def __str__(self) -> str:
        place = f"{self.tensor}[{', '.join(map(str, self.index))}]" if self.index else self.tensor
        hint = f"; likely {self.pattern} (R² = {self.fit:.6g})" if self.pattern else ""
        if self.bar is None:
            return f"{place}: {self.problem}{hint}"
        return f"{place}: {self.problem}: expected {self.expected:.12g} ± {self.bar:.1g}, got {self.got:.12g}{hint}"


@dataclass(frozen=True)
class Report:
    """The outcome over all tensors; `resolution` is the smallest error, relative to the whole gradient, it could see.

    Undecided means that nothing disagrees, but that the differences were too rough to promise `promised`; `rough`
    tells that a kink nearby, or noise, is why. `moved` is how often the point was moved away from one. `seen` holds,
    for each draw, the error of an average entry of the Jacobian that shows if the draw's weight of it is 1.
    """

    disagreements: tuple[Disagreement, ...]
    resolution: float
    promised: float
    forwards: int
    mode: Mode = "screen"
    moved: int = 0
    rough: bool = False
    seen: tuple[float, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if self.disagreements:
            return "disagrees"
        return "agrees" if self.resolution <= self.promised else "undecided"

    def miss(self, delta: float) -> float:
        """The probability that this check missed one wrong entry of the Jacobian, of average size, by a share `delta`.

        A screen weighs an entry with the product of two Gaussians, of direction and cotangent, an exact check with
        that of the cotangent alone; a draw misses it where |weight| · delta is below what it sees.
        """
        return math.prod(missed(seen / delta, product=self.mode == "screen") for seen in self.seen)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it, with None for what is not finite."""
        found = {"outcome": self.outcome, **asdict(self), "miss": {f"{d:g}": self.miss(d) for d in (1e-2, 1e-4, 1e-6)}}
        plain: dict[str, Any] = _plain(found)
        return plain

    def __str__(self) -> str:
        moved = f"; the point was moved {self.moved} times, away from a kink" if self.moved else ""
        if self.disagreements:
            return "\n".join(map(str, self.disagreements)) + moved
        seen = f"an error of {self.resolution:.1g} of the gradient would have been seen"
        rough = "; forward is not smooth here" if self.rough else ""
        return f"{self.outcome}: {seen}, in {self.forwards} forwards{moved}{rough}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
