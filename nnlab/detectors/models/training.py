"""A model, its data and how it is trained."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlab import nn
from nnlab.detectors.models.data import Data, Rng

__all__ = ["Rng", "Training", "adam", "sgd"]

Optimizer = Callable[[list[nn.Parameter]], nn.Optimizer]


@dataclass(frozen=True)
class Training:
    """Each epoch takes the data in so many batches; the losses are those of all data, in evaluation mode."""

    name: str
    model: Callable[[Rng], nn.Module]
    data: Callable[[Rng], Data]
    loss: Callable[[], nn.Module]
    optimizer: Optimizer
    epochs: int = 30
    batches: int = 2

    def run(self, seed: int) -> list[float]:
        """The loss before training, and after each tenth of it."""
        rng = np.random.default_rng(seed)
        x, target = self.data(rng)
        model = self.model(rng)
        trainer = nn.Trainer(model, self.loss(), self.optimizer(model.parameters()), rng=rng)
        losses = [trainer.evaluate(x, target)]
        for _ in range(10):
            trainer.fit(x, target, self.epochs // 10, batch_size=-(-len(x) // self.batches))
            losses.append(trainer.evaluate(x, target))
        return losses


def adam(lr: float) -> Optimizer:
    return lambda parameters: nn.Adam(parameters, lr)


def sgd(lr: float, momentum: float) -> Optimizer:
    return lambda parameters: nn.SGD(parameters, lr, momentum)
