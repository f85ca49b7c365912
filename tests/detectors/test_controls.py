"""Both controls of every detector, and that each strong one kills something that no other strong one does."""

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors.models import TRAININGS
from nnlab.detectors.optimizer import GRADIENTS, TRACES
from nnlab.detectors.subjects import layer_subjects, layers
from nnlab.lab import Cited, Detector, Edit, Fault, Verdict
from nnlab.lab.catalog import discover_detectors
from nnlab.lab.judge import judge, run_clean

DETECTORS = list(discover_detectors().values())


@pytest.mark.slow
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_the_detector_is_silent_on_clean_code(detector: Detector) -> None:
    assert [run for run in run_clean(detector.probes(), [0, 1, 2]) if run.alarm] == []


@pytest.mark.slow
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_the_detector_catches_its_own_example(detector: Detector) -> None:
    judgement = judge(detector.example, detector.probes())
    assert judgement.verdict is Verdict.KILLED
    assert judgement.evidence


def test_every_layer_of_the_library_is_a_subject() -> None:
    named = {getattr(nn, name) for name in nn.__all__}
    modules = {thing for thing in named if isinstance(thing, type) and issubclass(thing, nn.Module)}
    assert set(layers()) == modules - {nn.Module}
    assert len({subject.name for subject in layer_subjects()}) == len(layer_subjects())


def test_a_subject_draws_the_same_for_the_same_seed_and_moves_every_parameter() -> None:
    for subject in layer_subjects():
        (a, x), (b, z) = (subject.draw(subject.rng(5)) for _ in range(2))
        fresh, _ = subject.fresh(subject.rng(5))
        assert all(np.array_equal(p, q) for p, q in zip(_arrays(x), _arrays(z), strict=True))
        for (name, p), q, r in zip(a.named_parameters(), b.parameters(), fresh.parameters(), strict=True):
            assert np.array_equal(p.data, q.data)
            assert (p.data != r.data).all(), f"{subject.name}: {name}"


def _arrays(x: object) -> list[object]:
    return [a for b in x for a in _arrays(b)] if isinstance(x, tuple) else [x]


def test_training_is_the_same_for_the_same_seed() -> None:
    assert TRAININGS[0].run(3) == TRAININGS[0].run(3)
    assert TRAININGS[0].run(3) != TRAININGS[0].run(4)


def test_the_written_traces_equal_torch() -> None:
    torch = pytest.importorskip("torch")
    for name, (make, trace) in TRACES.items():
        kind = name.partition("(")[0]
        parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
        optimizer = getattr(torch.optim, kind)([parameter], **make.keywords)  # type: ignore[attr-defined]
        for gradient, expected in zip(GRADIENTS, trace, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
            optimizer.step()
            assert parameter.tolist() == pytest.approx(expected, abs=1e-14), name


def edit(target: str, correct: str, faulty: str) -> Fault:
    return Fault(id="f", title="f", pattern="p", source=Cited("s"), edits=[Edit(target, correct, faulty)])


#: For each strong detector of layers a fault that the others let pass.
ALONE = {
    "gradient": edit("nnlab.nn.activation:Tanh.backward", "1 - y**2", "1 - y"),
    "contract": edit("nnlab.nn.linear:Linear.forward", "x = own(", "x = borrow("),
    "optimizer": edit("nnlab.nn.optim:Adam.move", "1 - beta2**t", "1 - beta1**t"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_a_strong_detector_kills_what_no_other_does(name: str) -> None:
    killers = {
        d.name
        for d in DETECTORS
        if d.name in {*ALONE, "shapes", "trains"} and judge(ALONE[name], d.probes()).verdict.detected
    }
    assert killers == {name}


@pytest.mark.parametrize(
    ("fault", "evidence"),
    [
        (
            edit("nnlab.nn.activation:Tanh.backward", "dx: Array = dy * (1 - y**2)", "dy *= 1 - y**2; return dy"),
            "backward changes it",
        ),
        (edit("nnlab.nn.activation:Tanh.forward", "return y.copy()", "return y"), "reused its buffers"),
        (
            edit(
                "nnlab.nn.dropout:Dropout.backward",
                "self.cache",
                "self.rng.random(np.shape(dy)) * 0 + self.rng.integers(2)",
            ),
            "",
        ),
        (
            edit("nnlab.nn.norm:LayerNorm.backward", "self.bias.grad +=", "self.bias.grad[...] ="),
            "after two backwards it is",
        ),
    ],
)
def test_contract_kills_each_broken_promise(fault: Fault, evidence: str) -> None:
    judgement = judge(fault, discover_detectors()["contract"].probes())
    assert judgement.verdict is Verdict.KILLED
    assert evidence in judgement.evidence
