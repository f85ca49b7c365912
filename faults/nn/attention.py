"""Faults of nnlab.nn.attention."""

from faults.sources import post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="attention-mutates-input",
        title="SelfAttention writes its output into its input",
        why="The output is right; whoever uses the input again, such as a residual path or a second epoch, is not.",
        symptom="the next use of the same array, a residual path or a second epoch, sees other numbers",
        pattern="mutated-input",
        source=post("bug 1"),
        groups=frozenset({"seven"}),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.attention:SelfAttention.forward",
                correct="y: Array = weights @ v",
                faulty="y: Array = np.matmul(weights, v, out=x)",
            )
        ],
    ),
]
