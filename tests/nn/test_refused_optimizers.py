"""Options of optimizers that are refused, and in which words; those at the edge of a rule are taken."""

from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import Parameter


def matrix() -> list[Parameter]:
    return [Parameter(np.ones((2, 2)))]


REFUSALS: list[tuple[type[nn.Optimizer], dict[str, Any], str]] = [
    *(
        (kind, {name: -1}, f"{name} is -1 but must be at least 0; choose another value")
        for kind, names in {
            nn.AdamW: ("lr", "eps", "weight_decay"),
            nn.Adamax: ("lr", "eps", "weight_decay"),
            nn.NAdam: ("lr", "eps", "weight_decay", "momentum_decay"),
            nn.RAdam: ("lr", "eps", "weight_decay"),
            nn.LAMB: ("lr", "eps", "weight_decay"),
            nn.Adagrad: ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
            nn.Adadelta: ("lr", "eps", "weight_decay"),
            nn.RMSprop: ("lr", "alpha", "eps", "weight_decay", "momentum"),
            nn.Rprop: ("lr",),
            nn.Lion: ("lr", "weight_decay"),
            nn.Adafactor: ("lr", "weight_decay"),
            nn.Muon: ("lr", "weight_decay", "momentum", "ns_steps"),
        }.items()
        for name in names
    ),
    *(
        (kind, {"betas": betas}, f"betas are {betas} but both must lie in [0, 1); the paper uses (0.9, 0.999)")
        for kind in (nn.AdamW, nn.Adamax, nn.NAdam, nn.RAdam, nn.LAMB, nn.Lion)
        for betas in ((1.0, 0.5), (0.5, -0.1))
    ),
    (nn.Adadelta, {"rho": -0.1}, "rho is -0.1 but must lie in [0, 1]; choose another value"),
    (nn.Adadelta, {"rho": 1.1}, "rho is 1.1 but must lie in [0, 1]; choose another value"),
    *(
        (nn.Rprop, {"etas": etas}, f"etas is {etas} but must lie below and above 1, and above 0; choose another value")
        for etas in ((0.0, 1.2), (1.0, 1.2), (0.5, 1.0))
    ),
    (nn.Adafactor, {"beta2_decay": 0.1}, "beta2_decay is 0.1 but must be at most 0; choose another value"),
    (nn.Adafactor, {"eps": (-1, 0)}, "eps is (-1, 0) but must hold no negative number; choose another value"),
    (nn.Adafactor, {"eps": (None, -1)}, "eps is (None, -1) but must hold no negative number; choose another value"),
    (nn.Adafactor, {"d": 0.9}, "d is 0.9 but must be at least 1; choose another value"),
    (
        nn.Muon,
        {"adjust_lr_fn": "x"},
        "adjust_lr_fn is x but must be 'original', 'match_rms_adamw' or None; choose another value",
    ),
]


@pytest.mark.parametrize(("kind", "options", "words"), REFUSALS, ids=[f"{k.__name__} {w}" for k, _, w in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(kind: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        kind(matrix(), **options)
    assert str(caught.value) == f"{kind.__name__}: {words}"


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2)])
def test_muon_refuses_what_is_no_matrix(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as caught:
        nn.Muon([Parameter(np.ones(shape))])
    assert str(caught.value) == (
        f"Muon: a parameter has shape {shape} but must be a matrix; move vectors and convolutions with AdamW"
    )


def test_options_at_the_edge_of_their_rules_are_taken() -> None:
    nn.Adadelta(matrix(), rho=0.0)
    nn.Adadelta(matrix(), rho=1.0)
    nn.Adafactor(matrix(), beta2_decay=0.0, eps=(0.0, 0.0), d=1.0)
    nn.Muon(matrix(), ns_steps=0, adjust_lr_fn="original")
    nn.Lion(matrix(), betas=(0.0, 0.0))
