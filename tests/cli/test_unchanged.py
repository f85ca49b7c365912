"""nnlab score a second time, in a process of its own: what it need not make or import, it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

#: As the command nnlab does, then tells what was imported; `lazy` breaks all that an unchanged run can do without.
SCRIPT = """
import sys
from nnlab.cli import main

if sys.argv.pop(1) == "lazy":
    from nnlab.detectors import optimizer, training
    from nnlab.lab.controls import Lab
    from nnlab.lab.engine.memory import Memory

    def needless(*arguments, **options):
        raise AssertionError("an unchanged run has no use for this")

    for part in (optimizer.probes, training.probes, Lab.check_controls, Memory.__init__):
        part.__code__ = needless.__code__
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
#: Of these none is needed for a fault of the catalog: makers of faults, peers, the cluster, pictures.
NEEDLESS = {
    "libcst",
    "mutmut",
    "torch",
    "jax",
    "autograd",
    "unicorn",
    "capstone",
    "distributed",
    "matplotlib",
    "pytest",
}


def run(folder: Path, how: str, *arguments: str) -> tuple[Any, set[str]]:
    """What the command printed as JSON, and the modules that it imported."""
    (folder / "run.py").write_text(SCRIPT)
    command = [sys.executable, str(folder / "run.py"), how, *arguments, "--json", "-", "--store", str(folder / "s.db")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), set(done.stderr.split())


@pytest.mark.slow
def test_an_unchanged_run_makes_and_imports_nothing_needless_and_says_the_same(tmp_path: Path) -> None:
    score = "score", "-f", "adam-eps-twice,adam-nan-first-step", "-d", "optimizer,training", "--fail-under", "0"
    first, _ = run(tmp_path, "all", *score)
    second, imported = run(tmp_path, "lazy", *score)
    assert {key: value for key, value in first.items() if "second" not in key} == {
        key: value for key, value in second.items() if "second" not in key
    }
    assert "nnlab.lab.engine.snapshot" in imported
    assert imported & NEEDLESS == set()
    runs = run(tmp_path, "all", "history")[0]["runs"]
    assert [run["judged"] for run in runs] == [4, 0]
    assert runs[1]["seconds"] < runs[0]["seconds"]
