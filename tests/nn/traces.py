"""Runs of the optimizers over gradients that are given, so that nothing but the optimizer is tested."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlab.nn import SGD, Adam, Optimizer, Parameter
from tests.nn.subjects import rounded

STEPS = 20


@dataclass(frozen=True)
class Trace:
    """Twenty steps of one configuration, for a matrix and a vector."""

    kind: type[Optimizer]
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.__name__}({', '.join(f'{k}={v}' for k, v in self.kwargs.items())})"

    def starts(self) -> list[Any]:
        rng = np.random.default_rng(11)
        return [rounded(rng.standard_normal(shape)) for shape in ((2, 3), (4,))]

    def gradients(self) -> Iterator[list[Any]]:
        """Gradients of changing size and sign, one of them zero throughout."""
        rng = np.random.default_rng(12)
        for step in range(STEPS):
            matrix, vector = rng.standard_normal((2, 3)) / (1 + step), 0.1 + rng.standard_normal(4)
            matrix[1, 2] = 0.0
            yield [rounded(matrix), rounded(vector)]

    def run(self, one_by_one: bool = False, dtype: Any = np.float64) -> Any:
        """The parameters after every step, flat; moved by step(), or by update() of each from last to first."""
        parameters = [Parameter(start.astype(dtype)) for start in self.starts()]
        optimizer = self.kind(parameters, **self.kwargs)
        path = []
        for gradients in self.gradients():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad[...] = gradient
            if one_by_one:
                for parameter in reversed(parameters):
                    optimizer.update(parameter)
            else:
                optimizer.step()
            path.append(np.concatenate([parameter.data.ravel() for parameter in parameters]))
        return np.array(path)


TRACES = [
    Trace(SGD),
    Trace(SGD, {"lr": 0.1, "dampening": 0.4}),
    Trace(SGD, {"lr": 0.1, "weight_decay": 0.3}),
    Trace(SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.1}),
    Trace(SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    Trace(SGD, {"lr": 0.2, "momentum": 0.7, "nesterov": True, "weight_decay": 0.05}),
    Trace(Adam),
    Trace(Adam, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01}),
    Trace(Adam, {"lr": 0.05, "weight_decay": 0.4}),
    Trace(Adam, {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True}),
]
