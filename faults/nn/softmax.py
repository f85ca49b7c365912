"""Faults of nnlab.nn.softmax."""

from faults.sources import POST_TITLE, POST_URL, pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="softmax-gradient-doubled",
        title="Softmax's gradient is twice what it should be",
        why="A factor that belongs to a squared loss has found its way into the layer.",
        symptom="as if the learning rate were doubled",
        pattern="scale",
        source=public("fromscratchtoml issue #65", "https://github.com/markroxor/fromscratchtoml/issues/65"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.softmax:softmax_backward", "dx: Array = y * (", "dx: Array = 2 * y * (")],
    ),
    Fault(
        id="softmax-gradient-diagonal",
        title="Softmax's gradient is the diagonal of its Jacobian",
        why="y (1 - y) treats the outputs as independent sigmoids; the entries off the diagonal are missing.",
        symptom="the loss falls, since the diagonal dominates",
        pattern="simplified-backward",
        source=public("libnd4j issue #440", "https://github.com/deeplearning4j/libnd4j/issues/440"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.softmax:softmax_backward",
                "y * (dy - (dy * y).sum(dim, keepdims=True))",
                "dy * y * (1 - y)",
            )
        ],
    ),
    Fault(
        id="softmax-gradient-mean",
        title="Softmax's gradient subtracts the mean of dy y, not its sum",
        why="The weights y already sum to 1: Σ dy y is the mean, and a mean of it divides by the number of classes.",
        symptom="slower learning with many classes",
        pattern="missing-mean",
        source=review("dx = y (dy - Σ dy y)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.softmax:softmax_backward", "(dy * y).sum(dim,", "(dy * y).mean(dim,")],
    ),
    Fault(
        id="softmax-gradient-last-axis",
        title="Softmax's gradient sums over the last axis, whatever dim is",
        why="backward was written for dim=-1; forward honours dim.",
        symptom="none with dim=-1; wrong gradients with classes on axis 1",
        pattern="wrong-axis",
        source=review("forward and backward normalise along the same axis"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.softmax:softmax_backward", "(dy * y).sum(dim,", "(dy * y).sum(-1,")],
    ),
    Fault(
        id="softmax-global-maximum",
        title="softmax subtracts the largest entry of the whole array",
        why="The maximum is not taken row by row: rows far below it underflow to nothing.",
        symptom="zeros where one sample of the batch is much larger than the others",
        pattern="wrong-axis",
        source=public("crysx_nn issue #7", "https://github.com/manassharma07/crysx_nn/issues/7"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.softmax:softmax", "x.max(dim, keepdims=True)", "x.max(keepdims=True)")],
    ),
    Fault(
        id="softmax-overflows",
        title="softmax exponentiates its input as it is",
        why="Without the shift by the maximum exp overflows, and ∞ / ∞ is NaN.",
        symptom="NaN for logits above 709 (88 in float32)",
        pattern="domain",
        source=review("softmax is computed from x - max(x)"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.softmax:softmax", "np.exp(x - np.maximum(x.max(dim, keepdims=True), limits.min))", "np.exp(x)"
            )
        ],
    ),
    Fault(
        id="softmax-masked-row-nan",
        title="A fully masked row is NaN",
        why="-∞ less the maximum -∞: a query that may attend to nothing poisons the batch, forward and backward.",
        symptom="NaN as soon as one sequence is all padding",
        pattern="mask",
        source=public("pytorch issue #41508", "https://github.com/pytorch/pytorch/issues/41508"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.softmax:softmax",
                "np.maximum(x.max(dim, keepdims=True), limits.min)",
                "x.max(dim, keepdims=True)",
            )
        ],
    ),
    Fault(
        id="softmax-keeps-its-output",
        title="Softmax returns the array that it keeps for backward",
        why="A caller who renormalises or masks the probabilities in place changes the gradient.",
        symptom="wrong gradients after y[mask] = 0",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.softmax:Softmax.forward", "return y.copy()", "return y")],
    ),
    Fault(
        id="softmin-gradient-sign",
        title="Softmin's gradient is that of softmax",
        why="The minus of forward has no counterpart in backward.",
        symptom="the layers below climb instead of descending",
        pattern="sign",
        source=review("softmin(x) = softmax(-x), so dx has a minus too"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.softmax:Softmin.backward", "-super().backward(dy)", "super().backward(dy)")],
    ),
    Fault(
        id="softmin-negates-its-input",
        title="Softmin negates the caller's array",
        why="x *= -1 saves a temporary and leaves the input negated.",
        symptom="the second use of the same batch, or a residual path, has the opposite sign",
        pattern="mutated-input",
        source=pattern_of(POST_TITLE, POST_URL),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.softmax:Softmin.forward",
                "return super().forward(-borrow(self, x, (...,)))",
                """
                x = borrow(self, x, (...,))
                x *= -1
                return super().forward(x)
                """,
            )
        ],
    ),
    Fault(
        id="logsoftmax-gradient-assumes-nll",
        title="LogSoftmax's gradient assumes that the loss is the likelihood of one class",
        why="dy sums to -1 below a cross-entropy, so that exp(y) stands for -exp(y) Σ dy; elsewhere it does not.",
        symptom="none in classification; distillation and CTC learn something else",
        pattern="simplified-backward",
        source=public("mlpack issue #2360", "https://github.com/mlpack/mlpack/issues/2360"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.softmax:LogSoftmax.backward",
                "dy - np.exp(y) * dy.sum(self.dim, keepdims=True)",
                "dy + np.exp(y)",
            )
        ],
    ),
    Fault(
        id="logsoftmax-gradient-half-softmax",
        title="LogSoftmax's backward subtracts Σ dy y, as softmax's does",
        why="The kernel was copied from softmax, where Σ dy y belongs; here it is exp(y) Σ dy.",
        symptom="gradients of a plausible size that point elsewhere",
        pattern="wrong-formula",
        source=public("oneDNN issue #616", "https://github.com/uxlfoundation/oneDNN/issues/616"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.softmax:LogSoftmax.backward",
                "np.exp(y) * dy.sum(self.dim, keepdims=True)",
                "(dy * y).sum(self.dim, keepdims=True)",
            )
        ],
    ),
    Fault(
        id="logsoftmax-log-of-softmax",
        title="log_softmax is the logarithm of softmax",
        why="Probabilities that underflow to 0 have the logarithm -∞.",
        symptom="an infinite loss once a class is ruled out by 745",
        pattern="domain",
        source=review("log softmax(x) = x - max(x) - log Σ exp(x - max(x))"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.softmax:log_softmax",
                "shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))",
                "np.log(softmax(shifted, dim))",
            )
        ],
    ),
]
