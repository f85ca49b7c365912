"""Faults of nnlab.nn.rbf."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="rbf-centers-repelled",
        title="RBF's centers move away from the inputs that they should follow",
        why="x - c has derivative -1 by c, and the sign is lost.",
        symptom="the loss rises until the learning rate of the centers is set to 0",
        pattern="sign",
        source=review("dc = -2 β (x - c) y"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.rbf:RBF.backward",
                correct="self.centers.grad -= dapart.sum(rows)",
                faulty="self.centers.grad += dapart.sum(rows)",
            )
        ],
    ),
    Fault(
        id="rbf-log-beta-gradient-by-beta",
        title="RBF's gradient of log β is that of β",
        why="The inner derivative of the exponential is missing.",
        symptom="widths learn at a rate that depends on their value",
        pattern="identity-derivative",
        source=review("d/d log β = β d/dβ"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.rbf:RBF.backward",
                correct="self.log_betas.grad += (squares * dsquares).sum(rows)",
                faulty="self.log_betas.grad += (-squares * y * dy).sum(rows)",
            )
        ],
    ),
]
