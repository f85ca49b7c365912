"""What all tests share."""

import re


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names of tests in printable ASCII without backslashes: others mutmut spells in its own way and never finds."""
    return re.sub(r"[^ -\[\]-~]+", "_", val) if isinstance(val, str) else None
