"""Faults of nnlab.nn.binary_loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="bce-mean-of-logs-unweighted-negative",
        title="BCELoss weighs only the positive term",
        why="The weight is inside the bracket of the first term; the second one has weight 1.",
        symptom="class weights shift the threshold the wrong way",
        pattern="order-of-operations",
        source=review("-w (y log p + (1 - y) log (1 - p))"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCELoss.forward",
                "-weight * (target * log_p + (1 - target) * log_q)",
                "-(weight * target * log_p + (1 - target) * log_q)",
            )
        ],
    ),
    Fault(
        id="bce-gradient-of-the-logits",
        title="BCELoss returns the gradient of the logits",
        why="input - target is right behind a sigmoid that is folded in; here the division by p (1 - p) is missing.",
        symptom="gradients are up to four times too small, and the sigmoid's slope is counted twice",
        pattern="simplified-backward",
        source=pattern_of("pytorch issue #52241", "https://github.com/pytorch/pytorch/issues/52241"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCELoss.backward",
                "(input - target) / np.maximum(input * (1 - input), 1e-12) * dlosses",
                "(input - target) * dlosses",
            )
        ],
    ),
    Fault(
        id="bce-target-gradient-sign",
        title="BCELoss has the target's gradient with the wrong sign",
        why="log q - log p is turned round; soft targets that are learned move away.",
        symptom="label refinement makes labels worse",
        pattern="sign",
        source=review("∂/∂y = log q - log p"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.binary_loss:BCELoss.backward", "(log_q - log_p) * dlosses", "(log_p - log_q) * dlosses")],
    ),
    Fault(
        id="bce-log-without-floor",
        title="BCELoss lets log 0 be minus infinity",
        why="Torch bounds logarithms at -100; one certain mistake makes the mean infinite, and 0 · ∞ NaN.",
        symptom="the loss is NaN once a probability saturates",
        pattern="domain",
        source=review("logarithms are at least -100, as in torch"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:_bounded_log",
                "np.maximum(np.log(x, out=np.full_like(x, -np.inf), where=x > 0), -100)",
                "np.log(x, out=np.full_like(x, -np.inf), where=x > 0)",
            )
        ],
    ),
    Fault(
        id="bce-with-logits-overflow",
        title="BCEWithLogitsLoss writes log(1 + exp(x)) down as it stands",
        why="exp of a logit above 709 is infinite; the point of taking logits is lost.",
        symptom="an infinite loss for a confident mistake",
        pattern="domain",
        source=review("softplus without overflow"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCEWithLogitsLoss.forward",
                "(positive * target * softplus(-input) + (1 - target) * softplus(input))",
                "(positive * target * np.log1p(np.exp(-input)) + (1 - target) * np.log1p(np.exp(input)))",
            )
        ],
    ),
    Fault(
        id="bce-with-logits-pos-weight-on-both",
        title="pos_weight multiplies the whole loss",
        why="It belongs to the positive term alone; with hard targets negatives are weighed too.",
        symptom="recall does not rise with pos_weight",
        pattern="order-of-operations",
        source=review("w (c y softplus(-x) + (1 - y) softplus(x))"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCEWithLogitsLoss.forward",
                "weight * (positive * target * softplus(-input) + (1 - target) * softplus(input))",
                "weight * positive * (target * softplus(-input) + (1 - target) * softplus(input))",
            ),
            Edit(
                "nnlab.nn.binary_loss:BCEWithLogitsLoss.backward",
                "((1 - target) * p - positive * target * q)",
                "positive * ((1 - target) * p - target * q)",
            ),
        ],
    ),
    Fault(
        id="bce-with-logits-backward-forgets-pos-weight",
        title="BCEWithLogitsLoss goes back with σ(x) - y although pos_weight is given",
        why="The familiar short form holds for pos_weight = 1 only.",
        symptom="pos_weight changes the reported loss and nothing else",
        pattern="simplified-backward",
        source=review("(1 - y) σ(x) - c y σ(-x)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCEWithLogitsLoss.backward",
                "((1 - target) * p - positive * target * q) * dlosses",
                "(p - target) * dlosses",
            )
        ],
    ),
    Fault(
        id="bce-with-logits-backward-forgets-weight",
        title="BCEWithLogitsLoss goes back without its weight",
        why="The weight is applied to the losses in forward and to nothing in backward.",
        symptom="class weights change the reported loss and nothing else",
        pattern="dropped-statement",
        source=review("dloss = weight · dy"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:BCEWithLogitsLoss.backward",
                "dlosses = weight * self.reduce_backward(dy)",
                "dlosses = self.reduce_backward(dy)",
            )
        ],
    ),
    Fault(
        id="focal-gamma-multiplied",
        title="FocalLoss multiplies by gamma where it should take a power",
        why="One asterisk is missing for the positive labels: gamma (1 - p) in place of (1 - p)^gamma.",
        symptom="easy positives are not played down",
        pattern="wrong-formula",
        source=public("focal-loss issue #2", "https://github.com/fudannlp16/focal-loss/issues/2"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:FocalLoss.forward",
                "focus = share * np.exp(-self.gamma * softplus(sign * input))",
                "focus = share * np.where(is_one, self.gamma * np.exp(-softplus(input)), np.exp(-self.gamma * "
                "softplus(-input)))",
            )
        ],
    ),
    Fault(
        id="focal-negatives-focused-by-their-own-probability",
        title="FocalLoss plays down the hard negatives",
        why="For label 0 the modulating factor is (1 - p)^gamma, the probability of being right, in place of p^gamma.",
        symptom="false positives are never unlearned",
        pattern="wrong-operand",
        source=public("SSD_Pytorch issue #32", "https://github.com/yqyao/SSD_Pytorch/issues/32"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:FocalLoss.forward",
                "np.exp(-self.gamma * softplus(sign * input))",
                "np.exp(-self.gamma * softplus(input))",
            )
        ],
    ),
    Fault(
        id="focal-alpha-on-the-negatives",
        title="FocalLoss gives alpha to the negatives",
        why="α and 1 - α are swapped; at 0.25 the rare class gets three times the weight meant for it.",
        symptom="many false positives with the paper's alpha",
        pattern="wrong-operand",
        source=public("focal-loss issue #8", "https://github.com/fudannlp16/focal-loss/issues/8"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:FocalLoss.forward",
                "np.where(is_one, self.alpha, 1 - self.alpha)",
                "np.where(is_one, 1 - self.alpha, self.alpha)",
            )
        ],
    ),
    Fault(
        id="focal-backward-of-a-constant-focus",
        title="FocalLoss treats its focus as a constant in backward",
        why="The factor (1 - p)^gamma depends on the input too; without its derivative easy samples pull too hard.",
        symptom="trains like a reweighted cross-entropy",
        pattern="simplified-backward",
        source=review("derivative of (1 - p)^γ log p"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.binary_loss:FocalLoss.backward", "(self.gamma * p * surprise + 1 - p)", "(1 - p)")],
    ),
    Fault(
        id="dice-over-the-whole-batch",
        title="DiceLoss takes the batch for one sample",
        why="Overlap and size are summed over the samples too, so that large masks drown small ones.",
        symptom="the loss of a batch is not the mean of its samples' losses",
        pattern="wrong-axis",
        source=public("NiftyNet issue #22", "https://github.com/NifTK/NiftyNet/issues/22"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:DiceLoss.forward",
                "total = (input**2 + target**2).sum(entries, keepdims=True) + self.eps",
                "total = np.zeros((len(input), *(1 for _ in entries))) + (input**2 + target**2).sum() + self.eps",
            ),
            Edit(
                "nnlab.nn.binary_loss:DiceLoss.forward",
                "(input * target).sum(entries, keepdims=True)",
                "(input * target).sum()",
            ),
        ],
    ),
    Fault(
        id="dice-smoothing-in-the-denominator-only",
        title="DiceLoss adds eps to the denominator alone",
        why="Two empty masks, which agree, have the largest loss instead of none.",
        symptom="pictures without an object cost as much as a miss",
        pattern="epsilon",
        source=public("AdelaiDet issue #610", "https://github.com/aim-uofa/AdelaiDet/issues/610"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:DiceLoss.forward",
                "(2 * (input * target).sum(entries, keepdims=True) + self.eps) / total",
                "2 * (input * target).sum(entries, keepdims=True) / total",
            )
        ],
    ),
    Fault(
        id="dice-overlap-counted-once",
        title="DiceLoss forgets the 2 of the overlap",
        why="A perfect prediction has loss 1/2.",
        symptom="the loss never falls below one half",
        pattern="scale",
        source=public("DiceLoss-PyTorch issue #1", "https://github.com/hubutui/DiceLoss-PyTorch/issues/1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.binary_loss:DiceLoss.forward",
                "(2 * (input * target).sum(entries, keepdims=True) + self.eps)",
                "((input * target).sum(entries, keepdims=True) + self.eps)",
            )
        ],
    ),
    Fault(
        id="dice-denominator-held-fixed",
        title="DiceLoss differentiates the overlap alone",
        why="The size of the prediction stands in the denominator; without its derivative predictions only ever grow.",
        symptom="masks that cover everything",
        pattern="simplified-backward",
        source=review("quotient rule"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.binary_loss:DiceLoss.backward", "(overlap * input - target) * dlosses", "-target * dlosses")
        ],
    ),
]
