"""The bench judges one file's mutants with the engine, both ways, and names every difference."""

import json
import sys
import tomllib
from pathlib import Path

import pytest


@pytest.mark.slow
def test_both_ways_of_the_engine_detect_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import bench_score

    report = tmp_path / "bench.json"
    arguments = ["nnlab/nn/schedule.py", "-d", "optimizer", "--no-mutmut", "--audit", "20", "--json", str(report)]
    assert bench_score.main(arguments) == 0
    data = json.loads(report.read_text())
    first, full = data["outcomes"]
    assert (first["tool"], full["tool"]) == ("engine, first kill", "engine, full matrix")
    assert first["detected"] == full["detected"]
    assert len(full["detected"]) > 50
    assert sum(full["detected"].values()) > 0.5 * len(full["detected"])
    assert full["note"] == "0 of 20 audited differ"
    assert data["differences"] == []
    assert capsys.readouterr().out.count("mutants/s") == 2


def test_a_difference_names_the_mutant_and_who_misses_it() -> None:
    from bench_score import Outcome, compared

    one, other = (Outcome(tool, {"m1": True, "m2": yes}, 1.0, 1.0) for tool, yes in (("a", True), ("b", False)))
    assert compared([one, other]) == ["m2: a detects, b misses"]


def test_the_engine_is_compared_with_each_run_of_mutmut() -> None:
    from bench_score import Outcome, times

    rates = {"mutmut, a": 2.0, "mutmut, b": 4.0, "engine, first kill": 100.0}
    assert times([Outcome(tool, {}, rate, 1.0) for tool, rate in rates.items()]) == [
        "engine, first kill is 50.0 times as fast as mutmut, a",
        "engine, first kill is 25.0 times as fast as mutmut, b",
    ]


def test_mutmut_is_told_the_files_and_from_which_tests_to_choose(tmp_path: Path) -> None:
    from bench_score import ROOT, configure

    copy = tmp_path / "pyproject.toml"
    copy.write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    configure(copy, ["nnlab/nn/pool.py", "nnlab/nn/norm.py"], ["tests/nn"])
    told = tomllib.loads(copy.read_text("utf-8"))["tool"]["mutmut"]
    assert told["only_mutate"] == ["nnlab/nn/pool.py", "nnlab/nn/norm.py"]
    assert told["pytest_add_cli_args_test_selection"] == ["tests/nn"]
    copy.write_text(copy.read_text("utf-8") + 'only_mutate = ["x"]\n', "utf-8")
    with pytest.raises(SystemExit, match="2 lines 'only_mutate', not one"):
        configure(copy, ["nnlab/nn/pool.py"], ["tests/nn"])


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    import bench_score

    with pytest.raises(SystemExit):
        bench_score.main(["nnlab/nn/no_such.py"])
    assert "there is no file 'nnlab/nn/no_such.py'" in capsys.readouterr().err


COSMIC_RAY = """#!{python}
import json, pathlib, sys, time
what = sys.argv[1]
if what == "init":
    text = pathlib.Path(sys.argv[2]).read_text()
    assert 'module-path = "nnlab/nn/pool.py"' in text
    assert "tests/nn/test_pool.py" in text
if what == "exec":
    time.sleep(60)
if what == "dump":
    for outcome in ("killed", "survived", "killed", None):
        print(json.dumps([{{"job_id": "1"}}, outcome and {{"test_outcome": outcome}}]))
if what == "init" and {fails}:
    sys.exit("no such module")
"""


@pytest.mark.parametrize("fails", [False, True])
def test_cosmic_ray_is_stopped_in_time_and_its_results_counted(tmp_path: Path, fails: bool) -> None:
    import bench_score

    command = tmp_path / "cosmic-ray"
    command.write_text(COSMIC_RAY.format(python=sys.executable, fails=fails))
    command.chmod(0o755)
    if fails:
        with pytest.raises(SystemExit, match="status 1: no such module"):
            bench_score.run_cosmic_ray(str(command), "nnlab/nn/pool.py", 0.5)
    else:
        line = bench_score.run_cosmic_ray(str(command), "nnlab/nn/pool.py", 0.5)
        assert "2 of 3 detected" in line
        assert line.endswith("of its own 4")
