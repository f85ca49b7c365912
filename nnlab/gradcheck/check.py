"""The check: a screen along random directions, or every entry in turn; then the wrong entries and what is wrong."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nnlab.errors import InputError
from nnlab.gradcheck.draws import BARS, Centre, Comparison, Draw, Known
from nnlab.gradcheck.exact import sweep, visit
from nnlab.gradcheck.layers import Evaluation, Function
from nnlab.gradcheck.locate import locate, worst_entries
from nnlab.gradcheck.malformed import malformed
from nnlab.gradcheck.report import Disagreement, Mode, Report
from nnlab.gradcheck.second import asymmetric
from nnlab.gradcheck.trees import is_output, leaves

#: How often the point is moved away from a kink.
MOVES = 3

#: What is wrong where it is not to be found out, or not yet, since it is checked again.
UNEXPLAINED = (Disagreement("all tensors", "gradient is wrong"),)


def check(
    layer: Any,
    *inputs: Any,
    vjp: Callable[..., Any] | None = None,
    mode: Mode = "screen",
    kinks: Literal["move", "keep", "accept"] = "move",
    second: bool = False,
    constant: Collection[int] = (),
    rng: np.random.Generator | None = None,
    directions: int = 2,
    promised: float | None = None,
    explain: int | None = None,
) -> Report:
    """Compare backward's gradients with differences of forward, for all floating-point inputs and all parameters.

    `layer` has forward and backward, or is a function, whose gradients are vjp(dy, *inputs). The screen's tests, as
    many as `directions`, each draw Gaussian cotangents of the outputs and one Gaussian direction through all tensors
    at once, so an error anywhere shows in one number. mode="exact" moves every entry and draws the cotangents only.
    Only a failure costs more: it is narrowed down to the wrong entry of each wrong tensor, and to what is wrong; with
    `explain` of no more than so many tensors, where finding a hundred mistakes a second matters more than all of each;
    with 0 it says no more than that something is wrong.
    At a kink the point is moved, kept, or any value between the one-sided derivatives accepted, entry by entry.
    `second` also checks that the Hessian made by differences of backward is symmetric. `promised` is the relative
    error that must have been visible for "agrees": by default what a step of √eps leaves, which keeps clear of kinks,
    where outputs three standard deviations large are rounded to 2 eps: 60 √eps, 9e-7 in float64, 0.02 in float32.
    Inputs that get no gradient, such as a mask of floats, are listed in `constant`; integers never get one.
    """
    _require_known(mode, kinks, explain)
    rng = np.random.default_rng(0) if rng is None else rng
    evaluation = Evaluation(_layer(layer, vjp), inputs, constant)
    plan = _Plan(directions, mode == "exact" or kinks == "accept", kinks == "accept", second, explain)
    for moved in range(MOVES + 1):
        report = _check_here(evaluation, rng, plan)
        report = replace(report, promised=report.promised if promised is None else promised, moved=moved)
        if not (kinks == "move" and report.outcome == "undecided" and report.rough):
            break
        evaluation.move(rng)
    return report


def assert_gradients(layer: Any, *inputs: Any, **options: Any) -> None:
    """For tests: raise AssertionError with the report of check(layer, *inputs, **options) unless gradients agree."""
    report = check(layer, *inputs, **options)
    if report.outcome != "agrees":
        named = layer if hasattr(layer, "__name__") else type(layer)
        raise AssertionError(f"{named.__name__}: {report}")


def _require_known(mode: str, kinks: str, explain: int | None) -> None:
    _require_one_of("mode", mode, ("screen", "exact"))
    _require_one_of("kinks", kinks, ("move", "keep", "accept"))
    if explain is not None and explain < 0:
        raise InputError(
            f"check: explain is {explain} but must be at least 0; leave it out to explain every wrong tensor"
        )


def _require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"check: {name} is {value!r} but must be one of {', '.join(map(repr, allowed))}; choose one")


def _layer(layer: Any, vjp: Callable[..., Any] | None) -> Any:
    if vjp is not None:
        return Function(layer, vjp)
    if not (hasattr(layer, "forward") and hasattr(layer, "backward")):
        raise InputError(
            f"check: {getattr(layer, '__name__', type(layer).__name__)} has no forward and backward; pass an object "
            f"that has both, or a function with its gradients as vjp=lambda dy, *inputs: ..."
        )
    return layer


def _check_here(evaluation: Evaluation, rng: np.random.Generator, plan: "_Plan") -> Report:
    """The report at the present point.

    backward need not work twice after one forward. Mostly it does, which saves a forward; so only where that ends in
    trouble the same draws are made again with a forward before each, and only then is the trouble believed.
    """
    state = rng.bit_generator.state
    try:
        found = _attempt(evaluation, rng, plan)
        if not found.wrong:
            return found.report()
    except Exception:  # whatever it was, it is raised again if it comes again
        pass
    rng.bit_generator.state = state
    return _attempt(evaluation, rng, plan, each=True).report()


def _attempt(evaluation: Evaluation, rng: np.random.Generator, plan: "_Plan", each: bool = False) -> "_Found":
    """Draw, compare, and where `each` draw had its own forward also locate what is wrong."""
    outputs = evaluation.forward(evaluation.point)
    _require_something(evaluation, outputs)
    centre = Centre.of(evaluation, outputs)
    found = _Found(plan, centre, evaluation)
    for number in range(plan.directions):
        if number and each:
            evaluation.forward(evaluation.point)
        dy = evaluation.cotangents(outputs, rng)
        *gradients, others = evaluation.backward(dy)
        if wrong := malformed(evaluation, gradients, others):
            found.wrong, found.seen = wrong, []
            return found
        found.draws.append(Draw(evaluation, centre, dy, gradients))
    if found.draws:
        with np.errstate(all="ignore"):  # entries may move to where the layer is not defined
            explain = each and plan.explain != 0
            found.wrong = _exact(found, rng, explain) if plan.exact else _screen(found, rng, explain)
            if plan.second and not found.wrong:
                found.wrong = asymmetric(found.draws[0], rng)
    return found


@dataclass(frozen=True)
class _Plan:
    """What the caller asked for."""

    directions: int
    exact: bool
    accept: bool
    second: bool
    explain: int | None


class _Found:
    """What is known so far at one point."""

    def __init__(self, plan: _Plan, centre: Centre, evaluation: Evaluation) -> None:
        self.plan, self.evaluation = plan, evaluation
        self.promised = 6 * BARS * math.sqrt(centre.eps)
        #: An average entry of the Jacobian is the gradient's size over this.
        self.share = math.sqrt(len(centre.outputs) * np.count_nonzero(evaluation.unit))
        self.draws: list[Draw] = []
        self.swept: list[float] = []
        self.seen: list[Comparison] = []
        self.wrong: tuple[Disagreement, ...] = ()

    def report(self) -> Report:
        visited = [c.resolution for c in self.seen]
        rough = any(c.rough for c in self.seen)
        mode: Mode = "exact" if self.plan.exact else "screen"
        worst = max([*self.swept, *visited], default=math.inf)
        # Entries that were visited one by one are known as well as the worst of them.
        each = [max([one, *visited]) for one in self.swept] or [c.bar / c.scale for c in self.seen]
        seen = tuple(self.share * one for one in each)
        return Report(self.wrong, worst, self.promised, self.evaluation.forwards, mode, rough=rough, seen=seen)


def _screen(found: _Found, rng: np.random.Generator, explain: bool) -> tuple[Disagreement, ...]:
    """One direction for each draw, quickly where that decides, else thoroughly."""
    known: Known | None = None
    for draw in found.draws:
        direction = rng.standard_normal(len(draw.gradient)) * draw.evaluation.unit
        seen, known = draw.screen(direction, known)
        if seen.disagrees or seen.resolution > math.sqrt(draw.eps):
            seen = draw.compare(direction, draw.resolved)
        found.seen.append(seen)
        if seen.disagrees:
            return locate(draw, direction, found.plan.explain) if explain else UNEXPLAINED
    return ()


def _exact(found: _Found, rng: np.random.Generator, explain: bool) -> tuple[Disagreement, ...]:
    """Every entry, for all draws at once."""
    found.swept, suspects = sweep(found.evaluation, found.draws, rng)
    visited = visit(found.draws, suspects, found.plan.accept)
    found.seen = [comparison for _, _, comparison in visited]
    wrong = [v for v in visited if v[2].disagrees]
    return worst_entries(wrong, found.plan.explain) if explain and wrong else UNEXPLAINED[: len(wrong)]


def _require_something(evaluation: Evaluation, outputs: Any) -> None:
    found = sum(map(is_output, leaves(outputs)))
    if not (found and evaluation.tensors):
        raise InputError(
            f"{type(evaluation.layer).__name__}: nothing to check: {len(evaluation.tensors)} floating-point inputs and "
            f"parameters, {found} such outputs; pass and return NumPy arrays, in a tuple where there are several"
        )
