"""A second command finds the faults that the first one made, and does without what makes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnlab.cli.options import made_folder
from nnlab.lab.catalog import discover
from nnlab.lab.child import run_with_fault

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import sys
from nnlab.cli import main
sys.argv = ["nnlab", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write(" ".join(name for name in ("libcst", "mutmut") if name in sys.modules))
"""


def nnlab(store: Path, *arguments: str) -> tuple[str, str]:
    """What a command writes, and which of libcst and mutmut it imports."""
    environment = {**os.environ, "NNLAB_STORE": str(store), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMMAND, *arguments]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return ended.stdout, ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        (("show", "riscv.int32.x_unsigned__mutmut_1"), "libcst mutmut"),
        (("list", "faults", "mutmut:riscv/int32.py:*", "--json"), "libcst mutmut"),
        (("list", "faults", "operator:*:riscv.int32:*", "--json"), "libcst"),
    ],
)
def test_a_second_command_finds_them_beside_the_store_and_imports_no_maker(
    tmp_path: Path, arguments: tuple[str, ...], imported: str
) -> None:
    store = tmp_path / "store" / "store.db"
    first, second = nnlab(store, *arguments), nnlab(store, *arguments)
    assert first[0] == second[0] != ""
    assert (first[1], second[1]) == (imported, "")
    origin = "mutmut" if "mutmut" in imported else "operator"
    assert [file.name for file in store.with_name("made").iterdir()] == [f"{origin}-riscv.int32.z"]


@pytest.mark.slow
def test_processes_below_a_command_do_not_make_the_fault_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    fault = discover(kept=tmp_path)["riscv.int32.x_unsigned__mutmut_1"]
    check = "import sys, riscv.int32; sys.exit(7 if 'libcst' in sys.modules else 3)"
    assert run_with_fault(fault, [sys.executable, "-c", check], tmp_path) == 3
    assert run_with_fault(fault, [sys.executable, "-c", check]) == 7


def test_the_folder_is_beside_the_store_that_an_option_or_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NNLAB_STORE", "here/store.db")
    assert made_folder() == Path("here", "made")
    assert made_folder(Path("there", "store.db")) == Path("there", "made")
    monkeypatch.delenv("NNLAB_STORE")
    assert made_folder() == Path(".nnlab", "made")
