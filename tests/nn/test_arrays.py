"""The checks and copies that every layer starts with. The messages are in test_refused_arrays.py."""

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn.arrays import Shape, borrow, check_shape, indices, own


class Layer:
    pass


def test_own_copies_and_borrow_does_not() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert borrow(Layer(), x, (2, 3)) is x
    copy = own(Layer(), x, (2, 3))
    assert not np.shares_memory(copy, x)
    np.testing.assert_array_equal(copy, x)


def test_own_gives_c_order_whatever_came_in() -> None:
    assert own(Layer(), np.asfortranarray(np.ones((2, 3))), (2, 3)).flags.c_contiguous


def test_own_and_borrow_take_lists_of_floats() -> None:
    assert own(Layer(), [[1.0, 2.0]], (1, 2)).dtype == np.float64
    assert borrow(Layer(), [1.0, 2.0], (2,), np.float64).tolist() == [1.0, 2.0]


def test_own_names_the_array_and_checks_the_dtype() -> None:
    with pytest.raises(InputError, match=r"^Layer: hx has shape"):
        own(Layer(), np.ones(3), (4,), name="hx")
    with pytest.raises(InputError, match=r"^Layer: x has dtype float64 but the layer computes in float32"):
        own(Layer(), np.ones(3), (3,), np.float32)


def test_borrow_names_both_dtypes_and_both_ways_out() -> None:
    with pytest.raises(InputError) as caught:
        borrow(Layer(), np.ones(3), (3,), np.float32)
    assert str(caught.value) == (
        "Layer: x has dtype float64 but the layer computes in float32; "
        "convert it with .astype(np.float32), or build the layer with dtype=np.float64"
    )


def test_borrow_calls_the_array_x_unless_told() -> None:
    with pytest.raises(InputError, match=r"^Layer: x has shape"):
        borrow(Layer(), np.ones(3), (4,))


def test_indices_are_copied() -> None:
    x = np.array([[0, 2], [1, 0]])
    found = indices(Layer(), x, (2, 2), 3)
    assert not np.shares_memory(found, x)
    np.testing.assert_array_equal(found, x)


@pytest.mark.parametrize("x", [np.array([0]), np.array([4]), np.zeros((0,), int)], ids=["lowest", "highest", "none"])
def test_indices_take_the_whole_range_and_empty_arrays(x: np.ndarray) -> None:
    np.testing.assert_array_equal(indices(Layer(), x, (None,), 5), x)


@pytest.mark.parametrize("x", [[-1, 0], [0, 5]], ids=["below", "above"])
def test_indices_refuse_what_lies_outside(x: list[int]) -> None:
    with pytest.raises(InputError, match=r"^Layer: input must lie in \[0, 5\) but spans"):
        indices(Layer(), x, (None,), 5)


def test_indices_of_another_shape_or_kind_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"^Layer: target has shape \(2,\) but must have \(3,\)"):
        indices(Layer(), [1, 2], (3,), 5, "target")
    with pytest.raises(InputError, match=r"^Layer: target must be an integer array but has dtype bool"):
        indices(Layer(), [True], (1,), 5, "target")


@pytest.mark.parametrize(
    ("actual", "rule"),
    [
        ((), ()),
        ((), (...,)),
        ((2, 3), (...,)),
        ((2, 3), (2, 3)),
        ((2, 3), (None, 3)),
        ((3,), (..., 3)),
        ((5, 2, 3), (..., 2, 3)),
        ((5, 2, 3), (..., None, 3)),
        ((2, 0), (None, None)),
    ],
)
def test_shape_fits_its_rule(actual: tuple[int, ...], rule: Shape) -> None:
    check_shape("Layer", "x", actual, rule)


@pytest.mark.parametrize(
    ("actual", "rule", "wanted"),
    [
        ((2,), (), "()"),
        ((), (2,), "(2,)"),
        ((2, 3), (3, 2), "(3, 2)"),
        ((2, 3), (2, None, 3), "(2, *, 3)"),
        ((2, 3, 4), (None, 3), "(*, 3)"),
        ((), (..., 3), "(..., 3)"),
        ((2, 4), (..., 3), "(..., 3)"),
        ((3,), (..., None, 3), "(..., *, 3)"),
    ],
)
def test_shape_misfits_its_rule(actual: tuple[int, ...], rule: Shape, wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        check_shape("Layer", "x", actual, rule)
    message = f"Layer: x has shape {actual} but must have {wanted}; reshape it or build the layer for its size"
    assert str(caught.value) == message
