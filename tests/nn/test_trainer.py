"""Trainer does the steps that a loop written by hand does."""

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

X = np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.25], [3.0, 1.5], [-1.0, 4.0]])
T = np.array([[1.0], [2.0], [-1.0], [0.5], [3.0]])
START = np.array([[0.5, -0.25]])


def trainer(loss: nn.Module | None = None, **settings: object) -> nn.Trainer:
    model = nn.Linear(2, 1, bias=False, rng=np.random.default_rng(0))
    model.weight.data[...] = START
    given: dict[str, object] = {"rng": np.random.default_rng(3), **settings}
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    if kind := given.get("schedule"):
        given["schedule"] = kind(optimizer)
    return nn.Trainer(model, loss or nn.MSELoss(), optimizer, **given)


def descent(w: np.ndarray, x: np.ndarray, t: np.ndarray, lr: float = 0.1) -> tuple[np.ndarray, float]:
    """One step of least squares, and the loss before it."""
    e = x @ w.T - t
    return w - lr * 2 * e.T @ x / len(x), float((e**2).mean())


def test_without_a_batch_size_each_epoch_is_one_step_on_all_data_in_its_order() -> None:
    made = trainer()
    history = made.fit(X, T, epochs=2)
    after, first = descent(START, X, T)
    after, second = descent(after, X, T)
    np.testing.assert_allclose(made.model.weight.data, after, rtol=1e-14)
    assert history.train == pytest.approx([first, second], rel=1e-14)
    assert history.lr == [0.1, 0.1]
    assert history.validation == []
    assert history is made.history


def test_batches_are_drawn_anew_for_each_epoch_and_the_last_may_be_smaller() -> None:
    made, rng, after, expected = trainer(), np.random.default_rng(3), START, []
    for _ in range(2):
        order, losses = rng.permutation(5), []
        for batch in (order[:2], order[2:4], order[4:]):
            after, value = descent(after, X[batch], T[batch])
            losses.append(value * len(batch))
        expected.append(sum(losses) / 5)
    assert made.fit(X, T, 2, batch_size=2).train == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(made.model.weight.data, after, rtol=1e-13)


def test_a_batch_of_all_data_is_not_shuffled() -> None:
    made = trainer()
    made.fit(X, T, 1, batch_size=5)
    assert made.rng.random() == np.random.default_rng(3).random()


@pytest.mark.parametrize(
    "loss",
    [nn.MSELoss("mean"), nn.MSELoss("sum"), nn.KLDivLoss("batchmean", log_target=True)],
    ids=["mean", "sum", "batchmean"],
)
@pytest.mark.parametrize("parts", [2, 3, 9])
def test_accumulation_gives_the_step_of_the_whole_batch(loss: nn.Module, parts: int) -> None:
    whole, made = trainer(loss), trainer(loss, accumulate=parts)
    assert made.step(X, T) == pytest.approx(whole.step(X, T), rel=1e-14)
    np.testing.assert_allclose(made.model.weight.data, whole.model.weight.data, rtol=1e-13)
    np.testing.assert_allclose(made.step(X, T), whole.step(X, T), rtol=1e-13)


def test_a_summed_loss_steps_along_the_gradient_of_the_sum() -> None:
    made = trainer(nn.MSELoss("sum"), accumulate=2)
    error = X @ START.T - T
    assert made.step(X, T) == pytest.approx((error**2).sum(), rel=1e-14)
    np.testing.assert_allclose(made.model.weight.data, START - 0.1 * 2 * error.T @ X, rtol=1e-13)


def test_a_loss_that_names_no_reduction_is_taken_for_a_mean() -> None:
    class Own(nn.Module):
        def forward(self, x, target):  # type: ignore[no-untyped-def]
            self.cache = x - target
            return (self.cache**2).mean()

        def backward(self, dy=1.0):  # type: ignore[no-untyped-def]
            return 2 * dy * self.cache / self.cache.size, None

    made = trainer(Own(), accumulate=3)
    after, value = descent(START, X, T)
    assert made.step(X, T) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(made.model.weight.data, after, rtol=1e-13)


def test_one_example_is_enough_to_train_on() -> None:
    made = trainer()
    made.fit(X[:1], T[:1], 1, batch_size=1)
    np.testing.assert_allclose(made.model.weight.data, descent(START, X[:1], T[:1])[0], rtol=1e-14)


