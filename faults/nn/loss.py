"""Faults of nnlab.nn.loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="loss-mean-over-batch-only",
        title="The mean divides by the number of rows, not of entries",
        why="A mean over (N, D) becomes D times too large, forward and backward alike, so that gradients agree.",
        symptom="losses and learning rates do not compare with torch's",
        pattern="missing-mean",
        source=public("mlpack PR #3144", "https://github.com/mlpack/mlpack/pull/3144"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.reduce",
                "count = count or losses.size",
                "count = count or len(np.atleast_1d(losses))",
            )
        ],
    ),
    Fault(
        id="loss-gradient-of-the-sum",
        title="Forward averages over outputs, backward divides by rows alone",
        why="The gradient is n_outputs times that of the loss, so that a line search never finds the decrease it "
        "expects.",
        symptom="L-BFGS stops early; with SGD the learning rate seems too large",
        pattern="missing-mean",
        source=public("scikit-learn issue #8349", "https://github.com/scikit-learn/scikit-learn/issues/8349"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.loss:Loss.reduce_backward", "else dy / count", "else dy / shape[0]")],
    ),
    Fault(
        id="loss-reduction-none-averaged-backward",
        title="Without reduction the gradient is divided by the count all the same",
        why="Only the mean divides; a user who weighs single losses himself trains more slowly the larger the batch "
        "is.",
        symptom="per-sample weights seem to have no effect",
        pattern="scale",
        source=review("reduction='none' has the derivative dy"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.reduce_backward",
                'dy if self.reduction in ("none", "sum") else',
                'dy if self.reduction == "sum" else',
            )
        ],
    ),
    Fault(
        id="loss-reduction-sum-averaged-backward",
        title="The gradient of the sum is that of the mean",
        why="Backward knows only one reduction; the sum's gradient is too small by the number of entries.",
        symptom="training with reduction='sum' crawls",
        pattern="scale",
        source=review("d Σ / d loss = 1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.reduce_backward",
                'if self.reduction in ("none", "sum")',
                'if self.reduction == "none"',
            )
        ],
    ),
    Fault(
        id="loss-backward-ignores-upstream",
        title="Backward starts from 1 whatever dy is",
        why="Right for a loss that ends the graph, and wrong as soon as it is scaled or added to another one.",
        symptom="an auxiliary loss cannot be weighed down",
        pattern="wrong-operand",
        source=pattern_of("sherjilozair/ctc issue #2", "https://github.com/sherjilozair/ctc/issues/2"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.reduce_backward",
                "return np.broadcast_to(share, shape).astype(dtype)",
                'return np.full(shape, 1 / count if self.reduction not in ("none", "sum") else 1, dtype)',
            )
        ],
    ),
    Fault(
        id="loss-count-from-first-batch",
        title="The count of the first batch is kept for all later ones",
        why="A smaller last batch, or one with more ignored targets, is averaged over the count of the first.",
        symptom="the loss of the last batch of an epoch is too small",
        pattern="stale-cache",
        source=review("mean = Σ / count of this forward"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.reduce",
                "count = count or losses.size",
                'count = self._first = getattr(self, "_first", 0) or count or losses.size',
            )
        ],
    ),
    Fault(
        id="loss-input-not-copied",
        title="Losses keep the caller's array instead of a copy",
        why="What forward remembers is the prediction's own buffer; if it is overwritten before backward, so is the "
        "gradient.",
        symptom="wrong gradients when predictions are written in place",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.pair",
                'input = own(self, input, shape, self.dtype, "input")',
                'input = borrow(self, input, shape, self.dtype, "input")',
            )
        ],
    ),
    Fault(
        id="weighted-loss-weight-is-no-buffer",
        title="The weights of a loss are missing from its state",
        why="The array is there and used, but not registered; state_dict, and so a checkpoint, loses it.",
        symptom="a loss that is loaded back has other weights",
        pattern="dropped-statement",
        source=review("constant weights are buffers"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.loss:WeightedLoss.constant", "self.buffers = (*self.buffers, name)", "pass")],
    ),
    Fault(
        id="loss-signs-accepts-zero-and-one",
        title="Labels 0 and 1 pass where 1 and -1 are needed",
        why="The check tests the size instead of the value; label 0 makes losses vanish without a word.",
        symptom="a classifier learns nothing of one class",
        pattern="range",
        source=review("targets are 1 or -1"),
        killed_by="refusal",
        edits=[Edit("nnlab.nn.loss:Loss.signs", "labels[~np.isin(labels, (-1, 1))]", "labels[np.abs(labels) > 1]")],
    ),
    Fault(
        id="loss-nan-target-accepted",
        title="A missing target goes through as NaN",
        why="NaN < 0 is False, so the test finds nothing; the loss and then all parameters become NaN.",
        symptom="the loss is NaN after the first incomplete row",
        pattern="domain",
        source=review("a target must be known"),
        killed_by="refusal",
        edits=[
            Edit(
                "nnlab.nn.loss:Loss.known",
                "if np.isnan(target).any():",
                "if (target != target).all() and target.size > 1:",
            )
        ],
    ),
]
