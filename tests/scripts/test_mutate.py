"""Verdicts, reports and exit codes of scripts/mutate, on recorded output of mutmut."""

import json
import subprocess
import sys
from pathlib import Path

import mutate
import pytest
from mutate import Exit
from mutation import engine, report
from mutation.engine import Mutant
from mutation.ledger import Key
from mutation.selection import PACKAGES

from tests.scripts.conftest import Commit

WRAP = "riscv.isa.x_wrap__mutmut_"
DIFF = """\
--- riscv/isa.py
+++ riscv/isa.py
@@ -1,2 +1,2 @@
 def wrap(value):
-    return value + 1
+    return value - 1"""
KEY = Key("riscv.isa:wrap", "return value + 1", "return value - 1")


def mutants(**verdicts: str) -> list[Mutant]:
    return [Mutant(f"riscv.isa.x_{name}__mutmut_1", "riscv/isa.py", verdict) for name, verdict in verdicts.items()]


def record(project: Path, codes: dict[str, int | None]) -> None:
    """What mutmut leaves behind."""
    meta = {"exit_code_by_key": codes, "hash_by_function_name": {}, "durations_by_key": {}}
    (project / "mutants/riscv").mkdir(parents=True, exist_ok=True)
    (project / "mutants/riscv/isa.py.meta").write_text(json.dumps(meta))


def test_functions_and_methods_are_named_as_in_the_source() -> None:
    assert Mutant(f"{WRAP}1", "riscv/isa.py", "killed").function == "riscv.isa:wrap"
    assert Mutant("riscv.xǁMemoryǁload__mutmut_12", "riscv/__init__.py", "killed").function == "riscv:Memory.load"


def test_verdicts_are_read_in_source_order(project: Path) -> None:
    record(project, {f"{WRAP}10": 0, f"{WRAP}2": 1, f"{WRAP}1": 36})
    found = engine.read_mutants(project, ["riscv/isa.py", "riscv/__init__.py"])
    assert [(mutant.number, mutant.verdict) for mutant in found] == [(1, "timeout"), (2, "killed"), (10, "survived")]


@pytest.mark.parametrize(
    ("code", "expected"),
    [(1, "killed"), (0, "survived"), (33, "no tests"), (-24, "timeout"), (-11, "segfault"), (99, "suspicious")],
)
def test_exit_codes_have_a_verdict(code: int, expected: str) -> None:
    assert engine.verdict(code) == expected


def test_a_test_that_cannot_be_collected_kills_unless_the_run_was_stopped() -> None:
    assert engine.verdict(2) == "killed"
    assert engine.verdict(2, interrupted=True) == engine.verdict(None) == "unchecked"


def test_a_diff_gives_the_lines_of_the_ledger() -> None:
    assert engine.edit(DIFF) == ("return value + 1", "return value - 1")


@pytest.mark.parametrize("verdict", ["survived", "no tests", "suspicious", "segfault"])
def test_what_no_test_kills_is_a_survivor(verdict: str) -> None:
    findings = report.judge(mutants(wrap=verdict), {}, lambda _: DIFF)
    assert [survivor.key for survivor in findings.survivors] == [KEY]
    assert "[[equivalent]]" in report.text(findings, ["riscv/isa.py"])


def test_a_listed_survivor_is_equivalent() -> None:
    findings = report.judge(mutants(wrap="survived"), {KEY: "why"}, lambda _: DIFF)
    assert (findings.survivors, findings.stale) == ([], [])
    assert report.tally(findings, ["riscv/isa.py"])["riscv/isa.py"]["equivalent"] == 1


def test_an_entry_that_a_test_kills_or_that_matches_nothing_is_stale() -> None:
    gone = Key("riscv.isa:wrap", "return value * 2", "return value / 2")
    findings = report.judge(mutants(wrap="killed"), {KEY: "why", gone: "why"}, lambda _: DIFF)
    assert [key for key, _ in findings.stale] == [KEY, gone]


def test_an_entry_of_a_module_that_was_not_mutated_is_left_alone() -> None:
    other = Key("riscv.lexer:tokenize", "a", "b")
    assert report.judge(mutants(wrap="killed"), {other: "why"}, lambda _: DIFF).stale == []


def test_the_table_counts_every_mutant_once() -> None:
    found = mutants(a="killed", b="timeout", c="survived", d="no tests", e="segfault", f="unchecked")
    rows = report.tally(report.judge(found, {}, lambda _: DIFF), ["riscv/isa.py"])
    assert sum(rows["riscv/isa.py"].values()) == 2 * len(found)
    assert "riscv/isa.py        6       1        1         1         1           1          1" in report.table(rows)


