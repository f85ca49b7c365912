"""nnlab score with a store: what is known, which faults are chosen, when it fails; nnlab history and compare."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Nnlab = Callable[..., Any]

#: Three faults and two detectors that cost little.
THREE = "adam-nan-first-step,adam-bias-correction-multiplied,adam-eps-twice"
CHEAP = ("score", "-f", THREE, "-d", "optimizer,training", "--fail-under", "0", "--json", "-")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of its own."""
    monkeypatch.setenv("NNLAB_STORE", str(tmp_path / "own.db"))
    return tmp_path / "own.db"


def without_times(text: str) -> Any:
    data = json.loads(text)
    return {key: value for key, value in data.items() if key not in ("seconds", "faults_per_second")}


@pytest.mark.slow
def test_a_second_run_judges_nothing_and_says_the_same(nnlab: Nnlab, place: Path) -> None:
    first, second = nnlab(*CHEAP), nnlab(*CHEAP)
    assert without_times(first.out) == without_times(second.out)
    runs = json.loads(nnlab("history", "--json", "-").out)["runs"]
    assert [(run["run"], run["faults"]) for run in runs] == [(1, 3), (2, 3)]
    assert runs[0]["judged"] > runs[1]["judged"] == 0
    compared = nnlab("compare", "1", "2")
    assert compared.status == 0
    assert "newly surviving: 0\nnewly detected: 0\n" in compared.out


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--jobs", "2"), ("--isolation", "process"), ("--audit", "5")])
def test_however_it_is_judged_the_result_is_the_same(nnlab: Nnlab, options: tuple[str, ...]) -> None:
    expected = nnlab(*CHEAP, "--jobs", "1", "--fresh")
    got = nnlab(*CHEAP, *options, "--fresh")
    assert got.status == 0
    data = without_times(got.out)
    audited = {"audited": 5, "disagreements": []} if "--audit" in options else {}
    assert data == without_times(expected.out) | audited


@pytest.mark.slow
def test_compare_names_what_newly_survives_and_fails(nnlab: Nnlab, place: Path) -> None:
    nnlab("score", "-f", "adam-nan-first-step", "-d", "optimizer")
    nnlab("score", "-f", "adam-nan-first-step", "-d", "training")
    compared = nnlab("compare", "1", "2")
    assert compared.status == 1
    assert "newly surviving: 1\n  adam-nan-first-step\n" in compared.out
    assert nnlab("compare", "2", "1").status == 0
    assert nnlab("compare", "1", "7").status == 2


@pytest.mark.slow
def test_a_survivor_fails_once_and_is_known_then(nnlab: Nnlab, place: Path) -> None:
    command = ("score", "-f", "adam-nan-first-step", "--fail-on-new-survivor", "-d")
    assert nnlab(*command, "optimizer").status == 0
    survived = nnlab(*command, "training")
    assert survived.status == 1
    assert "new survivor: adam-nan-first-step" in survived.err
    assert nnlab(*command, "training").status == 0


@pytest.mark.slow
def test_a_survivor_in_the_ledger_is_not_new(nnlab: Nnlab, place: Path, tmp_path: Path) -> None:
    id = "operator:drop-copy:nnlab.nn.embedding:Embedding.forward:1"
    command = ("score", "-f", id, "-d", "optimizer", "--fail-on-new-survivor", "--ledger")
    (tmp_path / "empty.toml").write_text("")
    listed = nnlab(*command, "tests/equivalents.toml")
    assert (listed.status, listed.err.strip()) == (0, "")
    unlisted = nnlab(*command, str(tmp_path / "empty.toml"))
    assert (unlisted.status, unlisted.err.strip()) == (1, f"new survivor: {id}")


@pytest.mark.slow
def test_no_time_at_all_ends_cleanly_with_its_own_status(nnlab: Nnlab, place: Path) -> None:
    ended = nnlab(*CHEAP, "--time-budget", "0")
    assert ended.status == 6
    assert "the time budget ended with 3 of 3 faults not judged" in ended.err
    assert json.loads(ended.out)["unjudged"] == THREE.split(",")
    assert nnlab(*CHEAP).status == 0


@pytest.mark.slow
def test_shards_are_disjoint_and_complete_and_a_sample_has_its_size(nnlab: Nnlab) -> None:
    def ids(*options: str) -> list[str]:
        return [fault["id"] for fault in json.loads(nnlab(*CHEAP, *options).out)["faults"]]

    assert sorted(ids("--shard", "1/2") + ids("--shard", "2/2")) == sorted(ids())
    assert len(ids("--sample", "2", "--seed", "5")) == 2
    assert ids("--sample", "2", "--seed", "5") == ids("--sample", "2", "--seed", "5")


def test_nothing_changed_since_now_is_nothing_to_score(nnlab: Nnlab) -> None:
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "nnlab/nn"], check=False).returncode:
        pytest.skip("the library has uncommitted changes, or there is no git repository")
    ended = nnlab(*CHEAP, "--since", "HEAD")
    assert ended.status == 0
    assert ended.err == "no function that a fault targets differs from HEAD: nothing to score\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "no-such-revision"), "there is no git revision 'no-such-revision'"),
        (("--shard", "3/2"), "a shard is written K/N with 1 <= K <= N, not '3/2'"),
        (("--shard", "half"), "a shard is written K/N"),
        (("--store", "/dev/null/store.db"), "the store '/dev/null/store.db' cannot be used"),
    ],
)
def test_wrong_usage_is_said_in_one_line(nnlab: Nnlab, options: tuple[str, ...], said: str) -> None:
    ended = nnlab(*CHEAP, *options)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_cluster_needs_its_extra(nnlab: Nnlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnlab.cli.scoring.find_spec", lambda name: None)
    ended = nnlab(*CHEAP, "--cluster", "local:2")
    assert ended.status == 2
    assert "--cluster needs distributed, which is not installed; run `pip install 'nnlab[cluster]'`" in ended.err


def test_a_cluster_of_no_worker_is_refused(nnlab: Nnlab) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    ended = nnlab(*CHEAP, "--cluster", "local:0")
    assert ended.status == 2
    assert "a cluster on this machine is written local:N with N >= 1, not 'local:0'" in ended.err
