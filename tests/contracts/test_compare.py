"""What counts as the same, and how a difference is worded."""

from typing import Any

import numpy as np
import pytest

from nnlab.contracts import Broken
from nnlab.contracts.compare import apart, apart_and_from, close, finite, unchanged


def pair(*entries: Any) -> list[tuple[str, Any]]:
    return [("x", np.array(entries))]


def test_one_thousand_and_24_units_in_the_last_place_of_the_largest_entry_are_rounding() -> None:
    expected = pair(1.0, 0.0, np.inf, np.nan)
    close(pair(1 + 2.0**-42, 2.0**-42, np.inf, np.nan), expected, "is")
    for wrong in ((1 + 2.0**-42 + 2.0**-52, 0.0), (1.0, 2.0**-41), (np.nan, 0.0), (np.inf, 0.0)):
        with pytest.raises(Broken, match=r"^x\[[01]\]: is \S+, expected [01].0$"):
            close(pair(*wrong, np.inf, np.nan), expected, "is")
    with pytest.raises(Broken):
        unchanged(pair(1 + 2.0**-52), pair(1.0), "is")


def test_another_number_of_arrays_is_worded() -> None:
    with pytest.raises(Broken, match=r"^it gives 2 arrays, expected 1$"):
        close(pair(1.0) * 2, pair(1.0), "it gives")


def test_another_shape_is_worded() -> None:
    with pytest.raises(Broken, match=r"^x: it gives shape \(2,\), expected \(1,\)$"):
        close(pair(1.0, 2.0), pair(1.0), "it gives")


def test_an_array_without_dimensions_is_named_without_an_index() -> None:
    with pytest.raises(Broken, match=r"^x: is 2, expected 1$"):
        unchanged([("x", np.array(2))], [("x", np.array(1))], "is")


def test_memory_is_shared_unless_neither_side_may_write() -> None:
    array = np.zeros(3)
    view = array[1:]
    view.flags.writeable = False
    for mine, other in ((array, view), (view, array)):
        with pytest.raises(Broken, match=r"^a: shares memory with b, expected memory of its own$"):
            apart([("a", mine)], [("b", other)])
    apart([("a", view)], [("b", view)])
    apart([("a", array)], [("b", np.zeros(3))])


def test_entries_that_alternate_in_memory_are_not_shared() -> None:
    array = np.zeros(6)
    apart([("a", array[::2])], [("b", array[1::2])])
    with pytest.raises(Broken, match=r"^a: shares memory with c, expected memory of its own$"):
        apart([("a", array[::2])], [("b", array[1::2]), ("c", array[4:5])])


def test_the_last_byte_of_one_array_may_be_the_first_of_another() -> None:
    memory = np.zeros(16, np.uint8)
    pairs = [("a", memory[:9]), ("b", memory[8:])]
    for mine, other in (pairs, pairs[::-1]):
        with pytest.raises(Broken, match="shares memory"):
            apart([mine], [other])


def test_arrays_are_apart_from_each_other_too() -> None:
    array = np.zeros(3)
    near, far = [("a", array), ("b", array[:1])], ("c", np.zeros(3))
    apart(near, [far])
    apart_and_from([far, near[0]], [])
    apart_and_from([], near)
    for mine, others in ((near, [far]), ([far, *near], []), ([near[0], far], near[1:])):
        with pytest.raises(Broken, match=r"^a: shares memory with b, expected memory of its own$"):
            apart_and_from(mine, others)


def test_integers_are_finite() -> None:
    finite([("n", np.arange(3)), ("x", np.zeros(2))], "is")
    with pytest.raises(Broken, match=r"^x\[1\]: is inf, expected a finite number$"):
        finite([("n", np.arange(3)), ("x", np.array([1, np.inf]))], "is")


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_numbers_below_the_smallest_normal_one_may_differ_by_steps(dtype: Any) -> None:
    least = float(np.spacing(np.finfo(dtype).dtype.type(0)))
    expected = [("x", np.array([2000 * least], dtype))]
    close([("x", np.array([2000 * least + 1024 * least], dtype))], expected, "is")
    with pytest.raises(Broken):
        close([("x", np.array([2000 * least + 1025 * least], dtype))], expected, "is")
