"""Faults of nnlab.nn.dropout."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="dropout-eval-clears-p",
        title="Dropout in evaluation sets p to 0 for ever",
        why="The probability itself is overwritten instead of being left out.",
        symptom="after the first validation there is no dropout any more",
        pattern="state-not-restored",
        source=public("Megatron-LM PR #411", "https://github.com/NVIDIA/Megatron-LM/pull/411"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.forward",
                correct="mask = np.ones_like(x)",
                faulty="""
                    if not self.training:
                        self.p = 0.0
                    mask = np.ones(x.shape, x.dtype)
                """,
            )
        ],
    ),
    Fault(
        id="dropout-seed-from-elsewhere",
        title="Dropout seeds a generator anew in every forward",
        why="The seed is a number that happens to be at hand, not the state of the layer's generator.",
        symptom="the same units are dropped in every step",
        pattern="seed",
        source=pattern_of("xformers issue #173", "https://github.com/facebookresearch/xformers/issues/173"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.forward",
                correct="kept = self.rng.random(self._draws(x.shape)) >= self.p",
                faulty="kept = np.random.default_rng(x.size).random(self._draws(x.shape)) >= self.p",
            )
        ],
    ),
    Fault(
        id="dropout-global-generator",
        title="Dropout draws from NumPy's global generator",
        why="It is not seeded by the layer's rng, and others draw from it as well.",
        symptom="runs with the same seed differ",
        pattern="seed",
        source=public("cs249r_book PR #1869", "https://github.com/harvard-edge/cs249r_book/pull/1869"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.forward",
                correct="kept = self.rng.random(self._draws(x.shape)) >= self.p",
                faulty="kept = np.random.random(self._draws(x.shape)) >= self.p",
            )
        ],
    ),
    Fault(
        id="dropout-active-in-eval",
        title="Dropout drops in evaluation too",
        why="The mode is not asked for.",
        symptom="predictions are noisy, and worse than they should be",
        pattern="train-eval-confusion",
        source=public("DME issue #3", "https://github.com/facebookresearch/DME/issues/3"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.forward",
                correct="if self.training:",
                faulty="if self.p > 0:",
            )
        ],
    ),
    Fault(
        id="dropout-divides-by-p",
        title="Dropout scales what it keeps by 1 / p instead of 1 / (1 - p)",
        why="For p = 0.5, the default, there is no difference.",
        symptom="activations of another size in training than in evaluation",
        pattern="wrong-operand",
        source=public("theanets PR #123", "https://github.com/lmjohns3/theanets/pull/123"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.forward",
                correct="np.divide(kept, 1 - self.p, out=",
                faulty="np.divide(kept, self.p, out=",
            )
        ],
    ),
    Fault(
        id="dropout-backward-without-mask",
        title="Dropout's backward scales the gradient and does not mask it",
        why="Entries that were dropped get a gradient as if they had been kept.",
        symptom="dropout loses its effect on the layers below",
        pattern="mask",
        source=public("numpy-ml issue #94", "https://github.com/ddbourgin/numpy-ml/issues/94"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.backward",
                correct="dx: Array = dy * mask",
                faulty="dx = dy / (1 - self.p) if self.training else dy.copy()",
            )
        ],
    ),
    Fault(
        id="dropout-backward-draws-again",
        title="Dropout's backward draws a mask of its own",
        why="The function that makes the mask is called where the saved one belongs.",
        symptom="gradients of units that were dropped, none for units that were not",
        pattern="seed",
        source=pattern_of("trident PR #89", "https://github.com/kakaobrain/trident/pull/89"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.dropout:_Masked.backward",
                correct="dx: Array = dy * mask",
                faulty="dx: Array = dy * self.rng.permutation(mask.ravel()).reshape(mask.shape)",
            )
        ],
    ),
    Fault(
        id="dropout2d-drops-entries",
        title="Dropout2d drops single entries instead of channels",
        why="The mask has the shape of the input.",
        symptom="the regularisation of neighbouring pixels is lost; nothing else shows",
        pattern="wrong-axis",
        source=pattern_of("pytorch issue #69801", "https://github.com/pytorch/pytorch/issues/69801"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:Dropout2d._draws",
                correct="return (*shape[:2], 1, 1)",
                faulty="return shape",
            )
        ],
    ),
    Fault(
        id="droppath-drops-the-batch",
        title="DropPath decides once for the whole batch",
        why="One number is drawn where each example needs its own.",
        symptom="steps in which the branch learns nothing, and noisier training",
        pattern="wrong-axis",
        source=review("the mask is drawn for each example"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:DropPath._draws",
                correct="return (shape[0], *(1 for _ in shape[1:]))",
                faulty="return tuple(1 for _ in shape)",
            )
        ],
    ),
    Fault(
        id="droppath-drops-features",
        title="DropPath drops features instead of examples",
        why="The mask varies along the last axis and not along the first.",
        symptom="the branch is thinned out for all examples alike",
        pattern="wrong-axis",
        source=review("the mask is drawn for each example"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:DropPath._draws",
                correct="return (shape[0], *(1 for _ in shape[1:]))",
                faulty="return (*(1 for _ in shape[1:]), shape[-1])",
            )
        ],
    ),
    Fault(
        id="alpha-dropout-nan-at-one",
        title="AlphaDropout with p = 1 gives NaN",
        why="The variance is 0, its inverse root infinite, and infinity times 0 NaN.",
        symptom="a sweep over p ends in NaN",
        pattern="domain",
        source=public("Paddle PR #26977", "https://github.com/PaddlePaddle/Paddle/pull/26977"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.dropout:AlphaDropout.forward",
                correct="a = 1 / np.sqrt(variance) if variance else variance",
                faulty="a = 1 / np.sqrt(variance)",
            )
        ],
    ),
    Fault(
        id="alpha-dropout-mean-shifts",
        title="AlphaDropout does not take back the mean that it adds",
        why="b = -a p α' is missing, so that dropped units pull the mean down.",
        symptom="SELU networks lose their fixed point, and train worse",
        pattern="dropped-statement",
        source=review("b = -a p α' keeps the mean at 0"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.dropout:AlphaDropout.forward",
                correct="(np.where(kept, 0, a * ALPHA) - a * self.p * ALPHA)",
                faulty="np.where(kept, 0, a * ALPHA)",
            )
        ],
    ),
    Fault(
        id="alpha-dropout-backward-without-scale",
        title="AlphaDropout's backward forgets the factor a",
        why="The gradient is masked and not scaled.",
        symptom="layers below learn at another rate than those above",
        pattern="scale",
        source=review("dx = a dy where kept"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.dropout:AlphaDropout.backward",
                correct="dx: Array = dy * scale",
                faulty="dx: Array = dy * (scale != 0)",
            )
        ],
    ),
]
