"""Faults that are made from the source when they are asked for, because there are thousands of them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nnlab.lab.fault import Fault
from nnlab.lab.graded import graded_fault, graded_faults


@dataclass(frozen=True)
class Maker:
    """Makes the faults of one origin: the `one` with an id, or all that match a glob; `ids` begins both."""

    ids: re.Pattern[str]
    one: Callable[[str], Fault]
    some: Callable[[str], list[Fault]]


#: mutmut's mutants, by alias or by mutmut's own name, and globs of them.
MUTANT = re.compile(r"mutmut:|.*__mutmut_|[\w.]+\.x[_ǁ*]")


def makers(
    graded: Sequence[str], operated: Mapping[str, Collection[str]], mutated: Sequence[str] = ()
) -> dict[str, Maker]:
    """The makers by origin, for the packages listed for each; `operated` names the modules to leave out of them."""
    return {
        "graded": Maker(re.compile("graded:"), partial(graded_fault, packages=graded), partial(graded_faults, graded)),
        "operator": Maker(
            re.compile("operator:"), partial(_operator_fault, operated), partial(_operator_faults, operated)
        ),
        "mutmut": Maker(MUTANT, _mutant, partial(_mutants, mutated)),
    }


def _operator_fault(packages: Mapping[str, Collection[str]], id: str) -> Fault:
    from nnlab.lab.operators.apply import operator_fault  # libcst takes a while, which no other fault should cost

    return operator_fault(id, packages)


def _operator_faults(packages: Mapping[str, Collection[str]], wish: str) -> list[Fault]:
    from nnlab.lab.operators.apply import operator_faults

    return operator_faults(packages, wish)


def _mutant(id: str) -> Fault:
    from nnlab.lab.mutmut import mutant  # half a second, which no other fault should cost

    return mutant(id)


def _mutants(packages: Sequence[str], wish: str) -> list[Fault]:
    from nnlab.lab.mutmut import mutants

    return mutants(packages) if wish == "*" else mutants(packages, wish)
