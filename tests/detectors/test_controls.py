"""Both controls of every detector, and that each strong one kills something that no other strong one does."""

import numpy as np
import pytest

from faults.patterns import PATTERNS
from nnlab import nn
from nnlab.detectors.contract import OPTIMIZERS
from nnlab.detectors.courses import COURSES, METRICS
from nnlab.detectors.initialiser import probes as initialiser_probes
from nnlab.detectors.models import TRAININGS
from nnlab.detectors.optimizer import MANNERS
from nnlab.detectors.optimizer import probes as optimizer_probes
from nnlab.detectors.subjects import layer_subjects, layers
from nnlab.detectors.traces import PATHS
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


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_the_example_has_a_pattern_of_the_catalog(detector: Detector) -> None:
    assert detector.example.pattern in PATTERNS


def test_every_layer_of_the_library_is_a_subject() -> None:
    named = {getattr(nn, name) for name in nn.__all__}
    modules = {thing for thing in named if isinstance(thing, type) and issubclass(thing, nn.Module)}
    assert set(layers()) == modules - {nn.Module, nn.ModuleList}
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


def test_every_optimizer_and_schedule_has_a_written_trace_and_its_first_step_is_checked() -> None:
    bases = {nn.Optimizer, nn.Schedule, nn.LRScheduler}
    kinds = {thing for thing in vars(nn).values() if isinstance(thing, type)} - bases
    optimizers = {kind.__name__ for kind in kinds if issubclass(kind, nn.Optimizer)}
    assert {name.partition("(")[0] for name in PATHS} == optimizers
    assert {name.partition("(")[0] for name in OPTIMIZERS} == optimizers
    assert {name.partition("(")[0] for name in COURSES} == {k.__name__ for k in kinds if issubclass(k, nn.Schedule)}
    walked = {probe.subject for probe in optimizer_probes()}
    assert walked >= {f"{name} {manner}" for name in PATHS for manner in MANNERS}
    assert walked >= {f"{name}{manner}" for name in COURSES for manner in ("", " of groups", " resumed")}


def test_every_initialiser_is_held_to_its_law() -> None:
    fills = {name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")}
    assert fills == {probe.subject.split()[0].partition("(")[0] for probe in initialiser_probes()} & fills


@pytest.mark.slow
@pytest.mark.parametrize("name", ["initialiser", "training"])
def test_a_law_of_chance_gives_no_alarm_over_many_seeds(name: str) -> None:
    assert [run for run in run_clean(discover_detectors()[name].probes(), range(3, 13)) if run.alarm] == []


def test_training_is_the_same_for_the_same_seed() -> None:
    assert TRAININGS[0].run(3) == TRAININGS[0].run(3)
    assert TRAININGS[0].run(3) != TRAININGS[0].run(4)


def test_the_written_traces_equal_torch() -> None:
    torch = pytest.importorskip("torch")
    from tests.nn.twin_optimizers import in_float64, optimizer_class

    for name, path in PATHS.items():
        keywords = getattr(path.make, "keywords", {})
        parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64).reshape(path.shape))
        with in_float64():
            optimizer = optimizer_class(name.partition("(")[0])([parameter], **keywords)
            for gradient, expected in zip(path.gradients, path.steps, strict=True):
                parameter.grad = torch.tensor(gradient, dtype=torch.float64).reshape(path.shape)
                optimizer.step()
                assert parameter.flatten().tolist() == pytest.approx(expected, abs=1e-14), name


def test_the_written_courses_equal_torch() -> None:
    torch = pytest.importorskip("torch")
    from tests.nn.twin_optimizers import schedule_class

    for name, course in COURSES.items():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
        kind = name.partition("(")[0]
        schedule = schedule_class(kind)(optimizer, **getattr(course.make, "keywords", {}))
        (group,) = optimizer.param_groups
        for epoch, rate in enumerate(course.rates):
            assert group["lr"] == pytest.approx(rate, abs=1e-14), name
            assert group["momentum"] == pytest.approx(course.momenta[epoch] if course.momenta else 0.9, abs=1e-14)
            optimizer.step()
            schedule.step(*METRICS[epoch : epoch + 1] if kind == "ReduceLROnPlateau" else ())


def edit(target: str, correct: str, faulty: str) -> Fault:
    return Fault(id="f", title="f", pattern="p", source=Cited("s"), edits=[Edit(target, correct, faulty)])


#: For each strong detector of the library a fault that the others let pass.
ALONE = {
    "gradient": edit("nnlab.nn.norm:LayerNorm.backward", "g = dy * self.weight.data", "g = dy"),
    "contract": edit("nnlab.nn.linear:Linear.forward", "x = own(", "x = borrow("),
    "optimizer": edit("nnlab.nn.optim:Adam.move", "m / (1 - beta1**t)", "m"),
    "reference": edit("nnlab.nn.norm:LayerNorm.__init__", "self.eps = eps", "self.eps = 10 * eps"),
    "initialiser": edit("nnlab.nn.init:orthogonal_", "q = q @ np.diag(np.sign(np.diag(r)))", "pass"),
    "training": edit("nnlab.nn.trainer:Trainer.evaluate", "module.training = mode", "module.training = True"),
    "sizes": edit(
        "nnlab.nn.rotary:RotaryEmbedding.forward",
        "self.cache = cos, sin, x.shape",
        "self.cache = cos, sin, getattr(self, 'last', x.shape); self.last = x.shape",
    ),
    "checkers": edit("nnlab.gradcheck.locate:_wrong_entry", "if not worse.disagrees:", "if True:"),
    "refusal": edit("nnlab.nn.reparameterize:Reparameterize.backward", 'mu.dtype, "dz"', 'None, "dz"'),
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
        (edit("nnlab.nn.activation:Tanh.forward", "return y.copy()", "return y"), "overwrote the outputs"),
        (
            edit(
                "nnlab.nn.dropout:_Masked.backward",
                "dy * mask",
                "dy * mask * self.rng.integers(2)",
            ),
            "gradient of input 0[",
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
