"""The page of bug patterns: from a score, and the errors on the way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faults.patterns import PATTERNS

Nnlab = Callable[..., Any]


def fault(id: str, pattern: str, verdict: str, origin: str = "catalog", **verdicts: str) -> dict[str, Any]:
    noticed = verdict in ("killed", "crashed", "timeout")
    return {
        "id": id,
        "pattern": pattern,
        "origin": origin,
        "verdict": verdict,
        "verdicts": verdicts,
        "detected": noticed,
    }


SCORE = {
    "schema": "nnlab.score/1",
    "detectors": [{"name": "trains", "weak": True}, {"name": "gradient", "weak": False}],
    "faults": [
        fault("norm-sign", "sign", "killed", trains="survived", gradient="killed"),
        fault("conv-sign", "sign", "survived", trains="crashed", gradient="survived"),
        fault("operator:flip-sign:a:f:1", "sign", "survived", "operator", gradient="survived"),
        fault("operator:flip-sign:a:f:2", "sign", "equivalent", "operator", gradient="survived"),
        fault("norm-scale", "scale", "timeout", trains="unreached", gradient="timeout"),
    ],
}


@pytest.fixture
def result(tmp_path: Path) -> str:
    place = tmp_path / "result.json"
    place.write_text(json.dumps(SCORE))
    return str(place)


def test_every_pattern_is_listed_with_its_faults_and_killers(nnlab: Nnlab, result: str) -> None:
    data = json.loads(nnlab("patterns", "--from", result, "--json", "-").out)
    assert data["schema"] == "nnlab.patterns/1"
    rows = {row["pattern"]: row for row in data["patterns"]}
    assert {name: row["sentence"] for name, row in rows.items()} == PATTERNS
    assert rows["sign"] == {
        "pattern": "sign",
        "sentence": PATTERNS["sign"],
        "faults": 3,
        "origins": {"catalog": 2, "operator": 1},
        "catalog": ["norm-sign", "conv-sign"],
        "killed_by": {"trains": 1, "gradient": 1},
        "missed": ["conv-sign", "operator:flip-sign:a:f:1"],
    }
    assert rows["scale"]["killed_by"] == {"gradient": 1}
    assert rows["seed"]["faults"] == 0


def test_the_page_is_told_and_written_as_markdown(nnlab: Nnlab, result: str, tmp_path: Path) -> None:
    page = tmp_path / "patterns.md"
    ended = nnlab("patterns", "--from", result, "--markdown", str(page))
    assert ended.status == 0
    assert "3 faults (2 catalog, 1 operator), 1 noticed" in ended.out
    assert "not noticed: conv-sign, operator:flip-sign:a:f:1" in ended.out
    text = page.read_text()
    assert f"## sign\n\n{PATTERNS['sign']}\n\n3 faults" in text
    assert "* `norm-sign`\n* `conv-sign` (not noticed)\n\nNot noticed: `operator:flip-sign:a:f:1`.\n" in text
    assert text.count("\n## ") == len(PATTERNS)
    assert nnlab("patterns", "--from", result, "--markdown", "-").out == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot read"),
        ("{", "is not JSON"),
        ('{"schema": "nnlab.list/1"}', "has the schema 'nnlab.list/1', not nnlab.score/1"),
        ("[]", "has the schema None"),
    ],
)
def test_what_is_no_score_is_wrong_usage(nnlab: Nnlab, tmp_path: Path, text: str | None, said: str) -> None:
    place = tmp_path / "x.json"
    if text is not None:
        place.write_text(text)
    ended = nnlab("patterns", "--from", str(place))
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert "nnlab score --json FILE" in ended.err


@pytest.mark.slow
def test_without_a_result_the_faults_are_scored(nnlab: Nnlab) -> None:
    data = json.loads(nnlab("patterns", "-f", "adam-nan*", "-d", "optimizer", "--json", "-").out)
    (row,) = [row for row in data["patterns"] if row["faults"]]
    assert row["killed_by"] == {"optimizer": 1}
