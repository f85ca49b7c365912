"""checkers: gradcheck and the contracts notice the mistakes of layers that are wrong, and name them.

On correct layers the other detectors only show that the checks raise no false alarm; a check that no longer notices
anything would pass them all.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlab import contracts
from nnlab.detectors.subjects import require
from nnlab.gradcheck import check
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

Array = np.ndarray[Any, Any]
#: Of g, the right gradient of sin x, of dy and of x.
Change = Callable[[Array, Array, Array], Any]

#: What is done to the gradient of sin x, and the name of the mistake.
NAMED: Mapping[str, Change] = {
    "a gradient that is never computed: it is zero": lambda g, dy, x: 0 * g,
    "the wrong sign": lambda g, dy, x: -g,
    "a factor 1/2": lambda g, dy, x: g / 2,
    "a factor 0.1234568": lambda g, dy, x: 0.12345678 * g,
    "a factor 20, as if for a size": lambda g, dy, x: 20 * g,
    "a factor 1/4, as if for a size": lambda g, dy, x: g / 4,
    "a factor 20/19, as if N-1 stood for N": lambda g, dy, x: g * 20 / 19,
    "the upstream gradient ignored, taken as 1": lambda g, dy, x: np.cos(x),
    "the upstream gradient handed through, as by y = x": lambda g, dy, x: 1 * dy,
    "reversed along axis 1": lambda g, dy, x: g[:, ::-1].copy(),
    "shifted by 1 along axis 0": lambda g, dy, x: np.roll(g, 1, 0),
    "a path past the layer: -1 times the upstream gradient": lambda g, dy, x: g - dy,
    "right but for the first place on axis 0": lambda g, dy, x: g + np.eye(4)[0][:, None] * (1 + x),
    "right but for one entry": lambda g, dy, x: g + np.eye(20)[7].reshape(4, 5),
    "a term constant along axis 1 missing, such as a mean": lambda g, dy, x: g - g.mean(1, keepdims=True),
    "a term proportional to the tensor along axis 1 missing": lambda g, dy, x: g - x * (x * g).mean(1, keepdims=True),
}
#: What backward gives for y = sin x in place of a gradient, and what is said of it.
MALFORMED: Mapping[str, Change] = {
    "input 0: gradient is missing: backward gave None": lambda g, dy, x: None,
    "input 0: gradient is missing: backward gave list": lambda g, dy, x: g.tolist(),
    "input 0: gradient has shape (5, 4), the tensor (4, 5)": lambda g, dy, x: g.T.copy(),
    "input 0: gradient has dtype float32, the tensor float64": lambda g, dy, x: g.astype(np.float32),
    "input 0[1, 2]: gradient is nan": lambda g, dy, x: np.where(np.arange(20).reshape(4, 5) == 7, np.nan, g),
    "input 0[0, 0]: gradient is inf": lambda g, dy, x: np.full_like(g, np.inf),
    "input 1: gradient is spurious: there are 1 inputs": lambda g, dy, x: (g, g),
}
#: A value and its gradient, what `check` is told, and how the first line of its report begins.
OTHERS: Mapping[str, tuple[Callable[..., Any], Callable[..., Any], Mapping[str, Any], str]] = {
    "every entry": (np.sin, lambda dy, x: 2 * np.cos(x) * dy, {"mode": "exact"}, "input 0["),
    "one entry of all": (
        np.sin,
        lambda dy, x: np.cos(x) * dy + np.eye(20)[7].reshape(4, 5),
        {"mode": "exact"},
        "input 0[1, 2]: gradient is wrong: expected ",
    ),
    "no gradient of anything": (
        lambda x: (x * x).sum(),
        lambda dy, x: dy * (2 * x + np.roll(x - _point(), 1)),  # right at this one point
        {"second": True},
        "all tensors: gradient is no gradient: its Hessian is not symmetric along two directions: ",
    ),
    "noise": (
        lambda x: x + 1e-3 * np.random.default_rng(int(1e9 * abs(x[0, 0]))).standard_normal(x.shape),
        lambda dy, x: 1 * dy,
        {},
        "undecided: ",
    ),
    "a kink that is kept": (
        lambda x: np.abs(x - _point()),
        lambda dy, x: np.sign(x - _point()) * dy,
        {"kinks": "keep"},
        "undecided: ",
    ),
    "a kink that the point is moved away from": (
        lambda x: np.abs(x - _point()),
        lambda dy, x: np.sign(x - _point()) * dy,
        {},
        "agrees: ",
    ),
    "a sum": (lambda x: x.sum(), lambda dy, x: np.full_like(x, dy), {}, "agrees: an error of "),
}


class Sine:
    """y = w sin x and a running mean; each contract is broken by one thing that is done before or after a call."""

    def __init__(self, before: "Hook", after: "Hook") -> None:
        self.before, self.after = before, after
        self.weight = SimpleNamespace(data=np.array([1.5, -0.5]), grad=np.zeros(2))
        self.mean, self.room, self.training = np.zeros(2), np.zeros((3, 2)), True
        self.forwards = self.backwards = 0

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield "weight", self.weight

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        yield "mean", self.mean

    def train(self, mode: bool = True) -> None:
        self.training = mode

    def forward(self, x: Array) -> Any:
        self.before(self, "forward", x)
        self.x, self.forwards, self.backwards = x.copy(), self.forwards + 1, 0
        if self.training:
            self.mean += 0.1 * (x.mean(0) - self.mean)
        return self._given("forward", self.weight.data * np.sin(x))

    def backward(self, dy: Array) -> Any:
        self.before(self, "backward", dy)
        self.backwards += 1
        self.weight.grad += (dy * np.sin(self.x)).sum(0)
        return self._given("backward", dy * self.weight.data * np.cos(self.x))

    def _given(self, call: str, array: Array) -> Any:
        changed = self.after(self, call, array)
        return array if changed is None else changed


#: Told of the layer, which call it is, and the array that it is given or gives; it may give another one.
Hook = Callable[[Sine, str, Array], Any]


def on(call: str, change: Callable[[Sine, Array], Any]) -> Hook:
    """Do this at one of the two calls."""
    return lambda layer, now, array: change(layer, array) if now == call else None


def _nothing(layer: Sine, call: str, array: Array) -> None:
    return None


def _add(array: Array, what: float) -> None:
    array += what


def _into(room: Array, array: Array) -> Array:
    room[...] = array
    return room


#: A contract, what breaks it before a call, and what behind one.
BROKEN: Mapping[str, tuple[str, Hook, Hook]] = {
    "forward writes into its input": ("inputs-unchanged", on("forward", lambda s, x: _add(x, 0.5)), _nothing),
    "backward writes into the cotangent": (
        "cotangent-unchanged",
        on("backward", lambda s, dy: _add(dy, 0.5)),
        _nothing,
    ),
    "forward moves a parameter": (
        "parameters-unchanged",
        on("forward", lambda s, x: _add(s.weight.data, 0.5)),
        _nothing,
    ),
    "backward moves a buffer": ("buffers-unchanged", on("backward", lambda s, dy: _add(s.mean, 0.5)), _nothing),
    "backward writes into the cache": ("cache-unchanged", _nothing, on("backward", lambda s, dx: _add(s.x, 0.5))),
    "outputs share a room": ("no-alias-of-outputs", _nothing, on("forward", lambda s, y: _into(s.room, y))),
    "gradients share a room": ("no-alias-of-gradients", _nothing, on("backward", lambda s, dx: _into(s.room, dx))),
    "a gradient is assigned": (
        "gradients-accumulate",
        on("backward", lambda s, dy: _into(s.weight.grad, np.zeros(2))),
        _nothing,
    ),
    "a second backward gives more": (
        "backward-idempotent",
        _nothing,
        on("backward", lambda s, dx: dx * s.backwards),
    ),
    "a cotangent of zeros gives ones": ("zero-gives-zero", _nothing, on("backward", lambda s, dx: dx + 1)),
    "negative gradients are dropped": ("backward-linear", _nothing, on("backward", lambda s, dx: np.maximum(dx, 0))),
    "forward counts": ("forward-repeatable", _nothing, on("forward", lambda s, y: y * s.forwards)),
    "the mode is that of backward": (
        "modes-apart",
        _nothing,
        on("backward", lambda s, dx: dx * (1 + s.training)),
    ),
    "a gradient of another shape": ("shape-and-dtype", _nothing, on("backward", lambda s, dx: dx[:1])),
    "a gradient of another precision": (
        "shape-and-dtype",
        _nothing,
        on("backward", lambda s, dx: dx.astype(np.float32)),
    ),
}


def probes() -> list[Probe]:
    named = [Probe(f"named: {name}", partial(_named, name, change), seeded=False) for name, change in NAMED.items()]
    malformed = [Probe(text, partial(_said, text, change), seeded=False) for text, change in MALFORMED.items()]
    others = [Probe(f"check of {name}", partial(_begins, *row), seeded=False) for name, row in OTHERS.items()]
    broken = [Probe(f"contract: {name}", partial(_broken, *row), seeded=False) for name, row in BROKEN.items()]
    kept = Probe("no contract broken", _kept, seeded=False)
    return [*named, *malformed, *others, *broken, kept]


class _Function:
    """y = value(x), whose gradient is gradient(dy, x)."""

    def __init__(self, value: Callable[..., Any], gradient: Callable[..., Any]) -> None:
        self.value, self.gradient = value, gradient

    def forward(self, x: Array) -> Any:
        self.x = x
        return self.value(x)

    def backward(self, dy: Array) -> Any:
        return self.gradient(dy, self.x)


def _point() -> Array:
    return np.random.default_rng(7).standard_normal((4, 5))


def _sine(change: Change) -> _Function:
    return _Function(np.sin, lambda dy, x: change(np.cos(x) * dy, dy, x))


def _named(name: str, change: Change, seed: int) -> None:
    report = check(_sine(change), _point())
    found = [(wrong.tensor, wrong.problem, wrong.pattern) for wrong in report.disagreements]
    require(found == [("input 0", "gradient is wrong", name)], f"{name}: the report is {report}")
    (wrong,) = report.disagreements
    apart = None not in (wrong.expected, wrong.got, wrong.bar) and abs(wrong.expected - wrong.got) > wrong.bar  # type: ignore[operator]
    require(apart, f"{name}: expected two sides that are further apart than the bar, got {report}")


def _said(text: str, change: Change, seed: int) -> None:
    got = str(check(_sine(change), _point()))
    require(got == text, f"expected the report {text!r}, got {got!r}")


def _begins(value: Any, gradient: Any, options: Mapping[str, Any], text: str, seed: int) -> None:
    got = str(check(_Function(value, gradient), _point(), **options))
    require(got.startswith(text), f"expected a report that begins with {text!r}, got {got!r}")


def _broken(contract: str, before: Hook, after: Hook, seed: int) -> None:
    report = contracts.check(Sine(before, after), np.random.default_rng(3).standard_normal((3, 2)))
    found = [str(violation) for violation in report.violations]
    seen = any(said.startswith(f"{contract}: ") and ", expected " in said for said in found)  # not that it raised
    require(seen, f"{contract} is broken, but the report says {found}")


def _kept(seed: int) -> None:
    report = contracts.check(Sine(_nothing, _nothing), np.random.default_rng(3).standard_normal((3, 2)))
    require(not report.violations, f"every contract is kept, but the report is {report}")
    require(len(report.kept) > 15, f"only {len(report.kept)} contracts were asked: {report.kept}")


DETECTOR = Detector(
    name="checkers",
    summary="what gradcheck and the contracts say of layers that are wrong: the checks of the checks",
    probes=probes,
    example=Fault(
        id="example-checkers",
        title="The screen takes every gradient for right",
        pattern="wrong-formula",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.gradcheck.check:_screen", "if seen.disagrees:", "if False:")],
    ),
)
