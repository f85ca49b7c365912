"""Faults that are made from the source when they are asked for, because there are thousands of them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nnlab.lab.fault import Fault
from nnlab.lab.graded import graded_fault, graded_faults
from nnlab.lab.made import Made
from nnlab.lab.mutants import PREFIX, mutant, mutants
from nnlab.lab.operators.find import operator_fault, operator_faults


@dataclass(frozen=True)
class Maker:
    """Makes the faults of one origin: the `one` with an id, or all that match a glob; `ids` begins both."""

    ids: re.Pattern[str]
    one: Callable[[str], Fault]
    some: Callable[[str], list[Fault]]


#: mutmut's mutants, by alias or by mutmut's own name, and globs of them.
MUTANT = re.compile(r"mutmut:|.*__mutmut_|[\w.]+\.x[_ǁ*]")


def makers(
    graded: Sequence[str],
    operated: Mapping[str, Collection[str]],
    mutated: Sequence[str],
    made: Made,
) -> dict[str, Maker]:
    """The makers by origin, for the packages listed for each; `operated` names the modules to leave out of them.

    What is kept in `made` is not made again.
    """

    def some_mutants(wish: str) -> list[Fault]:
        return mutants(mutated, f"{PREFIX}*" if wish == "*" else wish, made)

    return {
        "graded": Maker(re.compile("graded:"), partial(graded_fault, packages=graded), partial(graded_faults, graded)),
        "operator": Maker(
            re.compile("operator:"),
            partial(operator_fault, packages=operated, made=made),
            partial(operator_faults, operated, made=made),
        ),
        "mutmut": Maker(MUTANT, partial(mutant, made=made), some_mutants),
    }
