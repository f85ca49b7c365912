"""Trainer: the loop of forward, loss, backward and step, and what came of it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnlab.errors import InputError
from nnlab.nn.clip import clip_grad_norm_
from nnlab.nn.module import Module
from nnlab.nn.optim import Optimizer
from nnlab.nn.schedule import LRScheduler
from nnlab.nn.schedule_cycle import ReduceLROnPlateau

__all__ = ["History", "Trainer"]

Data = NDArray[Any]


@dataclass
class History:
    """A training run, one entry for each epoch: mean losses, and the first group's learning rate.

    `train` is measured while the model changes, in training mode; `validation` after the epoch, in evaluation mode.
    """

    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)


class Trainer:
    """θ ← optimizer(θ, ∂ loss(model(x), target) / ∂θ) for mini-batches of x and target along their first axis.

    The loss takes all outputs of the model and the target, and returns one number. `max_norm` clips the gradients'
    norm; `accumulate` computes the gradient of each batch in so many parts, which gives the same steps in less memory
    unless the model mixes examples, as BatchNorm does, or the loss weighs them. `schedule` moves after each epoch, or
    each step.
    """

    def __init__(
        self,
        model: Module,
        loss: Module,
        optimizer: Optimizer,
        *,
        rng: np.random.Generator,
        schedule: LRScheduler | ReduceLROnPlateau | None = None,
        schedule_every: Literal["epoch", "step"] = "epoch",
        max_norm: float | None = None,
        accumulate: int = 1,
    ) -> None:
        if schedule_every not in ("epoch", "step"):
            raise InputError(f"Trainer: schedule_every is {schedule_every!r} but must be 'epoch' or 'step'; choose one")
        if accumulate < 1:
            raise InputError(f"Trainer: accumulate is {accumulate} but must be at least 1; 1 computes batches whole")
        self.model, self.loss, self.optimizer, self.rng = model, loss, optimizer, rng
        self.schedule, self.schedule_every = schedule, schedule_every
        self.max_norm, self.accumulate = max_norm, accumulate
        self.history = History()

    def fit(
        self,
        x: Data,
        target: Data,
        epochs: int,
        batch_size: int | None = None,
        validation: tuple[Data, Data] | None = None,
    ) -> History:
        """Train for `epochs` passes in batches drawn anew from rng, or on all data at once; adds to the history."""
        if not 0 < len(x) == len(target):
            raise InputError(
                f"Trainer: x has {len(x)} examples and target {len(target)}; give one target for each example"
            )
        size = len(x) if batch_size is None else batch_size
        if size < 1:
            raise InputError(f"Trainer: batch_size is {size} but must be at least 1; None takes all data at once")
        for _ in range(epochs):
            self.history.lr.append(self.optimizer.param_groups[0]["lr"])
            order = self.rng.permutation(len(x)) if size < len(x) else np.arange(len(x))
            batches = [order[start : start + size] for start in range(0, len(x), size)]
            losses = [self.step(x[batch], target[batch]) for batch in batches]
            self.history.train.append(float(np.average(losses, weights=[len(batch) for batch in batches])))
            metric = self.history.train[-1]
            if validation is not None:
                metric = self.evaluate(*validation)
                self.history.validation.append(metric)
            if self.schedule_every == "epoch":
                self._move_schedule(metric)
        return self.history

    def step(self, x: Data, target: Data) -> float:
        """One step of the optimizer on one batch; returns the loss from before it."""
        self.optimizer.zero_grad()
        summed = getattr(self.loss, "reduction", None) == "sum"
        value = 0.0
        for rows in np.array_split(np.arange(len(x)), min(self.accumulate, len(x))):
            share = 1.0 if summed else len(rows) / len(x)
            value += share * self._loss(x[rows], target[rows])
            *doutputs, _ = self.loss.backward(share)
            self.model.backward(*doutputs)
        if self.max_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.optimizer.step()
        if self.schedule_every == "step":
            self._move_schedule(value)
        return value

    def evaluate(self, x: Data, target: Data) -> float:
        """The loss of all data at once in evaluation mode; every layer's mode is as before afterwards."""
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        try:
            return self._loss(x, target)
        finally:
            for module, mode in modes:
                module.training = mode

    def _loss(self, x: Data, target: Data) -> float:
        outputs = self.model(x)
        value = np.asarray(self.loss(*(outputs if isinstance(outputs, tuple) else (outputs,)), target))
        if value.size != 1:
            raise InputError(
                f"Trainer: the loss has shape {value.shape} but must be one number; use reduction 'mean' or 'sum'"
            )
        return float(value.item())

    def _move_schedule(self, metric: float) -> None:
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(metric)
        elif self.schedule is not None:
            self.schedule.step()
