"""Faults of nnlab.nn.optim_moments."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="adamax-sum-instead-of-maximum",
        title="Adamax adds where it should take the larger",
        why="β₂ u + |g| is a running sum of sizes, not the infinity norm.",
        symptom="steps shrink ten- to thousandfold",
        pattern="wrong-formula",
        source=review("u ← max(β₂ u, |g|)"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:Adamax.move",
                'np.maximum(beta2 * state["u"], np.abs(g) + group["eps"])',
                'beta2 * state["u"] + np.abs(g) + group["eps"]',
            )
        ],
    ),
    Fault(
        id="adamax-infinity-norm-does-not-decay",
        title="Adamax never forgets its largest gradient",
        why="β₂ is missing in the maximum; one spike slows a parameter down for good.",
        symptom="training stalls after an outlier",
        pattern="dropped-statement",
        source=review("u ← max(β₂ u, |g|)"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:Adamax.move", 'beta2 * state["u"]', 'state["u"]')],
    ),
    Fault(
        id="adamax-corrects-the-norm-too",
        title="Adamax corrects its norm for bias",
        why="Unlike a mean, a maximum that starts at 0 has no bias; dividing by 1 - β₂ᵗ makes it a thousand times "
        "too large at first.",
        symptom="the first steps are tiny",
        pattern="wrong-formula",
        source=review("algorithm 2 corrects m alone"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:Adamax.move", "m_hat / u", "m_hat / (u / (1 - beta2**t))")],
    ),
    Fault(
        id="nadam-weight-decay-multiplies",
        title="NAdam multiplies the gradient by its weight decay",
        why="g *= 1 + wd · θ, by a misplaced bracket, where g + wd · θ belongs.",
        symptom="weight decay scales gradients and shrinks nothing",
        pattern="order-of-operations",
        source=public("mxnet issue #8925", "https://github.com/apache/mxnet/issues/8925"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:NAdam.move",
                "g = decayed(parameter, group)",
                """
                    g = parameter.grad * (1 + group["weight_decay"] * parameter.data)
                    if group["decoupled_weight_decay"]:
                        g = decayed(parameter=parameter, group=group)
                """,
            )
        ],
    ),
    Fault(
        id="nadam-product-includes-the-next-momentum",
        title="NAdam corrects the gradient with the momentum of the step to come",
        why="The product of μ₁ … μₜ₊₁ stands where that of μ₁ … μₜ belongs.",
        symptom="the gradient's part is a little too small",
        pattern="off-by-one",
        source=review("(1 - μₜ) g / (1 - Πμ)"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:NAdam.move",
                "g * (1 - mu) / (1 - product)",
                "g * (1 - mu) / (1 - product * mu_next)",
            )
        ],
    ),
    Fault(
        id="nadam-product-not-kept",
        title="NAdam starts the product of its momenta anew at every step",
        why="The product is 1 · μₜ for ever, so that corrections do not fade.",
        symptom="steps stay too long",
        pattern="state-not-advanced",
        source=review("Πμ is the product of μ₁ … μₜ"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:NAdam.move", 'state["mu_product"] *= mu', 'state["mu_product"][...] = mu')],
    ),
    Fault(
        id="nadam-looks-at-the-present-momentum",
        title="NAdam does not look ahead",
        why="μₜ multiplies m in place of μₜ₊₁; what is left is Adam with odd corrections.",
        symptom="no gain over Adam",
        pattern="off-by-one",
        source=review("μₜ₊₁ m"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:NAdam.move", "(t + 1) * decay", "t * decay")],
    ),
    Fault(
        id="radam-step-counted-twice",
        title="RAdam counts each step twice",
        why="The counter is raised in the loop and once more behind it.",
        symptom="rectification begins too early",
        pattern="state-not-advanced",
        source=public("geoopt issue #164", "https://github.com/geoopt/geoopt/issues/164"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:RAdam.move",
                "rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)",
                "rho = rho_inf - 2 * (2 * t) * beta2 ** (2 * t) / (1 - beta2 ** (2 * t))",
            )
        ],
    ),
    Fault(
        id="radam-bias-correction-in-place",
        title="RAdam writes the corrected mean back into its state",
        why="m is divided by 1 - β₁ᵗ in place, so that corrections pile up from step to step.",
        symptom="the mean explodes at the start",
        pattern="mutated-input",
        source=public("Holocron issue #1", "https://github.com/frgfm/holocron/issues/1"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:RAdam.move",
                "m_hat = m / (1 - beta1**t)",
                'm_hat = state["m"] = m / (1 - beta1**t)',
            )
        ],
    ),
    Fault(
        id="radam-threshold-four",
        title="RAdam adapts from ρ > 4 on",
        why="torch and the authors' later code wait for ρ > 5; one step is rectified too early, with a huge variance.",
        symptom="one step differs from torch's",
        pattern="off-by-one",
        source=public("swift-apis PR #564", "https://github.com/tensorflow/swift-apis/pull/564", "review"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:RAdam.move", "if rho > 5:", "if rho > 4:")],
    ),
    Fault(
        id="radam-warm-up-without-correction",
        title="RAdam's first steps use the uncorrected mean",
        why="Until ρ exceeds 5 the step is lr · m, a tenth of what it should be.",
        symptom="RAdam seems to warm up twice",
        pattern="dropped-statement",
        source=review("θ - lr · m̂ while ρ ≤ 5"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:RAdam.move",
                'parameter.data -= group["lr"] * m_hat',
                'parameter.data -= group["lr"] * (m_hat if rho > 5 else m)',
            )
        ],
    ),
    Fault(
        id="lamb-without-bias-correction",
        title="LAMB does not correct its moments",
        why="The ratio of norms hides the common factor, so that only weight decay and eps show the error.",
        symptom="weight decay weighs too little at first",
        pattern="dropped-statement",
        source=public("pytorch-optimizer issue #443", "https://github.com/jettify/pytorch-optimizer/issues/443"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim_moments:LAMB.move", "m_hat = m / (1 - beta1**t)", "m_hat = m"),
            Edit("nnlab.nn.optim_moments:LAMB.move", "v_hat = v / (1 - beta2**t)", "v_hat = v"),
        ],
    ),
    Fault(
        id="lamb-ratio-without-decay",
        title="LAMB measures its step before adding the weight decay",
        why="The norm is that of Adam's step alone; with decay the step is not as long as it should be.",
        symptom="the trust ratio is too large for large weights",
        pattern="order-of-operations",
        source=review("‖θ‖ / ‖u‖ with u including the decay"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:LAMB.move",
                "np.linalg.norm(u)",
                'np.linalg.norm(u - group["weight_decay"] * parameter.data)',
            )
        ],
    ),
    Fault(
        id="lamb-zero-norm-stops-the-parameter",
        title="LAMB never moves a parameter that starts at zero",
        why="Its norm is 0, and with it the ratio; biases stay where they begin.",
        symptom="biases do not train",
        pattern="domain",
        source=review("a ratio with a norm of 0 counts as 1"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_moments:LAMB.move",
                "length / length_u if length > 0 and length_u > 0 else 1.0",
                "length / length_u if length_u > 0 else 1.0",
            )
        ],
    ),
    Fault(
        id="lamb-ratio-upside-down",
        title="LAMB divides by the length of the parameter",
        why="‖u‖ / ‖θ‖ makes steps longer the smaller a parameter is.",
        symptom="small layers diverge",
        pattern="wrong-formula",
        source=review("‖θ‖ / ‖u‖"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_moments:LAMB.move", "length / length_u if", "length_u / length if")],
    ),
]
