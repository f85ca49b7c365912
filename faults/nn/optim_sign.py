"""Faults of nnlab.nn.optim_sign."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="rprop-takes-the-step-after-a-turn",
        title="Rprop moves on although the gradient turned",
        why="Where the sign turns θ stays and g counts as 0; here it goes the shortened step at once.",
        symptom="oscillates around narrow minima",
        pattern="dropped-statement",
        source=review("where the sign turned θ stays"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_sign:Rprop.move", "np.where(turned, 0, g)", "g")],
    ),
    Fault(
        id="rprop-step-limits-swapped-with-factors",
        title="Rprop shortens where it should lengthen",
        why="etas are unpacked in the wrong order.",
        symptom="steps vanish on straight slopes",
        pattern="wrong-operand",
        source=review("η · etas[1] while the sign is kept"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim_sign:Rprop.move", 'shorter, longer = group["etas"]', 'longer, shorter = group["etas"]')
        ],
    ),
    Fault(
        id="rprop-limits-ignored",
        title="Rprop lets its steps grow without bound",
        why="step_sizes are stored and not applied.",
        symptom="steps beyond 50 after a long slope",
        pattern="range",
        source=review("η is kept within step_sizes"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_sign:Rprop.move", 'np.clip(eta * factor, *group["step_sizes"])', "eta * factor")],
    ),
    Fault(
        id="rprop-multiplies-by-the-gradient",
        title="Rprop steps in proportion to the gradient",
        why="The sign is left out, and with it the independence of the gradient's size.",
        symptom="learning depends on the scale of the loss",
        pattern="wrong-formula",
        source=review("sign(g) · η"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_sign:Rprop.move", "np.sign(g) * eta", "g * eta")],
    ),
    Fault(
        id="lion-steps-along-the-new-momentum",
        title="Lion updates its momentum before the step",
        why="sign is taken of β₁ m' + (1 - β₁) g with today's momentum, so that g counts twice.",
        symptom="signs flip too early",
        pattern="order-of-operations",
        source=public("Optimisers.jl PR #129", "https://github.com/FluxML/Optimisers.jl/pull/129", "review"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_sign:Lion.move",
                'g, m = parameter.grad, state["m"]',
                'g = parameter.grad; m = beta2 * state["m"] + (1 - beta2) * g',
            ),
            Edit("nnlab.nn.optim_sign:Lion.move", 'state["m"] = beta2 * m + (1 - beta2) * g', 'state["m"] = m'),
        ],
    ),
    Fault(
        id="lion-one-beta-for-both",
        title="Lion keeps its momentum with β₁",
        why="The paper interpolates with β₁ and remembers with β₂; here both use β₁.",
        symptom="the momentum is shorter than meant",
        pattern="wrong-operand",
        source=review("m ← β₂ m + (1 - β₂) g"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_sign:Lion.move", "beta2 * m + (1 - beta2) * g", "beta1 * m + (1 - beta1) * g")],
    ),
    Fault(
        id="lion-decay-couples-with-the-sign",
        title="Lion adds weight decay inside the sign",
        why="Inside the sign the decay has no size of its own: it matters only where it outweighs the gradient.",
        symptom="weights do not shrink",
        pattern="order-of-operations",
        source=review("θ (1 - lr · wd) - lr · sign(…)"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_sign:Lion.move",
                'parameter.data *= 1 - group["lr"] * group["weight_decay"]',
                'g = g + group["weight_decay"] * parameter.data',
            )
        ],
    ),
    Fault(
        id="lion-decay-after-the-step",
        title="Lion decays the weights that it has just updated",
        why="The decay takes part of the step back.",
        symptom="small differences, with large rates only",
        pattern="order-of-operations",
        source=pattern_of("transformers issue #14539", "https://github.com/huggingface/transformers/issues/14539"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_sign:Lion.move",
                """
                    parameter.data *= 1 - group["lr"] * group["weight_decay"]
                    parameter.data -= group["lr"] * np.sign(beta1 * m + (1 - beta1) * g)
                """,
                """
                    parameter.data -= group["lr"] * np.sign(beta1 * m + (1 - beta1) * g)
                    parameter.data *= 1 - group["lr"] * group["weight_decay"]
                """,
            )
        ],
    ),
]
