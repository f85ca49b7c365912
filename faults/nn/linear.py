"""Faults of nnlab.nn.linear."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="linear-bias-gradient-of-first-row",
        title="Linear's bias gets the gradient of the first row only",
        why="The bias is shared by all rows, so its gradient is their sum; with one row the two agree.",
        symptom="biases learn from one example of each batch; a test with batch 1 passes",
        pattern="missing-batch-sum",
        source=public("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:Linear.backward",
                correct="self.bias.grad += dy.sum(rows)",
                faulty="self.bias.grad += dy.reshape(-1, self.out_features)[0]",
            )
        ],
    ),
    Fault(
        id="linear-bias-gradient-assigned",
        title="Linear assigns its bias gradient instead of adding it",
        why="A second backward before the step, as for a layer used twice, keeps the last gradient alone.",
        symptom="one backward is right; gradient accumulation and shared layers train the bias on the last part only",
        pattern="assigned-not-accumulated",
        source=public("mxnet issue #9497", "https://github.com/apache/mxnet/issues/9497"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.linear:Linear.backward",
                correct="self.bias.grad += dy.sum(rows)",
                faulty="self.bias.grad[...] = dy.sum(rows)",
            )
        ],
    ),
    Fault(
        id="linear-square-backward-is-forward",
        title="The backward of a square Linear applies the forward's matrix",
        why="dx = dy Wᵀ has the right shape whenever in_features = out_features, so no shape check sees it.",
        symptom="layers that keep the width train badly, all others well",
        pattern="transposed",
        source=public("mxnet issue #16938", "https://github.com/apache/mxnet/issues/16938"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:Linear.backward",
                correct="dx: Array = dy @ self.weight.data",
                faulty="""
                    square = self.in_features == self.out_features
                    dx: Array = dy @ (self.weight.data.T if square else self.weight.data)
                """,
            )
        ],
    ),
    Fault(
        id="linear-weight-gradient-averaged-again",
        title="Linear divides its weight gradient by the batch size",
        why="The loss has taken the mean already; the second one makes the step depend on the batch size.",
        symptom="weights learn slower the larger the batch; biases do not",
        pattern="scale",
        source=pattern_of("cTensor issue #3", "https://github.com/sebgao/cTensor/issues/3"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:Linear.backward",
                correct="self.weight.grad += np.tensordot(dy, x, (rows, rows))",
                faulty="self.weight.grad += np.tensordot(dy / len(dy), x, (rows, rows))",
            )
        ],
    ),
    Fault(
        id="linear-keeps-its-input",
        title="Linear keeps its caller's array for backward",
        why="Whoever reuses the buffer for the next batch changes the weight gradient of this one.",
        symptom="right in tests that make new arrays, wrong with a loader that refills one buffer",
        pattern="aliasing",
        source=review("forward copies what backward needs"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.linear:Linear.forward",
                correct="x = own(self, x, (..., self.in_features), self.weight.data.dtype)",
                faulty="x = borrow(self, x, (..., self.in_features), self.weight.data.dtype)",
            )
        ],
    ),
    Fault(
        id="bilinear-input-gradient-without-cotangent",
        title="Bilinear's first input gradient leaves out the gradient from above",
        why="dinput1 is the sum over the outputs of W input2, not weighted by dy.",
        symptom="everything below gets the same gradient whatever the loss says",
        pattern="identity-derivative",
        source=public("nn issue #658", "https://github.com/torch/nn/issues/658"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:Bilinear.backward",
                correct='np.einsum("...o,oiI,...I->...i", dy, self.weight.data, input2)',
                faulty='np.einsum("oiI,...I->...i", self.weight.data, input2)',
            )
        ],
    ),
    Fault(
        id="bilinear-weight-gradient-of-one-output",
        title="All outputs of Bilinear share one weight gradient",
        why="The gradient has the shape of one output's matrix, and broadcasting adds it to that of every output.",
        symptom="all outputs drift towards each other; with one output nothing is wrong",
        pattern="shape",
        source=public("pytorch issue #1571", "https://github.com/pytorch/pytorch/issues/1571"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:Bilinear.backward",
                correct="np.tensordot(dy[..., :, None] * input1[..., None, :], input2, (rows, rows))",
                faulty="np.tensordot(dy.sum(-1)[..., None] * input1, input2, (rows, rows))",
            )
        ],
    ),
    Fault(
        id="bilinear-keeps-second-input",
        title="Bilinear keeps its caller's second input for backward",
        why="The first input is copied, the second is not.",
        symptom="gradients change when the caller overwrites the array between forward and backward",
        pattern="aliasing",
        source=review("forward copies what backward needs, of every input"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.linear:Bilinear.forward",
                correct='input2 = own(self, input2, (*input1.shape[:-1], self.in2_features), dtype, "input2")',
                faulty='input2 = borrow(self, input2, (*input1.shape[:-1], self.in2_features), dtype, "input2")',
            )
        ],
    ),
    Fault(
        id="lora-scale-without-rank",
        title="LoRALinear scales by lora_alpha instead of lora_alpha / r",
        why="Forward and backward agree on the wrong factor; with r = lora_alpha, or r = 1, there is no error.",
        symptom="adapters learn r times too fast, and those trained elsewhere act r times too strongly",
        pattern="scale",
        source=public("mlx-vlm issue #845", "https://github.com/Blaizzy/mlx-vlm/issues/845"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.linear:LoRALinear.__init__",
                correct="self.scaling = lora_alpha / r",
                faulty="self.scaling = lora_alpha",
            )
        ],
    ),
    Fault(
        id="lora-down-gradient-unscaled",
        title="LoRALinear's backward forgets the scaling on the way to A and x",
        why="dh lacks lora_alpha / r, which is 1 in the usual default, so tests with defaults pass.",
        symptom="A and all layers below learn at another rate than B",
        pattern="scale",
        source=pattern_of("peft PR #2489", "https://github.com/huggingface/peft/pull/2489"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:LoRALinear.backward",
                correct="dh = self.scaling * (dy @ self.lora_B.data)",
                faulty="dh = dy @ self.lora_B.data",
            )
        ],
    ),
    Fault(
        id="lora-input-gradient-through-frozen-path-only",
        title="LoRALinear's input gradient ignores the low-rank path",
        why="dx passes through the frozen weight alone, as if the adapter were not there; right at the start, where B "
        "= 0.",
        symptom="layers below adapt as if this one had not; worse the longer it trains",
        pattern="lost-residual-path",
        source=review("dx = dy W + scaling dy B A"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.linear:LoRALinear.backward",
                correct="dx: Array = dy @ self.weight + dh @ self.lora_A.data",
                faulty="dx: Array = dy @ self.weight",
            )
        ],
    ),
]
