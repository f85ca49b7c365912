"""Schedules: what is particular. Thirty epochs of each are in test_peers.py, saved ones in test_groups.py."""

from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import SGD, Adagrad, Adam, Parameter


def optimizer(lr: float = 0.1, **options: Any) -> SGD:
    return SGD([Parameter(np.ones(1))], lr=lr, **options)


def two_groups() -> SGD:
    return SGD([{"params": [Parameter(np.ones(1))], "lr": lr} for lr in (0.1, 0.2)])


def course(schedule: Any, epochs: int) -> list[float]:
    """The first group's learning rate in each epoch."""
    found = []
    for _ in range(epochs):
        found.append(schedule.get_last_lr()[0])
        schedule.step()
    return found


def test_a_schedule_sets_the_rate_that_the_optimizer_moves_by() -> None:
    moved = optimizer(lr=1.0)
    schedule = nn.StepLR(moved, 1, gamma=0.5)
    (p,) = moved.param_groups[0]["params"]
    p.grad[...] = 1.0
    for _ in range(2):
        moved.step()
        schedule.step()
    assert p.data == pytest.approx(1 - 1 - 0.5)
    assert schedule.get_last_lr() == [0.25]
    assert schedule.last_epoch == 2


def test_schedules_count_from_the_rate_before_the_first_of_them() -> None:
    shared = optimizer()
    nn.LinearLR(shared, start_factor=0.5)
    assert nn.StepLR(shared, 3).base_lrs == [0.1]
    assert shared.param_groups[0]["initial_lr"] == 0.1


def test_one_cycle_and_cyclic_leave_their_start_to_later_schedules_as_torch_does() -> None:
    one, cyclic = optimizer(), optimizer()
    nn.OneCycleLR(one, 0.5, 10, cycle_momentum=False)
    nn.CyclicLR(cyclic, 0.3, 0.5, cycle_momentum=False)
    assert nn.StepLR(one, 3).base_lrs == [pytest.approx(0.02)]
    assert nn.StepLR(cyclic, 3).base_lrs == [0.3]


def test_cosine_annealing_goes_up_again_from_the_lowest_point_and_down_from_the_highest() -> None:
    found = course(nn.CosineAnnealingLR(optimizer(), 2, eta_min=0.02), 7)
    assert found == pytest.approx([0.1, 0.06, 0.02, 0.06, 0.1, 0.06, 0.02])


def test_cosine_annealing_of_one_epoch_alternates() -> None:
    assert course(nn.CosineAnnealingLR(optimizer(), 1), 4) == pytest.approx([0.1, 0, 0.1, 0])


def test_warmup_cosine_reaches_the_full_rate_at_the_end_of_the_warmup_and_stays_at_its_end() -> None:
    found = course(nn.WarmupCosine(optimizer(), 1, 3, eta_min=0.04), 6)
    assert found == pytest.approx([0.05, 0.1, 0.07, 0.04, 0.04, 0.04])


def test_a_polynomial_may_end_after_one_epoch() -> None:
    assert course(nn.PolynomialLR(optimizer(), 1), 3) == [0.1, 0.0, 0.0]


@pytest.mark.parametrize(
    "made",
    [
        lambda: nn.ExponentialLR(two_groups(), 0.5),
        lambda: nn.CyclicLR(two_groups(), 0.1, 0.2),
        lambda: nn.OneCycleLR(two_groups(), 0.1, 9),
    ],
    ids=["exponential", "cyclic", "one cycle"],
)
def test_a_group_that_comes_after_the_schedule_is_refused(made: Any) -> None:
    schedule = made()
    schedule.optimizer.add_param_group({"params": [Parameter(np.ones(1))]})
    with pytest.raises(InputError) as caught:
        schedule.step()
    assert str(caught.value) == (
        f"{type(schedule).__name__}: the optimizer has 3 groups but had 2; build the schedule after the last group"
    )


