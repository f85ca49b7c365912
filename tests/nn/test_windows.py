"""Windows: the index that layers of pictures and signals read by."""

from nnlab.nn.windows import joined, taps


def test_taps_outside_of_the_input_are_minus_1() -> None:
    assert taps(3, 4, 3, 1, 1, 1).tolist() == [[-1, 0, 1], [0, 1, 2], [1, 2, -1], [2, -1, -1]]
    assert taps(4, 2, 2, 3, 2, 2).tolist() == [[-1, 0], [1, 3]]


def test_the_index_of_a_plane_is_minus_1_where_that_of_either_dimension_is() -> None:
    rows, columns = taps(2, 2, 2, 1, 1, 1), taps(3, 2, 2, 2, 1, 1)
    assert joined([rows, columns], (2, 3)).tolist() == [[-1, -1, -1, 0], [-1, -1, 1, 2], [-1, 0, -1, 3], [1, 2, 4, 5]]
