"""Things side by side."""

import pytest

from riscv.pairs import paired


def test_each_thing_has_its_counterpart():
    assert [*paired("ab", [1, 2])] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(("left", "right"), [("ab", "c"), ("a", "bc")])
def test_nothing_may_be_left_over(left, right):
    with pytest.raises(ValueError, match="argument 2 is"):
        [*paired(left, right)]
