"""The written defaults of optimizers and schedules are torch's, and every optimizer has some."""

import inspect

import pytest

from nnlab import nn
from nnlab.detectors.defaults import DEFAULTS, OPTIMIZERS, SCHEDULES


@pytest.mark.parametrize("name", DEFAULTS)
def test_correct_code_has_these_defaults(name: str) -> None:
    DEFAULTS[name](0)


def test_every_optimizer_has_written_defaults() -> None:
    kinds = [kind for kind in vars(nn).values() if isinstance(kind, type) and issubclass(kind, nn.Optimizer)]
    assert {kind.__name__ for kind in kinds} - {"Optimizer"} == set(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_have_the_defaults_of_torch(name: str) -> None:
    optim = pytest.importorskip("torch.optim")
    if name in ("LAMB", "Lion"):
        pytest.skip("torch does not have it")
    theirs = inspect.signature(getattr(optim, name)).parameters
    assert {setting: theirs[setting].default for setting in OPTIMIZERS[name]} == dict(OPTIMIZERS[name])


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"WarmupCosine"}))
def test_schedules_have_the_defaults_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    parameter = torch.nn.Parameter(torch.ones(2))
    given, ours = SCHEDULES[name]
    schedule = getattr(torch.optim.lr_scheduler, name)(torch.optim.SGD([parameter], 0.1, momentum=0.9), *given)
    theirs = inspect.signature(type(schedule)).parameters
    for setting, value in ours.items():
        default = theirs[setting.removesuffix("s") if isinstance(value, list) else setting].default
        if default is None:  # which torch computes: step_size_down
            default = int(schedule.total_size * (1 - schedule.step_ratio))
        assert default == (value[0] if isinstance(value, list) else value), setting
