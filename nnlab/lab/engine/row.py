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


@dataclass
class Order:
    """In which order the probes are asked: cheapest first, but those that noticed one of the last faults before them.

    Faults of one target are often noticed by the same probe. What was learned is forgotten after a batch, so that the
    order does not depend on which worker did what before.
    """

    cells: dict[str, list[Ready]]
    mixed: list[tuple[str, Ready]]

    @classmethod
    def of(cls, cells: Mapping[str, Sequence[Ready]]) -> "Order":
        """`mixed` takes the cheapest probe of each detector, then the second of each, and so on."""
        mixed = [(name, ready) for name, probes in cells.items() for ready in probes]
        mixed.sort(key=lambda entry: (entry[1].place, entry[1].calls))
        return cls({name: list(probes) for name, probes in cells.items()}, mixed)

    def noticed(self, detector: str, place: int) -> None:
        """Ask this probe first from now on."""
        probes = self.cells[detector]
        i = next(i for i, ready in enumerate(probes) if ready.place == place)
        if i:
            probes.insert(0, probes.pop(i))


def judge_row(fault: Fault, order: Order, limits: Limits, begin: Begin) -> Row:
    """The judgement of every detector in the order."""
    row, patience = {}, Patience(limits)
    with injected(fault), np.errstate(all="ignore"):
        for name, probes in order.cells.items():
            patience.spent = 0.0
            row[name], best = judge_cell(probes, patience, begin)
            if best.verdict is Verdict.KILLED:
                order.noticed(name, best.place)
    return row


def first_kill(fault: Fault, order: Order, limits: Limits, begin: Begin) -> Row:
    """The judgement of the first detector that notices the fault; of all detectors, if none does."""
    patience, started = Patience(limits), clock()
    with injected(fault), np.errstate(all="ignore"):
        for i, (name, ready) in enumerate(order.mixed):
            begin(ready)
            found = ask(ready, patience)
            if found.verdict is not Verdict.SURVIVED:
                order.mixed.insert(0, order.mixed.pop(i))
                return {name: _judgement(found, clock() - started)}
    return {name: Judgement(Verdict.SURVIVED) for name in order.cells}


def _judgement(found: Finding, seconds: float) -> Judgement:
    return Judgement(found.verdict, found.probe, found.evidence, seconds)
