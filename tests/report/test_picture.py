"""Loss curves made of characters."""

from nnlab.report.picture import HEIGHT, WIDTH, curves


def test_a_falling_curve_goes_from_the_top_left_to_the_bottom_right() -> None:
    lines = curves({"o": [1.0, 0.1, 0.01]})
    assert lines[0].startswith("        1 ┤o")
    assert lines[HEIGHT - 1].startswith("     0.01 ┤")
    assert lines[HEIGHT - 1][11 + WIDTH - 1] == "o"
    assert sum(line.count("o") for line in lines) == WIDTH


def test_the_later_series_lies_on_top_and_each_keeps_its_mark() -> None:
    lines = "".join(curves({"o": [1.0, 1.0], "x": [1.0, 0.5]}))
    assert 0 < lines.count("o") < WIDTH
    assert lines.count("x") == WIDTH


def test_what_is_not_finite_is_left_out() -> None:
    assert curves({"x": [float("nan"), float("inf")]}) == ["(no finite values to draw)"]
    assert "".join(curves({"o": [1.0, 0.5], "x": [1.0, float("nan")]})).count("x") == WIDTH - 1


def test_a_flat_curve_and_a_single_point_are_drawn() -> None:
    assert sum(line.count("o") for line in curves({"o": [2.0, 2.0, 2.0]})) == WIDTH
    assert sum(line.count("o") for line in curves({"o": [2.0]})) == 1
