"""nnlab.nn computes what torch computes."""

from typing import Any

import numpy as np
import pytest

from nnlab.cli.list_ import source
from nnlab.nn.module import Module
from tests.nn.peers import NAMES, RECORDED, computed, recorded, recorded_results, torch_is_wanted
from tests.nn.subjects import LAYERS, SUBJECTS, Subject, results
from tests.nn.traces import SCHEDULES, TRACES, Trace

needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_layer_agrees_with_torch_in_float64(subject: Subject) -> None:
    assert_close(results(subject), recorded_results(subject), np.float64, 1e-9)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_layer_agrees_with_torch_in_float32_and_stays_in_it(subject: Subject) -> None:
    assert_close(results(subject, np.float32), recorded_results(subject), np.float32, 1e-4)


@pytest.mark.parametrize("number", range(len(TRACES)), ids=[str(trace) for trace in TRACES])
@pytest.mark.parametrize("one_by_one", [False, True], ids=["step", "update"])
def test_optimizer_agrees_with_torch(number: int, one_by_one: bool) -> None:
    path = TRACES[number].run(one_by_one)
    assert_close({"path": path}, {"path": recorded("optimizers")[str(number)]}, np.float64, 1e-9)


@pytest.mark.parametrize("trace", TRACES, ids=str)
def test_optimizer_stays_in_float32(trace: Trace) -> None:
    wanted = recorded("optimizers")[str(TRACES.index(trace))]
    assert_close({"path": trace.run(dtype=np.float32)}, {"path": wanted}, np.float32, 1e-4)


@pytest.mark.parametrize("number", range(len(SCHEDULES)), ids=[str(rates) for rates in SCHEDULES])
def test_schedule_agrees_with_torch(number: int) -> None:
    rates = SCHEDULES[number]
    wanted = recorded("schedules")[str(number)]
    assert_close({"rates": rates.run(*rates.made())}, {"rates": wanted}, np.float64, 1e-9)


@needs_torch
@pytest.mark.parametrize("name", NAMES)
def test_recorded_numbers_are_those_of_torch(name: str) -> None:
    then, now = recorded(name), computed(name)
    assert then.keys() == now.keys()
    for key in now:
        np.testing.assert_allclose(then[key], now[key], rtol=1e-11, atol=1e-12, err_msg=f"{name} {key}")


@needs_torch
@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_layer_loads_the_state_of_its_torch_twin_by_name(subject: Subject) -> None:
    from tests.nn.twins import twin

    module, fresh = subject.build(), subject.case.build(subject.layer, np.random.default_rng(1))
    fresh.load_state_dict({name: tensor.numpy() for name, tensor in twin(subject, module).state_dict().items()})
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(fresh.state_dict()[name], array)


def test_every_layer_and_no_other_is_recorded() -> None:
    assert sorted(path.stem for path in RECORDED.glob("*.npz")) == sorted(NAMES)


@needs_torch
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_has_a_twin(layer: type[Module]) -> None:
    from tests.nn.twins import twin_class

    assert twin_class(layer.__name__) is not None, f"{layer.__name__} needs a class in tests/nn/*_twins.py"


@needs_torch
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_says_whether_torch_has_it_and_else_cites_a_source(layer: type[Module]) -> None:
    torch = pytest.importorskip("torch")
    assert layer.in_torch == hasattr(torch.nn, layer.__name__)
    assert layer.in_torch or source(layer)


def assert_close(ours: dict[str, Any], theirs: dict[str, Any], dtype: Any, tolerance: float) -> None:
    """Same names, shapes and, within `tolerance` of 1 + |value|, same numbers."""
    assert ours.keys() == theirs.keys()
    for name, wanted in theirs.items():
        found = ours[name]
        assert found.shape == wanted.shape, name
        assert found.dtype == (dtype if np.issubdtype(wanted.dtype, np.floating) else wanted.dtype), name
        worst = np.max(np.abs(found - wanted) / (1 + np.abs(wanted)), initial=0)
        assert worst <= tolerance, f"{name} is off by {worst:.1e}"
