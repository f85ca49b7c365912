"""gradient: backward agrees with differences of forward, for every input and every parameter."""

from functools import partial

from nnlab.detectors.subjects import LayerSubject, layer_subjects, require
from nnlab.gradcheck import check
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return [Probe(subject.name, partial(_agrees, subject)) for subject in layer_subjects()]


def _agrees(subject: LayerSubject, seed: int) -> None:
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    report = check(module, *inputs, constant=subject.case.constant, rng=rng)
    require(report.outcome == "agrees", str(report))


DETECTOR = Detector(
    name="gradient",
    summary="analytic against numeric gradients, inputs and parameters, with error bars",
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
