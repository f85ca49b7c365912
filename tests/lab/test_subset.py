"""Parts of the faults: what has changed since a revision, shards, samples."""

import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from nnlab.lab import Cited, Edit, Fault
from nnlab.lab.engine.subset import sample, shard, since

FAULTS = [Fault(f"f{i}", "", "toy", Cited(""), [Edit("toy:triple", "x", "y")]) for i in range(40)]


def of(target: str) -> Fault:
    return Fault(target, "", "toy", Cited(""), [Edit(target, "x", "y")])


@pytest.fixture
def repository(toy: ModuleType, tmp_path: Path) -> Path:
    """The toy, committed."""
    name = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    for command in (("init", "-q"), ("add", "toy.py"), (*name, "commit", "-qm", "Add a toy")):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    return tmp_path / "toy.py"


def test_only_faults_of_changed_functions_are_scored_since_a_revision(repository: Path) -> None:
    faults = [of("toy:triple"), of("toy:Child.twice"), of("toy:SCALE")]
    assert since(faults, "HEAD") == []
    text = repository.read_text().replace("y = x * SCALE", "y = SCALE * x").replace("# a comment", "# another")
    repository.write_text(text + "\n\ndef new(x):\n    return x\n")
    assert [fault.id for fault in since([*faults, of("toy:new")], "HEAD")] == ["toy:triple", "toy:new"]


def test_a_file_that_the_revision_lacks_has_changed(toy: ModuleType, repository: Path) -> None:
    (repository.parent / "fresh.py").write_text("def f(x):\n    return x\n")
    assert len(since([of("fresh:f")], "HEAD")) == 1


def test_each_fault_is_in_one_shard_whatever_the_others_are() -> None:
    shards = [shard(FAULTS, f"{k}/3") for k in (1, 2, 3)]
    assert sorted(f.id for part in shards for f in part) == sorted(f.id for f in FAULTS)
    assert all(shards)
    assert shard(FAULTS[5:], "2/3") == [fault for fault in shards[1] if fault in FAULTS[5:]]


def test_a_sample_keeps_the_order_and_depends_on_its_seed_alone() -> None:
    few = sample(FAULTS, 10, 1)
    assert few == sample(FAULTS, 10, 1) != sample(FAULTS, 10, 2)
    assert few == [fault for fault in FAULTS if fault in few]
    assert sample(FAULTS, 100, 1) == FAULTS
