"""Faults of nnlab.nn.sort."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="softsort-permutation-not-inverted",
        title="SoftSort's backward gathers by the order instead of scattering",
        why="For exchanges of two entries the order is its own inverse; for three it is not.",
        symptom="gradients at the wrong entries; right for short lists in tests",
        pattern="transposed",
        source=review("the gradient of sort(s) goes back to where each entry was"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.sort:SoftSort.backward",
                correct="np.put_along_axis(ds, order, dapart.sum(-1), -1)",
                faulty="ds[...] = np.take_along_axis(dapart.sum(-1), order, -1)",
            )
        ],
    ),
    Fault(
        id="softsort-one-path",
        title="SoftSort's backward leaves out that s stands on both sides of the distance",
        why="Only the sorted copy gets a gradient.",
        symptom="scores drift together, since their gradients no longer sum to 0",
        pattern="lost-residual-path",
        source=review("s enters sorted and as it is"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.sort:SoftSort.backward",
                correct="ds -= dapart.sum(-2)",
                faulty="pass",
            )
        ],
    ),
    Fault(
        id="softsort-ascending",
        title="SoftSort sorts in ascending order",
        why="Forward and backward agree on the other order.",
        symptom="the first row names the smallest entry instead of the largest",
        pattern="sign",
        source=review("sort(s) in descending order"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.sort:SoftSort.forward",
                correct="order = np.argsort(-s, stable=True)",
                faulty="order = np.argsort(s, stable=True)",
            ),
            Edit(
                target="nnlab.nn.sort:SoftSort.forward",
                correct="-np.sort(-s)[..., :, None]",
                faulty="np.sort(s)[..., :, None]",
            ),
        ],
    ),
]
