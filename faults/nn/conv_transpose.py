"""Faults of nnlab.nn.conv_transpose."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="conv-transpose-pointwise-ignores-stride",
        title="ConvTranspose with a kernel of 1 ignores its stride in backward",
        why="The fast path for pointwise kernels reads the gradient at neighbouring instead of strided places.",
        symptom="a 1×1 upsampling layer trains on the wrong pixels",
        pattern="wrong-address",
        source=public("pytorch issue #63314", "https://github.com/pytorch/pytorch/issues/63314"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd.backward",
                correct="dwindows = self._windows(dy_padded, x_shape[2:])",
                faulty="""
                    pointwise = dy_padded[:, :, *(None for _ in room), *map(slice, x_shape[2:])]
                    dwindows = pointwise if max(self.kernel_size) == 1 else self._windows(dy_padded, x_shape[2:])
                """,
            )
        ],
    ),
    Fault(
        id="conv-transpose-dilation-and-groups-swapped",
        title="ConvTranspose hands dilation and groups on in the wrong order",
        why="The two stand in another order than in Conv, and positional arguments do not tell.",
        symptom="right whenever dilation = groups, as with the defaults",
        pattern="wrong-operand",
        source=public("bayesian-torch issue #34", "https://github.com/IntelLabs/bayesian-torch/issues/34"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd.__init__",
                correct="stride, padding, dilation, groups, bias, rng, dtype",
                faulty="stride, padding, groups, dilation, bias, rng, dtype",
            )
        ],
    ),
    Fault(
        id="conv-transpose-overlaps-overwrite",
        title="ConvTranspose overwrites where kernels overlap",
        why="The last kernel wins instead of being added to the others.",
        symptom="checkerboards; right where stride ≥ kernel_size",
        pattern="assigned-not-accumulated",
        source=pattern_of("Flux.jl issue #1197", "https://github.com/FluxML/Flux.jl/issues/1197"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd.forward",
                correct="windows[:, :, *tap] += columns[:, :, *tap]",
                faulty="windows[:, :, *tap] = columns[:, :, *tap]",
            )
        ],
    ),
    Fault(
        id="conv-transpose-crops-by-first-padding",
        title="ConvTranspose crops every direction by the first padding",
        why="The wrong index; forward and backward agree on it.",
        symptom="shifted outputs where the paddings differ",
        pattern="wrong-operand",
        source=pattern_of("onnxruntime PR #27375", "https://github.com/microsoft/onnxruntime/pull/27375"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd._inside",
                correct="slice(p, p + out[i]) for i, p in enumerate(self.padding)",
                faulty="slice(self.padding[0], self.padding[0] + n) for n in out",
            )
        ],
    ),
    Fault(
        id="conv-transpose-ignores-output-size",
        title="ConvTranspose ignores forward's output_size",
        why="output_padding is used even where output_size is given.",
        symptom="an autoencoder's output is a pixel smaller than its input",
        pattern="dropped-statement",
        source=review("output_size replaces output_padding"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd._sizes",
                correct="self.output_padding if output_size is None else self._extra(tuple(output_size), least)",
                faulty="self.output_padding",
            )
        ],
    ),
    Fault(
        id="conv-transpose-bias-gradient-of-one-pixel",
        title="ConvTranspose sums its bias gradient over the batch and not over space",
        why="The gradient of one pixel stands for that of all.",
        symptom="biases learn slowly",
        pattern="missing-batch-sum",
        source=pattern_of("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv_transpose:_ConvTransposeNd.backward",
                correct="self.bias.grad += dy.sum((0, *range(2, dy.ndim)))",
                faulty="self.bias.grad += dy.reshape(*dy.shape[:2], -1)[:, :, 0].sum(0)",
            )
        ],
    ),
]
