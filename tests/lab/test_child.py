"""A command run with a fault: all Python processes below it see the fault, and only they."""

import sys
from pathlib import Path

import pytest

from nnlab.errors import FaultError, NeverReached, UsageError
from nnlab.lab import Cited, Edit, Fault, discover
from nnlab.lab.child import run_with_fault

pytestmark = pytest.mark.slow

FIRST_STEP = """
import warnings; warnings.simplefilter("ignore")
import numpy as np
from nnlab.nn import Adam, Parameter
p = Parameter(np.ones(1)); p.grad[...] = 1.0
Adam([p]).update(p)
print(p.data[0])
"""
ADAM = discover()["adam-nan-first-step"]


def test_a_child_process_sees_the_fault(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_with_fault(ADAM, [sys.executable, "-c", FIRST_STEP]) == 0
    assert capfd.readouterr().out == "nan\n"


def test_a_grandchild_and_a_plain_python_on_the_path_see_it_too(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "step.py").write_text(FIRST_STEP)
    assert run_with_fault(ADAM, ["sh", "-c", f"python {tmp_path}/step.py; exit 7"]) == 7
    assert capfd.readouterr().out == "nan\n"


def test_pytest_fails_with_the_fault_and_passes_without(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = FIRST_STEP.replace("print(p.data[0])", "assert p.data[0] == 1 - 1e-3 / (1 + 1e-8)").strip().splitlines()
    body = "\n".join(f"    {line}" for line in lines)
    (tmp_path / "test_step.py").write_text(f"def test_step():\n{body}\n")
    arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    assert run_with_fault(ADAM, ["pytest", *arguments]) == 1
    assert "1 failed" in capfd.readouterr().out
    assert pytest.main(arguments) == 0


def test_a_sitecustomize_of_the_user_still_runs(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run_with_fault(ADAM, [sys.executable, "-c", FIRST_STEP])
    assert capfd.readouterr().out == "mine\nnan\n"


def test_a_command_that_never_imports_the_target_is_an_error_not_a_survival() -> None:
    with pytest.raises(
        NeverReached, match=r"imported nnlab\.nn\.optim, so fault adam-nan-first-step was never"
    ) as caught:
        run_with_fault(ADAM, [sys.executable, "-c", "import nnlab.errors"])
    assert caught.value.exit_code == 5


def test_a_command_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"cannot run 'no-such-command' \(No such file or directory\)"):
        run_with_fault(ADAM, ["no-such-command"])


def test_a_drifted_fault_is_told_before_the_command_runs(capfd: pytest.CaptureFixture[str]) -> None:
    edits = [Edit("nnlab.nn.norm:LayerNorm.backward", "no such text", "x")]
    drifted = Fault(id="old", title="old", pattern="p", source=Cited("s"), edits=edits)
    with pytest.raises(
        FaultError, match=r"'no such text' is missing in nnlab\.nn\.norm:LayerNorm\.backward \(.*norm\.py:"
    ):
        run_with_fault(drifted, [sys.executable, "-c", "print('ran')"])
    assert capfd.readouterr().out == ""
