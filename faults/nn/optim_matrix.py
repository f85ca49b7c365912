"""Faults of nnlab.nn.optim_matrix."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="adafactor-row-not-normalised",
        title="Adafactor does not divide by the mean of its rows",
        why="row · column is the square of a second moment unless one of them is normalised; only the factored form "
        "shows it.",
        symptom="steps depend on the gradient's scale",
        pattern="dropped-statement",
        source=public("timm PR #2749", "https://github.com/huggingface/pytorch-image-models/pull/2749"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_matrix:Adafactor.move",
                "v = row * column / np.maximum(row.mean(-2, keepdims=True), eps1)",
                "v = row * column",
            )
        ],
    ),
    Fault(
        id="adafactor-normalised-along-the-wrong-axis",
        title="Adafactor normalises its rows along the columns",
        why="The row means have one column: the mean along it is the thing itself, and v is the column alone.",
        symptom="rows with large gradients take large steps",
        pattern="wrong-axis",
        source=review("mean(r) over the rows"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim_matrix:Adafactor.move", "row.mean(-2, keepdims=True)", "row.mean(-1, keepdims=True)")
        ],
    ),
    Fault(
        id="adafactor-step-not-clipped",
        title="Adafactor does not clip its update",
        why="RMS(u) / d stands alone; updates that are shorter than d are blown up.",
        symptom="steps after a pause are too long",
        pattern="range",
        source=review("u / max(1, RMS(u) / d)"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_matrix:Adafactor.move", 'max(1.0, rms(u) / group["d"])', '(rms(u) / group["d"])')],
    ),
    Fault(
        id="adafactor-absolute-step",
        title="Adafactor's step ignores the size of the parameter",
        why="RMS(θ) is left out of α: large weights hardly move and small ones are swept away.",
        symptom="learning rates from the paper do not work",
        pattern="dropped-statement",
        source=review("α = max(eps₂, RMS(θ)) · ρ"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_matrix:Adafactor.move",
                "max(eps2, rms(parameter.data)) * min(lr, 1 / sqrt(t))",
                "min(lr, 1 / sqrt(t))",
            )
        ],
    ),
    Fault(
        id="adafactor-decay-rate-inverted",
        title="Adafactor takes the rate of the new for that of the old",
        why="t^beta2_decay is what the new square gets; swapped, the first step forgets the gradient.",
        symptom="the first step divides by eps",
        pattern="wrong-operand",
        source=review("v ← (1 - t^τ) v + t^τ g²"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_matrix:Adafactor.move",
                '(1 - rate) * state["v"] + rate * g**2',
                'rate * state["v"] + (1 - rate) * g**2',
            )
        ],
    ),
    Fault(
        id="adafactor-relative-step-of-the-larger",
        title="Adafactor takes the larger of lr and 1/√t",
        why="min became max: the rate stays at 1 in the first step, whatever lr is.",
        symptom="diverges at the start",
        pattern="wrong-formula",
        source=review("ρ = min(lr, 1/√t)"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_matrix:Adafactor.move", "min(lr, 1 / sqrt(t))", "max(lr, 1 / sqrt(t))")],
    ),
    Fault(
        id="muon-momentum-like-sgd",
        title="Muon sums its gradients instead of averaging them",
        why="b ← momentum b + g; orthogonalising hides the factor, but not in Nesterov's mixture.",
        symptom="Nesterov's part of the gradient is twenty times too small",
        pattern="scale",
        source=review("b ← momentum b + (1 - momentum) g"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_matrix:Muon.move",
                'momentum * state["b"] + (1 - momentum) * g',
                'momentum * state["b"] + g',
            )
        ],
    ),
    Fault(
        id="muon-scale-of-the-transposed",
        title="Muon scales wide matrices instead of tall ones",
        why="√(columns / rows) in place of √(rows / columns).",
        symptom="the update's size is wrong for all but square matrices",
        pattern="transposed",
        source=review("√max(1, rows / columns)"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_matrix:Muon.move", "max(1.0, rows / columns)", "max(1.0, columns / rows)")],
    ),
    Fault(
        id="muon-not-normalised",
        title="Muon starts its iteration from the raw momentum",
        why="Newton–Schulz converges for singular values up to about 1; the norm is not divided out.",
        symptom="overflow for large gradients",
        pattern="dropped-statement",
        source=review("x₀ = b / ‖b‖"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim_matrix:Muon.move",
                'direction / max(float(np.linalg.norm(direction)), group["eps"])',
                "direction.copy()",
            )
        ],
    ),
    Fault(
        id="muon-decay-without-lr",
        title="Muon's weight decay is not multiplied by the learning rate",
        why="θ loses weight_decay of itself at each step.",
        symptom="weights vanish",
        pattern="scale",
        source=pattern_of("flashlight issue #143", "https://github.com/flashlight/flashlight/issues/143"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_matrix:Muon.move", '1 - lr * group["weight_decay"]', '1 - group["weight_decay"]')],
    ),
    Fault(
        id="newton-schulz-gram-squared-entrywise",
        title="Newton–Schulz squares its Gram matrix entry by entry",
        why="gram * gram is not gram @ gram, but for one row.",
        symptom="updates are far from orthogonal",
        pattern="wrong-formula",
        source=review("(x xᵀ)² x"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim_matrix:newton_schulz", "c * gram @ gram", "c * gram * gram")],
    ),
]
