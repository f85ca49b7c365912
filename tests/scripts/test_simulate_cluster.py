"""The simulation of a cluster's load counts every task, and predicts what its own figures say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_load_of_empty_tasks_is_measured(tmp_path: Path) -> None:
    """In a process of its own, which has the threads of a Dask client."""
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    report, script = tmp_path / "load.json", str(ROOT / "scripts/simulate_cluster.py")
    arguments = ["--file", "nnlab/nn/schedule.py", "-d", "optimizer", "--tasks", "60", "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, script, *arguments, "--json", str(report)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "a million  " in ended.stdout
    data = json.loads(report.read_text())
    assert data["load"]["tasks"] == 60
    assert data["load"]["rate"] > 0
    assert 0 < data["load"]["scheduler"] < 1
    assert 100 < data["work"]["answer"] < data["work"]["order"] < 20_000


def test_workers_share_the_time_until_the_scheduler_is_the_bottleneck() -> None:
    from simulate_cluster import Load, Work, predicted

    work = Work(mutants=500, batches=10, seconds=1.8, order=3e3, answer=1e3)
    load = Load(tasks=100, rate=50.0, scheduler=0.01, client=0.005, growth=0)
    assert predicted(work, load, 1) == pytest.approx(10.0)
    assert predicted(work, load, 10) == pytest.approx(1.0)
    assert predicted(work, load, 10_000) == pytest.approx(20_000 * 0.01 / 3600)
