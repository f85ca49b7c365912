"""What contracts are written with."""

from typing import Any

import numpy as np
import pytest

from nnlab.contracts import Trial
from nnlab.contracts.trial import buffers, held, named, parameters, private, restored
from tests.contracts.layers import Whole, arguments, draw

TRIAL = Trial(lambda: (Whole(), arguments()), Whole, np.random.default_rng(0))


def test_overwriting_changes_the_sign_of_floats_and_their_proportions() -> None:
    array, before = draw(1000), draw(1000)
    array[0] = before[0] = 0.0
    TRIAL.overwrite(array)
    factors = array[1:] / before[1:]
    assert -2 <= factors.min() < -1.99
    assert -1.01 < factors.max() <= -1
    assert -2 <= array[0] <= -1


@pytest.mark.parametrize("entries", [[2, 0, 1], [True, False, True]])
def test_overwriting_makes_zeros_ones_and_others_zeros(entries: list[int]) -> None:
    array = np.array(entries)
    TRIAL.overwrite(array)
    assert array.tolist() == [0, 1, 0]


def test_other_inputs_are_smaller_floats_in_the_first_array_alone() -> None:
    x, z = draw(40, 25).astype(np.float32), draw(3)
    setting, (other, rest), last = TRIAL.others((None, (x, z), True))
    assert (setting, last) == (None, True)
    assert rest is z
    assert other.dtype == np.float32
    assert 0.25 <= (other / x).min() < 0.26
    assert 0.74 < (other / x).max() <= 0.7500001


def test_other_integers_are_the_same_in_reverse_order() -> None:
    x = np.array([[3, 1, 2], [5, 4, 0]])
    (other,) = TRIAL.others((x,))
    assert other.tolist() == [[0, 4, 5], [2, 1, 3]]
    assert other.flags.owndata
    assert TRIAL.others((1, "a")) == (1, "a")


def test_cotangents_have_the_nesting_shapes_and_dtypes_of_the_outputs() -> None:
    y = (np.zeros((2, 3), np.float32), (np.float64(1.0), None, np.arange(3)), "name")
    first, (second, *rest), last = TRIAL.cotangent(y)
    assert (first.shape, first.dtype) == ((2, 3), np.float32)
    assert (second.shape, second.dtype, type(second)) == ((), np.float64, np.ndarray)
    assert (rest, last) == ([None, None], None)
    assert (first < 0).any()
    assert (first > 0).any()


def test_private_arrays_are_copies_in_the_same_layout_and_settings_stay() -> None:
    x, setting = draw(3, 4).T, [1]
    mine, (other, scalar) = private((x, (setting, np.float64(2.0))))
    assert np.array_equal(mine, x)
    assert not np.shares_memory(mine, x)
    assert mine.strides == x.strides
    assert other is setting
    assert scalar == 2.0


def test_all_that_a_layer_holds_is_found_under_its_place() -> None:
    layer = Whole()
    layer.__dict__ |= {"room": [{"a": (np.ones(1),)}], "again": layer, "name": "x"}
    layer.forward(*arguments())
    names = [name for name, _ in held(layer)]
    assert set(names) == {
        *(f"{p}.{part}" for p in ("weight", "bias", "spare") for part in ("data", "grad")),
        *("mean", "room[0]['a'][0]", "cache[0]", "cache[1]", "cache[2]"),
    }
    assert len(names) == len(set(names))
    assert held(np.random.default_rng(0)) == []


def test_a_tied_parameter_comes_once_under_its_first_name_and_buffers_are_arrays() -> None:
    layer = Whole()
    assert parameters(layer) == [("weight", layer.weight), ("bias", layer.bias), ("spare", layer.spare)]
    assert [name for name, _ in buffers(layer)] == ["buffer mean"]
    assert parameters(None) == buffers(None) == []


def test_arrays_are_numbered_among_all_leaves() -> None:
    found = named("y", (1, (np.ones(1), None), np.float64(2.0)))
    assert [name for name, _ in found] == ["y 1", "y 3"]


def test_a_layer_is_restored_even_after_an_error() -> None:
    layer = Whole()
    state: Any = layer.rng.bit_generator.state

    def use() -> None:
        with restored(layer):
            layer.mean = layer.mean + 1
            layer.rng.random()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert layer.rng.bit_generator.state == state
    assert not layer.mean.any()


def test_a_use_restores_the_layer_and_forgives_a_refusal_alone() -> None:
    layer = Whole()
    state: Any = layer.rng.bit_generator.state
    TRIAL.use(layer, arguments())
    assert layer.rng.bit_generator.state == state
    assert not layer.mean.any()
    assert (np.abs(layer.cache[0]) < np.abs(arguments()[0])).all()
    with pytest.raises(TypeError):
        TRIAL.use(layer, ())
