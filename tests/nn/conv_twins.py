"""Convolutions that torch lacks, in torch's operations. Discovered by `twins.py`."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class CausalConv1d(torch.nn.Conv1d):
    def __init__(
        self, inputs: int, outputs: int, kernel: Any, stride: Any = 1, dilation: Any = 1, *rest: Any, **more: Any
    ):
        super().__init__(inputs, outputs, kernel, stride, 0, dilation, *rest, **more)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, ((self.kernel_size[0] - 1) * self.dilation[0], 0)))


class DepthwiseSeparableConv2d(torch.nn.Sequential):
    def __init__(self, inputs: int, outputs: int, *window: Any, bias: bool = True, **more: Any) -> None:
        super().__init__()
        self.depthwise = torch.nn.Conv2d(inputs, inputs, *window, **more, groups=inputs, bias=bias)
        self.pointwise = torch.nn.Conv2d(inputs, outputs, 1, bias=bias)
