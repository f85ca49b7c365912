"""training: what clipping, the Trainer and checkpoints promise, against formulas and loops written out."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np

from nnlab import nn
from nnlab.detectors.checkpoints import checkpoint_probes
from nnlab.detectors.clipping import clipping_probes, is_close
from nnlab.detectors.subjects import require
from nnlab.errors import InputError
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

Rng = np.random.Generator
Array = np.ndarray[Any, Any]


def _model(rng: Rng) -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Tanh(), nn.Linear(4, 2, rng=rng))


def _regression(rng: Rng) -> tuple[Array, Array]:
    return rng.standard_normal((7, 3)), rng.standard_normal((7, 2))


def _classes(rng: Rng) -> tuple[Array, Array]:
    return rng.standard_normal((7, 3)), rng.integers(0, 2, 7)


def _steps(make: Callable[[], nn.Module], draw: Callable[[Rng], Any], settings: dict[str, Any], seed: int) -> None:
    """Two steps are those of SGD on whole batches, however the batch is cut into parts."""
    models = [_model(np.random.default_rng(seed)) for _ in range(2)]
    loss, rng = make(), np.random.default_rng([seed, 1])
    trainer = nn.Trainer(models[0], make(), nn.SGD(models[0].parameters(), 0.1), rng=rng, **settings)
    for t in (1, 2):
        x, target = draw(rng)
        value = float(loss(models[1](x), target))
        for parameter in models[1].parameters():
            parameter.grad = np.zeros_like(parameter.data)
        models[1].backward(loss.backward(1.0)[0])
        norm = sum(float((p.grad**2).sum()) for p in models[1].parameters()) ** 0.5
        most = settings.get("max_norm") or np.inf
        for parameter in models[1].parameters():
            parameter.data -= 0.1 * min(1.0, most / (norm + 1e-6)) * parameter.grad
        is_close(f"loss of step {t}", trainer.step(x, target), value)
        for (name, got), expected in zip(models[0].named_parameters(), models[1].parameters(), strict=True):
            is_close(f"{name} after step {t}", got.data, expected.data)


class _Noting(nn.Module):
    """x times a weight; notes the rows it sees, and whether it was in training mode."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.full(1, 0.5))
        self.dropout = nn.Dropout(0.0, rng=np.random.default_rng(0))
        self.seen: list[list[float]] = []
        self.modes: list[tuple[bool, bool]] = []

    def forward(self, x: Array) -> Array:
        self.seen.append(x.ravel().tolist())
        self.modes.append((self.training, self.dropout.training))
        self.cache = x.copy()
        return x * self.weight.data

    def backward(self, dy: Array) -> Array:
        x = self.cache
        self.weight.grad += (dy * x).sum()
        return dy * self.weight.data


