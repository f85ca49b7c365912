"""One row of the kill matrix: a fault is put in, some detectors judge it, and it is taken out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnlab.lab.engine.cell import Finding, Patience, Ready, ask, judge_cell
from nnlab.lab.engine.limits import Limits, clock
from nnlab.lab.fault import Fault
from nnlab.lab.inject import injected
from nnlab.lab.verdict import Judgement, Verdict

Row = dict[str, Judgement]
#: Told of each probe before it runs.
Begin = Callable[[Ready], None]


@dataclass(frozen=True)
class Order:
    """The probes that reach a fault: those of each detector, cheapest first, and all of them for a first kill.

    It is the same for every fault of the same targets, whoever judges it and whatever was judged before.
    """

    cells: Mapping[str, Sequence[Ready]]
    mixed: Sequence[tuple[str, Ready]]

    @classmethod
    def of(cls, cells: Mapping[str, Sequence[Ready]]) -> "Order":
        """`mixed` takes the cheapest probe of each detector, then the second of each, and so on."""
        mixed = [(name, ready) for name, probes in cells.items() for ready in probes]
        mixed.sort(key=lambda entry: (entry[1].place, entry[1].calls))
        return cls(cells, mixed)


def judge_row(fault: Fault, order: Order, limits: Limits, begin: Begin) -> Row:
    """The judgement of every detector in the order."""
    row, patience = {}, Patience(limits)
    with injected(fault), np.errstate(all="ignore"):
        for name, probes in order.cells.items():
            patience.spent = 0.0
            row[name], _ = judge_cell(probes, patience, begin)
    return row


def first_kill(fault: Fault, order: Order, limits: Limits, begin: Begin) -> Row:
    """The judgement of the first probe that notices the fault; of all detectors, if none does."""
    patience, started = Patience(limits), clock()
    with injected(fault), np.errstate(all="ignore"):
        for name, ready in order.mixed:
            begin(ready)
            found = ask(ready, patience, brief=True)
            if found.verdict is not Verdict.SURVIVED:
                return {name: _judgement(found, clock() - started)}
    return {name: Judgement(Verdict.SURVIVED) for name in order.cells}


def _judgement(found: Finding, seconds: float) -> Judgement:
    return Judgement(found.verdict, found.probe, found.evidence, seconds)