def test_one_cycle_may_start_at_the_top() -> None:
    found = course(nn.OneCycleLR(optimizer(), 0.5, 4, pct_start=0.25, cycle_momentum=False), 4)
    assert found[0] == 0.5
    assert found[3] == pytest.approx(0.5 / 25 / 1e4)


def test_one_cycle_may_rise_to_the_end() -> None:
    found = course(nn.OneCycleLR(optimizer(), 0.5, 4, pct_start=1.0, cycle_momentum=False), 4)
    assert found == pytest.approx([0.02, 0.14, 0.38, 0.5])


def test_one_cycle_of_one_step_is_refused_nothing() -> None:
    assert course(nn.OneCycleLR(optimizer(), 0.5, 1, pct_start=0.0, cycle_momentum=False), 1) == pytest.approx([2e-6])


def test_cycles_turn_the_momentum_or_the_first_beta() -> None:
    with_momentum = optimizer(momentum=0.5)
    schedule = nn.CyclicLR(with_momentum, 0.1, 0.2, 2)
    assert with_momentum.param_groups[0]["momentum"] == 0.9
    schedule.step()
    assert with_momentum.param_groups[0]["momentum"] == pytest.approx(0.85)
    with_betas = Adam([Parameter(np.ones(1))], betas=(0.5, 0.6))
    nn.OneCycleLR(with_betas, 0.1, 10)
    assert with_betas.param_groups[0]["betas"] == (0.95, 0.6)


def test_a_plateau_ends_with_an_improvement_by_more_than_the_threshold() -> None:
    schedule = nn.ReduceLROnPlateau(optimizer(), patience=0, threshold=0.5, factor=0.1)
    schedule.step(4.0)
    schedule.step(1.9)
    assert schedule.get_last_lr() == [0.1]
    schedule.step(0.95)
    assert schedule.get_last_lr() == pytest.approx([0.01])
    assert schedule.best == 1.9
    assert schedule.last_epoch == 3


@pytest.mark.parametrize(
    ("settings", "bar"),
    [
        ({"threshold": 0.25}, 3.0),
        ({"threshold": 0.25, "threshold_mode": "abs"}, 3.75),
        ({"threshold": 0.25, "mode": "max"}, 5.0),
        ({"threshold": 0.25, "mode": "max", "threshold_mode": "abs"}, 4.25),
    ],
)
def test_a_metric_at_the_threshold_is_no_new_best(settings: dict[str, Any], bar: float) -> None:
    schedule = nn.ReduceLROnPlateau(optimizer(), **settings)
    schedule.step(4.0)
    schedule.step(bar)
    assert schedule.best == 4.0
    schedule.step(bar + (1e-9 if "mode" in settings else -1e-9))
    assert schedule.best == pytest.approx(bar)


def test_a_metric_that_is_not_a_number_is_no_new_best() -> None:
    schedule = nn.ReduceLROnPlateau(optimizer(), patience=0)
    schedule.step(float("nan"))
    assert schedule.get_last_lr() == pytest.approx([0.01])


def test_a_reduction_by_eps_is_left_out() -> None:
    schedule = nn.ReduceLROnPlateau(optimizer(lr=0.5), factor=0.5, patience=0, eps=0.25)
    schedule.step(float("nan"))
    assert schedule.get_last_lr() == [0.5]


def test_the_defaults_are_torchs() -> None:
    plateau = nn.ReduceLROnPlateau(optimizer()).state_dict()
    assert plateau == {
        "kind": "ReduceLROnPlateau",
        "groups": 1,
        "last_epoch": 0,
        "mode": "min",
        "factor": 0.1,
        "patience": 10,
        "threshold": 1e-4,
        "threshold_mode": "rel",
        "cooldown": 0,
        "eps": 1e-8,
        "best": float("inf"),
        "num_bad_epochs": 0,
        "cooldown_counter": 0,
        "min_lrs": [0.0],
    }
    cyclic = nn.CyclicLR(optimizer(), 0.1, 0.2).state_dict()
    assert (cyclic["step_size_up"], cyclic["step_size_down"], cyclic["gamma"]) == (2000, 2000, 1.0)
    assert (cyclic["mode"], cyclic["scale_mode"], cyclic["scale_fn"]) == ("triangular", "cycle", None)


