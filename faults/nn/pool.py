"""Faults of nnlab.nn.pool."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="maxpool-ties-go-to-last",
        title="MaxPool gives a tie to the last of the equal entries",
        why="The promise is the first, as torch and cuDNN do; back ends of one library have differed.",
        symptom="other gradients than the other back end on images with flat regions",
        pattern="tie-rule",
        source=public("Theano issue #5404", "https://github.com/Theano/Theano/issues/5404"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Max.forward",
                correct="chosen = index[windows, values.argmax(2)][:, :, None]",
                faulty="chosen = index[windows, values.shape[2] - 1 - values[:, :, ::-1].argmax(2)][:, :, None]",
            )
        ],
    ),
    Fault(
        id="maxpool-near-maximum-wins",
        title="MaxPool sends its gradient to any entry within 0.01 of the maximum",
        why="Equality of floats is replaced by closeness, as a linter asks for.",
        symptom="the wrong entry learns wherever two are close",
        pattern="tie-rule",
        source=public("mni-ml/framework PR #22", "https://github.com/mni-ml/framework/pull/22"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Max.forward",
                correct="values.argmax(2)][:, :, None]",
                faulty="(values > values.max(2, keepdims=True) - 1e-2).argmax(2)][:, :, None]",
            )
        ],
    ),
    Fault(
        id="maxpool-overlapping-winner-counted-once",
        title="MaxPool gives an entry that wins in several windows one gradient",
        why="Assignment by index keeps the last; the windows' gradients must be added.",
        symptom="right where stride = kernel_size, the default",
        pattern="assigned-not-accumulated",
        source=public("Flux.jl issue #1197", "https://github.com/FluxML/Flux.jl/issues/1197"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Max.backward",
                correct="return scatter(dy.reshape(chosen.shape), chosen, x_shape, self.dims)",
                faulty="""
                    dx = np.zeros((len(chosen), prod(x_shape[-self.dims :])), dtype)
                    np.put_along_axis(dx, chosen[:, :, 0], dy.reshape(chosen.shape)[:, :, 0], 1)
                    return dx.reshape(x_shape)
                """,
            )
        ],
    ),
    Fault(
        id="maxpool-pads-with-zeros",
        title="MaxPool pads with zeros instead of -∞",
        why="Where all entries of a window are negative, the padding wins.",
        symptom="the border of negative feature maps becomes 0",
        pattern="wrong-formula",
        source=public("mxnet issue #2753", "https://github.com/apache/mxnet/issues/2753"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Max.forward",
                correct="""
                    index = np.maximum(index, first[:, None])
                    values = gather(x, index, self.dims, -np.inf)
                """,
                faulty="values = gather(x, index, self.dims)",
            )
        ],
    ),
    Fault(
        id="maxpool-indices-share-the-cache",
        title="MaxPool hands out the indices that its backward uses",
        why="The array is a view of the cache.",
        symptom="gradients go astray when the caller changes the indices, as to flatten them over a batch",
        pattern="aliasing",
        source=review("forward keeps no alias that a caller could change"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Max.forward",
                correct="chosen.reshape(shape).copy()",
                faulty="chosen.reshape(shape)",
            )
        ],
    ),
    Fault(
        id="avgpool-backward-divides-by-full-kernel",
        title="AvgPool's backward divides by the whole kernel",
        why="The forward divides a window that reaches beyond x by what is inside.",
        symptom="gradients at the border are too small with ceil_mode or count_include_pad=False",
        pattern="missing-mean",
        source=public("burn issue #5604", "https://github.com/tracel-ai/burn/issues/5604"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Mean.backward",
                correct="dsum = dy.reshape(prod(x_shape[: -self.dims]), len(divisor)) / divisor",
                faulty="dsum = dy.reshape(prod(x_shape[: -self.dims]), len(divisor)) / index.shape[1]",
            )
        ],
    ),
    Fault(
        id="avgpool-divisor-override-ignored",
        title="AvgPool2d ignores divisor_override when the padding is not counted",
        why="The two options meet in the wrong order; forward and backward agree.",
        symptom="other means than asked for",
        pattern="order-of-operations",
        source=public("executorch PR #18616", "https://github.com/pytorch/executorch/pull/18616"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_AvgPool._divisor",
                correct="if self.divisor_override is not None:",
                faulty="if self.divisor_override is not None and self.count_include_pad:",
            )
        ],
    ),
    Fault(
        id="avgpool-wrong-padding-in-divisor",
        title="AvgPool computes its divisor with the padding of the first direction",
        why="The wrong index; forward and backward agree, and equal paddings hide it.",
        symptom="wrong means at one border",
        pattern="wrong-operand",
        source=public("onnxruntime PR #27375", "https://github.com/microsoft/onnxruntime/pull/27375"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_AvgPool._divisor",
                correct="n + 2 * self.padding[i] for i, n in enumerate(sizes)",
                faulty="n + 2 * self.padding[0] for n in sizes",
            )
        ],
    ),
    Fault(
        id="adaptive-pool-end-rounded-down",
        title="Adaptive pooling rounds the end of its windows down",
        why="end = ⌊(i + 1) L / out⌋ where it must be rounded up; forward and backward agree.",
        symptom="wrong values wherever the output size does not divide the input's",
        pattern="off-by-one",
        source=public("FlagGems issue #4915", "https://github.com/flagos-ai/FlagGems/issues/4915"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_adaptive_taps",
                correct="end = -(-np.arange(1, out + 1) * size // out)",
                faulty="end = np.maximum(np.arange(1, out + 1) * size // out, start + 1)",
            )
        ],
    ),
    Fault(
        id="adaptive-pool-windows-of-one-size",
        title="Adaptive pooling counts the padding of its shorter windows",
        why="The windows differ in size by one; the shorter ones read the next entry as well.",
        symptom="means over neighbours that belong to the next window",
        pattern="dropped-statement",
        source=review("windows end at ⌈(i + 1) L / out⌉ - 1"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_adaptive_taps",
                correct="return np.where(at < end[:, None], at, -1)",
                faulty="return np.where(at < size, at, -1)",
            )
        ],
    ),
    Fault(
        id="lppool-nan-at-zero",
        title="LPPool2d's gradient is NaN where a window is all zeros",
        why="0 to a negative power is infinite, and infinity times 0 NaN; after a ReLU such windows are common.",
        symptom="NaN in all weights after the first batch with a dead region",
        pattern="domain",
        source=public("pytorch issue #6765", "https://github.com/pytorch/pytorch/issues/6765"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.pool:LPPool2d.backward",
                correct="dsums[some] *= sums[some] ** power",
                faulty="dsums *= sums**power",
            )
        ],
    ),
    Fault(
        id="lppool-backward-without-scale",
        title="LPPool2d's backward forgets the scale of windows that reach beyond x",
        why="With ceil_mode the forward scales their sums up to the whole window.",
        symptom="gradients at the border too small",
        pattern="scale",
        source=pattern_of("burn issue #5604", "https://github.com/tracel-ai/burn/issues/5604"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.pool:LPPool2d.backward",
                correct="dsums = dy * scale * some",
                faulty="dsums = dy * some",
            )
        ],
    ),
    Fault(
        id="avgpool-stride-defaults-to-one",
        title="Pooling without a stride moves by one entry",
        why="stride=None means kernel_size, not 1.",
        symptom="the output is as large as the input, and everything after it slow",
        pattern="wrong-formula",
        source=review("stride is kernel_size where it is None"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.pool:_Sliding.__init__",
                correct="self.kernel_size if stride is None else",
                faulty="(1,) * self.dims if stride is None else",
            )
        ],
    ),
]
