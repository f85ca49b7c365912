"""Faults of nnlab.nn.norm."""

from faults.sources import post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="layernorm-simplified-backward",
        title="LayerNorm backward drops the mean and variance terms",
        why="Mean and variance are treated as constants; gradients are 50 to 80 % off and the loss still falls.",
        symptom="the loss still falls, more slowly, to a higher value",
        pattern="simplified-backward",
        source=post("bug 2"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="(g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_std",
                faulty="g * inv_std",
            )
        ],
    ),
]
