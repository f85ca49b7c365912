"""All contracts by name, and the check of a layer against them."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnlab.contracts import algebra, life, purity, repetition
from nnlab.contracts.compare import Broken
from nnlab.contracts.report import Report, Violation
from nnlab.contracts.trial import NotApplicable, Trial, backward
from nnlab.errors import InputError
from nnlab.gradcheck.layers import Layer

Contract = Callable[[Trial], None]

#: Every contract under its name; the docstring of each says what it promises.
CONTRACTS: dict[str, Contract] = {
    contract.__name__.replace("_", "-"): contract
    for contract in (
        purity.inputs_unchanged,
        purity.cotangent_unchanged,
        purity.parameters_unchanged,
        purity.buffers_unchanged,
        purity.cache_unchanged,
        purity.no_alias_of_inputs,
        purity.no_alias_of_outputs,
        purity.no_alias_of_gradients,
        algebra.gradients_accumulate,
        algebra.backward_idempotent,
        algebra.zero_gives_zero,
        algebra.backward_linear,
        repetition.forward_repeatable,
        repetition.earlier_forwards_forgotten,
        repetition.modes_apart,
        repetition.rows_independent,
        repetition.layouts_alike,
        repetition.inverse_undoes_forward,
        life.shape_and_dtype,
        life.valid_from_the_start,
        life.no_shared_state,
        life.state_dict_round_trip,
        life.deep_copy_behaves,
        life.pickle_behaves,
    )
}


def check(
    layer: Layer,
    *inputs: Any,
    make: Callable[[], Layer] | None = None,
    contracts: Iterable[str] | None = None,
    rng: np.random.Generator | None = None,
) -> Report:
    """Which contracts `layer` keeps on these inputs; neither is touched, all is done on copies.

    `make` builds a new layer of the same kind, for what must hold straight after construction; by default copies of
    `layer` stand for new ones. `contracts` names those to check, by default all. Raises what the layer raises in a
    first forward and backward; what it raises only later breaks the contract. Raises InputError for unknown names,
    and for a layer that cannot be copied.
    """
    wanted = list(CONTRACTS) if contracts is None else list(contracts)
    if unknown := [name for name in wanted if name not in CONTRACTS]:
        raise InputError(
            f"contracts: {', '.join(unknown)} is unknown; choose from {', '.join(CONTRACTS)}, or leave it out for all"
        )

    trial = Trial(
        lambda: _copies(layer, inputs), make or (lambda: copy.deepcopy(layer)), rng or np.random.default_rng(0)
    )
    used, given = trial.draw()
    backward(used, trial.cotangent(used.forward(*given)))
    kept, violations, skipped = [], [], {}
    for name in wanted:
        try:
            CONTRACTS[name](trial)
            kept.append(name)
        except NotApplicable as reason:
            skipped[name] = str(reason)
        except Broken as broken:
            violations.append(Violation(name, str(broken)))
        except Exception as error:
            violations.append(Violation(name, f"the layer raises {type(error).__name__}: {error}"))
    return Report(tuple(kept), tuple(violations), skipped)


def assert_contracts(layer: Layer, *inputs: Any, make: Callable[[], Layer] | None = None) -> None:
    """For tests: raise AssertionError with all violations unless every contract holds."""
    report = check(layer, *inputs, make=make)
    if report.violations:
        raise AssertionError(f"{type(layer).__name__}: {report}")


def _copies(layer: Layer, inputs: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The layer and its inputs, for one contract."""
    try:
        used, given = copy.deepcopy((layer, inputs))
    except Exception as error:
        raise InputError(
            f"contracts: {type(layer).__name__} and its inputs must be copied, but copy.deepcopy raises "
            f"{type(error).__name__}: {error}; give what holds it a __deepcopy__, or take it out of the layer"
        ) from error
    return used, given
