"""What each command prints, writes and ends with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlab.contracts import CONTRACTS
from nnlab.lab import discover
from nnlab.lab.catalog import discover_detectors

Nnlab = Callable[..., Any]

VERDICTS = {"killed", "crashed", "timeout", "survived", "unreached"}


def test_help_names_every_command_and_exit_status(nnlab: Nnlab) -> None:
    ended = nnlab("--help")
    assert ended.status == 0
    for word in ("list", "show", "inject", "check", "score", "Exit status: 0", "130"):
        assert word in ended.out


@pytest.mark.parametrize("command", ["list", "show", "inject", "check", "score"])
def test_each_command_has_help_with_examples(nnlab: Nnlab, command: str) -> None:
    ended = nnlab(command, "--help")
    assert ended.status == 0
    assert f"Examples:  nnlab {command}" in ended.out


def test_help_does_not_import_numpy() -> None:
    code = (
        "import sys; sys.argv = ['nnlab', '--help']\nfrom nnlab.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    )
    code += "assert 'numpy' not in sys.modules and 'rich' not in sys.modules, 'imported too early'"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_list_gives_everything_as_tables_and_as_json(nnlab: Nnlab) -> None:
    text = nnlab("list").out
    data = json.loads(nnlab("list", "--json").out)
    assert data["schema"] == "nnlab.list/1"
    assert [fault["id"] for fault in data["faults"]] == [fault.id for fault in discover()]
    assert [detector["name"] for detector in data["detectors"]] == list(discover_detectors(peers=True))
    for kind in ("faults", "detectors", "layers"):
        assert f"{len(data[kind])} {kind}" in text
        alone = json.loads(nnlab("list", kind, "--json").out)
        assert alone == {"schema": "nnlab.list/1", kind: data[kind]}
    layers = {layer["name"]: (layer["torch"], layer["source"]) for layer in data["layers"]}
    assert layers["ModuleList"] == ("torch.nn.ModuleList", None)
    assert layers["Linear"] == ("torch.nn.Linear", None)
    assert layers["Squash"][0] is None
    assert layers["Squash"][1] == 'Sabour, Frosst and Hinton, "Dynamic Routing Between Capsules", 2017'
    assert layers["PixelShuffle"] == ("torch.nn.PixelShuffle", "Shi et al., CVPR 2016, equation 4, in torch's order")


def test_show_tells_what_why_where_and_the_diff(nnlab: Nnlab) -> None:
    ended = nnlab("show", "layernorm-simplified-backward")
    assert ended.status == 0
    for part in (
        "LayerNorm backward drops the mean and variance terms",
        "the loss still falls",
        "Seven Bugs in Seven Backward Passes, bug 2",
        "nnlab.nn.norm:LayerNorm.backward",
        "+        dx: Array = g * inv_std",
    ):
        assert part in ended.out
    data = json.loads(nnlab("show", "layernorm-simplified-backward", "--json").out)
    assert data["diff"].startswith("--- a/nnlab/nn/norm.py\n+++ b/nnlab/nn/norm.py\n")
    assert data["line"] > 1


def test_a_selection_of_faults_is_listed(nnlab: Nnlab) -> None:
    data = json.loads(nnlab("list", "faults", "seven,not:pattern:simplified-backward", "--json").out)
    assert "residual-gradient-split" in {fault["id"] for fault in data["faults"]}
    assert "layernorm-simplified-backward" not in {fault["id"] for fault in data["faults"]}
    made = nnlab("list", "faults", "operator:swap-matmul:nnlab.nn.linear:Linear.*").out
    assert "operator:swap-matmul:nnlab.nn.linear:Linear.forward:1" in made.replace("\n", "")
    shown = nnlab("show", "operator:swap-matmul:nnlab.nn.linear:Linear.forward:1").out
    assert "+        y: Array = self.weight.data.T @ x" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "adam-nan-frist-step"), "there is no fault 'adam-nan-frist-step'; did you mean adam-nan-first-step"),
        (("inject", "zzz"), "there is no fault 'zzz'; see `nnlab list faults`"),
        (("score", "--faults", "sevn"), "no fault matches 'sevn'; did you mean seven?"),
        (("score", "--faults", ""), "no fault matches ''"),
        (("score", "--detectors", "gradeint"), "there is no detector 'gradeint'; did you mean gradient"),
        (("check", "LayerNrom"), "nothing to check is called 'LayerNrom'; did you mean LayerNorm"),
        (("score", "--json", "/no/such/folder/x.json"), "cannot write '/no/such/folder/x.json'"),
        (("inject", "adam-nan-first-step", "--", "no-such-command"), "cannot run 'no-such-command'"),
        (("score", "--jobs", "0"), "Invalid value for '--jobs'"),
        (("score", "--fail-under", "101"), "Invalid value for '--fail-under'"),
        (("scroe",), "No such command 'scroe'"),
        (("list", "fault"), "'fault' is not one of"),
        (("list", "layers", "seven"), "only faults can be selected, not layers; use `nnlab list faults seven`"),
        (("list", "faults", "sevn"), "no fault matches 'sevn'; did you mean seven?"),
        (("show", "operator:tie:nnlab.nn.norm:LayerNorm.backward:1"), "see `nnlab list faults 'operator:*:nnlab.nn"),
    ],
)
def test_wrong_usage_gets_one_clear_error_and_status_2(nnlab: Nnlab, arguments: tuple[str, ...], said: str) -> None:
    ended = nnlab(*arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err


@pytest.mark.slow
def test_score_writes_the_documented_json_alone_on_standard_output(nnlab: Nnlab) -> None:
    ended = nnlab("score", "--faults", "adam-nan-first-step", "--detectors", "optimizer,abi,trains", "--json", "-")
    data = json.loads(ended.out)
    assert ended.status == 0
    assert list(data) == [
        *("schema", "detectors", "faults", "coverage", "total", "equivalents", "seconds", "faults_per_second"),
        "same_bytecode",
    ]
    assert data["schema"] == "nnlab.score/1"
    assert data["detectors"] == [
        {"name": "trains", "weak": True},
        {"name": "abi", "weak": False},
        {"name": "optimizer", "weak": False},
    ]
    (fault,) = data["faults"]
    assert list(fault) == [
        *("id", "origin", "pattern", "package", "target", "file", "line", "verdicts", "verdict", "detected"),
    ]
    assert (fault["file"], fault["package"], fault["origin"]) == ("nnlab/nn/optim.py", "nnlab.nn", "catalog")
    assert fault["verdicts"] == {"trains": "survived", "abi": "unreached", "optimizer": "killed"}
    assert fault["detected"] is True
    assert data["coverage"]["trains"] == {
        "killed": 0,
        "crashed": 0,
        "timeout": 0,
        "survived": 1,
        "unreached": 0,
        "total": 1,
        "rate": 0.0,
        "ci95": [0.0, pytest.approx(0.7935, abs=1e-4)],
    }
    assert data["total"]["killed"] == 1


@pytest.mark.slow
def test_score_shows_equivalents_apart_and_refuses_a_ledger_that_is_wrong(nnlab: Nnlab, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.toml"
    entry = '[[equivalent]]\norigin = "operator"\nfunction = "nnlab.nn.optim_sign:Lion.move"\nreason = "none"\n'
    ledger.write_text(entry + 'from = "a"\nto = "b"\n')
    fault = "operator:drop-factor:nnlab.nn.optim_sign:Lion.move:1"
    stale = nnlab("score", "-f", fault, "-d", "optimizer", "--ledger", str(ledger))
    assert (stale.status, stale.out) == (4, "")
    assert "fits no fault any more" in stale.err
    proposed = nnlab("show", fault, "--json")
    lines = json.loads(proposed.out)["diff"].splitlines()
    before, after = (next(line[1:].strip() for line in lines[3:] if line[0] == sign) for sign in "-+")
    ledger.write_text(entry + f"from = {json.dumps(before)}\nto = {json.dumps(after)}\n")
    blind = nnlab("score", "-f", fault, "-d", "abi", "--ledger", str(ledger), "--json", "-")
    data = json.loads(blind.out)
    assert data["equivalents"] == {fault: "none"}
    assert data["faults"][0]["verdict"] == "equivalent"
    assert data["total"]["total"] == 0
    wrong = nnlab("score", "-f", fault, "-d", "optimizer", "--ledger", str(ledger))
    assert wrong.status == 4
    assert f"the ledger calls {fault} equivalent, but optimizer kills it" in wrong.err


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("[tool.nnlab]\nledger = 'none.toml'", "cannot read the ledger 'none.toml'"),
        ("[[", "pyproject.toml is not TOML"),
    ],
)
def test_the_ledger_is_where_the_project_says(
    nnlab: Nnlab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str, said: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(project)
    monkeypatch.chdir(tmp_path)
    ended = nnlab("score", "-f", "seven")
    assert ended.status == 2
    assert said in ended.err


@pytest.mark.slow
def test_score_writes_a_file_and_prints_the_tables(nnlab: Nnlab, tmp_path: Path) -> None:
    place = tmp_path / "score.json"
    three = "riscv-prologue-save-index,riscv-epilogue-early-return,riscv-spill-aliases-saves"
    ended = nnlab("score", "-f", three, "-d", "runs,memory", "--json", str(place), "--jobs", "1")
    data = json.loads(place.read_text())
    assert ended.status == 1  # an early return only leaves wrong values in registers, so memory alone misses it
    assert {fault["id"]: fault["detected"] for fault in data["faults"]} == {
        "riscv-prologue-save-index": True,
        "riscv-epilogue-early-return": False,
        "riscv-spill-aliases-saves": True,
    }
    for part in ("Kill matrix", "Detection coverage", "66.7 %", "not detected: riscv-epilogue-early-return"):
        assert part in ended.out
    assert nnlab("score", "-f", three, "-d", "memory", "--fail-under", "60").status == 0


@pytest.mark.slow
def test_inject_shows_who_kills_the_fault_and_both_curves(nnlab: Nnlab, tmp_path: Path) -> None:
    place = tmp_path / "inject.json"
    ended = nnlab("inject", "capsule-squash-identity", "--json", str(place))
    assert ended.status == 0
    for part in (
        "killed    gradient",
        "Squash",
        "expected",
        "got",
        "survived  trains (weak)",
        "capsules on poses",
        "┤",
    ):
        assert part in ended.out
    data = json.loads(place.read_text())
    assert {j["verdict"] for j in data["judgements"].values()} <= VERDICTS
    losses = next(curve for curve in data["losses"] if curve["model"] == "capsules on poses")
    assert losses["clean"][0] == losses["faulty"][0]
    assert losses["clean"] != losses["faulty"]
    assert losses["faulty"][-1] < losses["faulty"][0] / 2


@pytest.mark.slow
def test_inject_ends_with_1_when_no_strong_detector_notices(nnlab: Nnlab) -> None:
    ended = nnlab("inject", "attention-mutates-input", "--detectors", "gradient,trains")
    assert ended.status == 1
    assert "survived  gradient" in ended.out


@pytest.mark.slow
def test_inject_passes_on_the_status_of_a_command(nnlab: Nnlab) -> None:
    code = "import nnlab.nn.optim, sys; sys.exit(6)"
    assert nnlab("inject", "adam-nan-first-step", "--", sys.executable, "-c", code).status == 6
    missed = nnlab("inject", "adam-nan-first-step", "--", sys.executable, "-c", "pass")
    assert missed.status == 5
    assert "was never in it" in missed.err


@pytest.mark.slow
def test_check_counts_its_checks_and_finds_no_alarm(nnlab: Nnlab, tmp_path: Path) -> None:
    place = tmp_path / "check.json"
    ended = nnlab("check", "LayerNorm", "Softmax*", "abi", "--seeds", "3", "--json", str(place))
    assert ended.status == 0
    data = json.loads(place.read_text())
    assert data["alarms"] == []
    strong = {"contract", "gradient", "initialiser", "reference", "refusal", "sizes", "abi"}
    assert set(data["checks"]) == {"blog", "shapes", *strong}
    assert data["checks"]["contract"] > len(CONTRACTS) * data["checks"]["gradient"]  # float32 and limits besides
    assert f"{sum(data['checks'].values())} checks over 3 seeds, 0 alarms" in ended.out


@pytest.mark.slow
def test_check_ends_with_3_where_the_code_is_wrong(nnlab: Nnlab) -> None:
    from nnlab.lab import injected

    with injected(discover()["capsule-squash-identity"]):
        ended = nnlab("check", "Squash")
    assert ended.status == 3
    assert "gradient: Squash() on 3×4×5, seed 0: Detected: input 0[" in ended.out


@pytest.mark.slow
def test_score_ends_with_3_where_a_control_fails(nnlab: Nnlab, tmp_path: Path) -> None:
    from nnlab.lab import injected

    empty = str(tmp_path / "store.db")  # a store knows the files, which are as they were, and runs nothing again
    with injected(discover()["capsule-squash-identity"]):
        ended = nnlab("score", "-f", "adam-nan-first-step", "-d", "gradient", "--store", empty)
    assert ended.status == 3
    assert ended.err.strip().splitlines()[-1].startswith("nnlab: gradient raises an alarm on clean code")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_score_ends_with_130_and_leaves_no_process(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from nnlab.cli import main; main()", "score"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(2.0)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert f"nnlab: stopped by {number.name}" in err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
