"""A small project with the layout of this one, as a git repository in a temporary directory."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Commit = Callable[..., str]
FILES = {
    "nnlab/nn/norm.py": "A = 1\n",
    "nnlab/nn/conv.py": "B = 1\n",
    "nnlab/gradcheck/check.py": "C = 1\n",
    "riscv/__init__.py": "",
    "riscv/isa.py": "D = 1\n",
    "riscv/optimize/__init__.py": "",
    "riscv/optimize/fold.py": "E = 1\n",
    "tests/nn/test_norm.py": "one\ntwo\n",
    "tests/riscv/programs.txt": "one\ntwo\n",
    "tests/conftest.py": "one\ntwo\n",
    "tests/equivalents.toml": "",
    "scripts/mutate.py": "",
    "README.md": "one\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files, not yet committed."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def commit(project: Path) -> Commit:
    """`commit(hour)` commits everything as of that hour and returns the revision."""
    name = ("-c", "user.name=t", "-c", "user.email=t@example.org")

    def git(*arguments: str, **environment: str) -> str:
        command = ["git", "-C", str(project), *name, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment)
        return done.stdout.strip()

    git("init", "--quiet")

    def make(hour: int) -> str:
        date = f"2026-01-01T{hour:02}:00:00Z"
        git("add", "--all")
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        git("commit", "--quiet", "--allow-empty", "--message", "x", **dates)
        return git("rev-parse", "HEAD")

    return make
