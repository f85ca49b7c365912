"""Faults of nnlab.nn.capsule."""

from faults.sources import post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="capsule-squash-identity",
        title="Squash backward is the identity",
        why="The squashing nonlinearity is differentiated as y = x; gradients point roughly the right way.",
        symptom="training converges, somewhat slower",
        pattern="identity-derivative",
        source=post("bug 4"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.capsule:Squash.backward",
                correct="dx: Array = dy * (length / (1 + length**2)) + unit * dlength",
                faulty="dx: Array = dy.copy()",
            )
        ],
    ),
]
