"""Layers that break one contract of purity or algebra each; all are `Whole` but for one thing."""

from typing import Any

import numpy as np

from tests.contracts.layers import Whole


class WritesToIndices(Whole):
    def forward(self, *inputs: Any) -> Any:
        inputs[3][1] = 9
        return super().forward(*inputs)


class WritesToMaskInBackward(Whole):
    def forward(self, *inputs: Any) -> Any:
        self.inputs = inputs
        return super().forward(*inputs)

    def backward(self, *dy: Any) -> Any:
        self.inputs[4][0] = False
        return super().backward(*dy)


class AppendsToSettings(Whole):
    def forward(self, *inputs: Any) -> Any:
        if len(inputs[5]) == 2:
            inputs[5].append("sum")
        return super().forward(*inputs)


class MasksCotangentInPlace(Whole):
    def forward(self, x: Any, other: Any, shift: Any, *_: Any) -> Any:
        y, z = super().forward(x, other, shift)
        return (y - shift) * 1.0, z

    def backward(self, dy: Any, dz: Any) -> Any:
        dy *= self.cache[2]
        dx, dother, dshift, *rest = super().backward(dy, dz)
        return dx, dother, 0 * dshift, *rest


class MovesParameter(Whole):
    def forward(self, *inputs: Any) -> Any:
        self.spare.data += 0.5
        return super().forward(*inputs)


class MovesParameterInBackward(Whole):
    def backward(self, *dy: Any) -> Any:
        self.spare.data = self.spare.data + 0.5
        return super().backward(*dy)


class KeepsMeanInEvaluation(Whole):
    def forward(self, x: Any, *inputs: Any) -> Any:
        y = super().forward(x, *inputs)
        if not self.training:
            self.mean += 0.5
        return y


class KeepsMeanInBackward(Whole):
    def backward(self, *dy: Any) -> Any:
        self.mean += 0.5
        return super().backward(*dy)


class WritesToCache(Whole):
    def forward(self, *inputs: Any) -> Any:
        self.room = {"sums": [np.zeros(2)]}
        return super().forward(*inputs)

    def backward(self, *dy: Any) -> Any:
        self.room["sums"][0][1] = 3.0
        return super().backward(*dy)


class KeepsInput(Whole):
    def forward(self, x: Any, other: Any, *inputs: Any) -> Any:
        y = super().forward(x, other, *inputs)
        self.cache = self.cache[0], other, self.cache[2]
        return y


class KeepsIndices(Whole):
    """dx is twice as large where an index is 0."""

    def forward(self, x: Any, other: Any, shift: Any, index: Any, *_: Any) -> Any:
        self.index = index
        return super().forward(x, other, shift)

    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        return dx * (1 + (self.index == 0)), *rest


class KeepsOutput(Whole):
    def forward(self, *inputs: Any) -> Any:
        y, (z, count) = super().forward(*inputs)
        self.y = y
        return y, (z, count)

    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        return dx + dy[0] * np.sign(self.y), *rest


class GivesParameter(Whole):
    rows_from = None

    def forward(self, *inputs: Any) -> Any:
        y, (z, count) = super().forward(*inputs)
        return y, (z, count, self.spare.data)


class ReusesOutput(Whole):
    def __init__(self) -> None:
        super().__init__()
        self.room = np.zeros((4, 3))

    def forward(self, *inputs: Any) -> Any:
        y, (z, count) = super().forward(*inputs)
        self.room[...] = z
        return y, (self.room, count)


class GivesOutputTwice(Whole):
    rows_from = None

    def forward(self, *inputs: Any) -> Any:
        y, (z, count) = super().forward(*inputs)
        return y, (z, count, z[:1])


class GivesCotangent(Whole):
    def backward(self, dy: Any, dz: Any) -> Any:
        dx, dother, _, *rest = super().backward(dy, dz)
        return dx, dother, dy, *rest


class ReusesGradient(Whole):
    def __init__(self) -> None:
        super().__init__()
        self.room = np.zeros((4, 3))

    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        self.room[...] = dx
        return self.room, *rest


class GivesGradientTwice(Whole):
    def forward(self, x: Any, other: Any, shift: Any, *inputs: Any) -> Any:
        y, z = super().forward(x, other, shift)
        return y + x, z

    def backward(self, dy: Any, dz: Any) -> Any:
        dx, dother, dshift, *rest = super().backward(dy, dz)
        dx += dshift
        return dx, dother, dx, *rest


class KeepsCotangentAsGradient(Whole):
    """The gradient of `spare` is the first entry of dz, by reference."""

    def backward(self, dy: Any, dz: Any) -> Any:
        answer = super().backward(dy, dz)
        self.spare.grad = dz[0][0, :1]
        return answer


class AssignsGradient(Whole):
    def backward(self, *dy: Any) -> Any:
        self.bias.grad[...] = 0.0
        return super().backward(*dy)


class ForwardForgetsGradient(Whole):
    def forward(self, *inputs: Any) -> Any:
        self.bias.grad[...] = 0.0
        return super().forward(*inputs)


class SecondBackwardHalves(Whole):
    def forward(self, *inputs: Any) -> Any:
        self.share = 1.0
        return super().forward(*inputs)

    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        dx *= self.share
        self.share /= 2
        return dx, *rest


class DividesByNorm(Whole):
    """dx ‖dy‖ / ‖dy‖."""

    def backward(self, dy: Any, dz: Any) -> Any:
        dx, *rest = super().backward(dy, dz)
        with np.errstate(invalid="ignore"):
            return dx * (np.abs(dy).sum() / np.abs(dy).sum()), *rest


class DropsNegativeCotangents(Whole):
    def backward(self, dy: Any, dz: Any) -> Any:
        return super().backward(np.maximum(dy, 0), dz)


class ScalesByLargestCotangent(Whole):
    """Of degree 1 and odd, but no sum."""

    rows_from = None

    def backward(self, dy: Any, dz: Any) -> Any:
        dx, *rest = super().backward(dy, dz)
        largest, size = np.abs(dy).max(), np.abs(dy).sum()
        return dx * (largest / size if size else 1.0), *rest
