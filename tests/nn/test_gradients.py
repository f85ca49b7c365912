"""Backward is the derivative of forward, by two checks that know nothing of each other."""

import copy
from itertools import count
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.nn.module import Module
from tests.nn.subjects import SUBJECTS, Subject, is_float, leaves, mapped

STEP = 1e-6


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_gradients_agree_with_the_gradient_checker(subject: Subject) -> None:
    report = check(subject.build(), *subject.draw(), constant=subject.case.constant)
    assert report.outcome == "agrees", str(report)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_gradients_agree_with_central_differences_along_random_directions(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    cotangents = subject.cotangents(copy.deepcopy(module)(*inputs))
    rng = subject.rng("directions")
    for _ in range(3):
        steps = free_steps(subject, inputs, rng)
        turns = {name: free_direction(p, rng) for name, p in module.named_parameters()}
        up = objective(module, inputs, cotangents, steps, turns, STEP)
        down = objective(module, inputs, cotangents, steps, turns, -STEP)
        analytic = slope(module, inputs, cotangents, steps, turns)
        assert (up - down) / (2 * STEP) == pytest.approx(analytic, rel=1e-6, abs=1e-6)


def free_steps(subject: Subject, inputs: Any, rng: np.random.Generator) -> Any:
    """Gaussian for each input of floats that is not fixed."""
    number = count()
    return mapped(
        lambda x: rng.standard_normal(x.shape) if next(number) not in subject.case.constant and is_float(x) else None,
        inputs,
    )


def free_direction(parameter: Any, rng: np.random.Generator) -> Any:
    """Gaussian where the parameter may move."""
    direction = rng.standard_normal(parameter.data.shape)
    return direction if parameter.constant is None else np.where(parameter.constant, 0.0, direction)


def objective(module: Module, inputs: Any, cotangents: Any, steps: Any, turns: dict[str, Any], size: float) -> float:
    """The sum of cotangents times outputs, `size` away along the direction, on a copy with its own generators."""
    moved = copy.deepcopy(module)
    for name, parameter in moved.named_parameters():
        parameter.data = parameter.data + size * turns[name]
    outputs = moved(*shifted(inputs, steps, size))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return sum(float(np.sum(dy * y)) for dy, y in zip(leaves(cotangents), leaves(outputs), strict=True) if is_float(y))


def slope(module: Module, inputs: Any, cotangents: Any, steps: Any, turns: dict[str, Any]) -> float:
    """The same objective's derivative, from backward."""
    copied = copy.deepcopy(module)
    copied.zero_grad()
    copied(*inputs)
    dinputs = copied.backward(*cotangents)
    pairs = zip(leaves(dinputs if isinstance(dinputs, tuple) else (dinputs,)), leaves(steps), strict=False)
    of_inputs = sum(float(np.sum(dx * step)) for dx, step in pairs if dx is not None)
    return of_inputs + sum(float(np.sum(p.grad * turns[name])) for name, p in copied.named_parameters())


def shifted(inputs: Any, steps: Any, size: float) -> tuple[Any, ...]:
    """The inputs, but for fixed ones, `size` further along `steps`."""
    moves = iter(list(leaves(steps)))

    def shift(x: Any) -> Any:
        step = next(moves)
        return x if step is None else x + size * step

    moved = mapped(shift, inputs)
    assert isinstance(moved, tuple)
    return moved
