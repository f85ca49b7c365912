"""Faults of nnlab.nn.squeeze."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="squeeze-excite-mean-of-sum",
        title="SqueezeExcite's backward does not divide by the number of pixels",
        why="The forward averages, the backward sums.",
        symptom="the gate's gradient swamps the direct one in large pictures",
        pattern="missing-mean",
        source=review("z is the channels' mean"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.squeeze:SqueezeExcite.backward",
                correct="dx: Array = dy * s + dz[:, :, None, None] / pixels",
                faulty="dx: Array = dy * s + dz[:, :, None, None]",
            )
        ],
    ),
    Fault(
        id="squeeze-excite-sums",
        title="SqueezeExcite squeezes by the sum instead of the mean",
        why="Forward and backward agree; the gate saturates with the size of the picture.",
        symptom="a network trained on one size fails on another",
        pattern="missing-mean",
        source=review("z is the channels' mean"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.squeeze:SqueezeExcite.forward",
                correct="x.mean((2, 3))",
                faulty="x.sum((2, 3))",
            ),
            Edit(
                target="nnlab.nn.squeeze:SqueezeExcite.backward",
                correct="pixels = x.shape[2] * x.shape[3]",
                faulty="pixels = 1",
            ),
        ],
    ),
    Fault(
        id="squeeze-excite-gate-is-constant",
        title="SqueezeExcite's input gradient treats the gate as a constant",
        why="The path through the mean is left out; the maps inside still learn.",
        symptom="layers below train with part of their gradient",
        pattern="simplified-backward",
        source=review("dx = dy s + dz / pixels"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.squeeze:SqueezeExcite.backward",
                correct="dx: Array = dy * s + dz[:, :, None, None] / pixels",
                faulty="dx: Array = dy * s",
            )
        ],
    ),
]
