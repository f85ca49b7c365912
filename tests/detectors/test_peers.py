"""Other projects' checkers as detectors: both controls, each in a process of its own, and only when asked for."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors.peers import PureLayer
from nnlab.detectors.subjects import LayerSubject, layer_subjects
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Verdict
from nnlab.lab.catalog import discover_detectors
from nnlab.lab.judge import judge, run_clean
from nnlab.lab.runner import Job, run

PEERS = [d for d in discover_detectors(peers=True).values() if d.needs]
NAMES = ["autograd-check-grads", "jax-check-grads", "torch-gradcheck", "torch-gradcheck-fast"]


def alone(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process of its own: JAX's threads and settings stay out of this one."""
    (ended,) = run([Job("work", work, 300.0)], 1)
    assert not ended.died
    assert not ended.timeout
    return ended.value


def layer(name: str) -> PureLayer:
    return PureLayer(next(s for s in layer_subjects() if s.name.startswith(name)), 0)


@pytest.fixture(params=PEERS, ids=lambda d: d.name)
def peer(request: pytest.FixtureRequest) -> Detector:
    detector: Detector = request.param
    if not detector.installed:
        pytest.skip(f"{detector.needs} is not installed")
    return detector


def test_peers_are_found_but_take_part_only_when_they_are_asked_for() -> None:
    assert [detector.name for detector in PEERS] == NAMES
    assert not set(NAMES) & set(discover_detectors())
    assert all(detector.weak for detector in PEERS)


def test_listing_the_peers_imports_none_of_them() -> None:
    code = "from nnlab.lab.catalog import discover_detectors\n"
    code += "assert len([d.installed for d in discover_detectors(peers=True).values()]) > 4\n"
    code += "import sys; assert not {'torch', 'jax', 'autograd', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_a_peer_is_silent_on_clean_code(peer: Detector) -> None:
    runs = alone(lambda: run_clean(peer.probes()[::5], [0, 1]))
    assert [clean for clean in runs if clean.alarm] == []
    assert len(runs) > 150


@pytest.mark.slow
def test_a_peer_catches_its_own_example_and_says_what_it_saw(peer: Detector) -> None:
    judgement = alone(lambda: judge(peer.example, peer.probes()))
    assert judgement.verdict is Verdict.KILLED
    assert 20 < len(judgement.evidence) <= 400


@pytest.mark.slow
def test_a_peer_reaches_forward_and_backward_of_layers_and_what_they_call(peer: Detector) -> None:
    probes = lambda: [p for p in peer.probes() if p.subject.startswith("Softmax(")]  # noqa: E731
    (first, *_) = alone(lambda: run_clean(probes(), [0], record=True))
    called = {"Softmax.forward", "Softmax.backward", "softmax_backward", "softmax"}
    assert {f"nnlab.nn.softmax:{name}" for name in called} <= first.functions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("correct", "faulty", "verdict"),
    [
        ("1 - y**2", "1 - y", Verdict.KILLED),
        ("1 - y**2", "1 - 1.000000001 * y**2", Verdict.SURVIVED),
        ("1 - y**2", "1 - nothing", Verdict.CRASHED),
    ],
)
def test_a_peer_tells_a_wrong_gradient_from_a_crash(
    peer: Detector, correct: str, faulty: str, verdict: Verdict
) -> None:
    fault = Fault("f", "f", "p", Cited("s"), [Edit("nnlab.nn.activation:Tanh.backward", correct, faulty)])
    tanh = lambda: [p for p in peer.probes() if p.subject.startswith("Tanh(")]  # noqa: E731
    assert alone(lambda: judge(fault, tanh()).verdict) is verdict


def test_autograd_leaves_the_global_generator_as_it_was() -> None:
    pytest.importorskip("autograd")
    probe = next(p for p in discover_detectors(peers=True)["autograd-check-grads"].probes() if "LayerNorm" in p.subject)
    before = np.random.get_state()[1].tolist()  # type: ignore[index,union-attr]  # noqa: NPY002
    probe.run(3)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index,union-attr]  # noqa: NPY002


@pytest.mark.parametrize("name", ["LSTM(2, 5)", "BatchNorm1d(4", "Dropout(", "Embedding(", "MultiheadAttention("])
def test_a_pure_layer_gives_the_same_for_the_same_arrays(name: str) -> None:
    pure = layer(name)
    first = pure.forward(*pure.arrays)
    dy = [np.ones_like(y) for y in first]
    gradients = pure.vjp(pure.arrays, dy)
    assert [g.shape for g in gradients] == [x.shape for x in pure.arrays]
    for again in (pure.forward(*pure.arrays), pure.forward(*pure.arrays)):
        assert all(np.array_equal(y, z) for y, z in zip(first, again, strict=True))
    for g, h in zip(gradients, pure.vjp(pure.arrays, dy), strict=True):
        assert np.array_equal(g, h)


def test_a_pure_layer_takes_inputs_and_parameters_and_returns_their_gradients() -> None:
    pure = layer("Linear(")
    x, weight, bias = pure.arrays
    assert np.allclose(pure.forward(2 * x, weight, bias)[0], 2 * x @ weight.T + bias)
    dy = np.full(pure.forward(*pure.arrays)[0].shape, 0.5)
    dx, _, dbias = pure.vjp((x, weight, bias), [dy])
    assert np.allclose(dx, dy @ weight)
    assert np.allclose(dbias, dy.reshape(-1, len(bias)).sum(0))


def test_a_pure_layer_never_moves_what_is_constant() -> None:
    subject = next(
        s for s in layer_subjects() if s.layer is nn.Embedding and s.case.kwargs.get("padding_idx") is not None
    )
    pure = PureLayer(subject, 0)
    (weight,) = pure.arrays
    row = subject.case.kwargs["padding_idx"]
    moved = weight.copy()
    moved[row] += 1.0
    assert np.array_equal(pure.forward(moved)[0], pure.forward(weight)[0])


def test_a_gradient_that_is_missing_is_zero() -> None:
    class Silent(nn.Module):
        def forward(self, x: Any) -> Any:
            return x * 2, None

        def backward(self, *dy: Any) -> Any:
            return None

    subject = LayerSubject(Silent, nn.Case(x=nn.Normal((2, 3))))
    pure = PureLayer(subject, 0)
    (y,) = pure.forward(*pure.arrays)
    (gradient,) = pure.vjp(pure.arrays, [y])
    assert np.array_equal(gradient, np.zeros((2, 3)))


def test_what_a_peer_leaves_out_is_a_false_alarm_of_its_own() -> None:
    pytest.importorskip("jax")
    from nnlab.detectors.jax_check_grads import ALARMS, check

    left_out = [subject for subject in layer_subjects() if subject.name in ALARMS]

    assert {subject.name for subject in left_out} == ALARMS

    def alarms() -> int:
        run_check, count = check(), 0
        for subject in left_out:
            with pytest.raises(Detected):
                run_check(PureLayer(subject, 0), 0)
            count += 1
        return count

    assert alone(alarms) == len(left_out)
