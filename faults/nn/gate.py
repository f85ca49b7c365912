"""Faults of nnlab.nn.gate."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="glu-gates-the-gate",
        title="GLU applies the sigmoid to the first half",
        why="Value and gate change places, forward and backward; the layer below learns them the other way round.",
        symptom="none in training; weights trained elsewhere do not fit",
        pattern="wrong-operand",
        source=public("AiDotNet.Tensors PR #46", "https://github.com/ooples/AiDotNet.Tensors/pull/46"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.gate:GLU.forward", "a, b = np.split(x, 2, self.dim)", "b, a = np.split(x, 2, self.dim)"),
            Edit(
                "nnlab.nn.gate:GLU.backward", "np.concatenate([da, db], self.dim)", "np.concatenate([db, da], self.dim)"
            ),
        ],
    ),
    Fault(
        id="glu-gate-derivative",
        title="GLU's gate gradient lacks a factor σ",
        why="db = da a (1 - σ) with da = dy σ; written with dy in place of da it misses the σ.",
        symptom="gates move too fast while they are closed",
        pattern="wrong-operand",
        source=review("db = dy a σ (1 - σ)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.gate:GLU.backward", "db = da * a", "db = dy * a")],
    ),
    Fault(
        id="gated-activates-the-value",
        title="SwiGLU and GEGLU activate the value in place of the gate",
        why="x W · act(x V) in place of act(x W) · x V: a formula that is printed both ways.",
        symptom="none in training; weights trained elsewhere do not fit",
        pattern="wrong-operand",
        source=public("diy-llm issue #49", "https://github.com/datawhalechina/diy-llm/issues/49"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.gate:_Gated.forward", "self.activation(self.gate(x))", "self.gate(x)"),
            Edit(
                "nnlab.nn.gate:_Gated.forward", "v: Array = self.value(x)", "v: Array = self.activation(self.value(x))"
            ),
            Edit(
                "nnlab.nn.gate:_Gated.backward",
                "self.gate.backward(self.activation.backward(dg)) + self.value.backward(dv)",
                "self.gate.backward(dg) + self.value.backward(self.activation.backward(dv))",
            ),
        ],
    ),
    Fault(
        id="gated-backward-overwrites-cache",
        title="SwiGLU's backward writes a gradient into what forward saved",
        why="The buffer is free after its last use, unless backward runs again or another operation saved it too.",
        symptom="a second backward, as under checkpointing, gives other numbers",
        pattern="aliasing",
        source=public("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.gate:_Gated.backward",
                "dg, dv = dy * v, dy * g",
                """
                dg = dy * v
                dv = np.multiply(dy, g, out=g)
                """,
            )
        ],
    ),
    Fault(
        id="gated-input-gradient-of-the-gate",
        title="SwiGLU's input gradient comes through the gate alone",
        why="Both projections read x; the gradient through the value is computed for its weights and then dropped.",
        symptom="the layers below learn from half of the signal",
        pattern="lost-residual-path",
        source=review("dx is the sum over both projections"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.gate:_Gated.backward",
                "dx: Array = self.gate.backward(self.activation.backward(dg)) + self.value.backward(dv)",
                """
                self.value.backward(dv)
                dx: Array = self.gate.backward(self.activation.backward(dg))
                """,
            )
        ],
    ),
    Fault(
        id="swiglu-with-sigmoid",
        title="SwiGLU's gate is a sigmoid",
        why="That is the plain GLU; the factor x of SiLU is missing.",
        symptom="slightly worse loss",
        pattern="wrong-formula",
        source=review("SwiGLU(x) = SiLU(x W) x V"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.gate:SwiGLU.__init__", "SiLU()", "Sigmoid()")],
    ),
    Fault(
        id="geglu-with-silu",
        title="GEGLU's gate is SiLU",
        why="The activation of the gated network is fixed to that of another model family.",
        symptom="weights trained elsewhere give wrong outputs",
        pattern="wrong-formula",
        source=public("slime PR #1825", "https://github.com/THUDM/slime/pull/1825"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.gate:GEGLU.__init__", "GELU()", "SiLU()")],
    ),
    Fault(
        id="geglu-with-tanh-form",
        title="GEGLU uses GELU's tanh form",
        why="The approximation is within 5e-4 of the function that the paper names.",
        symptom="none; outputs differ in the fourth digit",
        pattern="precision",
        source=review("GEGLU(x) = GELU(x W) x V with the exact GELU"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.gate:GEGLU.__init__", "GELU()", 'GELU("tanh")')],
    ),
    Fault(
        id="highway-lost-carry",
        title="Highway's backward forgets the carried input",
        why="The path (1 - t) x, which is nearly all of the signal at first, passes no gradient.",
        symptom="deep stacks do not learn, shallow ones do",
        pattern="lost-residual-path",
        source=review("dx includes dy (1 - t)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.gate:Highway.backward", "dx += dy * (1 - t)", "")],
    ),
    Fault(
        id="highway-gate-gradient-of-transform",
        title="Highway's gate gets the gradient of t h alone",
        why="y = t h + (1 - t) x depends on t through both terms.",
        symptom="gates open whenever h helps, also where x would help more",
        pattern="simplified-backward",
        source=review("dt = dy (h - x)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.gate:Highway.backward", "dy * (h - x)", "dy * h")],
    ),
    Fault(
        id="highway-gate-reversed",
        title="Highway carries where it should transform",
        why="t and 1 - t change places, forward and backward; with a negative gate bias nothing is carried at first.",
        symptom="deep stacks train as badly as plain ones",
        pattern="sign",
        source=review("y = t h + (1 - t) x"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.gate:Highway.forward", "t * h + (1 - t) * x", "(1 - t) * h + t * x"),
            Edit("nnlab.nn.gate:Highway.backward", "dy * t, dy * (h - x)", "dy * (1 - t), dy * (x - h)"),
            Edit("nnlab.nn.gate:Highway.backward", "dx += dy * (1 - t)", "dx += dy * t"),
        ],
    ),
    Fault(
        id="maxout-near-ties",
        title="Maxout's gradient goes to every piece within 1e-2 of the largest",
        why="Equality of floats is tested with a tolerance, and near-maxima count as maxima.",
        symptom="slightly too large gradients where pieces are close",
        pattern="tie-rule",
        source=pattern_of("mni-ml/framework PR #22", "https://github.com/mni-ml/framework/pull/22"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.gate:Maxout.backward",
                "np.put_along_axis(dz, chosen, dy[..., None], -1)",
                "dz += dy[..., None] * np.isclose(z, np.take_along_axis(z, chosen, -1), rtol=0, atol=1e-2)",
            )
        ],
    ),
    Fault(
        id="maxout-gradient-to-all-pieces",
        title="Maxout's gradient goes to all pieces",
        why="The maximum is differentiated as if it were a sum.",
        symptom="the pieces never specialise",
        pattern="identity-derivative",
        source=review("only the largest piece gets the gradient"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.gate:Maxout.backward",
                "np.put_along_axis(dz, chosen, dy[..., None], -1)",
                "dz += dy[..., None]",
            )
        ],
    ),
    Fault(
        id="maxout-groups-across",
        title="Maxout groups every out_features-th output of its linear layer",
        why="Reshaped to (pieces, out_features) in place of (out_features, pieces), forward and backward.",
        symptom="none in training; weights trained elsewhere do not fit",
        pattern="transposed",
        source=review("output i is the maximum over its own `pieces` neighbours"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.gate:Maxout.forward",
                "z.reshape(*z.shape[:-1], self.out_features, self.pieces)",
                "z.reshape(*z.shape[:-1], self.pieces, self.out_features).swapaxes(-1, -2)",
            ),
            Edit(
                "nnlab.nn.gate:Maxout.backward",
                "dz.reshape(",
                "dz.swapaxes(-1, -2).reshape(",
            ),
        ],
    ),
]
