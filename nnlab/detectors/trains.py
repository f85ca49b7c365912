"""trains (weak): a small training run on each model; the loss falls by half and stays finite."""

from functools import partial

import numpy as np

from nnlab.detectors.models import TRAININGS, Training
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return [Probe(training.name, partial(_falls_by_half, training)) for training in TRAININGS]


def _falls_by_half(training: Training, seed: int) -> None:
    losses = training.run(seed)
    require(bool(np.isfinite(losses).all()), f"the loss becomes {losses[-1]}")
    require(losses[-1] <= losses[0] / 2, f"the loss goes from {losses[0]:.3g} to {losses[-1]:.3g} only")


DETECTOR = Detector(
    name="trains",
    summary="a real small training run: the loss falls by half and stays finite",
    weak=True,
    probes=probes,
    example=Fault(
        id="example-trains",
        title="SGD and Adam do not move",
        pattern="scale",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.update",
                "self.move(parameter, self.t[parameter], self.group[parameter], self.state[parameter])",
                "pass",
            )
        ],
    ),
)
