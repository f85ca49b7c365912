"""Faults of nnlab.nn.clip."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="clip-norm-result-not-written-back",
        title="clip_grad_norm_ scales copies",
        why="g * scale makes a new array; the gradients stay as long as they were.",
        symptom="clipping has no effect",
        pattern="assigned-not-accumulated",
        source=public("OpenSeq2Seq PR #192", "https://github.com/NVIDIA/OpenSeq2Seq/pull/192"),
        killed_by="training",
        edits=[Edit("nnlab.nn.clip:clip_grad_norm_", "g *= scale", "g = g * scale")],
    ),
    Fault(
        id="clip-norm-of-each-parameter",
        title="clip_grad_norm_ clips each gradient by its own norm",
        why="The norm is that of all entries together; one by one the direction changes.",
        symptom="large layers are held back, small ones are not",
        pattern="wrong-axis",
        source=public("transformers issue #581", "https://github.com/huggingface/transformers/issues/581"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_norm_",
                """
                    for g in gradients:
                        g *= scale
                """,
                """
                    for g in gradients:
                        g *= np.minimum(max_norm / (np.linalg.norm(g.ravel(), norm_type) + 1e-6), 1.0)
                """,
            )
        ],
    ),
    Fault(
        id="clip-norm-of-the-largest-shard",
        title="clip_grad_norm_ takes the largest of the norms for that of all",
        why="Only what one worker holds is measured.",
        symptom="clips too little",
        pattern="wrong-formula",
        source=public("pytorch issue #170862", "https://github.com/pytorch/pytorch/issues/170862"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_norm_",
                "norm = np.linalg.norm([0.0, *norms], norm_type)",
                "norm = np.max([0.0, *norms])",
            )
        ],
    ),
    Fault(
        id="clip-norm-squared-twice",
        title="clip_grad_norm_ squares the norms once more",
        why="Σ (‖g‖²)² under the root: clips as by the square of the norm.",
        symptom="gradients above 1 are clipped far too hard",
        pattern="wrong-formula",
        source=public("entrenar issue #311", "https://github.com/paiml/entrenar/issues/311"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_norm_",
                "norm = np.linalg.norm([0.0, *norms], norm_type)",
                "norm = np.linalg.norm([0.0, *(n**2 for n in norms)], norm_type)",
            )
        ],
    ),
    Fault(
        id="clip-norm-lengthens",
        title="clip_grad_norm_ makes short gradients longer",
        why="Without the minimum every gradient gets the norm max_norm.",
        symptom="training never settles",
        pattern="range",
        source=review("min(1, max_norm / n)"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_norm_",
                "np.minimum(max_norm / (norm + 1e-6), 1.0)",
                "np.float64(max_norm / (norm + 1e-6))",
            )
        ],
    ),
    Fault(
        id="clip-norm-ignores-its-type",
        title="clip_grad_norm_ always takes the Euclidean norm of a gradient",
        why="norm_type is applied to the list of norms alone.",
        symptom="other norms are wrong for more than one entry",
        pattern="dropped-statement",
        source=review("Σ|g|^p of all entries"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_norm_",
                "np.linalg.norm(np.asarray(g, np.float64).ravel(), norm_type)",
                "np.linalg.norm(np.asarray(g, np.float64).ravel())",
            )
        ],
    ),
    Fault(
        id="clip-norm-returns-the-clipped-norm",
        title="clip_grad_norm_ returns the norm from after",
        why="torch returns the norm from before, by which explosions are logged.",
        symptom="the log never shows more than max_norm",
        pattern="order-of-operations",
        source=review("returns their norm from before"),
        killed_by="training",
        edits=[Edit("nnlab.nn.clip:clip_grad_norm_", "return float(norm)", "return float(norm * scale)")],
    ),
    Fault(
        id="clip-norm-infinite-check-after-the-fact",
        title="clip_grad_norm_ overlooks NaN",
        why="Only infinity is asked for.",
        symptom="NaN gradients pass error_if_nonfinite",
        pattern="domain",
        source=review("a norm that is not finite is refused"),
        killed_by="training",
        edits=[Edit("nnlab.nn.clip:clip_grad_norm_", "not np.isfinite(norm)", "np.isinf(norm)")],
    ),
    Fault(
        id="clip-value-one-sided",
        title="clip_grad_value_ bounds from above only",
        why="np.minimum in place of np.clip.",
        symptom="large negative entries pass",
        pattern="range",
        source=review("min(max(g, -c), c)"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_value_",
                "np.clip(parameter.grad, -clip_value, clip_value, out=parameter.grad)",
                "np.minimum(parameter.grad, clip_value, out=parameter.grad)",
            )
        ],
    ),
    Fault(
        id="clip-value-clips-the-parameters",
        title="clip_grad_value_ clips the parameters",
        why="data stands where grad belongs, as in weight clipping.",
        symptom="weights are cut off and gradients explode",
        pattern="wrong-operand",
        source=review("g ← clip(g)"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.clip:clip_grad_value_",
                "np.clip(parameter.grad, -clip_value, clip_value, out=parameter.grad)",
                "np.clip(parameter.data, -clip_value, clip_value, out=parameter.data)",
            )
        ],
    ),
]
