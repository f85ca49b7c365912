"""Channel attention by convolutions of one pixel, in torch operations. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


class SqueezeExcite(torch.nn.Module):
    def __init__(self, channels: int, reduction: int = 16, bias: bool = True) -> None:
        super().__init__()
        self.fc1 = torch.nn.Linear(channels, channels // reduction, bias)
        self.fc2 = torch.nn.Linear(channels // reduction, channels, bias)

    def forward(self, x: Tensor) -> Tensor:
        s = functional.adaptive_avg_pool2d(x, 1)
        for layer, activation in ((self.fc1, torch.relu), (self.fc2, torch.sigmoid)):
            s = activation(functional.conv2d(s, layer.weight[:, :, None, None], layer.bias))
        return x * s
