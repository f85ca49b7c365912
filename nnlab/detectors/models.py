"""Small models and data on which training is watched: together they contain every layer and loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import nn

Rng = np.random.Generator
Array = np.ndarray[Any, Any]


class Picked(nn.Module):
    """Makes one array of what a recurrent layer returns: the output at the last time step."""

    def __init__(self, recurrent: nn.Module) -> None:
        self.recurrent = recurrent

    def forward(self, x: Array) -> Array:
        output: Array = self.recurrent(x)[0]
        self.cache = output.shape
        last: Array = output[-1].copy()
        return last

    def backward(self, dy: Array) -> Any:
        doutput = np.zeros(self.cache)
        doutput[-1] = dy
        return self.recurrent.backward(doutput)


class Attended(nn.Module):
    """Self-attention of a MultiheadAttention: query, key and value are the same, the weights are not used."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        self.attention = attention

    def forward(self, x: Array) -> Array:
        y: Array = self.attention(x, x, x)[0]
        return y

    def backward(self, dy: Array) -> Array:
        dquery, dkey, dvalue = self.attention.backward(dy)
        return dquery + dkey + dvalue


class Reshape(nn.Module):
    """Gives every row a new shape."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def forward(self, x: Array) -> Array:
        self.cache = x.shape
        return x.reshape(len(x), *self.shape).copy()

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.cache).copy()


class Mean(nn.Module):
    """The mean over axis 1, of positions."""

    def forward(self, x: Array) -> Array:
        self.cache = x.shape
        y: Array = x.mean(1)
        return y

    def backward(self, dy: Array) -> Array:
        shape = self.cache
        return np.broadcast_to(dy[:, None] / shape[1], shape).copy()


@dataclass(frozen=True)
class Training:
    """A model, its data and how it is trained; the loss is that of the whole data set, in evaluation mode."""

    name: str
    model: Callable[[Rng], nn.Module]
    data: Callable[[Rng], tuple[Array, Array]]
    loss: Callable[[], nn.Module]
    optimizer: Callable[[list[nn.Parameter]], nn.Optimizer]
    steps: int = 60

    def run(self, seed: int) -> list[float]:
        """The loss before training and after every fifth step, with batches of half the data."""
        rng = np.random.default_rng(seed)
        x, target = self.data(rng)
        model, loss = self.model(rng), self.loss()
        optimizer = self.optimizer(model.parameters())
        losses = [self.evaluate(model, loss, x, target)]
        for step in range(1, self.steps + 1):
            batch = rng.permutation(len(x))[: len(x) // 2]
            model.zero_grad()
            loss(model(x[batch]), target[batch])
            model.backward(loss.backward()[0])
            optimizer.step()
            if step % 5 == 0:
                losses.append(self.evaluate(model, loss, x, target))
        return losses

    def evaluate(self, model: nn.Module, loss: nn.Module, x: Array, target: Array) -> float:
        value = float(loss(model.eval()(x.copy()), target))
        model.train()
        return value


def _clusters(rng: Rng) -> tuple[Array, Array]:
    """Points of three classes around three centres of the plane."""
    labels = np.arange(48) % 3
    centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return centres[labels] + 0.5 * rng.standard_normal((48, 2)), labels


def _images(rng: Rng) -> tuple[Array, Array]:
    """6×6 pictures of a horizontal or a vertical bar."""
    labels = np.arange(32) % 2
    x = 0.2 * rng.standard_normal((32, 1, 6, 6))
    for picture, label, place in zip(x[:, 0], labels, rng.integers(6, size=32), strict=True):
        picture[(place, slice(None)) if label else (slice(None), place)] += 1.0
    return x, labels


def _waves(rng: Rng) -> tuple[Array, Array]:
    """Rows of 12 samples of a slow or a fast wave."""
    labels = np.arange(32) % 2
    phase = rng.uniform(0, 2 * np.pi, (32, 1))
    t = np.arange(12)
    waves = np.sin(phase + np.where(labels, 1.6, 0.5)[:, None] * t)
    return (waves + 0.1 * rng.standard_normal((32, 12)))[:, None], labels


def _sequences(rng: Rng) -> tuple[Array, Array]:
    """Sequences of five numbers, to be answered by the sign of their sum; batch first."""
    x = rng.standard_normal((40, 5, 1))
    x += 0.6 * (2.0 * (np.arange(40) % 2) - 1)[:, None, None]
    return x, (x.sum((1, 2)) > 0).astype(np.int64)


def _tokens(rng: Rng) -> tuple[Array, Array]:
    """Sequences of six tokens out of seven; the class is whether the token 0 occurs."""
    x = rng.integers(1, 7, size=(40, 6))
    labels = np.arange(40) % 2
    x[np.arange(40), rng.integers(6, size=40)] *= 1 - labels
    return x, 1 - labels


def _poses(rng: Rng) -> tuple[Array, Array]:
    """Three input capsules whose joint direction tells which of two output capsules should point where."""
    labels = np.arange(36) % 2
    x = 0.3 * rng.standard_normal((36, 12))
    x += np.where(labels[:, None], 1.0, -1.0)
    target = np.zeros((36, 2, 3))
    target[np.arange(36), labels, 0] = 0.8
    return x, target


def _regression(rng: Rng) -> tuple[Array, Array]:
    """Rows of four positions of three numbers; each is answered by the mean of all and its own tanh."""
    x = rng.standard_normal((40, 4, 3))
    return x, x.mean(1, keepdims=True) + np.tanh(x)


def _last_first(x: Array) -> Array:
    return np.ascontiguousarray(x.swapaxes(0, 1))


class TimeFirst(nn.Module):
    """(N, T, …) to (T, N, …)."""

    def forward(self, x: Array) -> Array:
        return _last_first(x)

    def backward(self, dy: Array) -> Array:
        return _last_first(dy)


def _mlp(rng: Rng) -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 12, rng=rng),
        nn.BatchNorm1d(12),
        nn.ReLU(),
        nn.Dropout(0.1, rng=rng),
        nn.Linear(12, 3, rng=rng),
    )


def _gates(rng: Rng) -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 8, rng=rng), nn.Sigmoid(), nn.Linear(8, 8, rng=rng), nn.Tanh(), nn.Linear(8, 3, rng=rng)
    )


def _convnet(rng: Rng) -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=rng), nn.ReLU(), Reshape(144), nn.Linear(144, 2, rng=rng))


def _wavenet(rng: Rng) -> nn.Module:
    return nn.Sequential(nn.Conv1d(1, 12, 4, stride=2, rng=rng), nn.ReLU(), Reshape(60), nn.Linear(60, 2, rng=rng))


def _recurrent(kind: type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]) -> Callable[[Rng], nn.Module]:
    return lambda rng: nn.Sequential(TimeFirst(), Picked(kind(1, 6, rng=rng)), nn.Linear(6, 2, rng=rng))


def _encoder(norm_first: bool) -> Callable[[Rng], nn.Module]:
    def build(rng: Rng) -> nn.Module:
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", batch_first=True, norm_first=norm_first, rng=rng)
        return nn.Sequential(nn.Embedding(7, 8, rng=rng), layer, Mean(), nn.Linear(8, 2, rng=rng))

    return build


def _attention(rng: Rng) -> nn.Module:
    return nn.Sequential(
        nn.Linear(3, 8, rng=rng), nn.Residual(nn.SelfAttention(8, rng=rng)), nn.Tanh(), nn.Linear(8, 3, rng=rng)
    )


def _heads(rng: Rng) -> nn.Module:
    attention = nn.MultiheadAttention(8, 2, batch_first=True, rng=rng)
    return nn.Sequential(nn.Linear(3, 8, rng=rng), nn.Residual(Attended(attention)), nn.Linear(8, 3, rng=rng))


def _mixer(rng: Rng) -> nn.Module:
    feed = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16, rng=rng), nn.GELU(), nn.Linear(16, 8, rng=rng))
    return nn.Sequential(nn.Linear(3, 8, rng=rng), nn.Residual(feed), nn.Linear(8, 3, rng=rng))


def _capsules(rng: Rng) -> nn.Module:
    return nn.Sequential(nn.Linear(12, 12, rng=rng), Reshape(3, 4), nn.Squash(), nn.CapsuleLayer(3, 4, 2, 3, rng=rng))


def _softmax_policy(rng: Rng) -> nn.Module:
    return nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 3, rng=rng), nn.Softmax(-1))


def _one_hot(rng: Rng) -> tuple[Array, Array]:
    x, labels = _clusters(rng)
    return x, np.eye(3)[labels]


def _adam(lr: float) -> Callable[[list[nn.Parameter]], nn.Optimizer]:
    return lambda parameters: nn.Adam(parameters, lr)


def _sgd(lr: float, momentum: float) -> Callable[[list[nn.Parameter]], nn.Optimizer]:
    return lambda parameters: nn.SGD(parameters, lr, momentum)


TRAININGS = (
    Training("MLP on clusters", _mlp, _clusters, nn.CrossEntropyLoss, _sgd(0.1, 0.9)),
    Training("sigmoid MLP on clusters", _gates, _clusters, nn.CrossEntropyLoss, _adam(0.05)),
    Training("softmax policy on clusters", _softmax_policy, _one_hot, nn.MSELoss, _adam(0.05)),
    Training("Conv2d on bars", _convnet, _images, nn.CrossEntropyLoss, _adam(0.02)),
    Training("Conv1d on waves", _wavenet, _waves, nn.CrossEntropyLoss, _adam(0.05)),
    Training("RNN on sums", _recurrent(nn.RNN), _sequences, nn.CrossEntropyLoss, _adam(0.05)),
    Training("LSTM on sums", _recurrent(nn.LSTM), _sequences, nn.CrossEntropyLoss, _adam(0.05)),
    Training("GRU on sums", _recurrent(nn.GRU), _sequences, nn.CrossEntropyLoss, _adam(0.05)),
    Training("transformer on tokens", _encoder(False), _tokens, nn.CrossEntropyLoss, _adam(0.02)),
    Training("pre-norm transformer on tokens", _encoder(True), _tokens, nn.CrossEntropyLoss, _adam(0.02)),
    Training("self-attention on means", _attention, _regression, nn.MSELoss, _adam(0.02)),
    Training("multi-head attention on means", _heads, _regression, nn.MSELoss, _adam(0.02)),
    Training("LayerNorm block on means", _mixer, _regression, nn.MSELoss, _adam(0.02)),
    Training("capsules on poses", _capsules, _poses, nn.MSELoss, _adam(0.02)),
)
