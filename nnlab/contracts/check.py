"""All contracts by name, and the check of a layer against them."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.contracts import algebra, life, purity, repetition
from nnlab.contracts.trial import Broken, Layer, Trial
from nnlab.errors import InputError

Contract = Callable[[Trial], None]

#: Every contract under its name; the docstring of each says what it promises.
CONTRACTS: dict[str, Contract] = {
    contract.__name__.replace("_", "-"): contract
    for contract in (
        purity.inputs_unchanged,
        purity.cotangent_unchanged,
        purity.parameters_unchanged,
        purity.cache_unchanged,
        purity.no_alias_of_inputs,
        purity.no_alias_of_outputs,
        purity.no_alias_of_cotangents,
        algebra.gradients_accumulate,
        algebra.backward_idempotent,
        algebra.zero_gives_zero,
        algebra.backward_linear,
        repetition.forward_repeatable,
        repetition.modes_apart,
        repetition.rows_independent,
        life.shape_and_dtype,
        life.valid_from_the_start,
        life.no_shared_state,
        life.state_dict_round_trip,
        life.copies_behave,
    )
}


@dataclass(frozen=True)
class Violation:
    """A contract that a layer breaks, and the evidence."""

    contract: str
    message: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.message}"


def check(
    layer: Layer,
    *inputs: Any,
    make: Callable[[], Layer] | None = None,
    contracts: Iterable[str] | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[Violation, ...]:
    """The contracts that `layer` breaks on these inputs; neither is touched, all is done on copies.

    `make` builds a new layer of the same kind, for what must hold straight after construction; by default copies of
    `layer` stand for new ones. `contracts` names those to check, by default all. Raises InputError for unknown names.
    """
    wanted = list(CONTRACTS) if contracts is None else list(contracts)
    if unknown := [name for name in wanted if name not in CONTRACTS]:
        raise InputError(
            f"contracts: {', '.join(unknown)} is unknown; choose from {', '.join(CONTRACTS)}, or leave it out for all"
        )
    rng = np.random.default_rng(0) if rng is None else rng
    trial = Trial(layer, inputs, make or (lambda: copy.deepcopy(layer)), rng)
    found = []
    for name in wanted:
        try:
            CONTRACTS[name](trial)
        except Broken as broken:
            found.append(Violation(name, str(broken)))
    return tuple(found)


def assert_contracts(layer: Layer, *inputs: Any, make: Callable[[], Layer] | None = None) -> None:
    """For tests: raise AssertionError with all violations unless every contract holds."""
    if violations := check(layer, *inputs, make=make):
        raise AssertionError(f"{type(layer).__name__}: " + "\n".join(map(str, violations)))
