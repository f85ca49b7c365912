"""Faults of nnlab.nn.weight_norm."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="weight-norm-over-wrong-axes",
        title="WeightNorm takes its norms by row whatever dim says",
        why="For dim=1 the axes must change; forward and backward agree on the wrong ones.",
        symptom="weights of another framework give other outputs for dim other than 0",
        pattern="wrong-axis",
        source=public("pytorch issue #81195", "https://github.com/pytorch/pytorch/issues/81195"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:WeightNorm.__init__",
                correct="self.axes = tuple(axis for axis in range(weight.ndim) if axis != kept)",
                faulty="self.axes = tuple(range(1, weight.ndim))",
            )
        ],
    ),
    Fault(
        id="weight-norm-keeps-radial-gradient",
        title="WeightNorm's gradient of v is not projected",
        why="The part along v changes only the norm, which is divided out, and must be 0.",
        symptom="v grows without bound while the loss falls",
        pattern="simplified-backward",
        source=review("dv = g / |v| (dW - dg v / |v|)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:WeightNorm.backward",
                correct="scale * (dweight - dg * v_hat)",
                faulty="scale * dweight",
            )
        ],
    ),
    Fault(
        id="weight-norm-inner-gradient-not-cleared",
        title="WeightNorm's hidden weight keeps its gradient",
        why="Nothing outside knows that parameter, so that zero_grad does not reach it.",
        symptom="each backward counts all earlier ones again",
        pattern="state-not-restored",
        source=review("the gradient of the hidden weight is that of this backward"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:_Parametrized._run_backward",
                correct="weight.grad = np.zeros_like(weight.data)",
                faulty="pass",
            )
        ],
    ),
    Fault(
        id="spectral-norm-constant-sigma",
        title="SpectralNorm's backward takes σ as a constant",
        why="The weight is divided by a number that depends on it; the path through it is left out.",
        symptom="the scale of the weight drifts, although it has no effect",
        pattern="simplified-backward",
        source=public("pytorch PR #6929", "https://github.com/pytorch/pytorch/pull/6929"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:SpectralNorm.backward",
                correct="self.original.grad += dweight / sigma + dsigma * uv",
                faulty="self.original.grad += dweight / sigma",
            )
        ],
    ),
    Fault(
        id="spectral-norm-divides-by-old-norm",
        title="SpectralNorm's power method divides by the norm of the vector before the step",
        why="u keeps the length |W v|, and σ becomes its square.",
        symptom="weights are divided by σ²: too small or too large",
        pattern="wrong-operand",
        source=public("ModOpt issue #211", "https://github.com/CEA-COSMIC/ModOpt/issues/211"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:SpectralNorm._power",
                correct="u = self._unit(matrix @ v)",
                faulty="u = matrix @ v / np.maximum(np.linalg.norm(v), self.eps)",
            )
        ],
    ),
    Fault(
        id="spectral-norm-iterates-in-eval",
        title="SpectralNorm moves u and v in evaluation",
        why="The buffers are state, and a forward in evaluation must leave them as they are.",
        symptom="a prediction depends on how many were made before",
        pattern="train-eval-confusion",
        source=review("in evaluation u and v stay"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:SpectralNorm.forward",
                correct="if self.training:",
                faulty="if self.n_power_iterations:",
            )
        ],
    ),
    Fault(
        id="spectral-norm-forgets-its-vectors",
        title="SpectralNorm starts its power method anew in every forward",
        why="What the steps found is not kept.",
        symptom="σ stays a rough estimate however long it trains",
        pattern="state-not-advanced",
        source=review("each forward goes on from the vectors of the last"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.weight_norm:SpectralNorm.forward",
                correct="self._u, self._v = u, v",
                faulty="u, v = u.copy(), v.copy()",
            )
        ],
    ),
]
