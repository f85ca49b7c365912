"""What a fault leaves behind: state that another fault could meet, not what Python notes for itself."""

import sys
import types
import warnings

import pytest

from nnlab.lab.engine.leaks import Watch

CODE = """
import warnings
SEEN, LIMITS = [], ([1], {2: [3]})
def warn():
    warnings.warn("as a mutant of its expression may")
"""


@pytest.fixture
def warner(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("warner")
    exec(CODE, vars(module))
    monkeypatch.setitem(sys.modules, "warner", module)
    return module


def test_a_warning_that_is_ignored_is_no_leak(warner: types.ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        watch = Watch({"warner"})
        warner.warn()
        assert watch.leak() == ""
        warner.SEEN.append(1)
        assert watch.leak() == "warner.SEEN"


def test_what_a_tuple_holds_is_watched(warner: types.ModuleType) -> None:
    watch = Watch({"warner"})
    warner.LIMITS[1][2].append(4)
    assert watch.leak() == "warner.LIMITS"
    warner.LIMITS[1][2].pop()
    assert watch.leak() == ""
    warner.LIMITS[0][0] = True
    assert watch.leak() == "warner.LIMITS"