class _NotingLoss(nn.MSELoss):
    """MSELoss that notes its targets and values."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[list[float]] = []
        self.values: list[float] = []

    def forward(self, input: Any, target: Any) -> Any:
        value = super().forward(input, target)
        self.targets.append(np.ravel(target).tolist())
        self.values.append(float(value))
        return value


class _NotingPlateau(nn.ReduceLROnPlateau):
    """ReduceLROnPlateau that notes its metrics."""

    def __init__(self, optimizer: nn.Optimizer) -> None:
        super().__init__(optimizer)
        self.metrics: list[float] = []

    def step(self, metrics: float) -> None:
        self.metrics.append(metrics)
        super().step(metrics)


def _metrics(trainer: nn.Trainer) -> list[float]:
    assert isinstance(trainer.schedule, _NotingPlateau)
    return trainer.schedule.metrics


EVERY: tuple[Literal["epoch"], Literal["step"]] = ("epoch", "step")
X = np.arange(1.0, 8.0)[:, None]
TARGET = 10 * X


def _trainer(rng: Rng, schedule: Callable[[nn.Optimizer], Any] | None = None, **settings: Any) -> nn.Trainer:
    model = _Noting()
    optimizer = nn.SGD([model.weight], 0.001)
    return nn.Trainer(
        model, _NotingLoss(), optimizer, rng=rng, schedule=schedule(optimizer) if schedule else None, **settings
    )


def _notes(trainer: nn.Trainer) -> tuple[_Noting, _NotingLoss]:
    assert isinstance(trainer.model, _Noting)
    assert isinstance(trainer.loss, _NotingLoss)
    return trainer.model, trainer.loss


def _batches(seed: int) -> None:
    """Each epoch takes each example once, with its own target, in batches of a new order that rng alone determines."""
    trainer, again = (_trainer(np.random.default_rng(seed)) for _ in range(2))
    history = trainer.fit(X, TARGET, 6, batch_size=3)
    again.fit(X, TARGET, 6, batch_size=3)
    model, loss = _notes(trainer)
    require([len(rows) for rows in model.seen] == [3, 3, 1] * 6, f"batches: expected 3, 3 and 1, got {model.seen}")
    require(loss.targets == [[10 * x for x in rows] for rows in model.seen], "targets: expected those of the examples")
    orders = [[x for rows in model.seen[i : i + 3] for x in rows] for i in range(0, 18, 3)]
    for order in orders:
        require(sorted(order) == X.ravel().tolist(), f"epoch: expected each example once, got {order}")
    require(len(set(map(tuple, orders))) > 1, "epochs: expected new orders, got the same six times")
    require(_notes(again)[0].seen == model.seen, "batches: expected the same from the same seed, got others")
    means = [np.average(loss.values[i : i + 3], weights=[3, 3, 1]) for i in range(0, 18, 3)]
    is_close("history.train", history.train, means)
    trainer.fit(X, TARGET, 1)
    require(model.seen[-1] == X.ravel().tolist(), f"all at once: expected the data's order, got {model.seen[-1]}")
    trainer.fit(X, TARGET, 1, batch_size=9)
    require(model.seen[-1] == X.ravel().tolist(), f"a batch of more than all: expected all, got {model.seen[-1]}")
    require(len(trainer.history.train) == 8 == len(trainer.history.lr), "history: expected a second fit to add to it")


def _evaluates(seed: int) -> None:
    """In evaluation mode throughout, and without a trace: modes and statistics are as before, also after an error."""
    rng = np.random.default_rng(seed)
    layers = nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=rng), nn.Linear(4, 2, rng=rng)
    model = nn.Sequential(*layers)
    x, target = _regression(rng)
    list(model.modules())[2].eval()
    modes = [module.training for module in model.modules()]
    state = model.state_dict()
    trainer = nn.Trainer(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1), rng=rng)
    value = trainer.evaluate(x, target)
    for name, array in model.state_dict().items():
        require(np.array_equal(array, state[name]), f"{name}: expected evaluate to leave it, it changed")
    require([m.training for m in model.modules()] == modes, "modes: expected each layer's from before, got others")
    with contextlib.suppress(InputError):
        trainer.evaluate(x, target[:, :1])
    found = [m.training for m in model.modules()]
    require(found == modes, f"modes after an error: expected {modes}, got {found}")
    is_close("loss", value, float(nn.MSELoss()(model.eval()(x), target)))


def _validates(seed: int) -> None:
    """After each epoch, in evaluation mode; a plateau is judged by it, or by the training loss, or by each step's."""
    held_out = X[:2] + 0.5, TARGET[:2]
    trainer = _trainer(np.random.default_rng(seed), _NotingPlateau)
    history = trainer.fit(X, TARGET, 3, batch_size=4, validation=held_out)
    model, loss = _notes(trainer)
    modes = [(True, True), (True, True), (False, False)] * 3
    require(model.modes == modes, f"modes: expected two batches of training, then evaluation, got {model.modes}")
    is_close("history.validation", history.validation, loss.values[2::3])
    is_close("metrics", _metrics(trainer), history.validation)
    is_close("last validation", history.validation[-1], trainer.evaluate(*held_out))
    for every in EVERY:
        alone = _trainer(np.random.default_rng(seed), _NotingPlateau, schedule_every=every)
        alone.fit(X, TARGET, 3, batch_size=4)
        wanted = alone.history.train if every == "epoch" else _notes(alone)[1].values
        is_close(f"metrics of each {every}", _metrics(alone), wanted)


def _schedules(seed: int) -> None:
    """The rate moves after each epoch, or each step, and the steps use it; the history holds the epoch's first."""
    for every, rates, first in zip(
        EVERY,
        ([1.0, 1.0, 0.5, 0.5, 0.25, 0.25], [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125]),
        ([1.0, 0.5, 0.25], [1.0, 0.25, 0.0625]),
        strict=True,
    ):
        schedule = partial(nn.ExponentialLR, gamma=0.5)
        trainer = _trainer(np.random.default_rng(seed), schedule, schedule_every=every)
        history = trainer.fit(X, TARGET, 3, batch_size=4)
        model, _ = _notes(trainer)
        weight = 0.5
        for rows, rate in zip(model.seen, rates, strict=True):
            x = np.array(rows)
            weight -= 0.001 * rate * 2 * float(((weight * x - 10 * x) * x).mean())
        is_close(f"weight, rate moved each {every}", model.weight.data, [weight])
        is_close("history.lr", history.lr, 0.001 * np.array(first))


