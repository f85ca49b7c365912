"""Things side by side."""

from collections.abc import Iterable
from typing import TypeVar

L = TypeVar("L")
R = TypeVar("R")


def paired(left: Iterable[L], right: Iterable[R]) -> Iterable[tuple[L, R]]:
    """Each thing with its counterpart, of which there must be as many."""
    return zip(left, right, strict=True)
