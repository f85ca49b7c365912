"""Faults of nnlab.nn.rectifier."""

from faults.sources import public, review
from nnlab.lab import Constant, Edit, Fault

CANDLE = ("candle PR #2328", "https://github.com/huggingface/candle/pull/2328")
NUMPYNET = ("numpynet PR #35", "https://github.com/uptake/numpynet/pull/35")

FAULTS = [
    Fault(
        id="relu-derivative-one-at-zero",
        title="ReLU's derivative at 0 is 1",
        why="x >= 0 in place of x > 0: units that are exactly 0, as after another ReLU or dropout, get a gradient.",
        symptom="none in theory; sparse networks do not stay sparse",
        pattern="tie-rule",
        source=public(*NUMPYNET),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:ReLU.derivative", "return x > 0", "return x >= 0")],
    ),
    Fault(
        id="relu-derivative-half-at-zero",
        title="ReLU's derivative at 0 is 1/2",
        why="(1 + sign(x)) / 2 saves a comparison and has a third value.",
        symptom="none in theory; dead inputs leak half of their gradient",
        pattern="tie-rule",
        source=public("DiffSharp issue #16", "https://github.com/DiffSharp/DiffSharp/issues/16"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:ReLU.derivative", "return x > 0", "return np.asarray((1 + np.sign(x)) / 2)")],
    ),
    Fault(
        id="relu-derivative-missing",
        title="ReLU passes all of its gradient on",
        why="The mask is lost: negative inputs are clipped forward and get their gradient all the same.",
        symptom="it learns; a straight-through estimator does so too",
        pattern="identity-derivative",
        source=review("dx = dy where x > 0, else 0"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:ReLU.derivative", "return x > 0", "return np.ones_like(x)")],
    ),
    Fault(
        id="leakyrelu-mask-from-output",
        title="LeakyReLU decides by the sign of its output",
        why="For the in-place variant only the output is at hand; with a negative slope it is positive on both sides.",
        symptom="none with a positive slope",
        pattern="wrong-operand",
        source=public("pytorch issue #31938", "https://github.com/pytorch/pytorch/issues/31938"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:LeakyReLU.derivative",
                "np.where(x > 0, 1.0, self.negative_slope)",
                "np.where(self.function(x) > 0, 1.0, self.negative_slope)",
            )
        ],
    ),
    Fault(
        id="leakyrelu-zero-slope-ignored",
        title="LeakyReLU's gradient passes everywhere when the slope is 0",
        why="The slope is tested for truth, and 0 counts as not given.",
        symptom="none with a positive slope; with 0 it is no longer a ReLU",
        pattern="domain",
        source=public("chainer PR #5898", "https://github.com/chainer/chainer/pull/5898"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:LeakyReLU.derivative",
                "1.0, self.negative_slope)",
                "1.0, self.negative_slope or 1.0)",
            )
        ],
    ),
    Fault(
        id="leakyrelu-derivative-one-at-zero",
        title="LeakyReLU's derivative at 0 is 1",
        why="x >= 0 in place of x > 0, where torch takes the slope of the negative side.",
        symptom="results differ from torch's where inputs are exactly 0",
        pattern="tie-rule",
        source=public(*NUMPYNET),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:LeakyReLU.derivative", "x > 0", "x >= 0")],
    ),
    Fault(
        id="prelu-mask-from-output",
        title="PReLU's gradient decides by the sign of its output",
        why="A learned slope may become negative, and then the output is positive on both sides.",
        symptom="training becomes strange once a slope has crossed 0",
        pattern="wrong-operand",
        source=public("mxnet PR #3277", "https://github.com/apache/mxnet/pull/3277"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.rectifier:PReLU.backward",
                "return np.where(x > 0, dy, self.weight.data.reshape(per_channel) * dy)",
                """
                slope = self.weight.data.reshape(per_channel)
                y = np.where(x > 0, x, slope * x)
                return np.where(y > 0, dy, slope * dy)
                """,
            )
        ],
    ),
    Fault(
        id="prelu-weight-mask-from-output",
        title="PReLU's weight gradient is zero wherever the output is positive",
        why="A negative slope makes negative inputs positive: just they then teach the slope nothing.",
        symptom="a slope below 0 never comes back",
        pattern="wrong-operand",
        source=public("Paddle PR #12538", "https://github.com/PaddlePaddle/Paddle/pull/12538"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.rectifier:PReLU.backward",
                "(dy * np.minimum(x, 0)).sum(alike)",
                "(dy * np.minimum(x, 0) * (self.weight.data.reshape(per_channel) * x < 0)).sum(alike)",
            )
        ],
    ),
    Fault(
        id="prelu-weight-gradient-mean",
        title="PReLU's weight gradient is a mean over batch and positions",
        why="The loss is averaged already; the weight's gradient is the sum of what each entry contributes.",
        symptom="slopes hardly move",
        pattern="missing-mean",
        source=review("dweight = Σ dy min(x, 0)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:PReLU.backward", ".sum(alike)", ".mean(alike)")],
    ),
    Fault(
        id="elu-derivative-from-output",
        title="ELU's derivative is computed from its output",
        why="y + alpha is alpha exp(x) for negative x, but where alpha < 0 the sign of y no longer tells that of x.",
        symptom="none with a positive alpha",
        pattern="wrong-operand",
        source=public("pytorch issue #47671", "https://github.com/pytorch/pytorch/issues/47671"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:ELU.derivative",
                "return np.where(x > 0, 1.0, self.alpha * np.exp(-np.abs(x)))",
                """
                y = self.function(x)
                return np.where(y > 0, 1.0, y + self.alpha)
                """,
            )
        ],
    ),
    Fault(
        id="elu-derivative-of-input",
        title="ELU's derivative is x + alpha for negative x",
        why="The form y + alpha was meant, with the output y.",
        symptom="gradients grow with the distance from 0, and change their sign",
        pattern="wrong-operand",
        source=public("mlpack PR #1540", "https://github.com/mlpack/mlpack/pull/1540"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:ELU.derivative", "self.alpha * np.exp(-np.abs(x))", "x + self.alpha")],
    ),
    Fault(
        id="elu-gradient-nan-far-out",
        title="ELU's gradient is NaN for large inputs",
        why="exp is taken of all inputs and multiplied by the mask: 0 · ∞.",
        symptom="NaN after one large activation, though the forward was fine",
        pattern="domain",
        source=public(*CANDLE),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:ELU.derivative",
                "np.where(x > 0, 1.0, self.alpha * np.exp(-np.abs(x)))",
                "(x > 0) + (x <= 0) * self.alpha * np.exp(x)",
            )
        ],
    ),
    Fault(
        id="celu-gradient-nan-far-out",
        title="CELU's gradient is NaN for large inputs",
        why="exp is taken of all inputs and multiplied by the mask: 0 · ∞.",
        symptom="NaN after one large activation, though the forward was fine",
        pattern="domain",
        source=public("tinygrad PR #17852", "https://github.com/tinygrad/tinygrad/pull/17852"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:CELU.derivative",
                "return np.exp(np.minimum(x, 0) / self.alpha)",
                "return np.asarray((x > 0) + (x <= 0) * np.exp(x / self.alpha))",
            )
        ],
    ),
    Fault(
        id="celu-derivative-of-elu",
        title="CELU's derivative is ELU's, with alpha in front",
        why="In CELU the alpha of the chain rule cancels; with alpha = 1 the two are the same.",
        symptom="none with the default alpha",
        pattern="scale",
        source=review("d alpha (exp(x / alpha) - 1) = exp(x / alpha)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.rectifier:CELU.derivative",
                "return np.exp(np.minimum(x, 0) / self.alpha)",
                "return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0) / self.alpha))",
            )
        ],
    ),
    Fault(
        id="selu-derivative-from-output",
        title="SELU's derivative from the output adds alpha before it scales",
        why="y + scale · alpha is scale · alpha · exp(x); here y is scaled a second time.",
        symptom="self-normalisation is lost; far out the gradient changes its sign",
        pattern="order-of-operations",
        source=public("RubixML PR #427", "https://github.com/RubixML/ML/pull/427"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.rectifier:SELU.derivative",
                "self.alpha * np.exp(-np.abs(x))",
                "self.function(x) + self.alpha",
            )
        ],
    ),
    Fault(
        id="selu-scale-and-alpha-swapped",
        title="SELU's scale and alpha are swapped",
        why="Two parameters in the other order; the negative branch, with their product, is right by accident.",
        symptom="activations grow by 1.67 from layer to layer",
        pattern="wrong-operand",
        source=public("tt-metal issue #55252", "https://github.com/tenstorrent/tt-metal/issues/55252"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:SELU.function",
                "self.scale * (np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0)))",
                "self.alpha * (np.maximum(x, 0) + self.scale * np.expm1(np.minimum(x, 0)))",
            ),
            Edit(
                "nnlab.nn.rectifier:SELU.derivative",
                "self.scale * np.where(x > 0, 1.0, self.alpha * np.exp(-np.abs(x)))",
                "self.alpha * np.where(x > 0, 1.0, self.scale * np.exp(-np.abs(x)))",
            ),
        ],
    ),
    Fault(
        id="selu-without-alpha",
        title="SELU scales an ELU with alpha = 1",
        why="The elu at hand takes no alpha.",
        symptom="means drift from 0: the network is not self-normalising",
        pattern="wrong-formula",
        source=public("tflearn PR #853", "https://github.com/tflearn/tflearn/pull/853"),
        killed_by="reference",
        edits=[Constant("nnlab.nn.rectifier:SELU.alpha", "1.6732632423543772848170429916717", "1.0")],
    ),
]
