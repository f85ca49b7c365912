"""Groups of parameters, and states that an optimizer goes on from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import SGD, Adam, Parameter
from tests.nn.traces import SCHEDULES, TRACES, Rates, Trace, advance


def parameters(*sizes: int) -> list[Parameter]:
    return [Parameter(np.ones(size)) for size in sizes]


def message(function: Any) -> str:
    with pytest.raises(InputError) as caught:
        function()
    return str(caught.value)


def test_a_group_has_the_constructors_options_but_for_its_own() -> None:
    p, q = parameters(1, 1)
    optimizer = SGD([{"params": [p]}, {"params": q, "lr": 0.5}], lr=0.1, momentum=0.9)
    first, second = optimizer.param_groups
    assert (first["params"], first["lr"], first["momentum"]) == ([p], 0.1, 0.9)
    assert (second["params"], second["lr"], second["momentum"]) == ([q], 0.5, 0.9)
    p.grad[...] = q.grad[...] = 1.0
    optimizer.step()
    assert (p.data, q.data) == (pytest.approx(0.9), pytest.approx(0.5))


def test_an_option_may_be_changed_between_steps() -> None:
    (p,) = parameters(1)
    optimizer = SGD([p], lr=0.1)
    optimizer.param_groups[0]["lr"] = 0.3
    p.grad[...] = 1.0
    optimizer.step()
    assert p.data == pytest.approx(0.7)


def test_a_group_may_come_later_and_does_not_change_what_was_given() -> None:
    p, q = parameters(1, 1)
    optimizer = SGD([p], lr=0.1)
    given = {"params": (x for x in [q])}
    optimizer.add_param_group(given)
    assert given.keys() == {"params"}
    q.grad[...] = 1.0
    optimizer.update(q)
    assert q.data == pytest.approx(0.9)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.1]


def test_groups_that_cannot_be_moved_are_refused() -> None:
    p, q = parameters(1, 2)
    assert message(lambda: SGD([{"params": [p], "betas": 1, "a": 2}])) == (
        "SGD: a group has unknown ['a', 'betas']; "
        "its options are ['dampening', 'lr', 'momentum', 'nesterov', 'weight_decay']"
    )
    assert message(lambda: SGD([{"lr": 0.1}])) == "SGD: a group has no 'params'; list its parameters under that name"
    assert message(lambda: SGD([p, p])) == (
        "SGD: Parameter(shape=(1,), dtype=float64) is given twice; list it in one group, once"
    )
    assert message(lambda: Adam([{"params": [p]}, {"params": [q, p]}])) == (
        "Adam: Parameter(shape=(1,), dtype=float64) is given twice; list it in one group, once"
    )
    assert message(lambda: SGD([p, "weight"])) == (  # type: ignore[list-item]
        "SGD: params holds 'weight', no Parameter; pass model.parameters()"
    )
    assert (
        message(lambda: SGD([{"params": [p], "lr": -1}]))
        == "SGD: lr is -1 but must be at least 0; choose another value"
    )
    assert message(lambda: SGD([])) == "SGD: there are no parameters to move; pass model.parameters()"
    assert message(lambda: SGD([{"params": []}])) == "SGD: there are no parameters to move; pass model.parameters()"


@pytest.mark.parametrize("trace", TRACES, ids=str)
def test_a_saved_optimizer_goes_on_bit_for_bit(trace: Trace, tmp_path: Path) -> None:
    gradients = list(trace.gradients())
    kept = [Parameter(start) for start in trace.starts()]
    optimizer = trace.kind(trace.grouped(kept), **trace.kwargs)
    for step in range(7):
        move(optimizer, kept, gradients[step])
    nn.save(tmp_path / "state", {"optimizer": optimizer.state_dict(), "data": [p.data for p in kept]})
    state = nn.load(tmp_path / "state")
    again = [Parameter(data) for data in state["data"]]
    other = trace.kind(trace.grouped(again))
    other.load_state_dict(state["optimizer"])
    for step in range(7, 12):
        move(optimizer, kept, gradients[step])
        move(other, again, gradients[step])
    for p, q in zip(kept, again, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def move(optimizer: nn.Optimizer, moved: list[Parameter], gradients: list[Any]) -> None:
    for p, gradient in zip(moved, gradients, strict=True):
        p.grad[...] = gradient
    optimizer.step()


def test_a_state_is_a_copy_both_ways() -> None:
    p, q = parameters(2, 2)
    one, other = Adam([p]), Adam([q])
    p.grad[...] = q.grad[...] = 1.0
    one.step()
    state = one.state_dict()
    other.load_state_dict(state)
    for array in (state["state"][0]["m"], one.state[p]["v"]):
        array[...] = 9.0
    state["param_groups"][0]["lr"] = 9.0
    assert one.state[p]["m"][0] == other.state[q]["m"][0] == pytest.approx(0.1)
    assert other.state[q]["v"][0] == pytest.approx(0.001)
    assert one.param_groups[0]["lr"] == other.param_groups[0]["lr"] == 1e-3
    assert other.param_groups[0]["params"] == [q]
    assert other.t[q] == 1


def test_a_state_has_torchs_form_with_parameters_by_number() -> None:
    p, q, r = parameters(1, 2, 3)
    optimizer = SGD([{"params": [p, q]}, {"params": [r], "lr": 0.5}], lr=0.1)
    optimizer.update(q)
    state = optimizer.state_dict()
    assert state["kind"] == "SGD"
    assert [(group["params"], group["lr"]) for group in state["param_groups"]] == [([0, 1], 0.1), ([2], 0.5)]
    assert [saved["t"] for saved in state["state"]] == [0, 1, 0]
    assert [saved["b"].shape for saved in state["state"]] == [(1,), (2,), (3,)]


def test_a_state_keeps_the_dtype_of_the_parameters_that_load_it() -> None:
    (p,) = parameters(2)
    q = Parameter(np.ones(2, np.float32))
    other = SGD([q])
    other.load_state_dict(SGD([p]).state_dict())
    assert other.state[q]["b"].dtype == np.float32


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    p, q = parameters(1, 2)
    optimizer = Adam([{"params": [p]}, {"params": [q]}])
    before = repr(optimizer.state_dict())

    def refusal(state: Any) -> str:
        said = message(lambda: optimizer.load_state_dict(state))
        assert repr(optimizer.state_dict()) == before
        return said

    assert refusal({"state": []}) == "Adam: state lacks ['kind', 'param_groups']; save what state_dict() returns"
    assert refusal(SGD([p]).state_dict()) == "Adam: state is one of SGD; load it into an optimizer of the same kind"
    assert refusal(Adam([p, q]).state_dict()) == (
        "Adam: state has groups of [2] parameters but the optimizer of [1, 1]; build it with the same"
    )
    assert refusal(optimizer.state_dict() | {"state": []}) == (
        "Adam: state has groups of [1, 1] parameters but the optimizer of [1, 1]; build it with the same"
    )
    state = Adam([{"params": [p]}, {"params": [q], "lr": 3.0}]).state_dict()
    del state["param_groups"][1]["eps"], state["param_groups"][1]["betas"]
    assert refusal(state) == "Adam: a group of state lacks ['betas', 'eps']; save what state_dict() returns"
    state = Adam([{"params": [p], "lr": 3.0}, {"params": [q]}]).state_dict()
    state["param_groups"][1]["eps"] = -1.0
    assert refusal(state) == "Adam: eps is -1.0 but must be at least 0; choose another value"
    state = Adam([{"params": [p], "lr": 3.0}, {"params": parameters(3)}]).state_dict()
    assert refusal(state) == (
        "Adam: state of parameter 1 has shapes {'t': (), 'm': (3,), 'v': (3,), 'v_max': (3,)} but must have "
        "{'t': (), 'm': (2,), 'v': (2,), 'v_max': (2,)}; build the model with the same sizes"
    )


@pytest.mark.parametrize("rates", [rates for rates in SCHEDULES if len(rates.kinds) == 1], ids=str)
def test_a_saved_schedule_goes_on_bit_for_bit(rates: Rates, tmp_path: Path) -> None:
    optimizer, (schedule,) = rates.made()
    other, (again,) = rates.made()
    for epoch in range(8):
        advance(schedule, epoch)
    nn.save(tmp_path / "state", [optimizer.state_dict(), schedule.state_dict()])
    states = nn.load(tmp_path / "state")
    other.load_state_dict(states[0])
    again.load_state_dict(states[1])
    for epoch in range(8, 16):
        advance(schedule, epoch)
        advance(again, epoch)
        assert again.get_last_lr() == schedule.get_last_lr()
    assert json.dumps(again.state_dict()) == json.dumps(schedule.state_dict())
