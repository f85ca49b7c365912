"""Layers that break one contract of repetition or life each; all are `Whole` but for one thing."""

from typing import Any, ClassVar

import numpy as np

from tests.contracts.layers import Whole


class Drifts(Whole):
    steps = 0

    def forward(self, *inputs: Any) -> Any:
        self.steps += 1
        y, z = super().forward(*inputs)
        return y + self.steps, z


class RemembersFirstInput(Whole):
    first = None

    def forward(self, x: Any, *inputs: Any) -> Any:
        y = super().forward(x, *inputs)
        self.first = x.copy() if self.first is None else self.first
        self.cache = self.first, *self.cache[1:]
        return y


class BackwardAsksForTheMode(Whole):
    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        return dx * (1 if self.training else 2), *rest


class StaysInEvaluation(Whole):
    evaluated = False

    def forward(self, *inputs: Any) -> Any:
        y, z = super().forward(*inputs)
        self.evaluated = self.evaluated or not self.training
        return y * (2 if self.evaluated else 1), z

    def backward(self, dy: Any, dz: Any) -> Any:
        return super().backward(dy * (2 if self.evaluated else 1), dz)


class MixesRows(Whole):
    def forward(self, x: Any, other: Any, shift: Any, *_: Any) -> Any:
        return super().forward(x, other, shift - shift.mean(0))

    def backward(self, dy: Any, dz: Any) -> Any:
        dx, dother, dshift, *rest = super().backward(dy, dz)
        return dx, dother, dshift - dshift.mean(0), *rest


class MixesRowsOfGradient(Whole):
    def backward(self, dy: Any, dz: Any) -> Any:
        dx, *rest = super().backward(dy, dz)
        return dx + dx.sum(0), *rest


class LosesRows(Whole):
    def forward(self, x: Any, other: Any, shift: Any, *_: Any) -> Any:
        y, z = super().forward(x, other, shift)
        return y.T.copy(), z

    def backward(self, dy: Any, dz: Any) -> Any:
        return super().backward(dy.T, dz)


class ReadsInOrderOfMemory(Whole):
    def forward(self, x: Any, *others: Any) -> Any:
        return super().forward(x.ravel("K").reshape(x.shape), *others)


class ReadsCotangentInOrderOfMemory(Whole):
    def backward(self, dy: Any, dz: Any) -> Any:
        dx, dother, _, *rest = super().backward(dy, dz)
        return dx, dother, dy.ravel("K").reshape(dy.shape).copy(), *rest


class InvertsToZero(Whole):
    def inverse(self, y: Any) -> Any:
        return np.zeros(y.shape)


class InverseForgets(Whole):
    def inverse(self, y: Any) -> Any:
        x, *_ = self.cache
        self.cache = y, y, y
        return x


class GivesSingles(Whole):
    def forward(self, *inputs: Any) -> Any:
        y, z = super().forward(*inputs)
        return y.astype(np.float32), z

    def backward(self, dy: Any, dz: Any) -> Any:
        return super().backward(dy.astype(np.float64), dz)


class GivesGradientOfSingles(Whole):
    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        return dx.astype(np.float32), *rest


class GivesGradientOfOneRow(Whole):
    rows_from = None

    def backward(self, *dy: Any) -> Any:
        dx, dother, dshift, *rest = super().backward(*dy)
        return dx, dother, dshift.sum(0), *rest


class GivesParameterGradientOfSingles(Whole):
    def backward(self, *dy: Any) -> Any:
        answer = super().backward(*dy)
        self.spare.grad = np.zeros(1, np.float32)
        return answer


class StartsWithNan(Whole):
    def __init__(self) -> None:
        super().__init__()
        self.bias.data[1] = np.nan


class StartsWithInfiniteGradient(Whole):
    ready = False

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.ready = True

    def backward(self, *dy: Any) -> Any:
        dx, *rest = super().backward(*dy)
        return dx + (0.0 if self.ready else np.inf), *rest


class SharesCacheWithItsClass(Whole):
    latest: ClassVar[Any] = None

    def forward(self, *inputs: Any) -> Any:
        y = super().forward(*inputs)
        SharesCacheWithItsClass.latest = self.cache
        return y

    def backward(self, *dy: Any) -> Any:
        self.cache = SharesCacheWithItsClass.latest
        return super().backward(*dy)


ROOM = np.zeros(3)
TABLE = np.arange(3.0)
TABLE.flags.writeable = False


class SharesArray(Whole):
    def __init__(self) -> None:
        super().__init__()
        self.rooms = [ROOM]


class SharesTable(Whole):
    """Keeps all contracts: nobody can write to what is shared."""

    def __init__(self) -> None:
        super().__init__()
        self.table = TABLE


class SavesNoBias(Whole):
    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"bias": np.zeros(3)}


class SavesNoMean(Whole):
    """Only evaluation shows it."""

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"mean": np.zeros(3)}


class SavesItself(Whole):
    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"bias": self.bias.data}


class KeepsTheState(Whole):
    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.bias.data = state["bias"]


class CopyShares(Whole):
    def __deepcopy__(self, memo: Any) -> Any:
        twin = type(self)()
        twin.load_state_dict(self.state_dict())
        twin.training, twin.spare = self.training, self.spare
        twin.rng.bit_generator.state = self.rng.bit_generator.state
        return twin


class CopyOfUsedForgetsBias(Whole):
    def __deepcopy__(self, memo: Any) -> Any:
        twin = type(self)()
        twin.load_state_dict(self.state_dict())
        twin.training = self.training
        twin.rng.bit_generator.state = self.rng.bit_generator.state
        twin.bias.data[0] += hasattr(self, "cache")
        return twin


class CannotBePickled(Whole):
    def __init__(self) -> None:
        super().__init__()
        self.activation = lambda x: x


class PicklesNoBias(Whole):
    def __deepcopy__(self, memo: Any) -> Any:
        twin = type(self)()
        twin.load_state_dict(self.state_dict())
        twin.training = self.training
        twin.rng.bit_generator.state = self.rng.bit_generator.state
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.bias.data[0] = 5.0
