"""Faults of nnlab.nn.conv."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="conv-weight-gradient-averaged",
        title="Conv divides its weight gradient by the number of output pixels of the batch",
        why="The loss has taken its mean already; the gradient is too small by N · H · W.",
        symptom="kernels hardly move while biases learn",
        pattern="scale",
        source=public("cTensor issue #3", "https://github.com/sebgao/cTensor/issues/3"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="(rows @ columns.swapaxes(2, 3)).sum(axis=0)",
                faulty="(rows / columns.shape[3] @ columns.swapaxes(2, 3)).mean(axis=0)",
            )
        ],
    ),
    Fault(
        id="conv-bias-gradient-of-first-example",
        title="Conv's bias gets the gradient of the first example only",
        why="The sum runs over space and not over the batch.",
        symptom="biases learn from one picture of each batch; a test with batch 1 passes",
        pattern="missing-batch-sum",
        source=pattern_of("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="self.bias.grad += dy.sum((0, *range(2, dy.ndim)))",
                faulty="self.bias.grad += dy[0].sum(tuple(range(1, dy.ndim - 1)))",
            )
        ],
    ),
    Fault(
        id="conv-input-gradient-reads-another-tap",
        title="Conv's input gradient takes its kernel indices in the reverse order",
        why="The index of one direction stands where that of another is meant; symmetric kernels hide it.",
        symptom="right in one dimension, wrong in two",
        pattern="wrong-operand",
        source=public("neon issue #111", "https://github.com/NervanaSystems/neon/issues/111"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="dwindows[:, :, *tap] += dcolumns[:, :, *tap]",
                faulty="dwindows[:, :, *tap] += dcolumns[:, :, *reversed(tap)]",
            )
        ],
    ),
    Fault(
        id="conv-depthwise-weight-gradient-misplaced",
        title="A strided depthwise Conv writes its weight gradients to the wrong channels",
        why="The special path for groups = in_channels puts group and multiplier in the wrong order.",
        symptom="depthwise layers with stride do not learn, all others do",
        pattern="wrong-address",
        source=public("burn PR #1891", "https://github.com/tracel-ai/burn/pull/1891"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="""
                    self.weight.grad += (
                        rows @ columns.swapaxes(2, 3)
                    ).sum(axis=0).reshape(self.weight.grad.shape)
                """,
                faulty="""
                    dweight = (rows @ columns.swapaxes(2, 3)).sum(axis=0)
                    if self.groups == self.in_channels and max(self.stride) > 1:
                        dweight = dweight.swapaxes(0, 1)
                    self.weight.grad += dweight.reshape(self.weight.grad.shape)
                """,
            )
        ],
    ),
    Fault(
        id="conv-input-gradient-shifted-by-remainder",
        title="Conv's input gradient is shifted where the stride does not divide the size",
        why="What no window reaches is left out at the front of x instead of at its end.",
        symptom="right for sizes that the stride divides, as in most tests",
        pattern="off-by-one",
        source=public("FlagGems PR #1576", "https://github.com/flagos-ai/FlagGems/pull/1576"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="return self._folded(dx_padded)",
                faulty="""
                    spans = map(span, self.kernel_size, self.dilation)
                    rest = [(n - next(spans)) % self.stride[i] for i, n in enumerate(padded_shape[2:])]
                    return self._folded(np.roll(dx_padded, rest, tuple(range(2, dy.ndim))))
                """,
            )
        ],
    ),
    Fault(
        id="conv-reflect-margins-send-no-gradient",
        title="Conv with padding_mode='reflect' cuts off the gradient of its margins",
        why="The margins are copies of entries of x, to which their gradients belong; the other modes do it right.",
        symptom="entries near the border learn too little",
        pattern="lost-residual-path",
        source=public("pytorch issue #100793", "https://github.com/pytorch/pytorch/issues/100793"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv._folded",
                correct='if self.padding_mode != "zeros":',
                faulty='if self.padding_mode not in ("zeros", "reflect"):',
            )
        ],
    ),
    Fault(
        id="conv-replicated-margin-counted-once",
        title="Conv with padding_mode='replicate' adds the gradient of one margin entry only",
        why="Several margin entries are copies of the same border entry; += with an index keeps the last.",
        symptom="wrong from padding 2 on",
        pattern="assigned-not-accumulated",
        source=pattern_of("pytorch issue #1528", "https://github.com/pytorch/pytorch/issues/1528"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv._folded",
                correct="np.add.at(rows, source[outside], rows[outside])",
                faulty="rows[source[outside]] += rows[outside]",
            )
        ],
    ),
    Fault(
        id="conv-same-padding-larger-half-first",
        title="padding='same' puts the larger half in front of x",
        why="For even spans the output is shifted by one entry; forward and backward agree.",
        symptom="weights of another framework give shifted feature maps",
        pattern="order-of-operations",
        source=pattern_of("rten PR #1399", "https://github.com/robertknight/rten/pull/1399"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.__init__",
                correct="(n // 2, n - n // 2) for n in beyond",
                faulty="(n - n // 2, n // 2) for n in beyond",
            )
        ],
    ),
    Fault(
        id="conv-groups-interleaved",
        title="Conv deals its output channels out to the groups in turn",
        why="Channel o is taken to belong to group o mod groups, where groups are blocks of channels.",
        symptom="weights of another framework give other outputs; training from scratch works",
        pattern="transposed",
        source=review("of `groups` equal groups of channels, c runs over the group of o"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.forward",
                correct="y: Array = (w @ columns).reshape(n, self.out_channels, *out)",
                faulty="y: Array = (w @ columns).swapaxes(1, 2).reshape(n, self.out_channels, *out)",
            ),
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="rows = dy.reshape(len(dy), *w.shape[:2], columns.shape[3])",
                faulty="rows = dy.reshape(len(dy), *w.shape[1::-1], columns.shape[3]).swapaxes(1, 2)",
            ),
        ],
    ),
    Fault(
        id="conv3d-input-gradient-lacks-last-slice",
        title="Conv3d's input gradient leaves out the last tap of the depth",
        why="The loop over taps ends one too early in the first of three directions.",
        symptom="the deeper the kernel, the less is missing, and the loss falls",
        pattern="off-by-one",
        source=pattern_of("neon issue #111", "https://github.com/NervanaSystems/neon/issues/111"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="for tap in np.ndindex(*self.kernel_size):",
                faulty="""
                    depth, *others = self.kernel_size
                    for tap in np.ndindex(max(depth - (self.dims == 3), 1), *others):
                """,
            )
        ],
    ),
    Fault(
        id="conv-input-gradient-in-double",
        title="Conv returns a float64 gradient for float32 inputs",
        why="np.zeros without a dtype makes the buffer of the input gradient float64.",
        symptom="everything below runs in double precision, at half the speed",
        pattern="shape",
        source=review("a gradient has the dtype of its tensor"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.conv:_Conv.backward",
                correct="dx_padded = np.zeros(padded_shape, dy.dtype)",
                faulty="dx_padded = np.zeros(padded_shape)",
            )
        ],
    ),
]
