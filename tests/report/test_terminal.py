"""The kill matrix as a table: every verdict in one piece, however many detectors and however narrow the terminal."""

import io

import pytest
from rich.console import Console

from nnlab.lab import Cited, Detector, Fault, Verdict
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement
from nnlab.report.terminal import print_score

FAULT = Fault(id="a-fault", title="", pattern="", source=Cited(""), edits=[])
NAMES = [f"detector-{number}" for number in range(22)]


@pytest.mark.parametrize("width", [40, 130])
def test_no_verdict_is_broken_and_empty_columns_are_named_instead(width: int) -> None:
    detectors = [Detector(name, "", list, FAULT) for name in [*NAMES, "idle"]]
    row = {name: Judgement(Verdict.KILLED) for name in NAMES} | {"idle": Judgement(Verdict.UNREACHED)}
    console = Console(file=io.StringIO(), width=width)
    print_score(console, Score([FAULT], detectors, {"a-fault": row}, 1.0))
    assert isinstance(console.file, io.StringIO)
    (line,) = [line for line in console.file.getvalue().splitlines() if line.startswith("a-fault kill")]
    assert line.split() == ["a-fault", *["kill"] * 22]
    assert "empty columns left out: idle\n" in console.file.getvalue()
