"""The models that everybody trains first."""

from nnlab import nn
from nnlab.detectors.models import data
from nnlab.detectors.models.adapters import Causal, NegativeELBO, OnGraph, Outputs, Reshape, Variational
from nnlab.detectors.models.training import Rng, Training, adam

CHARACTERS = len(data.CHARACTERS)


def mlp(rng: Rng) -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 24, rng=rng), nn.Tanh(), nn.Linear(24, 24, rng=rng), nn.Tanh(), nn.Linear(24, 3, rng=rng)
    )


def lenet(rng: Rng) -> nn.Module:
    """LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, for 8×8 pictures."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 3, rng=rng),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(48, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 10, rng=rng),
    )


def lstm(rng: Rng) -> nn.Module:
    """The logits of the next character, shape (N, characters, T)."""
    return nn.Sequential(
        nn.Embedding(CHARACTERS, 12, rng=rng),
        Outputs(nn.LSTM(12, 32, batch_first=True, rng=rng)),
        nn.Linear(32, CHARACTERS, rng=rng),
        nn.Permute((0, 2, 1)),
    )


def decoder(rng: Rng) -> nn.Module:
    """One transformer layer that sees no later character; logits of shape (N, characters, T)."""
    layer = nn.TransformerEncoderLayer(24, 3, 48, 0.0, "gelu", batch_first=True, norm_first=True, rng=rng)
    return nn.Sequential(
        nn.Embedding(CHARACTERS, 24, rng=rng),
        Causal(layer),
        nn.LayerNorm(24),
        nn.Linear(24, CHARACTERS, rng=rng),
        nn.Permute((0, 2, 1)),
    )


def autoencoder(rng: Rng) -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 12, rng=rng),
        nn.Linear(12, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 64, rng=rng),
        nn.Sigmoid(),
    )


def capsules(rng: Rng) -> nn.Module:
    """Sabour, Frosst and Hinton, "Dynamic Routing Between Capsules", 2017, section 4, for 8×8 pictures."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, rng=rng),
        nn.ReLU(),
        Reshape(18, 4),
        nn.Squash(),
        nn.CapsuleLayer(18, 4, 10, 5, rng=rng),
    )


def vae(rng: Rng) -> nn.Module:
    """Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 3, with six latent numbers."""
    encoder = nn.Sequential(nn.Linear(64, 48, rng=rng), nn.Tanh(), nn.Linear(48, 12, rng=rng))
    decoder = nn.Sequential(nn.Linear(6, 48, rng=rng), nn.Tanh(), nn.Linear(48, 64, rng=rng))
    return Variational(encoder, nn.Reparameterize(kl=True, rng=rng), decoder)


def graph_network(rng: Rng) -> nn.Module:
    """Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks", 2017, equation 9."""
    edges = data.club_edges()
    return nn.Sequential(
        OnGraph(nn.GCNConv(34, 16, rng=rng), edges), nn.ReLU(), OnGraph(nn.GCNConv(16, 2, rng=rng), edges)
    )


KNOWN = (
    Training("MLP on spirals", mlp, data.spirals, nn.CrossEntropyLoss, adam(0.02), 60),
    Training("LeNet on digits", lenet, data.digits, nn.CrossEntropyLoss, adam(0.01)),
    Training("LSTM on text", lstm, data.text, nn.CrossEntropyLoss, adam(0.03), 30),
    Training("decoder on text", decoder, data.text, nn.CrossEntropyLoss, adam(0.02), 20),
    Training("autoencoder on digits", autoencoder, data.pixels, nn.MSELoss, adam(0.02), 40),
    Training("capsules on digits", capsules, data.marked_digits, nn.CapsuleMarginLoss, adam(0.02)),
    Training("VAE on digits", vae, data.strokes, NegativeELBO, adam(0.02), 50),
    Training("GCN on a club", graph_network, data.club, nn.CrossEntropyLoss, adam(0.05), 30, batches=1),
)
