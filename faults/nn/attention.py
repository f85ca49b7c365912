"""Faults of nnlab.nn.attention."""

from faults.sources import pattern_of, post, public, review
from nnlab.lab import Edit, Fault

SELF = "nnlab.nn.attention:SelfAttention"
MULTI = "nnlab.nn.attention:MultiheadAttention"

FAULTS = [
    Fault(
        id="attention-mutates-input",
        title="SelfAttention writes its output into its input",
        why="The output is right; whoever uses the input again, such as a residual path or a second epoch, is not.",
        symptom="the next use of the same array, a residual path or a second epoch, sees other numbers",
        pattern="mutated-input",
        source=post("bug 1"),
        groups=frozenset({"seven"}),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.attention:SelfAttention.forward",
                correct="y: Array = weights @ v",
                faulty="y: Array = np.matmul(weights, v, out=x)",
            )
        ],
    ),
    Fault(
        id="self-attention-softmax-over-queries",
        title="SelfAttention's weights sum to 1 over the queries",
        why="The softmax runs along the other axis of the square scores, forward and backward.",
        symptom="none: a diffusion model trained with it scored the same",
        pattern="wrong-axis",
        source=public(
            "annotated_deep_learning_paper_implementations issue #146",
            "https://github.com/labmlai/annotated_deep_learning_paper_implementations/issues/146",
        ),
        killed_by="reference",
        edits=[
            Edit(f"{SELF}.forward", "math.sqrt(self.embed_dim), -1)", "math.sqrt(self.embed_dim), -2)"),
            Edit(f"{SELF}.backward", "weights, -1)", "weights, -2)"),
        ],
    ),
    Fault(
        id="self-attention-gradient-unscaled",
        title="SelfAttention's scores get their gradient without the scale",
        why="1 / √d is applied forward and forgotten backward.",
        symptom="queries and keys take steps √d times too large",
        pattern="scale",
        source=review("dscores includes the factor 1 / √d"),
        killed_by="gradient",
        edits=[Edit(f"{SELF}.backward", "weights, -1) / math.sqrt(self.embed_dim)", "weights, -1)")],
    ),
    Fault(
        id="self-attention-key-gradient-transposed",
        title="SelfAttention's key gradient is not transposed",
        why="With as many keys as queries the scores are square, and the shapes fit either way.",
        symptom="it learns; position i gets the gradient of position j",
        pattern="transposed",
        source=review("dk = dscoresᵀ q"),
        killed_by="gradient",
        edits=[Edit(f"{SELF}.backward", "dk = dscores.swapaxes(1, 2) @ q", "dk = dscores @ q")],
    ),
    Fault(
        id="mha-mask-after-softmax",
        title="MultiheadAttention masks after its softmax",
        why="Masked keys get no weight, but have taken part in the normalisation: what is left does not sum to 1.",
        symptom="outputs shrink with the amount of padding; information leaks from masked keys",
        pattern="order-of-operations",
        source=public("timm PR #2236", "https://github.com/huggingface/pytorch-image-models/pull/2236"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MULTI}.forward",
                "softmax(q @ k.swapaxes(2, 3) / math.sqrt(q.shape[3]) + mask, -1)",
                "softmax(q @ k.swapaxes(2, 3) / math.sqrt(q.shape[3]), -1) * np.exp(mask)",
            )
        ],
    ),
    Fault(
        id="mha-scale-reversed",
        title="MultiheadAttention multiplies its scores by √d",
        why="The exponent of the scale has the wrong sign, forward and backward.",
        symptom="attention is nearly one-hot from the start; training is unstable",
        pattern="scale",
        source=public("maxtext issue #1370", "https://github.com/AI-Hypercomputer/maxtext/issues/1370"),
        killed_by="reference",
        edits=[
            Edit(f"{MULTI}.forward", "/ math.sqrt(q.shape[3])", "* math.sqrt(q.shape[3])"),
            Edit(f"{MULTI}.backward", "/ math.sqrt(q.shape[3])", "* math.sqrt(q.shape[3])"),
        ],
    ),
    Fault(
        id="mha-scale-of-embedding",
        title="MultiheadAttention scales by √embed_dim in place of √head_dim",
        why="d is the size of a head; with one head the two are the same.",
        symptom="flatter attention, slower training",
        pattern="scale",
        source=public("dfdx issue #171", "https://github.com/chelsea0x3b/dfdx/issues/171"),
        killed_by="reference",
        edits=[
            Edit(f"{MULTI}.forward", "/ math.sqrt(q.shape[3])", "/ math.sqrt(self.embed_dim)"),
            Edit(f"{MULTI}.backward", "/ math.sqrt(q.shape[3])", "/ math.sqrt(self.embed_dim)"),
        ],
    ),
    Fault(
        id="mha-scale-of-heads",
        title="MultiheadAttention scales by √num_heads in place of √head_dim",
        why="The axis of the heads is read where their size was meant.",
        symptom="sharper attention; the best answer stays the best, with another margin",
        pattern="wrong-axis",
        source=public("tt-metal PR #56789", "https://github.com/tenstorrent/tt-metal/pull/56789"),
        killed_by="reference",
        edits=[
            Edit(f"{MULTI}.forward", "/ math.sqrt(q.shape[3])", "/ math.sqrt(q.shape[1])"),
            Edit(f"{MULTI}.backward", "/ math.sqrt(q.shape[3])", "/ math.sqrt(q.shape[1])"),
        ],
    ),
    Fault(
        id="mha-heads-split-without-transpose",
        title="Heads are split off by a reshape alone",
        why="Without the swap of axes a head holds whole tokens in place of a part of each token.",
        symptom="it trains; none with one head",
        pattern="transposed",
        source=public("FuxiCTR issue #30", "https://github.com/reczoo/FuxiCTR/issues/30"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MULTI}._split_heads",
                "x.reshape(n, t, self.num_heads, self.embed_dim // self.num_heads).swapaxes(1, 2)",
                "x.reshape(n, self.num_heads, t, self.embed_dim // self.num_heads)",
            )
        ],
    ),
    Fault(
        id="mha-heads-joined-without-transpose",
        title="Heads are joined by a reshape alone",
        why="Without the swap of axes a token gets pieces of several tokens of one head.",
        symptom="small tasks are learned all the same",
        pattern="transposed",
        source=public("transformer-from-scratch PR #6", "https://github.com/jsbaan/transformer-from-scratch/pull/6"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MULTI}._join_heads",
                "x.swapaxes(1, 2).reshape(n, t, self.embed_dim)",
                "x.reshape(n, t, self.embed_dim)",
            )
        ],
    ),
    Fault(
        id="mha-mask-inverted",
        title="A boolean mask hides what it should show",
        why="True means masked here, and attended to in other libraries.",
        symptom="all attention goes to padding",
        pattern="mask",
        source=public("halonet-pytorch PR #6", "https://github.com/lucidrains/halonet-pytorch/pull/6"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.attention:additive", "np.where(mask, -np.inf, 0.0)", "np.where(mask, 0.0, -np.inf)"),
        ],
    ),
    Fault(
        id="mha-mask-added-as-number",
        title="A boolean mask is added to the scores as 0 and 1",
        why="The branch for boolean masks is missing, and True counts as 1.",
        symptom="masked keys get more weight than the others",
        pattern="mask",
        source=public("mlverse/torch PR #1208", "https://github.com/mlverse/torch/pull/1208"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.attention:additive", "np.where(mask, -np.inf, 0.0)", "mask.astype(float)")],
    ),
    Fault(
        id="mha-mask-finite",
        title="A boolean mask lowers scores by 1e9 in place of ∞",
        why="Enough wherever one key is left; a query that may attend to nothing attends to everything.",
        symptom="outputs of fully padded rows are means of padding",
        pattern="mask",
        source=public("nntrainer issue #4333", "https://github.com/nntrainer/nntrainer/issues/4333"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.attention:additive", "np.where(mask, -np.inf, 0.0)", "np.where(mask, -1e9, 0.0)")],
    ),
    Fault(
        id="mha-mask-per-head-tiled",
        title="A mask for each sample and head is read as ordered by head",
        why="(N · heads, L, S) has the samples outside; tiled in place of repeated it is read the other way round.",
        symptom="a sample's output depends on the padding of the others; none with one sample",
        pattern="transposed",
        source=public("lighthouse PR #77", "https://github.com/line/lighthouse/pull/77"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MULTI}._mask",
                "mask.reshape(n, heads, length, source)",
                "mask.reshape(heads, n, length, source).swapaxes(0, 1)",
            )
        ],
    ),
    Fault(
        id="mha-packed-weights-in-other-order",
        title="The packed projection is read as key, query, value",
        why="Three blocks of one shape in the other order, forward and backward.",
        symptom="none in training; pretrained weights give slightly wrong outputs",
        pattern="wrong-operand",
        source=pattern_of("xlstm issue #98", "https://github.com/NX-AI/xlstm/issues/98"),
        killed_by="reference",
        edits=[
            Edit(f"{MULTI}._project", "x @ w[i].T", "x @ w[(1, 0, 2)[i]].T"),
            Edit(f"{MULTI}._project_backward", "dp @ w[i]", "dp @ w[(1, 0, 2)[i]]"),
            Edit(
                f"{MULTI}._project_backward",
                "[np.tensordot(dp, inputs[i], over) for i, dp in enumerate(dprojected)]",
                "[np.tensordot(dprojected[i], inputs[i], over) for i in (1, 0, 2)]",
            ),
        ],
    ),
    Fault(
        id="mha-value-gradient-before-dropout",
        title="MultiheadAttention's value gradient uses the weights before dropout",
        why="Two arrays of one shape are saved, and the wrong one is read.",
        symptom="slightly wrong gradients with dropout, none without",
        pattern="wrong-operand",
        source=review("dv = (weights after dropout)ᵀ dheads"),
        killed_by="gradient",
        edits=[Edit(f"{MULTI}.backward", "kept.swapaxes(2, 3) @ dheads", "weights.swapaxes(2, 3) @ dheads")],
    ),
    Fault(
        id="mha-weights-summed-over-heads",
        title="The returned weights are summed over the heads",
        why="mean became sum; with one head they are the same.",
        symptom="returned rows sum to the number of heads",
        pattern="missing-mean",
        source=review("weights are averaged over the heads"),
        killed_by="reference",
        edits=[
            Edit(f"{MULTI}.forward", "kept.mean(1)", "kept.sum(1)"),
            Edit(f"{MULTI}.backward", "shared[:, None] / self.num_heads", "shared[:, None]"),
        ],
    ),
    Fault(
        id="mha-packed-gradient-assigned",
        title="The packed projection's gradient is assigned, not added",
        why="One backward fills it rightly; a second wipes the first away.",
        symptom="gradient accumulation learns from the last micro-batch",
        pattern="assigned-not-accumulated",
        source=pattern_of("mxnet issue #9497", "https://github.com/apache/mxnet/issues/9497"),
        killed_by="contract",
        edits=[Edit(f"{MULTI}._project_backward", "in_proj_weight.grad +=", "in_proj_weight.grad[...] =")],
    ),
    Fault(
        id="mha-keeps-its-inputs",
        title="MultiheadAttention keeps the caller's arrays for backward",
        why="moveaxis gives a view, and the copy is left out.",
        symptom="wrong gradients after an in-place residual",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[Edit(f"{MULTI}._time_in_the_middle", "np.moveaxis(x, batch, 0).copy()", "np.moveaxis(x, batch, 0)")],
    ),
]
