"""Faults of nnlab.nn.classification_loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="nll-mean-over-all-targets",
        title="NLLLoss divides by the number of targets, ignored ones included",
        why="The mean is over the weights of the targets that count; padding makes the loss small.",
        symptom="longer padding, smaller loss",
        pattern="missing-mean",
        source=review("Σ w[y] in the denominator"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:NLLLoss.forward",
                "self.total(shares)",
                "float(shares.size / shares.shape[axis])",
            )
        ],
    ),
    Fault(
        id="nll-weight-counted-twice",
        title="NLLLoss multiplies by the class weight once more in backward",
        why="shares hold the weight already.",
        symptom="rare classes are over-corrected, by the square of their weight",
        pattern="scale",
        source=review("∂/∂x = -w[y] / Σ w"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:NLLLoss.backward",
                "-shares * np.expand_dims(self.reduce_backward(dy), axis)",
                "-shares * shares.sum(axis, keepdims=True) * np.expand_dims(self.reduce_backward(dy), axis)",
            )
        ],
    ),
    Fault(
        id="nll-gradient-of-softmax",
        title="NLLLoss returns the gradient of cross-entropy",
        why="It takes its input for what a log-softmax gave and adds the probabilities; right before a LogSoftmax, "
        "and nowhere else.",
        symptom="hidden, as a LogSoftmax takes the surplus away again",
        pattern="wrong-formula",
        source=pattern_of("pytorch issue #52241", "https://github.com/pytorch/pytorch/issues/52241"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:NLLLoss.forward",
                "self.cache = shares, axis",
                "self.cache = shares - np.exp(log_p) * shares.sum(axis, keepdims=True), axis",
            )
        ],
    ),
    Fault(
        id="class-loss-classes-last",
        title="Class losses take the last axis for the classes",
        why="(N, C, d) has its classes in dimension 1; for (N, C) both are the same.",
        symptom="segmentation with as many classes as columns trains on garbage",
        pattern="wrong-axis",
        source=review("classes lie in dimension 1"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:_ClassLoss.scores",
                "axis = min(1, scores.ndim - 1)",
                "axis = scores.ndim - 1",
            )
        ],
    ),
    Fault(
        id="class-loss-ignored-target-counts-as-class-zero",
        title="Ignored targets count as class 0",
        why="Their index is replaced so that it fits, but the row is not masked.",
        symptom="class 0, often the blank, is predicted for everything",
        pattern="mask",
        source=pattern_of("sockeye issue #200", "https://github.com/awslabs/sockeye/issues/200"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:_ClassLoss.one_hot",
                "np.put_along_axis(chosen, np.expand_dims(classes, axis), kept, axis)",
                "np.put_along_axis(chosen, np.expand_dims(classes, axis), 1, axis)",
            )
        ],
    ),
    Fault(
        id="class-loss-mask-inverted",
        title="Class losses keep only the ignored targets",
        why="The condition of the mask is turned round: padding is learned and everything else is not.",
        symptom="the loss is 0, or that of padding",
        pattern="mask",
        source=public("sockeye issue #200", "https://github.com/awslabs/sockeye/issues/200"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:_ClassLoss.one_hot",
                "kept = np.asarray(target) != self.ignore_index",
                "kept = np.asarray(target) == self.ignore_index",
            )
        ],
    ),
    Fault(
        id="class-loss-negative-targets-ignored",
        title="Class losses ignore every negative target",
        why="target >= 0 stands for target != ignore_index, which is right for -100 and wrong for a class that is "
        "to be ignored.",
        symptom="ignore_index = 0 has no effect",
        pattern="mask",
        source=review("only ignore_index is ignored"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:_ClassLoss.one_hot",
                "kept = np.asarray(target) != self.ignore_index",
                "kept = np.asarray(target) >= 0",
            )
        ],
    ),
    Fault(
        id="cross-entropy-smooths-ignored-targets",
        title="Label smoothing takes ignored targets in",
        why="The one-hot part is masked and the uniform part is not, so that padding is pushed towards uniform.",
        symptom="with label smoothing the loss depends on what is ignored",
        pattern="mask",
        source=public("pytorch issue #73205", "https://github.com/pytorch/pytorch/issues/73205"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.forward",
                "self.label_smoothing / logits.shape[axis] * kept",
                "self.label_smoothing / logits.shape[axis]",
            )
        ],
    ),
    Fault(
        id="cross-entropy-smoothed-mean-counts-ignored",
        title="With label smoothing the mean counts ignored targets",
        why="The masked sum is divided by all positions instead of those that count.",
        symptom="smoothing seems to make the loss smaller",
        pattern="missing-mean",
        source=public("tinygrad PR #3570", "https://github.com/tinygrad/tinygrad/pull/3570"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.forward",
                "count = None if has_probabilities else self.total(weight * q)",
                "count = None if has_probabilities or self.label_smoothing > 0 else self.total(weight * q)",
            )
        ],
    ),
    Fault(
        id="cross-entropy-smoothing-over-other-classes",
        title="Label smoothing spreads over C - 1 classes but takes from all C",
        why="The share of a class is label_smoothing / (C - 1) although the target gets one as well; shares add up "
        "to more than 1.",
        symptom="the smallest possible loss is off",
        pattern="off-by-one",
        source=review("q = (1 - s) y + s / C"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.forward",
                "self.label_smoothing / logits.shape[axis]",
                "self.label_smoothing / (logits.shape[axis] - 1)",
            )
        ],
    ),
    Fault(
        id="cross-entropy-smoothing-without-weights",
        title="The class weights miss the smoothed part",
        why="Only the target's own term is weighed; torch weighs both.",
        symptom="losses of weight with label_smoothing differ from torch's",
        pattern="order-of-operations",
        source=review("weight · q, with q smoothed"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.forward",
                "weight * ((1 - self.label_smoothing) * q + self.label_smoothing / logits.shape[axis] * kept)",
                "weight * (1 - self.label_smoothing) * q + self.label_smoothing / logits.shape[axis] * kept",
            )
        ],
    ),
    Fault(
        id="cross-entropy-mean-over-classes",
        title="CrossEntropyLoss averages over the classes as well",
        why="np.mean runs over (N, C): the loss and its gradient are C times too small.",
        symptom="uniform logits give log C / C",
        pattern="missing-mean",
        source=public("jax issue #1023", "https://github.com/jax-ml/jax/issues/1023"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.forward",
                "return self.reduce(_expected(shares, -log_p, axis), count)",
                "return self.reduce(_expected(shares, -log_p, axis), (count or shares.size / logits.shape[axis]) "
                "* logits.shape[axis])",
            )
        ],
    ),
    Fault(
        id="cross-entropy-probabilities-assumed-to-sum-to-one",
        title="CrossEntropyLoss goes back with softmax - q",
        why="The short form needs Σ q = 1; class weights, ignored rows and unnormalised targets break it.",
        symptom="rows that are ignored get a gradient",
        pattern="simplified-backward",
        source=review("softmax · Σ shares - shares"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.backward",
                "np.exp(log_p) * shares.sum(axis, keepdims=True) - shares",
                "np.exp(log_p) - shares",
            )
        ],
    ),
    Fault(
        id="cross-entropy-target-gradient-unsmoothed",
        title="The gradient of soft targets forgets the smoothing",
        why="Only 1 - label_smoothing of a target reaches the loss.",
        symptom="learned targets move too fast",
        pattern="scale",
        source=review("∂q/∂target = 1 - label_smoothing"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:CrossEntropyLoss.backward",
                "-(1 - self.label_smoothing) * weight * log_p * dlosses",
                "-weight * log_p * dlosses",
            )
        ],
    ),
    Fault(
        id="cross-entropy-infinite-logit-nan",
        title="A class of probability 0 and logit -inf makes the loss NaN",
        why="0 · ∞ is NaN; masked logits are set to -inf on purpose.",
        symptom="NaN as soon as actions are masked",
        pattern="domain",
        source=review("0 · ∞ counts as 0"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.classification_loss:_expected",
                "np.multiply(shares, surprise, out=np.zeros_like(shares), where=shares != 0)",
                "shares * surprise",
            )
        ],
    ),
]
