"""Faults that are made from the source when they are asked for, because there are thousands of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nnlab.lab.fault import Fault
from nnlab.lab.graded import graded_fault, graded_faults


@dataclass(frozen=True)
class Maker:
    """Makes the faults of one origin, whose ids begin with `prefix`: the `one` with an id, or all that match a glob."""

    prefix: str
    one: Callable[[str], Fault]
    some: Callable[[str], list[Fault]]


def makers(graded: Sequence[str], operated: Mapping[str, Collection[str]]) -> dict[str, Maker]:
    """The makers by origin, for the packages listed for each; `operated` names the modules to leave out of them."""
    return {
        "graded": Maker("graded:", partial(graded_fault, packages=graded), partial(graded_faults, graded)),
        "operator": Maker("operator:", partial(_operator_fault, operated), partial(_operator_faults, operated)),
    }


def _operator_fault(packages: Mapping[str, Collection[str]], id: str) -> Fault:
    from nnlab.lab.operators.apply import operator_fault  # libcst takes a while, which no other fault should cost

    return operator_fault(id, packages)


def _operator_faults(packages: Mapping[str, Collection[str]], wish: str) -> list[Fault]:
    from nnlab.lab.operators.apply import operator_faults

    return operator_faults(packages, wish)
