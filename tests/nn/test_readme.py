"""The example of nnlab/nn/README.md runs, and learns."""

import re
from pathlib import Path
from typing import Any

import nnlab.nn


def test_the_example_of_the_readme_learns() -> None:
    readme = (Path(nnlab.nn.__file__).parent / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["value"] < 0.2
