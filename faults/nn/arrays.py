"""Faults of nnlab.nn.arrays."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="own-returns-the-callers-array",
        title="own() returns the caller's array instead of a copy",
        why="Every layer that asks for a private copy keeps an alias of its input.",
        symptom="gradients change when an input buffer is reused between forward and backward",
        pattern="aliasing",
        source=review("own gives a private copy"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.arrays:own",
                correct="return borrow(owner, x, shape, dtype, name).copy()",
                faulty="return borrow(owner, x, shape, dtype, name)",
            )
        ],
    ),
    Fault(
        id="indices-returns-the-callers-array",
        title="indices() returns the caller's array instead of a copy",
        why="A table of vectors keeps an alias of its indices, and backward reads it again.",
        symptom="gradients go to other rows when the index buffer is refilled before backward",
        pattern="aliasing",
        source=review("indices gives a private copy"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.arrays:indices",
                correct="array = in_memory(layer, x, name).copy()",
                faulty="array = in_memory(layer, x, name)",
            )
        ],
    ),
    Fault(
        id="missing-cotangent-is-one",
        title="The cotangent of an output that nobody used counts as ones",
        why="borrow_or_zero fills in ones, the default of a loss, where zeros belong.",
        symptom="unused outputs send a gradient back",
        pattern="wrong-formula",
        source=review("an output that nobody used has the gradient 0"),
        killed_by="refusal",
        edits=[
            Edit(
                target="nnlab.nn.arrays:borrow_or_zero",
                correct="np.zeros(shape, dtype)",
                faulty="np.ones(shape, dtype)",
            )
        ],
    ),
]
