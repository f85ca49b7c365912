"""Faults of nnlab.nn.attention_core."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

CORE = "nnlab.nn.attention_core:ScaledDotProductAttention"

FAULTS = [
    Fault(
        id="sdpa-causal-sees-next",
        title="is_causal lets a query attend to the key after it",
        why="The diagonal of the triangle is off by one.",
        symptom="a language model with an excellent loss that generates nonsense",
        pattern="off-by-one",
        source=public("flashinfer PR #348", "https://github.com/flashinfer-ai/flashinfer/pull/348"),
        killed_by="reference",
        edits=[Edit(f"{CORE}._masked", "np.tri(*scores.shape[-2:], dtype", "np.tri(*scores.shape[-2:], 1, dtype")],
    ),
    Fault(
        id="sdpa-causal-aligned-to-the-end",
        title="is_causal aligns the last query with the last key",
        why="Right for decoding with a cache, and torch aligns the first with the first; equal lengths are alike.",
        symptom="none with as many queries as keys",
        pattern="mask",
        source=review("query i attends to the keys up to i, as in torch"),
        killed_by="reference",
        edits=[
            Edit(
                f"{CORE}._masked",
                "np.tri(*scores.shape[-2:], dtype",
                "np.tri(*scores.shape[-2:], scores.shape[-1] - scores.shape[-2], dtype",
            )
        ],
    ),
    Fault(
        id="sdpa-backward-always-causal",
        title="Backward skips the upper triangle whether causal or not",
        why="The kernel's loop bounds are those of the causal case.",
        symptom="right gradients in decoders, far off in encoders",
        pattern="mask",
        source=public("triton issue #5660", "https://github.com/triton-lang/triton/issues/5660"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{CORE}.backward",
                "dscores = softmax_backward(dweights, weights, -1) * scale",
                "dscores = np.tril(softmax_backward(dweights, weights, -1) * scale)",
            )
        ],
    ),
    Fault(
        id="sdpa-query-gradient-of-first-sample",
        title="The query gradient reads the first sample's keys where activations are large",
        why="A second code path for large scores drops the batch index; Gaussian test inputs never take it.",
        symptom="training goes wrong late, with more than one sample, when activations have grown",
        pattern="wrong-address",
        source=public("TransformerEngine issue #3216", "https://github.com/NVIDIA/TransformerEngine/issues/3216"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{CORE}.backward",
                "dq: Array = dscores @ k",
                "dq: Array = dscores @ (k[:1] if np.abs(q).max() > 16 else k)",
            )
        ],
    ),
    Fault(
        id="sdpa-mask-inverted",
        title="A boolean mask shows what it should hide",
        why="Here True means attended to, in other places masked: the mask is handed through as it is.",
        symptom="attention goes to what was masked",
        pattern="mask",
        source=public("x-transformers issue #160", "https://github.com/lucidrains/x-transformers/issues/160"),
        killed_by="reference",
        edits=[Edit(f"{CORE}._masked", "np.where(mask, scores, -np.inf)", "np.where(mask, -np.inf, scores)")],
    ),
    Fault(
        id="sdpa-drops-in-evaluation",
        title="Attention weights are dropped in evaluation too",
        why="The functional form drops whenever its rate is positive; nobody tells it the mode.",
        symptom="predictions differ from call to call",
        pattern="train-eval-confusion",
        source=public("timm PR #1978", "https://github.com/huggingface/pytorch-image-models/pull/1978"),
        killed_by="reference",
        edits=[Edit(f"{CORE}.forward", "kept = self.dropout(weights)", "kept = self.dropout.train()(weights)")],
    ),
    Fault(
        id="sdpa-groups-tiled",
        title="Shared heads of key and value are tiled, not repeated",
        why="h0 h1 h0 h1 in place of h0 h0 h1 h1: each query head reads another's keys, forward and backward.",
        symptom="none in training from scratch; pretrained weights give nonsense",
        pattern="transposed",
        source=public("onnx PR #7274", "https://github.com/onnx/onnx/pull/7274"),
        killed_by="reference",
        edits=[
            Edit(
                f"{CORE}._inputs",
                "k.repeat(groups, -3), v.repeat(groups, -3)",
                "np.concatenate([k] * groups, -3), np.concatenate([v] * groups, -3)",
            ),
            Edit(
                f"{CORE}._summed",
                "dx.reshape(*batch, heads // groups, groups, length, features).sum(-3)",
                "dx.reshape(*batch, groups, heads // groups, length, features).sum(-4)",
            ),
        ],
    ),
    Fault(
        id="sdpa-groups-averaged",
        title="The gradients of shared heads are averaged",
        why="A head that serves several queries gets the sum of what each of them sends.",
        symptom="keys and values learn more slowly than queries",
        pattern="missing-mean",
        source=review("the gradient of a shared array is a sum"),
        killed_by="gradient",
        edits=[Edit(f"{CORE}._summed", ".sum(-3)", ".mean(-3)")],
    ),
    Fault(
        id="sdpa-scale-of-values",
        title="The scale is 1 / √ of the values' size",
        why="Keys and values mostly have one size, and the wrong one is read.",
        symptom="none where both sizes are the same",
        pattern="wrong-operand",
        source=public("gpt-2 issue #49", "https://github.com/openai/gpt-2/issues/49"),
        killed_by="reference",
        edits=[Edit(f"{CORE}.forward", "math.sqrt(q.shape[-1])", "math.sqrt(v.shape[-1])")],
    ),
    Fault(
        id="sdpa-gradient-ignores-scale",
        title="Backward always scales by 1 / √E",
        why="A scale that is given is honoured forward only.",
        symptom="none with the default",
        pattern="scale",
        source=review("dscores includes the scale of forward"),
        killed_by="gradient",
        edits=[Edit(f"{CORE}.backward", "weights, -1) * scale", "weights, -1) / math.sqrt(q.shape[-1])")],
    ),
]