class FakeMutmut:
    """Stands in for a run of mutmut: leaves these verdicts and ends with this code."""

    def __init__(self, project: Path, codes: dict[str, int | None] | None, code: int | None = 0) -> None:
        self.project, self.codes, self.code = project, codes, code
        self.modules: list[str] = []

    def __call__(self, _root: Path, modules: list[str], *_: object) -> int | None:
        self.modules = modules
        if self.codes is not None:
            record(self.project, self.codes)
        return self.code


@pytest.mark.parametrize(
    ("codes", "code", "expected"),
    [
        ({f"{WRAP}1": 1, f"{WRAP}2": 36}, 0, Exit.PASSED),
        ({}, 1, Exit.PASSED),
        ({f"{WRAP}1": 0}, 0, Exit.FAILED),
        ({f"{WRAP}1": None}, None, Exit.FAILED),
        ({f"{WRAP}1": None}, 1, Exit.BROKEN),
        (None, 1, Exit.BROKEN),
    ],
    ids=["killed", "nothing to mutate", "survivor", "out of time", "tests fail", "mutmut does not start"],
)
def test_exit_codes(
    codes: dict[str, int | None] | None,
    code: int | None,
    expected: Exit,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(engine, "run", FakeMutmut(project, codes, code))
    monkeypatch.setattr(engine, "diff", lambda *_: DIFF)
    assert mutate.main(["--module", "riscv.isa", "--json", "-"], project) == expected
    written = capsys.readouterr()
    assert json.loads(written.out)["exit_code"] == expected
    assert "mutating 1 modules" in written.err


def test_a_slice_that_runs_out_of_time_is_no_failure(
    project: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "run", FakeMutmut(project, {f"{WRAP}1": None}, None))
    base = commit(1)
    assert mutate.main(["--base", base, "--slices", "1"], project) == Exit.PASSED


def test_a_run_takes_the_changed_modules_and_those_of_the_changed_ledger(
    project: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutmut = FakeMutmut(project, {})
    monkeypatch.setattr(engine, "run", mutmut)
    base = commit(1)
    (project / "nnlab/nn/norm.py").write_text("A = 2\n")
    (project / "tests/equivalents.toml").write_text(Key("riscv.isa:wrap", "a", "b").toml("why"))
    mutate.main(["--base", base, "--slices", "0"], project)
    assert mutmut.modules == ["nnlab/nn/norm.py", "riscv/isa.py"]
    mutate.main(["--base", base, "--slices", "0", "--without", "riscv.*"], project)
    assert mutmut.modules == ["nnlab/nn/norm.py"]


@pytest.mark.parametrize("arguments", [["--module", "nowhere"], ["--base", "nowhere"]])
def test_wrong_usage(arguments: list[str], project: Path, commit: Commit, capsys: pytest.CaptureFixture[str]) -> None:
    commit(1)
    assert mutate.main(arguments, project) == Exit.USAGE
    assert "nowhere" in capsys.readouterr().err


def test_a_faulty_ledger_is_wrong_usage(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests/equivalents.toml").write_text("[[equivalent]]\n")
    assert mutate.main([], project) == Exit.USAGE
    assert "tests/equivalents.toml: entry 1" in capsys.readouterr().err


def test_an_interrupted_run_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run", interrupt)
    assert mutate.main(["--module", "riscv.isa"], project) == Exit.INTERRUPTED


TOY = {
    "tests/conftest.py": "",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n[tool.mutmut]\nsource_paths = ["riscv"]\n',
    "riscv/isa.py": (
        "def count(n):\n    i = 0\n    while i != n:\n        i += 1\n    return i\n\n\n"
        "def unused(n):\n    return n + 1\n"
    ),
    "tests/riscv/test_isa.py": "from riscv.isa import count\n\n\ndef test_count():\n    assert count(3) == 3\n",
}


@pytest.mark.slow
def test_mutmut_runs_for_real(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in TOY.items():
        (project / name).write_text(text)
    (project / "scripts/mutation").symlink_to(Path(mutate.__file__).parent / "mutation")
    assert mutate.main(["--module", "riscv.isa", "--json", "-"], project) == Exit.FAILED
    content = json.loads(capsys.readouterr().out)
    row = content["modules"]["riscv/isa.py"]
    assert row["killed"] > 0
    assert row["timeout"] > 0, "the watchdog ends an endless loop"
    verdicts = {survivor["function"]: survivor["verdict"] for survivor in content["survivors"]}
    assert verdicts == {"riscv.isa:count": "survived", "riscv.isa:unused": "no tests"}


@pytest.mark.slow
def test_every_test_that_judges_mutants_has_a_name_that_mutmut_spells_alike() -> None:
    """Other than ASCII characters and backslashes are escaped twice on the way, and such a test is never found."""
    root = Path(mutate.__file__).resolve().parent.parent
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *PACKAGES.values()]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    names = [line for line in listed.splitlines() if "::" in line]
    assert len(names) > 1000
    assert [name for name in names if not name.isascii() or "\\" in name] == []
