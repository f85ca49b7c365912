"""The kill matrix as a table: every verdict in one piece, however many detectors and however narrow the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from nnlab.lab import Cited, Detector, Fault, Verdict
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement
from nnlab.report.matrix import matrix_text, shown_in
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


VERDICTS = {"gradient": Verdict.KILLED, "shapes": Verdict.SURVIVED, "abi": Verdict.CRASHED, "idle": Verdict.UNREACHED}


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, ["fault   gradient shapes abi", "a-fault kill     ·      crash"]),
        (24, ["        grad sha", "fault   ient pes abi", "a-fault kill ·   crash"]),
        (
            10,
            [
                "             s",
                "             h",
                "             a",
                "             p",
                "        grad e",
                "fault   ient s abi",
            ],
        ),
    ],
)
def test_names_of_detectors_are_folded_into_as_few_lines_as_fit(width: int, expected: list[str]) -> None:
    detectors = [Detector(name, "", list, FAULT, weak=name == "shapes") for name in VERDICTS]
    score = Score([FAULT], detectors, {"a-fault": {name: Judgement(v) for name, v in VERDICTS.items()}}, 1.0)
    shown = shown_in(score)
    assert [d.name for d in shown] == ["gradient", "shapes", "abi"]
    lines = [line.rstrip() for line in matrix_text(score, shown, width).plain.splitlines()]
    assert lines[0] == "Kill matrix"
    assert lines[1 : 1 + len(expected)] == expected
    assert len(lines) == lines.index(next(line for line in lines if line.startswith("a-fault"))) + 1


def test_a_row_of_first_kills_is_empty_behind_the_kill_and_undetected_faults_are_red() -> None:
    detectors = [Detector(name, "", list, FAULT) for name in ("one", "two")]
    faults = [replace(FAULT, id="found"), replace(FAULT, id="missed", alias="short")]
    rows = {
        "found": {"two": Judgement(Verdict.KILLED)},
        "missed": {name: Judgement(Verdict.SURVIVED) for name in ("one", "two")},
    }
    score = Score(faults, detectors, rows, 1.0)
    text = matrix_text(score, shown_in(score), 80)
    assert text.plain.splitlines()[1:] == ["fault one two  ", "found     kill ", "short ·   ·"]
    styles = {text.plain[span.start : span.end].strip(): span.style for span in text.spans}
    assert (styles["found"], styles["short"], styles["kill"], styles["·"]) == ("bold", "bold red", "green", "red")
