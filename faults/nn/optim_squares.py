"""Faults of nnlab.nn.optim_squares."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="adagrad-climbs",
        title="Adagrad adds its step",
        why="param += lr · g / √s climbs the loss.",
        symptom="the loss grows",
        pattern="sign",
        source=public("Paddle issue #4184", "https://github.com/PaddlePaddle/Paddle/issues/4184"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:Adagrad.move", "parameter.data -= lr * g", "parameter.data += lr * g")],
    ),
    Fault(
        id="adagrad-ignores-its-decay",
        title="Adagrad ignores lr_decay",
        why="The rate is overwritten by the group's.",
        symptom="lr_decay has no effect",
        pattern="dropped-statement",
        source=public("tensorflow_scala PR #55", "https://github.com/eaplatanios/tensorflow_scala/pull/55"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:Adagrad.move", 'group["lr"] / (1 + (t - 1) * group["lr_decay"])', 'group["lr"]'
            )
        ],
    ),
    Fault(
        id="adagrad-decay-from-the-first-step",
        title="Adagrad decays its rate before the first step",
        why="t counts from 1 and the formula from 0.",
        symptom="every rate is one step ahead",
        pattern="off-by-one",
        source=review("lr / (1 + (t - 1) · lr_decay)"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:Adagrad.move", "(t - 1)", "t")],
    ),
    Fault(
        id="adagrad-one-accumulator-for-all-entries",
        title="Adagrad sums the squares of all entries",
        why="One number per parameter: frequent and rare entries get the same rate.",
        symptom="rare features learn no faster than frequent ones",
        pattern="wrong-axis",
        source=review("s ← s + g², entry by entry"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:Adagrad.move", 'state["s"] + g**2', 'state["s"] + (g**2).sum()')],
    ),
    Fault(
        id="adagrad-forgets-its-accumulator",
        title="Adagrad divides by today's gradient alone",
        why="The sum is read and never stored.",
        symptom="the rate does not fall",
        pattern="state-not-advanced",
        source=review("s ← s + g²"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim_squares:Adagrad.move", 's = state["s"] = state["s"] + g**2', 's = state["s"] + g**2')
        ],
    ),
    Fault(
        id="adadelta-accumulates-the-update-first",
        title="Adadelta uses the mean of updates that holds today's already",
        why="E[Δ²] is advanced, with g, before the update is computed.",
        symptom="the first updates are far too large",
        pattern="order-of-operations",
        source=public(
            "yacineMahdid issue #43",
            "https://github.com/yacineMahdid/artificial-intelligence-and-machine-learning/issues/43",
        ),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:Adadelta.move",
                'd = g * np.sqrt(state["a"] + eps) / np.sqrt(s + eps)',
                """
                    state["a"] = rho * state["a"] + (1 - rho) * g**2
                    d = g * np.sqrt(eps + state["a"]) / np.sqrt(s + eps)
                """,
            ),
            Edit("nnlab.nn.optim_squares:Adadelta.move", 'state["a"] = rho * state["a"] + (1 - rho) * d**2', "pass"),
        ],
    ),
    Fault(
        id="adadelta-eps-outside-the-roots",
        title="Adadelta adds eps outside its roots",
        why="√a + eps is 1e-6 at the start where √(a + eps) is 1e-3: nothing begins to move.",
        symptom="training does not start",
        pattern="epsilon",
        source=public("torch/optim issue #99", "https://github.com/torch/optim/issues/99"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:Adadelta.move",
                'np.sqrt(state["a"] + eps) / np.sqrt(s + eps)',
                '(np.sqrt(state["a"]) + eps) / (np.sqrt(s) + eps)',
            )
        ],
    ),
    Fault(
        id="adadelta-accumulates-scaled-updates",
        title="Adadelta accumulates updates that are scaled by lr",
        why="torch keeps the mean of d², not of (lr · d)²; for lr = 1 both agree.",
        symptom="lr acts twice",
        pattern="scale",
        source=review("a is the running mean of d²"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:Adadelta.move", "(1 - rho) * d**2", '(1 - rho) * (group["lr"] * d) ** 2')],
    ),
    Fault(
        id="adadelta-rho-for-the-new",
        title="Adadelta weighs the new square with rho",
        why="Running means keep rho of the old; here they keep 1 - rho.",
        symptom="the step follows the last gradient",
        pattern="wrong-operand",
        source=review("s ← rho s + (1 - rho) g²"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:Adadelta.move",
                'rho * state["s"] + (1 - rho) * g**2',
                '(1 - rho) * state["s"] + rho * g**2',
            )
        ],
    ),
    Fault(
        id="rmsprop-eps-inside-the-root",
        title="RMSprop adds eps under the root",
        why="√(s + eps) in place of √s + eps: at the start, where s is small, the step depends on eps alone.",
        symptom="other results than torch's, more so for a large eps",
        pattern="epsilon",
        source=public("mxnet issue #4493", "https://github.com/apache/mxnet/issues/4493"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:RMSprop.move", '(np.sqrt(s) + group["eps"])', 'np.sqrt(s + group["eps"])')],
    ),
    Fault(
        id="rmsprop-centered-without-square",
        title="Centered RMSprop subtracts the mean instead of its square",
        why="s - mean is no variance; with negative gradients it grows.",
        symptom="steps depend on the gradient's sign",
        pattern="wrong-formula",
        source=review("s - mean²"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:RMSprop.move", "s - mean**2", "s - mean")],
    ),
    Fault(
        id="rmsprop-centered-variance-is-remembered",
        title="Centered RMSprop stores the variance as its mean square",
        why="The mean is subtracted again at every step.",
        symptom="the denominator shrinks towards eps",
        pattern="aliasing",
        source=review("s stays the running mean of g²"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:RMSprop.move",
                "s = np.maximum(s - mean**2, 0)",
                's = state["s"] = np.maximum(s - mean**2, 0)',
            )
        ],
    ),
    Fault(
        id="rmsprop-momentum-of-the-gradient",
        title="RMSprop keeps momentum of the gradient and divides afterwards",
        why="The buffer should sum scaled gradients; old ones are rescaled by today's root.",
        symptom="steps jump when gradients shrink",
        pattern="order-of-operations",
        source=review("b ← momentum b + g / (√s + eps)"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_squares:RMSprop.move",
                'group["momentum"] * state["b"] + g / (np.sqrt(s) + group["eps"])',
                'group["momentum"] * state["b"] + g',
            ),
            Edit(
                "nnlab.nn.optim_squares:RMSprop.move",
                'parameter.data -= group["lr"] * b',
                'parameter.data -= group["lr"] * b / (np.sqrt(s) + group["eps"])',
            ),
        ],
    ),
    Fault(
        id="rmsprop-centered-rounds-below-zero",
        title="Centered RMSprop takes the root of a negative variance",
        why="s - mean² of equal gradients may round below 0; the root is NaN.",
        symptom="NaN after many equal gradients",
        pattern="domain",
        source=review("a variance is at least 0"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_squares:RMSprop.move", "np.maximum(s - mean**2, 0)", "s - mean**2")],
    ),
]