def test_accumulation_never_computes_more_than_its_part() -> None:
    made, seen = trainer(accumulate=2), []
    forward = made.model.forward
    made.model.forward = lambda x: (seen.append(len(x)), forward(x))[1]
    made.step(X, T)
    assert seen == [3, 2]


def test_gradients_are_clipped_to_the_norm() -> None:
    free, made = trainer(), trainer(max_norm=0.5)
    free.step(X, T)
    made.step(X, T)
    move, clipped = free.model.weight.data - START, made.model.weight.data - START
    np.testing.assert_allclose(clipped, 0.1 * 0.5 * move / np.linalg.norm(move), rtol=1e-5)


def test_validation_is_measured_after_each_epoch_in_evaluation() -> None:
    made = trainer()
    made.model = nn.Sequential(made.model, nn.Dropout(1.0, rng=np.random.default_rng(0)).eval())
    after, _ = descent(START, X, T)
    _, expected = descent(after, X[:2], T[:2])
    assert made.fit(X, T, 1, validation=(X[:2], T[:2])).validation == pytest.approx([expected], rel=1e-14)


def test_evaluation_leaves_every_layer_in_its_mode_even_after_an_error() -> None:
    made = trainer()
    made.model = nn.Sequential(made.model.eval(), nn.Dropout(1.0, rng=np.random.default_rng(0)))
    before = [module.training for module in made.model.modules()]
    assert made.evaluate(X, T) == descent(START, X, T)[1]
    with pytest.raises(InputError):
        made.evaluate(X[:, :1], T)
    assert [module.training for module in made.model.modules()] == before == [True, False, True]


def test_the_schedule_moves_after_each_epoch_or_each_step() -> None:
    def halved(optimizer: nn.Optimizer) -> nn.LRScheduler:
        return nn.ExponentialLR(optimizer, 0.5)

    assert trainer(schedule=halved).fit(X, T, 3, 3).lr == [0.1, 0.05, 0.025]
    assert trainer(schedule=halved, schedule_every="step").fit(X, T, 2, 3).lr == [0.1, 0.025]


def test_a_plateau_is_judged_by_the_validation_loss_if_there_is_one() -> None:
    for validation in (None, (X[:2], T[:2])):
        made, seen = trainer(schedule=nn.ReduceLROnPlateau), []
        made.schedule.step = seen.append
        history = made.fit(X, T, 3, validation=validation)
        assert seen == (history.validation if validation else history.train)
    made.fit(X, T, 1)
    assert seen[-1] == made.history.train[-1], "the validation of an earlier fit says nothing any more"
    made = trainer(schedule=nn.ReduceLROnPlateau, schedule_every="step")
    made.schedule.step = seen.append
    assert made.step(X, T) == seen[-1]


def test_the_loss_gets_all_outputs_of_the_model() -> None:
    class Twice(nn.Module):
        def forward(self, x):  # type: ignore[no-untyped-def]
            return x, 2 * x

        def backward(self, dy, dz):  # type: ignore[no-untyped-def]
            self.seen = dy, dz
            return dy + 2 * dz

    made = trainer()
    made.model, made.loss = Twice(), nn.CosineEmbeddingLoss()
    made.step(X, np.ones(5, int))
    assert [d.shape for d in made.model.seen] == [X.shape, X.shape]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: trainer(accumulate=0), "accumulate is 0 but must be at least 1; 1 computes batches whole"),
        (
            lambda: trainer(schedule_every="batch"),
            "schedule_every is 'batch' but must be 'epoch' or 'step'; choose one",
        ),
        (
            lambda: trainer().fit(X, T[:3], 1),
            "x has 5 examples and target 3; give one target for each example",
        ),
        (
            lambda: trainer().fit(X[:0], T[:0], 1),
            "x has 0 examples and target 0; give one target for each example",
        ),
        (
            lambda: trainer().fit(X, T, 1, 0),
            "batch_size is 0 but must be at least 1; None takes all data at once",
        ),
        (
            lambda: trainer(nn.MSELoss("none")).step(X, T),
            "the loss has shape (5, 1) but must be one number; use reduction 'mean' or 'sum'",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(act: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        act()
    assert str(caught.value) == f"Trainer: {message}"
