"""The bench of suggestions names known mistakes of the catalog rightly, and counts right, wrong and no names apart."""

import json
from pathlib import Path

import pytest

from faults.patterns import PATTERNS
from nnlab.lab import discover


def test_the_rule_speaks_of_patterns_of_the_catalog() -> None:
    from bench_suggestions import RIGHT

    assert set(RIGHT) < set(PATTERNS)


@pytest.mark.parametrize(
    ("names", "verdict"),
    [
        ({}, "malformed"),
        ({"x": None}, "unnamed"),
        ({"x": "the wrong sign", "w": None}, "right"),
        ({"x": "the wrong sign", "w": "a factor 2"}, "wrong"),
        ({"x": "a factor 2"}, "wrong"),
    ],
)
def test_a_suggestion_is_right_if_every_name_it_gives_is(names: dict[str, str | None], verdict: str) -> None:
    from bench_suggestions import Suggestion

    assert Suggestion("a fault", "sign", "a subject", names).verdict == verdict


def test_the_table_leaves_out_what_has_no_right_name() -> None:
    from bench_suggestions import Suggestion, table

    found = [
        Suggestion("a", "sign", "s", {"x": "the wrong sign"}),
        Suggestion("b", "sign", "s", {"x": None}),
        Suggestion("c", "sign", "s", {}),
        Suggestion("d", "epsilon", "s", {"x": "a factor 2"}),
    ]
    lines = table(found).splitlines()
    assert lines[1].split() == ["sign", "2", "1", "0", "1"]
    assert lines[3] == "right for 1 of 2 faults that have a right name (50.0%)"
    assert lines[4] == "a name was suggested for 1 of them, 0 times with a wrong one among its names"
    assert lines[5] == "not counted: 1 malformed gradients, 1 of other patterns (1 of them named)"


@pytest.mark.slow
def test_a_sample_of_the_catalog_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import bench_suggestions

    report = tmp_path / "suggestions.json"
    assert bench_suggestions.main(["layernorm-*", "--verbose", "--json", str(report)]) == 0
    names = {found["fault"]: found["names"] for found in json.loads(report.read_text("utf-8"))}
    assert "a mean and a variance" in names["layernorm-simplified-backward"]["input 0"]
    assert "layernorm-simplified-backward on LayerNorm" in capsys.readouterr().out


def test_a_name_without_faults_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    import bench_suggestions

    assert bench_suggestions.main(["no-such-fault"]) == 2
    assert "no fault that gradient kills matches 'no-such-fault'" in capsys.readouterr().err


#: One fault for each way in which a part of the derivatives can be wrong, and its name.
SAMPLE = {
    "celu-derivative-of-elu": "a factor 1.75, as if 1/alpha were missing in 5 of 7 derivatives",
    "rotary-gradient-turns-forward": "the wrong sign in 96 of 216 derivatives",
    "dropout-backward-without-mask": (
        "masked entries included: a gradient where the output does not depend on the entry"
    ),
    "highway-lost-carry": "a path past the layer, from each entry to its own output",
    "softmax-gradient-diagonal": "cross terms missing: each entry has only the gradient of its own output",
    "linear-square-backward-is-forward": "the Jacobian transposed: backward runs forward",
    "windows-overlaps-counted-once": "assigned, not accumulated: each entry has the gradient of one output only",
    "softsort-one-path": "paths missing: 600 of 750 derivatives",
    "conv-replicated-margin-counted-once": "outputs forgotten: 4 of 16",
    "logsoftmax-gradient-assumes-nll": (
        "a term proportional to exp of the tensor along axis 2 missing, such as of a softmax"
    ),
}


@pytest.mark.slow
def test_faults_of_the_catalog_in_part_of_the_derivatives_are_named_rightly() -> None:
    from bench_suggestions import suggestions

    found = list(suggestions([fault for fault in discover() if fault.id in SAMPLE]))
    assert {suggestion.fault: suggestion.names["input 0"] for suggestion in found} == SAMPLE
    assert {suggestion.verdict for suggestion in found} == {"right"}
