"""gradient: backward agrees with differences of forward, and with torch's choice at the corners of losses."""

from functools import partial

from nnlab.detectors.loss_points import POINTS
from nnlab.detectors.subjects import LayerSubject, layer_subjects
from nnlab.gradcheck import Report, check
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    """Every subject, for every input and every parameter, and the points at which no difference tells the slope."""
    found = [Probe(subject.name, partial(_agrees, subject)) for subject in layer_subjects()]
    return found + [Probe(str(point), point.check, seeded=False) for point in POINTS]


def _agrees(subject: LayerSubject, seed: int) -> None:
    if _report(subject, seed, explain=0).outcome != "agrees":
        raise Detected(lambda: str(_report(subject, seed, explain=1)))


def _report(subject: LayerSubject, seed: int, explain: int) -> Report:
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    return check(module, *inputs, constant=subject.case.constant, rng=rng, explain=explain)


DETECTOR = Detector(
    name="gradient",
    summary="analytic against numeric gradients, inputs and parameters, with error bars; losses at their corners",
    probes=probes,
    example=Fault(
        id="example-gradient",
        title="Linear backward returns the negative gradient",
        pattern="sign",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit("nnlab.nn.linear:Linear.backward", "dx: Array = dy @ self.weight.data", "dx = -dy @ self.weight.data")
        ],
    ),
)
