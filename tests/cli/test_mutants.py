"""mutmut's mutants and the results of its runs, at the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Nnlab = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
NAME = "riscv.int32.x_unsigned__mutmut_1"


def test_show_knows_a_mutant_by_both_names(nnlab: Nnlab) -> None:
    told = json.loads(nnlab("show", NAME, "--json").out)
    assert (told["id"], told["origin"], told["file"]) == (NAME, "mutmut", "riscv/int32.py")
    assert told["alias"] == f"mutmut:riscv/int32.py:{told['line']}:unsigned:1"
    assert json.loads(nnlab("show", told["alias"], "--json").out) == told
    assert told["diff"].startswith("--- a/riscv/int32.py\n+++ b/riscv/int32.py\n@@")
    text = nnlab("show", told["alias"])
    assert text.status == 0
    assert NAME in text.out


def test_list_takes_the_wishes_of_score(nnlab: Nnlab) -> None:
    data = json.loads(nnlab("list", "faults", "mutmut:riscv/int32.py:*", "--json").out)
    assert NAME in [fault["id"] for fault in data["faults"]]
    assert "mutmut:riscv/int32.py:" in nnlab("list", "faults", "riscv.int32.x_unsigned__mutmut_*").out


def test_inject_runs_a_command_with_the_mutant_in_it(nnlab: Nnlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    check = "from riscv.int32 import unsigned; import sys; sys.exit(unsigned(-1) != 2**32 - 1)"
    mutant = json.loads(nnlab("list", "faults", "riscv.int32.x_unsigned__mutmut_*", "--json").out)["faults"][0]
    assert nnlab("inject", mutant["alias"], "--", "python", "-c", check).status == 1
    assert nnlab("inject", NAME, "--", "python", "-c", "import riscv.int32").status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "mutmut:riscv/int32.py:1:unsigned:1"), "in the source as it is now; that function has mutmut:riscv"),
        (("score", "-f", "mutmut:riscv/int33.py:*"), "no fault matches 'mutmut:riscv/int33.py:*'"),
        (("score", "--import-mutmut", "/no/such/folder"), "/no/such/folder holds no results of mutmut"),
    ],
    ids=["line", "file", "folder"],
)
def test_what_there_is_not_is_one_line_and_status_2(nnlab: Nnlab, arguments: tuple[str, ...], message: str) -> None:
    ended = nnlab(*arguments)
    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert message in ended.err


def test_score_shows_what_only_the_unit_tests_notice(nnlab: Nnlab, tmp_path: Path) -> None:
    from nnlab.lab.mutmut import mutants_of

    mutmut_run(tmp_path, [fault.id for fault in mutants_of("riscv.int32")])
    place = tmp_path / "score.json"
    ended = nnlab(
        *("score", "--import-mutmut", str(tmp_path), "-f", "riscv.int32.x_unsigned__*", "-d", "shapes"),
        *("--json", str(place)),
    )
    data = json.loads(place.read_text())
    assert [d["name"] for d in data["detectors"]] == ["pytest", "shapes"]
    assert {fault["verdicts"]["pytest"] for fault in data["faults"]} == {"killed"}
    missed = [fault["id"] for fault in data["faults"] if fault["verdicts"]["shapes"] in ("survived", "unreached")]
    assert missed
    assert missed == data["unit_tests"]["only_pytest"]
    assert data["same_bytecode"] == []
    assert "noticed by the unit tests only: " in ended.out
    assert "noticed by the detectors only: 0" in ended.out


def mutmut_run(folder: Path, names: list[str]) -> None:
    """What a run would have left in which the tests kill every mutant."""
    from mutmut import configuration
    from mutmut.mutation.file_mutation import mutate_file_contents

    source = ROOT / "riscv" / "int32.py"
    before, configuration._config = configuration._config, None
    try:
        made = mutate_file_contents("riscv/int32.py", source.read_text("utf-8"))
    finally:
        configuration._config = before
    file = folder / "mutants" / "riscv" / "int32.py"
    file.parent.mkdir(parents=True)
    file.write_text(made.code, "utf-8")
    spans = {name: [span.start, span.end] for name, span in made.line_span_by_function_name.items()}
    file.with_suffix(".py.spans").write_text(json.dumps({"version": 1, "spans": spans}))
    meta = {"exit_code_by_key": dict.fromkeys(names, 1), "durations_by_key": dict.fromkeys(names, 0.1)}
    file.with_suffix(".py.meta").write_text(json.dumps(meta))
