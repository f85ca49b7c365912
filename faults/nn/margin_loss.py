"""Faults of nnlab.nn.margin_loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="hinge-embedding-margin-on-alike-pairs",
        title="HingeEmbeddingLoss has its branches swapped",
        why="Alike pairs are pushed beyond the margin and unlike ones pulled together.",
        symptom="embeddings of different classes collapse",
        pattern="wrong-operand",
        source=review("input where target = 1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:HingeEmbeddingLoss.forward",
                "np.where(alike, input, np.maximum(gap, 0))",
                "np.where(alike, np.maximum(gap, 0), input)",
            )
        ],
    ),
    Fault(
        id="hinge-embedding-margin-added",
        title="HingeEmbeddingLoss adds the input to its margin",
        why="margin + input grows with the distance that it should reward.",
        symptom="unlike pairs move towards each other",
        pattern="sign",
        source=review("max(0, margin - input)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:HingeEmbeddingLoss.forward",
                "gap = self.margin - input",
                "gap = self.margin + input",
            ),
            Edit("nnlab.nn.margin_loss:HingeEmbeddingLoss.backward", "-dlosses * (gap >= 0)", "dlosses * (gap >= 0)"),
        ],
    ),
    Fault(
        id="hinge-embedding-no-slope-at-the-margin",
        title="HingeEmbeddingLoss has slope 0 exactly at its margin",
        why="torch takes -1 there; a distance that is initialised to the margin never moves.",
        symptom="pairs at the margin are stuck",
        pattern="tie-rule",
        source=review("derivative -1 where input = margin, as in torch"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.margin_loss:HingeEmbeddingLoss.backward", "(gap >= 0)", "(gap > 0)")],
    ),
    Fault(
        id="margin-ranking-target-ignored-in-backward",
        title="MarginRankingLoss goes back as if every target were 1",
        why="The order that is asked for turns the sign; pairs with target -1 get worse.",
        symptom="half of the pairs are ranked the wrong way",
        pattern="dropped-statement",
        source=review("∂/∂input1 = -y"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MarginRankingLoss.backward",
                "dinput1: Array = -y * dgap",
                "dinput1: Array = -dgap",
            )
        ],
    ),
    Fault(
        id="margin-ranking-difference-reversed",
        title="MarginRankingLoss ranks the second input higher",
        why="input2 - input1 turns the meaning of the target round; gradients agree with the loss.",
        symptom="the ranking is learned upside down",
        pattern="order-of-operations",
        source=review("-target (input1 - input2) + margin"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MarginRankingLoss.forward",
                "gap = self.margin - y * difference",
                "gap = self.margin + y * difference",
            ),
            Edit(
                "nnlab.nn.margin_loss:MarginRankingLoss.backward",
                "dinput1: Array = -y * dgap",
                "dinput1: Array = y * dgap",
            ),
            Edit("nnlab.nn.margin_loss:MarginRankingLoss.backward", "-difference * dgap if", "difference * dgap if"),
        ],
    ),
    Fault(
        id="margin-ranking-tie-without-gradient",
        title="MarginRankingLoss has no gradient where the maximum ties",
        why="With margin 0 equal scores, as at the start, get no gradient at all.",
        symptom="training does not start from equal scores",
        pattern="tie-rule",
        source=review("at a tie the slope of the second argument, as in torch"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.margin_loss:MarginRankingLoss.backward", "* (gap >= 0)", "* (gap > 0)")],
    ),
    Fault(
        id="soft-margin-overflow",
        title="SoftMarginLoss writes log(1 + exp(-yx)) down as it stands",
        why="exp of 1000 is infinite, and with it the loss of a confident mistake.",
        symptom="an infinite loss",
        pattern="domain",
        source=review("softplus without overflow"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:SoftMarginLoss.forward",
                "losses = softplus(-y * input)",
                "losses = np.log1p(np.exp(-y * input))",
            )
        ],
    ),
    Fault(
        id="soft-margin-gradient-without-target",
        title="SoftMarginLoss forgets the target in its gradient",
        why="expm1(-loss) is the slope by y·x; the chain rule's y is missing.",
        symptom="negative samples are pushed to the wrong side",
        pattern="dropped-statement",
        source=review("-y σ(-yx)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.margin_loss:SoftMarginLoss.backward", "y * np.expm1(-losses)", "np.expm1(-losses)")],
    ),
    Fault(
        id="soft-margin-cache-shares-the-output",
        title="SoftMarginLoss keeps the losses that it returns",
        why="Without reduction the returned array is the one that backward reads; scaling it in place scales the "
        "gradient twice.",
        symptom="wrong gradients after losses *= weight",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:SoftMarginLoss.forward", "self.cache = y, losses.copy()", "self.cache = y, losses"
            )
        ],
    ),
    Fault(
        id="multi-margin-counts-its-own-class",
        title="MultiMarginLoss counts the target's own class",
        why="For j = y the hinge is the margin itself: a constant is added to every loss.",
        symptom="the loss never reaches 0",
        pattern="mask",
        source=review("the sum is over j ≠ y"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MultiMarginLoss.forward",
                "excess = np.where(chosen, 0, np.maximum(gap, 0))",
                "excess = np.maximum(gap, 0)",
            )
        ],
    ),
    Fault(
        id="multi-margin-mean-over-other-classes",
        title="MultiMarginLoss divides by C - 1",
        why="There are C - 1 hinges, but torch divides by C.",
        symptom="losses are C / (C - 1) times torch's",
        pattern="off-by-one",
        source=review("Σ / C, as in torch"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.margin_loss:MultiMarginLoss.forward", "/ classes", "/ max(classes - 1, 1)")],
    ),
    Fault(
        id="multi-margin-weight-inside-the-power",
        title="MultiMarginLoss squares its weight for p = 2",
        why="The weight multiplies the hinge before the power is taken.",
        symptom="rare classes are over-weighted with p = 2 only",
        pattern="order-of-operations",
        source=review("w max(0, …)^p"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MultiMarginLoss.forward",
                "share * excess**self.p",
                "(share * classes * excess) ** self.p / classes",
            )
        ],
    ),
    Fault(
        id="multi-margin-target-score-untouched",
        title="MultiMarginLoss sends no gradient to the target's score",
        why="Each hinge pushes its class down, and nothing pulls the right one up.",
        symptom="all scores fall",
        pattern="simplified-backward",
        source=review("∂/∂x[y] = -Σ ∂/∂x[j]"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MultiMarginLoss.backward",
                "dexcess - chosen * dexcess.sum(-1, keepdims=True)",
                "dexcess",
            )
        ],
    ),
    Fault(
        id="multi-label-margin-reads-beyond-the-end",
        title="MultiLabelMarginLoss reads labels behind the first -1",
        why="Every entry that is not -1 counts as a label; what follows the end mark is arbitrary.",
        symptom="wrong labels wherever the padding is not all -1",
        pattern="mask",
        source=review("labels end at the first -1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MultiLabelMarginLoss.forward",
                "np.logical_and.accumulate(given != -1, -1)",
                "given != -1",
            )
        ],
    ),
    Fault(
        id="multi-label-margin-named-classes-compete",
        title="MultiLabelMarginLoss lets the named classes compete",
        why="Only classes that are not named belong on the other side.",
        symptom="two labels of one sample push each other down",
        pattern="mask",
        source=review("j not in target"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:MultiLabelMarginLoss.forward",
                "listed[..., None] & ~named.any(-2, keepdims=True) & (gap > 0)",
                "listed[..., None] & ~named & (gap > 0)",
            )
        ],
    ),
    Fault(
        id="multi-label-margin-slope-at-the-margin",
        title="MultiLabelMarginLoss has slope 1 exactly at its margin",
        why="torch takes 0 there.",
        symptom="scores that keep the margin go on moving",
        pattern="tie-rule",
        source=review("derivative 0 at the margin, as in torch"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.margin_loss:MultiLabelMarginLoss.forward", "& (gap > 0)", "& (gap >= 0)")],
    ),
    Fault(
        id="capsule-margin-not-squared",
        title="CapsuleMarginLoss forgets the squares",
        why="Both hinges enter with power 1; the paper squares them.",
        symptom="capsules close to the margin are pushed as hard as far ones",
        pattern="wrong-formula",
        source=public(
            "Capsule-Network-Tutorial issue #1", "https://github.com/higgsfield/Capsule-Network-Tutorial/issues/1"
        ),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:CapsuleMarginLoss.forward",
                "missing**2 + self.lambda_ * excess**2",
                "missing + self.lambda_ * excess",
            ),
            Edit(
                "nnlab.nn.margin_loss:CapsuleMarginLoss.backward",
                "2 * (self.lambda_ * excess - missing)",
                "(self.lambda_ * (excess > 0) - 1.0 * (missing > 0))",
            ),
        ],
    ),
    Fault(
        id="capsule-margin-mean-over-classes",
        title="CapsuleMarginLoss averages over the capsules",
        why="The loss of a sample is the sum over its capsules; the mean is C times smaller, forward and backward.",
        symptom="the reconstruction loss dominates",
        pattern="missing-mean",
        source=public("keras issue #9519", "https://github.com/keras-team/keras/issues/9519"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:CapsuleMarginLoss.forward",
                "(missing**2 + self.lambda_ * excess**2).sum(1)",
                "(missing**2 + self.lambda_ * excess**2).mean(1)",
            ),
            Edit(
                "nnlab.nn.margin_loss:CapsuleMarginLoss.backward",
                "self.reduce_backward(dy)[..., None]",
                "self.reduce_backward(dy)[..., None] / length.shape[1]",
            ),
        ],
    ),
    Fault(
        id="capsule-margin-lambda-on-present-classes",
        title="CapsuleMarginLoss plays the present classes down",
        why="lambda weighs the absent classes, which are many; here it weighs the one that is there.",
        symptom="all capsules shrink at the start of training",
        pattern="wrong-operand",
        source=review("λ (1 - T) max(0, |v| - m⁻)²"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.margin_loss:CapsuleMarginLoss.forward",
                "missing**2 + self.lambda_ * excess**2",
                "self.lambda_ * missing**2 + excess**2",
            )
        ],
    ),
    Fault(
        id="capsule-margin-zero-capsule-nan",
        title="CapsuleMarginLoss divides by the length of a capsule",
        why="The direction of a capsule of length 0 is 0 / 0.",
        symptom="NaN once a capsule dies",
        pattern="domain",
        source=review("the direction of 0 counts as 0"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.margin_loss:CapsuleMarginLoss.backward", "np.where(length > 0, length, math.inf)", "length")
        ],
    ),
]
