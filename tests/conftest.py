"""What all tests share."""

import re
from collections.abc import Iterator

import pytest


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names of tests in printable ASCII without backslashes: others mutmut spells in its own way and never finds."""
    return re.sub(r"[^ -\[\]-~]+", "_", val) if isinstance(val, str) else None


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One store for all scores of these tests, apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNLAB_STORE", str(tmp_path_factory.mktemp("store") / "store.db"))
        yield
