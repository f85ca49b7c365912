"""A layer as a function of one vector: its tensors, their entries, and moving them."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck.layers import Evaluation, Function
from tests.gradcheck.layers import Matrix, draw

EPS = 2.0**-52


def evaluation(*inputs: Any) -> Evaluation:
    return Evaluation(Function(lambda *x: x, lambda dy, *x: dy), inputs, ())


@pytest.mark.parametrize("order", ["C", "F"])
def test_one_entry_is_nudged_and_restored(order: Any) -> None:
    x = np.array(draw(3, 4), order=order)
    (_, tensor) = evaluation(draw(2), x).tensors
    before, moved = tensor.nudge(2 + 6, 0.5)
    assert (before, moved) == (x[1, 2], pytest.approx(0.5))
    assert tensor.value[1, 2] == x[1, 2] + 0.5
    assert (tensor.value != x).sum() == 1
    tensor.restore(2 + 6, before)
    np.testing.assert_array_equal(tensor.value, x)


def test_parts_of_complex_entries_are_nudged_and_restored() -> None:
    z = draw(2, 3) + 1j * draw(2, 3, seed=2)
    (tensor,) = evaluation(z).tensors
    assert tensor.width == 2
    for entry, by in ((6, 0.25), (7, 0.25j), (10, -0.5), (11, -0.5j)):
        index = tensor.index(entry)
        before, moved = tensor.nudge(entry, (by.real + by.imag))
        assert tensor.value[index] == pytest.approx(z[index] + by)
        assert (before, moved) == (z[index], pytest.approx(by.real + by.imag))
        tensor.restore(entry, before)
        np.testing.assert_array_equal(tensor.value, z)


def test_a_nudge_is_what_rounding_leaves_of_it() -> None:
    (tensor,) = evaluation(np.array([1.0], np.float32)).tensors
    assert tensor.nudge(0, 1e-8) == (1.0, 0.0)
    assert tensor.nudge(0, 2e-7)[1] == pytest.approx(2.384e-7, rel=1e-3)


def test_a_move_is_gaussian_in_units_of_the_entries() -> None:
    x, y = np.array([0.5, -300.0, np.inf]), np.array([[2.0]])
    moved = evaluation(x, y)
    moved.move(np.random.default_rng(3))
    point = np.array([0.5, -300.0, np.inf, 2.0])
    away = np.random.default_rng(3).standard_normal(4) * 2 * EPS**0.2 * [1, 300, 0, 2]
    np.testing.assert_allclose(moved.point, point + away, rtol=1e-15)
    np.testing.assert_array_equal(moved.tensors[1].point, [[moved.point[3]]])


def test_a_move_goes_as_far_as_the_steps_of_the_coarsest_dtype() -> None:
    moved = evaluation(np.zeros(1), np.zeros(1, np.float32), np.zeros(0, np.float16))
    assert moved.eps == 2.0**-23
    moved.move(np.random.default_rng(3))
    away = np.random.default_rng(3).standard_normal(2) * 2 * 2.0 ** (-23 / 5)
    np.testing.assert_allclose(moved.point, away.astype(np.float32), rtol=1e-7)
    assert evaluation(np.zeros(1)).eps == EPS
    assert evaluation(np.zeros(1, np.complex64)).eps == 2.0**-23


def test_the_vector_of_all_entries_starts_with_the_inputs() -> None:
    layer = Matrix()
    found = Evaluation(layer, (draw(2, 3), 5, np.arange(3)), ())
    assert [t.name for t in found.tensors] == ["input 0", "weight", "bias"]
    assert [(t.at.start, t.at.stop) for t in found.tensors] == [(0, 6), (6, 18), (18, 22)]
    np.testing.assert_array_equal(found.point[6:18], layer.weight.data.ravel())
    assert found.tensors[1].index(6 + 7) == (1, 3)


def test_whether_a_layer_left_its_tensors_alone_is_seen() -> None:
    found = evaluation(np.array([1.0, np.nan]), draw(2))
    assert found.is_at(found.point)
    found.tensors[1].value[0] += 1e-9
    assert not found.is_at(found.point)
