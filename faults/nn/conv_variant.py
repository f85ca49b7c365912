"""Faults of nnlab.nn.conv_variant."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="causal-conv-pads-both-sides",
        title="CausalConv1d pads on both sides",
        why="Half of the kernel looks ahead; the size of the output is the same.",
        symptom="the training loss is far too good, and sampling fails",
        pattern="mask",
        source=public("WaveNet issue #5", "https://github.com/golbin/WaveNet/issues/5"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_variant:CausalConv1d.__init__",
                correct="self.margins = (((self.kernel_size[0] - 1) * self.dilation[0], 0),)",
                faulty="""
                    beyond = (self.kernel_size[0] - 1) * self.dilation[0]
                    self.margins = ((beyond - beyond // 2, beyond // 2),)
                """,
            )
        ],
    ),
    Fault(
        id="causal-conv-padding-without-dilation",
        title="CausalConv1d pads by kernel_size - 1 whatever the dilation",
        why="The dilated kernel is longer than that, so the output is shorter and ahead of its time.",
        symptom="right without dilation; with it each layer sees later entries",
        pattern="dropped-statement",
        source=review("padding is (kernel_size - 1) dilation"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_variant:CausalConv1d.__init__",
                correct="(self.kernel_size[0] - 1) * self.dilation[0]",
                faulty="self.kernel_size[0] - 1",
            )
        ],
    ),
    Fault(
        id="depthwise-separable-not-depthwise",
        title="DepthwiseSeparableConv2d mixes all channels in its first step",
        why="groups is 1 instead of in_channels: an ordinary convolution and then another.",
        symptom="more parameters and time than promised; it trains well",
        pattern="wrong-operand",
        source=review("a Conv2d for each channel by itself"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.conv_variant:DepthwiseSeparableConv2d.__init__",
                correct="in_channels, in_channels, *window, in_channels, bias",
                faulty="in_channels, in_channels, *window, 1, bias",
            )
        ],
    ),
    Fault(
        id="depthwise-separable-backward-twice",
        title="DepthwiseSeparableConv2d runs its pointwise backward twice",
        why="Once for its parameters and once for the input gradient; each adds to the parameters.",
        symptom="the pointwise part learns at twice the rate",
        pattern="scale",
        source=review("each layer's backward runs once"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.conv_variant:DepthwiseSeparableConv2d.backward",
                correct="return self.depthwise.backward(self.pointwise.backward(dy))",
                faulty="""
                    self.pointwise.backward(dy)
                    dx = self.pointwise.backward(dy)
                    return self.depthwise.backward(dx)
                """,
            )
        ],
    ),
]
