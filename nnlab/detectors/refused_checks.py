"""What the gradient checker and the contracts refuse to check, and what a subclass must define."""

import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlab import contracts, gradcheck, nn
from nnlab.detectors.refused_calls import Call
from nnlab.nn.elementwise import Elementwise
from nnlab.nn.norm import _ChannelNorm


class Listing:
    """A layer that gives no array."""

    def forward(self, x: Any) -> Any:
        return x.tolist()

    def backward(self, dy: Any) -> Any:
        return dy


class Locked(nn.Tanh):
    """A layer that cannot be copied."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


#: Methods that a subclass must define, and which of them each base lacks.
UNDEFINED: Sequence[tuple[Call, str]] = [
    (lambda r: nn.Module().forward(np.ones(1)), "Module defines no forward"),
    (lambda r: nn.Module().backward(np.ones(1)), "Module defines no backward"),
    (lambda r: Elementwise().function(np.ones(1)), "Elementwise defines no function"),
    (lambda r: Elementwise().derivative(np.ones(1)), "Elementwise defines no derivative"),
    (lambda r: nn.Optimizer([nn.Parameter(np.ones(1))], lr=0.1, weight_decay=0).step(), "Optimizer defines no move"),
    (lambda r: _ChannelNorm(2).forward(np.ones((3, 2))), "_ChannelNorm defines no _space"),
    (lambda r: _ChannelNorm(2)._note(np.ones(2), np.ones(2)), "_ChannelNorm defines no _note"),
]

CHECKS: Sequence[tuple[Call, str]] = [
    *(
        (lambda r, given=given: gradcheck.check(nn.Tanh(), np.ones(2), **given), f"check: {said}")
        for given, said in (
            ({"mode": "fast"}, "mode is 'fast' but must be one of 'screen', 'exact'; "),
            ({"explain": -1}, "explain is -1 but must be at least 0; "),
            ({"kinks": "skip"}, "kinks is 'skip' but must be one of 'move', 'keep', 'accept'; "),
        )
    ),
    (lambda r: gradcheck.check(np.sin, np.ones(3)), "check: sin has no forward and backward; "),
    *(
        (
            lambda r, name=name: gradcheck.check(SimpleNamespace(**{name: np.sin}), np.ones(3)),
            "check: SimpleNamespace has no forward and backward; ",
        )
        for name in ("forward", "backward")
    ),
    (
        lambda r: gradcheck.check(Listing(), np.ones(3)),
        "Listing: nothing to check: 1 floating-point inputs and parameters, 0",
    ),
    (
        lambda r: gradcheck.check(nn.Tanh(), [1.0, 2.0]),
        "Tanh: nothing to check: 0 floating-point inputs and parameters, 1 such outputs; ",
    ),
    (
        lambda r: contracts.check(nn.Tanh(), np.ones(2), contracts=["zero", "modes-apart", "one"]),
        "contracts: zero, one is unknown; choose from ",
    ),
    (lambda r: contracts.check(Listing(), np.ones(3)), "contracts: no output is a floating-point array, "),
    (lambda r: contracts.check(Locked(), np.ones(3)), "contracts: Locked and its inputs must be copied, but copy.deep"),
]
