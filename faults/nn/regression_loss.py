"""Faults of nnlab.nn.regression_loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="mse-gradient-not-averaged",
        title="MSELoss averages forward but sums backward",
        why="The mean stands in forward alone; the gradient is as many times too large as there are entries.",
        symptom="the loss is right, training diverges at the usual learning rate",
        pattern="missing-mean",
        source=pattern_of("scikit-learn issue #8349", "https://github.com/scikit-learn/scikit-learn/issues/8349"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:MSELoss.backward",
                "2 * difference * self.reduce_backward(dy)",
                "2 * difference * np.broadcast_to(np.asarray(dy, difference.dtype), difference.shape)",
            )
        ],
    ),
    Fault(
        id="mse-derivative-without-two",
        title="MSELoss forgets the 2 of d²",
        why="The derivative of half the square is taken for that of the square.",
        symptom="the loss falls half as fast",
        pattern="scale",
        source=review("d(x²) = 2x dx"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:MSELoss.backward",
                "2 * difference * self.reduce_backward(dy)",
                "difference * self.reduce_backward(dy)",
            )
        ],
    ),
    Fault(
        id="mse-target-gradient-sign",
        title="MSELoss sends the input's gradient to the target too",
        why="input - target falls with the target; whatever learns its target, as in distillation, climbs.",
        symptom="the teacher moves away from the student",
        pattern="sign",
        source=review("∂loss/∂target = -∂loss/∂input"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.regression_loss:MSELoss.backward", "return dinput, -dinput", "return dinput, dinput.copy()")
        ],
    ),
    Fault(
        id="mse-root-of-the-mean",
        title="MSELoss gives the root of each squared error",
        why="np.abs is what is left of a root mean square taken entry by entry; backward still belongs to the square.",
        symptom="losses are reported in the units of the target",
        pattern="wrong-formula",
        source=review("loss = d²"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:MSELoss.forward",
                "self.reduce(difference**2)",
                "self.reduce(np.sqrt(difference**2))",
            )
        ],
    ),
    Fault(
        id="l1-without-absolute-value",
        title="L1Loss sums signed differences",
        why="Errors of both signs cancel; a model that is wrong both ways by the same amount has no loss.",
        symptom="negative losses",
        pattern="wrong-formula",
        source=public("mlpack PR #3144", "https://github.com/mlpack/mlpack/pull/3144"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.regression_loss:L1Loss.forward", "np.abs(difference)", "difference")],
    ),
    Fault(
        id="l1-derivative-one-at-zero",
        title="L1Loss takes 1 for the derivative where nothing differs",
        why="np.where instead of np.sign: entries that are exact already are pushed away.",
        symptom="exact entries, as of padding, begin to drift",
        pattern="tie-rule",
        source=review("sign(0) = 0, as in torch"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:L1Loss.backward",
                "np.sign(difference)",
                "np.where(difference >= 0, 1.0, -1.0).astype(difference.dtype)",
            )
        ],
    ),
    Fault(
        id="smooth-l1-square-not-divided-by-beta",
        title="SmoothL1Loss leaves beta out of the square",
        why="Below beta the loss is d²/2 and above it |d| - beta/2: right for beta = 1, a jump for any other.",
        symptom="the loss jumps at beta",
        pattern="scale",
        source=public("keras-cv issue #920", "https://github.com/keras-team/keras-cv/issues/920"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:SmoothL1Loss.forward",
                "return self.reduce(slope * (difference - self.beta * slope / 2))",
                "return self.reduce(np.where(np.abs(slope) < 1, difference**2 / 2, slope * difference - self.beta "
                "/ 2))",
            )
        ],
    ),
    Fault(
        id="smooth-l1-offset-one-half",
        title="SmoothL1Loss subtracts 1/2 where beta/2 belongs",
        why="The offset of beta = 1 is kept for every beta; gradients do not notice.",
        symptom="negative losses for beta below 1",
        pattern="wrong-operand",
        source=public(
            "pytorch PR #17447", "https://github.com/pytorch/pytorch/pull/17447", "review of the first version"
        ),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:SmoothL1Loss.forward",
                "return self.reduce(slope * (difference - self.beta * slope / 2))",
                "return self.reduce(np.where(np.abs(slope) < 1, self.beta * slope**2 / 2, slope * difference - 0.5))",
            )
        ],
    ),
    Fault(
        id="smooth-l1-beta-zero-divides",
        title="SmoothL1Loss divides by beta = 0",
        why="The case beta = 0, which is L1Loss, is forgotten; where input and target agree 0 / 0 makes the loss NaN.",
        symptom="NaN as soon as one entry is exact, with beta=0 only",
        pattern="domain",
        source=review("beta = 0 is L1Loss"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:SmoothL1Loss.forward",
                "if self.beta > 0 else np.sign(difference)",
                "if self.beta >= 0 else np.sign(difference)",
            )
        ],
    ),
    Fault(
        id="huber-divided-by-delta",
        title="HuberLoss is SmoothL1Loss",
        why="The two differ by the factor delta, in the loss and in the gradient, and agree for delta = 1.",
        symptom="the loss of delta = 2 is half of torch's",
        pattern="wrong-formula",
        source=public("EfficientDet issue #93", "https://github.com/xuannianz/EfficientDet/issues/93"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:HuberLoss.forward",
                "slope = np.clip(difference, -self.delta, self.delta)",
                "slope = np.clip(difference / self.delta, -1, 1)",
            ),
            Edit(
                "nnlab.nn.regression_loss:HuberLoss.forward",
                "(difference - slope / 2)",
                "(difference - self.delta * slope / 2)",
            ),
        ],
    ),
    Fault(
        id="huber-offset-not-scaled",
        title="HuberLoss subtracts delta/2 instead of delta²/2 outside",
        why="Between the two branches the loss jumps by delta (delta - 1) / 2; the gradient is right.",
        symptom="a line search stops at the jump",
        pattern="scale",
        source=review("δ (|d| - δ/2)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.regression_loss:HuberLoss.forward",
                "slope * (difference - slope / 2)",
                "np.where(np.abs(difference) <= self.delta, difference**2 / 2, slope * difference - self.delta / 2)",
            )
        ],
    ),
    Fault(
        id="huber-quadratic-backward",
        title="HuberLoss goes back as a squared error",
        why="Backward remembers the difference, not the clipped slope.",
        symptom="outliers blow up the gradients that Huber's loss should bound",
        pattern="simplified-backward",
        source=review("ψ(d) = clip(d, -δ, δ)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.regression_loss:HuberLoss.forward", "self.cache = slope", "self.cache = difference")],
    ),
]
