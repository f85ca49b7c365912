"""Parallel moves: nothing is lost, in whatever order."""

from itertools import permutations, product

import pytest

from riscv.backend.moves import in_order
from riscv.backend.places import Slot


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_moves_at_once_lose_nothing(size):
    everything = ["a0", "a1", Slot(0), "s1"][:size]
    for targets in permutations(everything, size):
        for sources in product([*everything, 7], repeat=size):
            held = {place: place for place in everything}
            moves = in_order(zip(targets, sources, strict=True))
            for to, source in moves:
                held[to] = source if isinstance(source, int) else held[source]
            assert all(held[to] == source for to, source in zip(targets, sources, strict=True))
            assert len(moves) <= sum(a != b for a, b in zip(targets, sources, strict=True)) + size // 2


def test_moves_that_need_no_order_keep_theirs_and_circles_go_through_t2():
    assert in_order([("a0", "s0"), ("a1", 5), ("a2", "a2")]) == [("a0", "s0"), ("a1", 5)]
    assert in_order([("a0", "a1"), ("a1", "a0")]) == [("t2", "a1"), ("a1", "a0"), ("a0", "t2")]
