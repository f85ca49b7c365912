"""Faults of nnlab.nn.rectifier: the clipped forms and the shrinkages."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

HARDSIGMOID = ("pytorch issue #49922", "https://github.com/pytorch/pytorch/issues/49922")

FAULTS = [
    Fault(
        id="hardtanh-derivative-one-sided",
        title="Hardtanh's derivative knows the upper bound alone",
        why="Inputs below min_val are clipped forward and get their gradient all the same.",
        symptom="units at the lower end keep drifting down",
        pattern="simplified-backward",
        source=review("the slope is 1 strictly between the bounds and 0 elsewhere"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.rectifier:Hardtanh.derivative",
                "(self.min_val < x) & (x < self.max_val)",
                "x < self.max_val",
            )
        ],
    ),
    Fault(
        id="hardtanh-derivative-one-at-bounds",
        title="Hardtanh's derivative at its bounds is 1",
        why="<= in place of <: a clipped array that is clipped again gets a gradient where it was cut.",
        symptom="results differ from torch's where inputs sit on a bound",
        pattern="tie-rule",
        source=pattern_of(*HARDSIGMOID),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:Hardtanh.derivative",
                "(self.min_val < x) & (x < self.max_val)",
                "(self.min_val <= x) & (x <= self.max_val)",
            )
        ],
    ),
    Fault(
        id="relu6-ends-at-one",
        title="ReLU6 is clipped at 1",
        why="Only the lower bound is handed to Hardtanh, and the upper keeps its default.",
        symptom="a network with less capacity; weights trained elsewhere do not fit",
        pattern="unset-state",
        source=review("y = min(max(x, 0), 6)"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:ReLU6.__init__", "super().__init__(0.0, 6.0)", "super().__init__(0.0)")],
    ),
    Fault(
        id="relu6-symmetric",
        title="ReLU6 lets negative inputs down to -6 pass",
        why="The bound is taken for that of |x|.",
        symptom="activations are negative after a ReLU6",
        pattern="range",
        source=review("y = min(max(x, 0), 6)"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:ReLU6.__init__", "super().__init__(0.0, 6.0)", "super().__init__(-6.0, 6.0)")],
    ),
    Fault(
        id="hardsigmoid-gradient-everywhere",
        title="Hardsigmoid's gradient is 1/6 everywhere",
        why="The mask of the flat parts is lost in the vectorised kernel.",
        symptom="saturated gates keep moving",
        pattern="mask",
        source=public("pytorch issue #51408", "https://github.com/pytorch/pytorch/issues/51408"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.rectifier:Hardsigmoid.derivative", "(np.abs(x) < 3) / 6", "np.full_like(x, 1 / 6)"),
        ],
    ),
    Fault(
        id="hardsigmoid-gradient-at-bounds",
        title="Hardsigmoid's gradient at -3 and 3 is 1/6",
        why="<= in place of <, unlike the other clipped activations.",
        symptom="results differ from torch's where inputs sit on a bound",
        pattern="tie-rule",
        source=public(*HARDSIGMOID),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:Hardsigmoid.derivative", "np.abs(x) < 3", "np.abs(x) <= 3")],
    ),
    Fault(
        id="hardsigmoid-of-keras",
        title="Hardsigmoid is min(max(0.2 x + 0.5, 0), 1)",
        why="Another library's function of the same name, with its own derivative.",
        symptom="weights trained elsewhere give slightly other outputs",
        pattern="wrong-formula",
        source=review("y = min(max(x + 3, 0), 6) / 6"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.rectifier:Hardsigmoid.function", "np.clip(x + 3, 0, 6) / 6", "np.clip(0.2 * x + 0.5, 0, 1)"),
            Edit("nnlab.nn.rectifier:Hardsigmoid.derivative", "(np.abs(x) < 3) / 6", "0.2 * (np.abs(x) < 2.5)"),
        ],
    ),
    Fault(
        id="hardswish-gradient-at-bounds",
        title="Hardswish's gradient at -3 and 3 is that of the parabola",
        why="Both comparisons include their bound: -0.5 and 1.5, a slope that neither side has.",
        symptom="results differ where inputs sit on a bound",
        pattern="tie-rule",
        source=public("pytorch issue #147801", "https://github.com/pytorch/pytorch/issues/147801"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:Hardswish.derivative",
                "np.where(x < 3, np.where(x > -3,",
                "np.where(x <= 3, np.where(x >= -3,",
            )
        ],
    ),
    Fault(
        id="hardswish-third-rounded",
        title="Hardswish's derivative takes 0.3333 for 1/3",
        why="A constant written with four digits; forward uses the exact sixth.",
        symptom="none; gradients are off by 1e-4",
        pattern="precision",
        source=public("tt-metal issue #55291", "https://github.com/tenstorrent/tt-metal/issues/55291"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:Hardswish.derivative", "x / 3 + 0.5", "x * 0.3333 + 0.5")],
    ),
    Fault(
        id="softshrink-without-shift",
        title="Softshrink keeps its input where it does not shrink it to 0",
        why="That is Hardshrink, and its derivative is the same.",
        symptom="less shrinkage than asked for",
        pattern="wrong-formula",
        source=review("y = x - λ where x > λ and x + λ where x < -λ"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:Softshrink.function",
                "x - np.clip(x, -self.lambd, self.lambd)",
                "np.where(np.abs(x) > self.lambd, x, 0.0)",
            )
        ],
    ),
    Fault(
        id="softshrink-derivative-fixed-lambda",
        title="Softshrink's derivative uses the default λ",
        why="0.5 is written out in backward.",
        symptom="none with the default",
        pattern="wrong-operand",
        source=review("forward and backward have the same λ"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:Softshrink.derivative", "np.abs(x) > self.lambd", "np.abs(x) > 0.5")],
    ),
    Fault(
        id="hardshrink-one-sided",
        title="Hardshrink sets all negative inputs to 0",
        why="The absolute value is missing in forward.",
        symptom="negative signals are lost, though their gradient is not",
        pattern="sign",
        source=review("y = 0 where |x| <= λ, else x"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:Hardshrink.function", "np.abs(x) <= self.lambd", "x <= self.lambd")],
    ),
    Fault(
        id="hardshrink-keeps-its-bounds",
        title="Hardshrink keeps inputs of exactly ±λ",
        why="< in place of <=: the interval is closed in torch.",
        symptom="results differ where inputs, such as quantised ones, sit on a bound",
        pattern="tie-rule",
        source=review("y = x where |x| > λ, else 0"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.rectifier:Hardshrink.function", "np.abs(x) <= self.lambd", "np.abs(x) < self.lambd")],
    ),
    Fault(
        id="threshold-replaces-by-threshold",
        title="Threshold clips at the threshold and ignores `value`",
        why="The two arguments are taken for one; where both are 0, as in most uses, nothing shows.",
        symptom="none with value = threshold",
        pattern="wrong-operand",
        source=review("y = value where x <= threshold"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.rectifier:Threshold.function",
                "<= self.threshold, self.value",
                "<= self.threshold, self.threshold",
            )
        ],
    ),
    Fault(
        id="threshold-derivative-compares-with-value",
        title="Threshold's derivative compares with `value`",
        why="The two arguments are mixed up in backward alone.",
        symptom="none with value = threshold",
        pattern="wrong-operand",
        source=review("the slope is 1 where x > threshold"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.rectifier:Threshold.derivative", "x > self.threshold", "x > self.value")],
    ),
]
