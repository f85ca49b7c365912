"""Faults of nnlab.nn.group_norm."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="groupnorm-assumes-contiguous-input",
        title="GroupNorm reads its input in the order of memory",
        why="A transposed picture, channels last in memory, is normalised over other entries than its shape says.",
        symptom="right for arrays made in the test, wrong for views of another layout",
        pattern="shape",
        source=public("pytorch issue #140913", "https://github.com/pytorch/pytorch/issues/140913"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.forward",
                correct="groups = x.reshape(len(x), self.num_groups, prod(x.shape[1:]) // self.num_groups)",
                faulty='groups = x.ravel("K").reshape(len(x), self.num_groups, prod(x.shape[1:]) // self.num_groups)',
            )
        ],
    ),
    Fault(
        id="groupnorm-groups-mix-space",
        title="GroupNorm's groups hold every num_groups-th entry",
        why="The reshape needs a transposition that is missing: channels and pixels are mixed.",
        symptom="statistics of all groups are nearly the same; it trains, somewhat worse",
        pattern="transposed",
        source=public("addons issue #751", "https://github.com/tensorflow/addons/issues/751"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.forward",
                correct="groups = x.reshape(len(x), self.num_groups, prod(x.shape[1:]) // self.num_groups)",
                faulty="""
                    entries = prod(x.shape[1:]) // self.num_groups
                    groups = x.reshape(len(x), entries, self.num_groups).swapaxes(1, 2)
                """,
            ),
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.forward",
                correct="x_hat = (centred * inv_std).reshape(x.shape)",
                faulty="x_hat = (centred * inv_std).swapaxes(1, 2).reshape(x.shape)",
            ),
        ],
    ),
    Fault(
        id="groupnorm-one-group",
        title="GroupNorm takes its statistics over all groups together",
        why="The axis of the groups is among those that are reduced; forward and backward agree.",
        symptom="it is a LayerNorm over channels and space, whatever num_groups says",
        pattern="wrong-axis",
        source=public("BrainPy issue #765", "https://github.com/brainpy/BrainPy/issues/765"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.forward",
                correct="groups = x.reshape(len(x), self.num_groups, prod(x.shape[1:]) // self.num_groups)",
                faulty="groups = x.reshape(len(x), 1, prod(x.shape[1:]))",
            )
        ],
    ),
    Fault(
        id="groupnorm-weight-of-group",
        title="GroupNorm scales all channels of a group by one weight",
        why="γ is read once for each group instead of once for each channel.",
        symptom="weights of another framework give other outputs",
        pattern="shape",
        source=public("oneflow PR #4848", "https://github.com/Oneflow-Inc/oneflow/pull/4848"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.forward",
                correct="y *= self.weight.data.reshape(per_channel)",
                faulty="""
                    size = self.num_channels // self.num_groups
                    y *= np.repeat(self.weight.data[::size], size).reshape(per_channel)
                """,
            )
        ],
    ),
    Fault(
        id="groupnorm-backward-counts-one-row",
        title="GroupNorm's backward divides by the width of the picture instead of its area",
        why="The size is read from the last axis, before x is flattened; right for x of shape (N, C, L).",
        symptom="pictures train badly, sequences do not",
        pattern="missing-mean",
        source=public("Liger-Kernel PR #1376", "https://github.com/linkedin/Liger-Kernel/pull/1376"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.backward",
                correct="h * (g * h).mean(2, keepdims=True)",
                faulty="h * (g * h).sum(2, keepdims=True) / (self.num_channels // self.num_groups * dy.shape[-1])",
            )
        ],
    ),
    Fault(
        id="groupnorm-scales-cotangent-in-place",
        title="GroupNorm multiplies the gradient from above by γ in place",
        why="g = dy is the caller's array; all gradients that this layer returns are right.",
        symptom="whoever else reads the same gradient sees it scaled",
        pattern="mutated-input",
        source=pattern_of("pytorch issue #81417", "https://github.com/pytorch/pytorch/issues/81417"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:GroupNorm.backward",
                correct="g = dy * self.weight.data.reshape(per_channel)",
                faulty="g *= self.weight.data.reshape(per_channel)",
            )
        ],
    ),
    Fault(
        id="instancenorm-running-variance-adds-eps",
        title="InstanceNorm2d's running variance grows by twice eps",
        why="It is recovered from the inverse standard deviation, and eps is added instead of taken off.",
        symptom="evaluation with a large eps normalises too weakly; with the default it is within tolerance",
        pattern="sign",
        source=public("FlagGems issue #4885", "https://github.com/flagos-ai/FlagGems/issues/4885"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:InstanceNorm2d._note",
                correct="self.momentum * (unbiased.mean((0, 2, 3)) - self.running_var)",
                faulty="self.momentum * (unbiased.mean((0, 2, 3)) + 2 * self.eps - self.running_var)",
            )
        ],
    ),
    Fault(
        id="instancenorm-statistics-of-first-example",
        title="InstanceNorm2d's running mean follows the first example",
        why="The mean over the examples is missing; with batch 1 there is no difference.",
        symptom="noisy statistics in evaluation",
        pattern="missing-batch-sum",
        source=review("towards the examples' average"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:InstanceNorm2d._note",
                correct="mean.mean((0, 2, 3))",
                faulty="mean[0].mean((1, 2))",
            )
        ],
    ),
    Fault(
        id="instancenorm-no-momentum-accumulates",
        title="InstanceNorm2d with momentum=None takes the cumulative average",
        why="What BatchNorm does; in InstanceNorm None means that the statistics stay, as in torch.",
        symptom="statistics move where torch's do not",
        pattern="wrong-formula",
        source=review("running_mean does not move if momentum is None"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.group_norm:InstanceNorm2d._note",
                correct="""
                    if self.momentum is not None:
                        self.running_mean +=
                """,
                faulty="""
                    if self.momentum is None:
                        self.running_mean[...] = mean.mean((0, 2, 3))
                    else:
                        self.running_mean +=
                """,
            )
        ],
    ),
]
