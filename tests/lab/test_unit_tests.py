"""The results of a mutmut run become the column `pytest`; stale or foreign ones are refused."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mutmut import configuration
from mutmut.mutation.file_mutation import mutate_file_contents

from nnlab.errors import UsageError
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe, Verdict, mutmut
from nnlab.lab.made import Made
from nnlab.lab.mutmut import mutants_of
from nnlab.lab.score import Score, score
from nnlab.lab.unit_tests import unit_tests

TOY = "def double(x):\n    return x + x\n\n\ndef triple(x):\n    return 3 * x\n\n\ndef alone(x):\n    return -x\n"
TESTS = """from run_toy import double, triple
def test_double():
    assert double(2) == 4
def test_triple():
    assert triple(0) == 0
"""
SETTINGS = """[tool.mutmut]
source_paths = ["run_toy"]
pytest_add_cli_args_test_selection = ["tests"]
use_setproctitle = false
track_dependencies = false
use_git_change_detection = false
"""
DOUBLE = "run_toy.x_double__mutmut_1"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A toy project whose tests miss a mutant that a detector sees, and the reverse."""
    (tmp_path / "run_toy").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "run_toy" / "__init__.py").write_text(TOY)
    (tmp_path / "tests" / "test_run_toy.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(configuration, "_config", None)
    yield tmp_path
    sys.modules.pop("run_toy", None)


@pytest.fixture
def write(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write what `mutmut run` writes, with these exit codes."""

    def results(*codes: int | None) -> Path:
        monkeypatch.chdir(project)
        made = mutate_file_contents("run_toy/__init__.py", TOY)
        folder = project / "mutants"
        (folder / "run_toy").mkdir(parents=True, exist_ok=True)
        file = folder / "run_toy" / "__init__.py"
        file.write_text(made.code)
        spans = {name: [span.start, span.end] for name, span in made.line_span_by_function_name.items()}
        file.with_suffix(".py.spans").write_text(json.dumps({"version": 1, "spans": spans}))
        names = [f"run_toy.{name}" for name in made.mutant_names]
        meta = {"exit_code_by_key": dict(zip(names, codes, strict=False)), "durations_by_key": {names[0]: 0.5}}
        file.with_suffix(".py.meta").write_text(json.dumps(meta))
        return folder

    return results


def scored(faults: list[Fault]) -> Score:
    """The matrix of one detector, which sees what goes wrong with triple(1)."""

    def run(seed: int) -> None:
        import run_toy  # type: ignore[import-not-found]

        if run_toy.triple(1) != 3:
            raise Detected("triple")

    example = Fault("x", "x", "x", Cited("x"), [Edit("run_toy:triple", "3", "5")])
    detector = Detector("ones", "triple of one", lambda: [Probe("one", run)], example)
    return score(faults, [detector], 1, lambda *_: None)


@pytest.mark.slow
def test_a_real_run_becomes_the_column_pytest(project: Path) -> None:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
    tests = unit_tests(project)
    assert tests.without == {}
    assert [fault.id for fault in tests.faults] == [fault.id for fault in mutants_of("run_toy")]
    verdicts = {id: judgement.verdict for id, judgement in tests.judgements.items()}
    assert verdicts == {
        DOUBLE: Verdict.KILLED,
        "run_toy.x_triple__mutmut_1": Verdict.KILLED,  # 3 / 0 fails
        "run_toy.x_triple__mutmut_2": Verdict.SURVIVED,
        "run_toy.x_alone__mutmut_1": Verdict.UNREACHED,
    }
    both = tests.beside(scored(tests.faults))
    assert [d.name for d in both.detectors] == ["pytest", "ones"]
    only_tests, only_detectors = tests.compared(both)
    assert [fault.id for fault in only_tests] == [DOUBLE, "run_toy.x_triple__mutmut_1"]  # 3 / 1 is 3
    assert [fault.id for fault in only_detectors] == ["run_toy.x_triple__mutmut_2"]
    assert both.total().detected == 1  # by the detector alone


def test_mutants_that_are_kept_are_not_made_again(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = write(1, 0), tmp_path / "made"
    first = unit_tests(folder, Made(kept))
    monkeypatch.setattr(mutmut, "mutants_of", None)
    assert unit_tests(folder, Made(kept)) == first


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        *((code, Verdict.KILLED) for code in (1, 3)),
        (0, Verdict.SURVIVED),
        *((code, Verdict.TIMEOUT) for code in (36, 24, -24, 152, 255)),
        *((code, Verdict.CRASHED) for code in (-11, -9)),
        *((code, Verdict.UNREACHED) for code in (5, 33)),
    ],
)
def test_an_exit_code_is_a_verdict(write: Callable[..., Path], code: int, verdict: Verdict) -> None:
    judgement = unit_tests(write(code)).judgements[DOUBLE]
    assert (judgement.verdict, judgement.seconds) == (verdict, 0.5)
    assert judgement.evidence.endswith(f"exit code {code}")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (34, "skipped"),
        (35, "suspicious"),
        (77, "suspicious"),
        (37, "caught by type check"),
        (2, "check was interrupted by user"),
        (None, "not checked"),
    ],
)
def test_an_exit_code_without_a_verdict_is_counted_apart(
    write: Callable[..., Path], code: int | None, word: str
) -> None:
    tests = unit_tests(write(code, 1, code))
    assert tests.without == {word: 2}
    assert list(tests.judgements) == ["run_toy.x_triple__mutmut_1"]
    with pytest.raises(UsageError, match=rf"hold no verdict \(1 {word}\); let `mutmut run` finish first"):
        unit_tests(write(code))


@pytest.mark.parametrize(
    ("before", "after"),
    [("x + x", "x + x + 0"), ("return 3", "# pragma: no mutate block\n    return 3"), ("double", "twice")],
    ids=["body", "pragma", "name"],
)
def test_results_of_another_source_are_refused(
    write: Callable[..., Path], project: Path, before: str, after: str
) -> None:
    folder = write(1, 1, 0, 0)
    (project / "run_toy" / "__init__.py").write_text(TOY.replace(before, after))
    with pytest.raises(UsageError, match=r"of 4 mutants in .*__init__\.py are not those of the source .* again"):
        unit_tests(folder)


def test_moved_functions_keep_their_results(write: Callable[..., Path], project: Path) -> None:
    folder = write(1, 1, 0, 0)
    (project / "run_toy" / "__init__.py").write_text("# A remark.\n" + TOY)
    assert len(unit_tests(folder).judgements) == 4


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"exit_code_by_key": {}}'], ids=["cut", "empty", "list", "old"])
def test_a_broken_result_is_refused(write: Callable[..., Path], text: str) -> None:
    folder = write(1)
    (folder / "run_toy" / "__init__.py.meta").write_text(text)
    with pytest.raises(UsageError, match=r"is not a result of mutmut 3\.8\.1 .* again"):
        unit_tests(folder)


def test_a_directory_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no results of mutmut; name the directory mutants/"):
        unit_tests(tmp_path)


def test_only_the_faults_that_the_run_judged_are_scored(write: Callable[..., Path]) -> None:
    tests = unit_tests(write(1))
    every = mutants_of("run_toy")
    assert [fault.id for fault in tests.of(every)] == [DOUBLE]
    with pytest.raises(UsageError, match="the mutmut run judged none of these faults"):
        tests.of([replace(every[0], id="another")])
