"""Faults of nnlab.nn.elementwise, and so of every activation built on it."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="elementwise-scales-cotangent-in-place",
        title="Activations multiply the slope into the caller's dy",
        why="dy belongs to the layer above, and to every other branch that it goes to.",
        symptom="wrong gradients in residual networks only",
        pattern="mutated-input",
        source=public("pytorch issue #81417", "https://github.com/pytorch/pytorch/issues/81417"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.elementwise:Elementwise.backward",
                "return np.asarray(dy * self.derivative(x), x.dtype)",
                """
                dy *= self.derivative(x)
                return dy
                """,
            )
        ],
    ),
    Fault(
        id="elementwise-backward-calls-forward",
        title="Activations' backward evaluates the function itself",
        why="The table of operations lists forward where the gradient belongs.",
        symptom="training goes nowhere",
        pattern="wrong-operand",
        source=public("mxnet issue #16938", "https://github.com/apache/mxnet/issues/16938"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.elementwise:Elementwise.backward", "dy * self.derivative(x)", "dy * self.function(x)")],
    ),
    Fault(
        id="elementwise-keeps-its-input",
        title="Activations keep the caller's array for backward",
        why="An in-place operation on the input between forward and backward changes the slope.",
        symptom="wrong gradients after x += …, and only then",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[
            Edit("nnlab.nn.elementwise:Elementwise.forward", "own(self, x, (...,))", "borrow(self, x, (...,))"),
        ],
    ),
    Fault(
        id="elementwise-gradient-in-float64",
        title="Activations' gradients are float64 in a float32 network",
        why="np.where with Python numbers gives float64 slopes, and the product is not brought back.",
        symptom="backward takes twice the memory; nothing is wrong in value",
        pattern="shape",
        source=review("a gradient has the dtype of its tensor"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.elementwise:Elementwise.backward",
                "np.asarray(dy * self.derivative(x), x.dtype)",
                "np.asarray(dy * self.derivative(x))",
            )
        ],
    ),
]