def test_milestones_may_be_a_generator() -> None:
    assert course(nn.MultiStepLR(optimizer(), (m for m in (1, 2))), 3) == pytest.approx([0.1, 0.01, 0.001])


def test_a_state_is_a_copy_both_ways() -> None:
    one, other = nn.MultiStepLR(optimizer(), [1, 2]), nn.MultiStepLR(optimizer(), [5])
    state = one.state_dict()
    other.load_state_dict(state)
    state["milestones"].append(7)
    assert one.milestones == other.milestones == [1, 2]


def test_a_state_leaves_out_the_optimizer_and_functions() -> None:
    state = nn.CyclicLR(optimizer(), 0.1, 0.2, scale_fn=lambda cycle: 1.0).state_dict()
    assert not {"optimizer", "scale_fn"} & state.keys()


def test_the_base_says_that_it_has_no_rate() -> None:
    with pytest.raises(NotImplementedError, match=r"^LRScheduler defines no rate$"):
        nn.LRScheduler(optimizer()).begin()


REFUSALS: list[tuple[Any, str]] = [
    (lambda: nn.StepLR(3, 2), "StepLR: 3 is no optimizer; pass one of nnlab.nn"),  # type: ignore[arg-type]
    (lambda: nn.StepLR(optimizer(), 0), "StepLR: step_size is 0 but must be at least 1; choose another value"),
    (
        lambda: nn.LinearLR(optimizer(), 0.0),
        "LinearLR: start_factor is 0.0 but must lie in (0, 1]; choose another value",
    ),
    (
        lambda: nn.LinearLR(optimizer(), 1.5),
        "LinearLR: start_factor is 1.5 but must lie in (0, 1]; choose another value",
    ),
    (
        lambda: nn.LinearLR(optimizer(), 1, -1),
        "LinearLR: end_factor is -1 but must lie in [0, 1]; choose another value",
    ),
    (lambda: nn.LinearLR(optimizer(), 1, 2), "LinearLR: end_factor is 2 but must lie in [0, 1]; choose another value"),
    (
        lambda: nn.LinearLR(optimizer(), total_iters=0),
        "LinearLR: total_iters is 0 but must be at least 1; choose another value",
    ),
    (
        lambda: nn.PolynomialLR(optimizer(), 0),
        "PolynomialLR: total_iters is 0 but must be at least 1; choose another value",
    ),
    (
        lambda: nn.CosineAnnealingLR(optimizer(), 0),
        "CosineAnnealingLR: T_max is 0 but must be at least 1; choose another value",
    ),
    (
        lambda: nn.WarmupCosine(optimizer(), -1, 3),
        "WarmupCosine: warmup is -1 but must be at least 0; choose another value",
    ),
    (
        lambda: nn.WarmupCosine(optimizer(), 3, 3),
        "WarmupCosine: total is 3 but must be above warmup, 3; choose another value",
    ),
    (
        lambda: nn.CyclicLR(optimizer(), 0.1, 0.2, mode="saw"),  # type: ignore[arg-type]
        "CyclicLR: mode is 'saw' but must be one of triangular, triangular2, exp_range; choose another value",
    ),
    (
        lambda: nn.CyclicLR(optimizer(), 0.1, 0.2, scale_mode="x"),  # type: ignore[arg-type]
        "CyclicLR: scale_mode is 'x' but must be cycle or iterations; choose another value",
    ),
    (
        lambda: nn.CyclicLR(two_groups(), 0.1, [0.2]),
        "CyclicLR: max_lr is [0.2] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.CyclicLR(two_groups(), [0.2], 0.3),
        "CyclicLR: base_lr is [0.2] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.CyclicLR(two_groups(), 0.2, 0.3, base_momentum=[0.5]),
        "CyclicLR: base_momentum is [0.5] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.CyclicLR(two_groups(), 0.2, 0.3, max_momentum=[0.5]),
        "CyclicLR: max_momentum is [0.5] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.CyclicLR(Adagrad([Parameter(np.ones(1))]), 0.2, 0.3),
        "CyclicLR: Adagrad has neither momentum nor betas; pass cycle_momentum=False",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, epochs=3),
        "OneCycleLR: the number of steps is unknown; pass total_steps, or epochs and steps_per_epoch",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, steps_per_epoch=3),
        "OneCycleLR: the number of steps is unknown; pass total_steps, or epochs and steps_per_epoch",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, 0),
        "OneCycleLR: total_steps is 0 but must be at least 1; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, 9, pct_start=-0.1),
        "OneCycleLR: pct_start is -0.1 but must lie in [0, 1]; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, 9, pct_start=1.1),
        "OneCycleLR: pct_start is 1.1 but must lie in [0, 1]; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(optimizer(), 0.1, 9, anneal_strategy="x"),  # type: ignore[arg-type]
        "OneCycleLR: anneal_strategy is 'x' but must be cos or linear; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(two_groups(), [0.1], 9),
        "OneCycleLR: max_lr is [0.1] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(two_groups(), 0.1, 9, base_momentum=[0.1]),
        "OneCycleLR: base_momentum is [0.1] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.OneCycleLR(two_groups(), 0.1, 9, max_momentum=[0.1]),
        "OneCycleLR: max_momentum is [0.1] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: course(nn.OneCycleLR(optimizer(), 0.1, 5), 6),
        "OneCycleLR: step 6 comes after the last of 5; raise total_steps",
    ),
    (
        lambda: nn.ReduceLROnPlateau(optimizer(), factor=1.0),
        "ReduceLROnPlateau: factor is 1.0 but must be below 1; choose another value",
    ),
    (
        lambda: nn.ReduceLROnPlateau(optimizer(), "least"),  # type: ignore[arg-type]
        "ReduceLROnPlateau: mode is 'least' but must be min or max; choose another value",
    ),
    (
        lambda: nn.ReduceLROnPlateau(optimizer(), threshold_mode="x"),  # type: ignore[arg-type]
        "ReduceLROnPlateau: threshold_mode is 'x' but must be rel or abs; choose another value",
    ),
    (
        lambda: nn.ReduceLROnPlateau(two_groups(), min_lr=[0.1]),
        "ReduceLROnPlateau: min_lr is [0.1] but must hold one number for each of 2 groups; choose another value",
    ),
    (
        lambda: nn.StepLR(optimizer(), 2).load_state_dict({"gamma": 3}),
        "StepLR: state lacks or adds ['base_lrs', 'groups', 'kind', 'last_epoch', 'step_size']; "
        "save what state_dict() of a StepLR returns",
    ),
    (
        lambda: nn.StepLR(optimizer(), 2).load_state_dict(nn.StepLR(optimizer(), 2).state_dict() | {"kind": "X"}),
        "StepLR: state has kind X but needs StepLR; load another",
    ),
    (
        lambda: nn.StepLR(optimizer(), 2).load_state_dict(nn.StepLR(two_groups(), 2).state_dict()),
        "StepLR: state has groups 2 but needs 1; load another",
    ),
]


@pytest.mark.parametrize(("function", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_what_does_not_fit_is_refused(function: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        function()
    assert str(caught.value) == words


def test_settings_at_the_edge_are_taken() -> None:
    nn.LinearLR(optimizer(), 1.0, 0.0, 1)
    nn.LinearLR(optimizer(), 0.1, 1.0)
    nn.WarmupCosine(optimizer(), 0, 1)
    nn.OneCycleLR(optimizer(), 0.1, 1, pct_start=0.5)
    nn.ReduceLROnPlateau(optimizer(), factor=0.99)
