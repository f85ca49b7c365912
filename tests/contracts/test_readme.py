"""The example of nnlab/contracts/README.md runs, and prints what it says."""

import re
from pathlib import Path

import pytest

import nnlab.contracts
from nnlab.contracts import CONTRACTS

README = (Path(nnlab.contracts.__file__).parent / "README.md").read_text("utf-8")


def test_the_example_of_the_readme_finds_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    exec(example, {"__name__": "example"})
    promised = re.findall(r"^# (.*)", example, re.MULTILINE)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(promised)
    for line, pattern in zip(printed, promised, strict=True):
        assert re.fullmatch(re.escape(pattern).replace("…", r"\S+"), line)


def test_the_readme_tells_of_every_contract() -> None:
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", README)) == set(CONTRACTS)
