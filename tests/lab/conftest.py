"""A toy module to break: every kind of function that a fault may target."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

TOY = '''"""A toy."""

import functools

SCALE = 3
NAMES: tuple[str, ...] = ("a", "b")


def triple(x):
    """Three times x."""
    # a comment inside
    y = x * SCALE
    return y


def sum_of(values, start=0):
    total = start
    for value in values:
        total += value
    return (
        total
        + 0
    )


def adder(n):
    def add(x):
        return x + n

    return add


class Base:
    factor = 2

    def apply(self, x):
        return x * self.factor


class Child(Base):
    def apply(self, x):
        return super().apply(x) + 1

    @property
    def name(self):
        return "child"

    @staticmethod
    def twice(x):
        return 2 * x

    @classmethod
    def make(cls):
        return cls()


def endless():
    while True:
        pass
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The toy, freshly imported under the name `toy`."""
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    import toy  # type: ignore[import-not-found]

    yield toy
    del sys.modules["toy"]
