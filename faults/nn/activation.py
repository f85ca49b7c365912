"""Faults of nnlab.nn.activation."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

NEURAL2D = ("neural2d issue #40", "https://github.com/davidrmiller/neural2d/issues/40")

FAULTS = [
    Fault(
        id="gelu-inner-derivative",
        title="GELU's tanh form differentiates the cube as if it were a square",
        why="The factor 3 of d x³ / dx is lost inside the tanh; near 0, where most inputs are, nothing shows.",
        symptom="training looks normal; gradients of large inputs are a few percent off",
        pattern="wrong-formula",
        source=public("PyDeepFlow PR #89", "https://github.com/ravin-d-27/PyDeepFlow/pull/89"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:GELU.backward", "(1 + 3 * 0.044715 * x**2)", "(1 + 0.044715 * x**2)")],
    ),
    Fault(
        id="gelu-backward-ignores-approximate",
        title="GELU's backward is that of the exact form, whichever was chosen",
        why="backward was written for erf and never got the branch for tanh; both differ by 1e-3 at most.",
        symptom="none in training; a check with rtol 1e-2 passes",
        pattern="wrong-formula",
        source=public("kulinseth/pytorch PR #284", "https://github.com/kulinseth/pytorch/pull/284"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.activation:GELU.backward",
                """
                if self.approximate == "tanh":
                    dphi = 2 * phi * (1 - phi) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
                else:
                    dphi = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
                """,
                "dphi = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)",
            )
        ],
    ),
    Fault(
        id="gelu-tanh-precedence",
        title="GELU's tanh form multiplies only the linear term by √(2/π)",
        why="A bracket is lost, in forward and backward alike, so the two agree with each other.",
        symptom="weights trained elsewhere give slightly other outputs",
        pattern="order-of-operations",
        source=review("√(2/π) multiplies the whole polynomial x + 0.044715 x³"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.activation:GELU.forward",
                "np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))",
                "np.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3)",
            ),
            Edit(
                "nnlab.nn.activation:GELU.backward",
                "math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)",
                "(math.sqrt(2 / math.pi) + 3 * 0.044715 * x**2)",
            ),
        ],
    ),
    Fault(
        id="gelu-constant-derivative-of-phi",
        title="GELU's gradient leaves out the slope of Φ",
        why="Φ(x) is taken for a fixed gate: the path through it, x φ(x), is missing.",
        symptom="the loss falls, somewhat slower",
        pattern="simplified-backward",
        source=review("d x Φ(x) = Φ(x) + x φ(x)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:GELU.backward", "dy * (phi + x * dphi)", "dy * phi")],
    ),
    Fault(
        id="tanh-derivative-of-output",
        title="Tanh's derivative is evaluated at the output",
        why="tanh'(x) = 1 - tanh²(x) is called with what forward returned, so that tanh is applied twice.",
        symptom="slower learning, since saturated units get too much gradient",
        pattern="wrong-operand",
        source=public(*NEURAL2D),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Tanh.backward", "dy * (1 - y**2)", "dy * (1 - np.tanh(y) ** 2)")],
    ),
    Fault(
        id="tanh-returns-its-cache",
        title="Tanh returns the array that it keeps for backward",
        why="A caller who adds to the output in place changes the derivative.",
        symptom="wrong gradients where a residual is added in place",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.activation:Tanh.forward", "return y.copy()", "return y")],
    ),
    Fault(
        id="sigmoid-derivative-of-output",
        title="Sigmoid's derivative is evaluated at the output",
        why="σ'(x) is written as a function of x and called with σ(x).",
        symptom="the loss falls, more slowly",
        pattern="wrong-operand",
        source=pattern_of(*NEURAL2D),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Sigmoid.backward", "dy * y * (1 - y)", "dy * sigmoid(y) * (1 - sigmoid(y))")],
    ),
    Fault(
        id="sigmoid-derivative-missing",
        title="Sigmoid passes its gradient on unchanged",
        why="The derivative of the activation is left out; since σ rises everywhere the direction stays roughly right.",
        symptom="it learns, with a larger step than asked for",
        pattern="identity-derivative",
        source=public(
            "NeuralNetworkFromScratch PR #3", "https://github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3"
        ),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Sigmoid.backward", "dy * y * (1 - y)", "dy.copy()")],
    ),
    Fault(
        id="sigmoid-clipped",
        title="sigmoid is clipped to [1e-7, 1 - 1e-7]",
        why="Meant to protect a logarithm downstream; the function is then wrong and flat where it is small.",
        symptom="probabilities never fall below 1e-7",
        pattern="range",
        source=review("σ(x) keeps all its digits where it is small"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.activation:sigmoid",
                "y: Array = np.exp(-softplus(-x))",
                "y: Array = np.clip(np.exp(-softplus(-x)), 1e-7, 1 - 1e-7)",
            )
        ],
    ),
    Fault(
        id="sigmoid-overflows",
        title="sigmoid is exp(x) / (1 + exp(x))",
        why="The form for negative x is used for all: ∞ / ∞ as soon as exp overflows.",
        symptom="NaN for inputs above 709 (88 in float32)",
        pattern="domain",
        source=review("σ(x) neither overflows nor is NaN for any finite x"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.activation:sigmoid", "np.exp(-softplus(-x))", "np.exp(x) / (1 + np.exp(x))")],
    ),
    Fault(
        id="logsigmoid-zero-gradient-at-zero",
        title="LogSigmoid's derivative is 0 at exactly 0, where it is 0.5",
        why="It is taken from the stable form min(x, 0) - log(1 + exp(-|x|)) with sign(0) = 0: right everywhere else.",
        symptom="units that start at 0 never move",
        pattern="tie-rule",
        source=public("jax issue #2140", "https://github.com/jax-ml/jax/issues/2140"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.activation:LogSigmoid.derivative",
                "return sigmoid(-x)",
                """
                tail = np.exp(-np.abs(x))
                slope: Slope = (x < 0) + np.sign(x) * tail / (1 + tail)
                return slope
                """,
            )
        ],
    ),
    Fault(
        id="logsigmoid-of-sigmoid",
        title="LogSigmoid is the logarithm of sigmoid",
        why="sigmoid underflows to 0 for large negative inputs, and its logarithm is -∞ there.",
        symptom="an infinite loss once a logit is far off",
        pattern="domain",
        source=review("log σ(x) = -softplus(-x), finite for every x"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.activation:LogSigmoid.function", "return -softplus(-x)", "return np.log(sigmoid(x))")],
    ),
    Fault(
        id="silu-constant-gate",
        title="SiLU's gradient is its gate alone",
        why="The term x σ'(x) is missing, as if the gate did not depend on the input.",
        symptom="the loss falls, somewhat slower",
        pattern="simplified-backward",
        source=review("d x σ(x) = σ(x) + x σ(x) (1 - σ(x))"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:SiLU.derivative", "s * (1 + x * (1 - s))", "s")],
    ),
    Fault(
        id="silu-derivative-of-output",
        title="SiLU's derivative multiplies by the output where the input belongs",
        why="The form s + y (1 - s) with y = x s has one s too many when y is written in place of x.",
        symptom="gradients of a plausible size; only the tails are far off",
        pattern="wrong-operand",
        source=review("σ (1 + x (1 - σ)), with x the input"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:SiLU.derivative", "(1 + x * (1 - s))", "(1 + x * s * (1 - s))")],
    ),
    Fault(
        id="softplus-derivative-of-input",
        title="Softplus' derivative is 1 - exp(-x) of the input",
        why="1 - exp(-y) is right for the output y; the kernel was given x.",
        symptom="gradients of the wrong sign for every negative input",
        pattern="wrong-operand",
        source=public("tiny-cuda-nn PR #130", "https://github.com/NVlabs/tiny-cuda-nn/pull/130"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.activation:Softplus.derivative", "sigmoid(self.beta * x)", "1 - np.exp(-self.beta * x)"),
        ],
    ),
    Fault(
        id="softplus-zero-gradient-far-out",
        title="Softplus' gradient is 0 once exp overflows, where it is 1",
        why="exp(x) / (1 + exp(x)) is ∞ / ∞ far out, and the NaN is replaced by 0.",
        symptom="the largest activations stop learning; nothing is NaN",
        pattern="domain",
        source=public("tt-metal PR #56397", "https://github.com/tenstorrent/tt-metal/pull/56397"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.activation:Softplus.derivative",
                "return np.where(self.beta * x > self.threshold, 1.0, sigmoid(self.beta * x))",
                """
                e = np.exp(self.beta * x)
                return np.nan_to_num(e / (1 + e))
                """,
            )
        ],
    ),
    Fault(
        id="softplus-derivative-without-threshold",
        title="Softplus' derivative does not know the threshold",
        why="Above the threshold y = x, whose slope is 1; at the default threshold of 20 both agree to 2e-9.",
        symptom="none with the default threshold",
        pattern="simplified-backward",
        source=review("y = x where beta x > threshold, and so dy/dx = 1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.activation:Softplus.derivative",
                "np.where(self.beta * x > self.threshold, 1.0, sigmoid(self.beta * x))",
                "sigmoid(self.beta * x)",
            )
        ],
    ),
    Fault(
        id="softplus-derivative-times-beta",
        title="Softplus' derivative is multiplied by beta",
        why="The chain rule gives beta, and the division outside takes it away again; the latter is forgotten.",
        symptom="none with beta = 1",
        pattern="scale",
        source=review("d log(1 + exp(beta x)) / beta = σ(beta x)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Softplus.derivative", "1.0, sigmoid(", "1.0, self.beta * sigmoid(")],
    ),
    Fault(
        id="mish-inner-derivative",
        title="Mish's gradient lacks the derivative of its softplus",
        why="The chain rule ends one function too early.",
        symptom="gradients are too large for negative inputs",
        pattern="simplified-backward",
        source=review("d x tanh(s(x)) = tanh(s) + x (1 - tanh²(s)) σ(x)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Mish.derivative", "x * (1 - t**2) * sigmoid(x)", "x * (1 - t**2)")],
    ),
    Fault(
        id="mish-gradient-overflows",
        title="Mish's derivative contains exp(x) / (1 + exp(x))",
        why="exp(x) overflows for large x, where the forward is still fine: 0 · ∞ / ∞.",
        symptom="NaN gradients for inputs above 709 (88 in float32)",
        pattern="domain",
        source=review("far out the slope is 1"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.activation:Mish.derivative",
                "t + x * (1 - t**2) * sigmoid(x)",
                "t + x * (1 - t**2) * np.exp(x) / (1 + np.exp(x))",
            )
        ],
    ),
    Fault(
        id="softsign-derivative-of-arctan",
        title="Softsign's derivative is 1 / (1 + x²)",
        why="(1 + |x|)² is taken for 1 + x²: the cross term is lost.",
        symptom="gradients up to twice too large, always of the right sign",
        pattern="wrong-formula",
        source=review("d x / (1 + |x|) = 1 / (1 + |x|)²"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Softsign.derivative", "1 / (1 + np.abs(x)) ** 2", "1 / (1 + x**2)")],
    ),
    Fault(
        id="softsign-without-absolute-value",
        title="Softsign's derivative forgets the absolute value",
        why="1 / (1 + x)² is right for positive inputs and has a pole at -1.",
        symptom="rare, enormous gradients",
        pattern="sign",
        source=review("d x / (1 + |x|) = 1 / (1 + |x|)²"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Softsign.derivative", "1 / (1 + np.abs(x)) ** 2", "1 / (1 + x) ** 2")],
    ),
    Fault(
        id="tanhshrink-derivative-of-tanh",
        title="Tanhshrink's derivative is that of tanh",
        why="d (x - tanh x) = 1 - (1 - tanh² x); one of the two ones is forgotten.",
        symptom="small inputs get a gradient of 1 instead of 0",
        pattern="wrong-formula",
        source=review("d (x - tanh x) = tanh² x"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.activation:Tanhshrink.derivative", "return np.tanh(x)", "return 1 - np.tanh(x)")],
    ),
    Fault(
        id="tanhshrink-reversed",
        title="Tanhshrink is tanh(x) - x, forward and backward",
        why="The difference is taken the wrong way round in both, and a layer above can undo the sign.",
        symptom="none in training; weights trained elsewhere do not fit",
        pattern="sign",
        source=review("y = x - tanh(x)"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.activation:Tanhshrink.function", "x - np.tanh(x)", "np.tanh(x) - x"),
            Edit("nnlab.nn.activation:Tanhshrink.derivative", "np.tanh(x) ** 2", "-(np.tanh(x) ** 2)"),
        ],
    ),
]
