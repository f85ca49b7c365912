"""One small model for each of the elementary layers, on data that it learns in a few dozen steps."""

from collections.abc import Callable

from nnlab import nn
from nnlab.detectors.models import data
from nnlab.detectors.models.adapters import Attended, Mean, Picked, Reshape, TimeFirst
from nnlab.detectors.models.training import Rng, Training, adam, sgd


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


SMALL = (
    Training("MLP on clusters", _mlp, data.clusters, nn.CrossEntropyLoss, sgd(0.1, 0.9)),
    Training("sigmoid MLP on clusters", _gates, data.clusters, nn.CrossEntropyLoss, adam(0.05)),
    Training("softmax policy on clusters", _softmax_policy, data.one_hot, nn.MSELoss, adam(0.05)),
    Training("Conv2d on bars", _convnet, data.images, nn.CrossEntropyLoss, adam(0.02)),
    Training("Conv1d on waves", _wavenet, data.waves, nn.CrossEntropyLoss, adam(0.05)),
    Training("RNN on sums", _recurrent(nn.RNN), data.sums, nn.CrossEntropyLoss, adam(0.05)),
    Training("LSTM on sums", _recurrent(nn.LSTM), data.sums, nn.CrossEntropyLoss, adam(0.05)),
    Training("GRU on sums", _recurrent(nn.GRU), data.sums, nn.CrossEntropyLoss, adam(0.05)),
    Training("transformer on tokens", _encoder(False), data.tokens, nn.CrossEntropyLoss, adam(0.02)),
    Training("pre-norm transformer on tokens", _encoder(True), data.tokens, nn.CrossEntropyLoss, adam(0.02)),
    Training("self-attention on means", _attention, data.means, nn.MSELoss, adam(0.02)),
    Training("multi-head attention on means", _heads, data.means, nn.MSELoss, adam(0.02)),
    Training("LayerNorm block on means", _mixer, data.means, nn.MSELoss, adam(0.02)),
    Training("capsules on poses", _capsules, data.poses, nn.MSELoss, adam(0.02)),
)