class _Two(nn.Module):
    """Two outputs of one weight."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.full(1, 0.5))

    def forward(self, x: Array) -> tuple[Array, Array]:
        self.cache = x.copy()
        return x * self.weight.data, x + self.weight.data

    def backward(self, da: Array, db: Array) -> Array:
        x = self.cache
        self.weight.grad += (da * x + db).sum()
        return da * self.weight.data + db


def _all_outputs(seed: int) -> None:
    """The loss takes all outputs of the model, and each gets its gradient."""
    model = _Two()
    trainer = nn.Trainer(
        model, nn.MarginRankingLoss(5.0, "sum"), nn.SGD([model.weight], 0.1), rng=np.random.default_rng(seed)
    )
    x, target = np.array([1.0, 3.0]), np.array([1.0, -1.0])
    # Σ max(0, 5 - y (0.5 x - x - 0.5)) = 6 + 3 at weight 0.5, with derivative Σ -y (x - 1) = 2
    is_close("loss", trainer.step(x, target), 9.0)
    is_close("weight", model.weight.data, [0.3])


class _Halves(nn.Module):
    """The mean of half the squared error: a loss of the user's, without a setting called reduction."""

    def forward(self, input: Array, target: Array) -> Array:
        self.cache = error = input - target
        return np.asarray(0.5 * (error**2).mean())

    def backward(self, dy: float = 1.0) -> tuple[Array, None]:
        error = self.cache
        return dy * error / error.size, None


def _foreign_loss(seed: int) -> None:
    """A loss that says nothing of its reduction is taken for a mean: batches in parts are weighted by their sizes."""
    model = _Noting()
    start = model.weight.data.copy()
    trainer = nn.Trainer(model, _Halves(), nn.SGD([model.weight], 0.001), rng=np.random.default_rng(0), accumulate=2)
    error = start * X - TARGET
    is_close("loss", trainer.step(X, TARGET), 0.5 * (error**2).mean())
    is_close("weight", model.weight.data, start - 0.001 * (error * X).mean())


STEPS: dict[str, tuple[Callable[[], nn.Module], Callable[[Rng], Any], dict[str, Any]]] = {
    "MSELoss": (nn.MSELoss, _regression, {}),
    "MSELoss in 3 parts": (nn.MSELoss, _regression, {"accumulate": 3}),
    "MSELoss in more parts than rows": (nn.MSELoss, _regression, {"accumulate": 9}),
    "MSELoss, sum, in 2 parts": (partial(nn.MSELoss, "sum"), _regression, {"accumulate": 2}),
    "MSELoss, clipped": (nn.MSELoss, _regression, {"max_norm": 0.1}),
    "MSELoss in 2 parts, clipped": (nn.MSELoss, _regression, {"accumulate": 2, "max_norm": 0.1}),
    "CrossEntropyLoss in 2 parts": (nn.CrossEntropyLoss, _classes, {"accumulate": 2}),
}


def probes() -> list[Probe]:
    return [
        *clipping_probes(),
        *(Probe(f"Trainer, {name}", partial(_steps, *row)) for name, row in STEPS.items()),
        Probe("Trainer, batches", _batches),
        Probe("Trainer, evaluation", _evaluates),
        Probe("Trainer, validation", _validates),
        Probe("Trainer, schedule", _schedules),
        Probe("Trainer, several outputs", _all_outputs, seeded=False),
        Probe("Trainer, a loss of the user's", _foreign_loss, seeded=False),
        *checkpoint_probes(),
    ]


DETECTOR = Detector(
    name="training",
    summary="clipping, the Trainer's steps, batches, modes and history, checkpoints and resumed runs, as written out",
    probes=probes,
    example=Fault(
        id="example-training",
        title="Trainer never clears the gradients",
        pattern="dropped-statement",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.trainer:Trainer.step", "self.optimizer.zero_grad()", "pass")],
    ),
)
