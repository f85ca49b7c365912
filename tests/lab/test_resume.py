"""A score that is killed at random moments and begun again says in the end what an undisturbed one says."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20


@pytest.mark.slow
@pytest.mark.parametrize("how", ["whole", "first"])
def test_killed_at_twenty_random_moments_it_ends_as_if_undisturbed(toy: ModuleType, tmp_path: Path, how: str) -> None:
    def start(store: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "tests/lab/resumed.py", str(tmp_path / store), how]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    began = time.monotonic()
    undisturbed, _ = start("undisturbed.db").communicate(timeout=300)
    seconds = time.monotonic() - began
    assert undisturbed.count("\n") >= 120
    rng = random.Random(7)
    for _ in range(KILLS):
        process = start("killed.db")
        time.sleep(rng.uniform(0.2, 0.9) * seconds)
        process.kill()
        process.communicate(timeout=300)
    resumed, _ = start("killed.db").communicate(timeout=300)
    assert resumed == undisturbed
