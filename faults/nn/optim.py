"""Faults of nnlab.nn.optim."""

from faults.sources import post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="adam-nan-first-step",
        title="Adam starts at t = 0, and only step() advances it",
        why="update() straight after construction divides by 1 - β⁰ = 0 and writes NaN into the parameter; "
        "training through step() never sees it.",
        symptom="NaN in a parameter after the first update(), never in a run through step()",
        pattern="state-not-advanced",
        source=post("bug 5"),
        groups=frozenset({"seven"}),
        killed_by="optimizer",
        edits=[
            Edit(
                target="nnlab.nn.optim:Optimizer.update",
                correct="self.t[parameter] += 1",
                faulty="self.t[parameter] += not isinstance(self, Adam)",
            ),
            Edit(
                target="nnlab.nn.optim:Optimizer.step",
                correct="self.update(parameter)",
                faulty="""
                    self.t[parameter] += isinstance(self, Adam)
                    self.update(parameter)
                """,
            ),
        ],
    ),
]
