"""Models and data on which training is watched: `small.py` for each elementary layer, `known.py` what all know."""

from nnlab.detectors.models.known import KNOWN
from nnlab.detectors.models.small import SMALL
from nnlab.detectors.models.training import Training

__all__ = ["TRAININGS", "Training"]

TRAININGS: tuple[Training, ...] = (*SMALL, *KNOWN)
