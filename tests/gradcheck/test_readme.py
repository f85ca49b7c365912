"""The example of nnlab/gradcheck/README.md runs, and prints what it says."""

import re
from pathlib import Path

import pytest

import nnlab.gradcheck


def test_the_example_of_the_readme_finds_the_wrong_factor(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(nnlab.gradcheck.__file__).parent / "README.md").read_text("utf-8")
    example = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    exec(example, {})
    (promised,) = re.findall(r"print.*# (.*)", example)
    assert re.fullmatch(re.escape(promised).replace("…", r"\S*"), capsys.readouterr().out.strip())
