"""The models of `trains` learn from what they are said to learn from."""

from collections.abc import Callable

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors.models import TRAININGS, data
from nnlab.detectors.models.adapters import NegativeELBO, OnGraph, Variational
from nnlab.detectors.models.training import Training, adam
from nnlab.gradcheck import assert_gradients


@pytest.mark.parametrize("training", TRAININGS, ids=lambda t: t.name)
def test_the_losses_start_before_training_and_are_those_of_all_data(training: object) -> None:
    rng = np.random.default_rng(5)
    x, target = training.data(rng)
    model, loss = training.model(rng).eval(), training.loss()
    outputs = model(x)
    before = loss(*(outputs if isinstance(outputs, tuple) else (outputs,)), target)
    losses = training.run(5)
    assert losses[0] == before
    assert len(losses) == 11


def test_no_two_models_have_one_name() -> None:
    assert len({training.name for training in TRAININGS}) == len(TRAININGS) > 18


@pytest.mark.parametrize(
    "make", {training.data for training in TRAININGS} - {data.club}, ids=lambda make: make.__name__
)
def test_every_seed_draws_its_own_data(make: Callable[[np.random.Generator], data.Data]) -> None:
    (x, t), (same, _), (other, _) = (make(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(x, same)
    assert not np.array_equal(x, other)
    assert len(x) == len(t)


def test_digits_are_pictures_between_0_and_1_of_all_ten_kinds() -> None:
    x, labels = data.digits(np.random.default_rng(0))
    assert x.shape == (96, 1, 8, 8)
    assert (x.min(), x.max()) == (0, 1)
    assert set(labels) == set(range(10))
    mean = [x[labels == digit, 0].mean(0) for digit in (0, 1)]
    assert mean[0][3:5, 3:5].max() < 0.3 < 0.7 < mean[1][3:5, 3:5].min(), "a 0 has a hole in its middle, a 1 has not"


def test_each_character_is_answered_by_the_next() -> None:
    x, target = data.text(np.random.default_rng(0))
    assert x.shape == target.shape == (32, 12)
    assert (x[:, 1:] == target[:, :-1]).all()
    first = "".join(data.CHARACTERS[code] for code in [*x[0], target[0, -1]])
    assert first in data.POEM


def test_the_club_has_its_friendships_in_both_directions() -> None:
    edges = data.club_edges()
    assert edges.shape == (2, 2 * 78)
    assert set(map(tuple, edges.T)) == set(map(tuple, edges[::-1].T))
    assert np.bincount(edges[0]).max() == 17, "member 33 has the most friends"
    _, side = data.club(np.random.default_rng(0))
    assert side.sum() == 17
    assert side[0] != side[33]


def test_a_training_takes_its_data_in_so_many_batches() -> None:
    sizes = []

    class Counting(nn.Linear):
        def forward(self, x: np.ndarray) -> np.ndarray:
            if self.training:
                sizes.append(len(x))
            return super().forward(x)

    def rows(rng: np.random.Generator) -> data.Data:
        return np.ones((7, 2)), np.ones((7, 1))

    for batches in (1, 2, 3):
        Training("t", lambda rng: Counting(2, 1, rng=rng), rows, nn.MSELoss, adam(0.01), 10, batches).run(0)
    assert sizes == 10 * [7] + 10 * [4, 3] + 10 * [3, 3, 1]


def test_gradients_pass_through_the_variational_autoencoder_its_loss_and_the_graph() -> None:
    rng = np.random.default_rng(0)
    sample = nn.Reparameterize(kl=True, rng=np.random.default_rng(1))
    vae = Variational(nn.Linear(3, 4, rng=rng), sample, nn.Linear(2, 3, rng=rng))
    assert_gradients(vae, rng.standard_normal((5, 3)))
    assert_gradients(NegativeELBO(), rng.standard_normal((5, 3)), rng.random(5), rng.random((5, 3)))
    graph = OnGraph(nn.GCNConv(3, 2, rng=rng), np.array([[0, 1, 2], [1, 2, 1]]))
    assert_gradients(graph, rng.standard_normal((4, 3)))
