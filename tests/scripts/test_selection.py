"""Which modules a mutation run takes."""

from pathlib import Path

import pytest
from mutation import selection

from tests.scripts.conftest import Commit

MODULES = [
    "nnlab/gradcheck/check.py",
    "nnlab/nn/conv.py",
    "nnlab/nn/norm.py",
    "riscv/__init__.py",
    "riscv/isa.py",
    "riscv/optimize/__init__.py",
    "riscv/optimize/fold.py",
]
NN = {"nnlab/nn/conv.py", "nnlab/nn/norm.py"}
OPTIMIZE = {"riscv/optimize/__init__.py", "riscv/optimize/fold.py"}
RISCV = {"riscv/__init__.py", "riscv/isa.py"} | OPTIMIZE


def test_all_modules_are_those_of_the_mutated_packages(project: Path) -> None:
    assert selection.all_modules(project) == MODULES


def test_dotted_names() -> None:
    assert [selection.dotted(m) for m in MODULES[-4:-2]] == ["riscv", "riscv.isa"]


@pytest.mark.parametrize(
    ("path", "removed", "expected"),
    [
        ("nnlab/nn/norm.py", 0, {"nnlab/nn/norm.py"}),
        ("tests/nn/test_norm.py", 0, set()),
        ("tests/nn/test_norm.py", 1, {"nnlab/nn/norm.py"}),
        ("tests/nn/test_layers.py", 1, NN),
        ("tests/riscv/test_fold.py", 1, {"riscv/optimize/fold.py"}),
        ("tests/riscv/test_optimize.py", 1, OPTIMIZE),
        ("tests/riscv/programs.txt", 1, RISCV),
        ("riscv/programs/fib.monkey", 1, RISCV),
        ("tests/conftest.py", 0, set()),
        ("tests/conftest.py", 1, set(MODULES)),
        ("tests/detectors/test_norm.py", 9, set()),
        ("README.md", 9, set()),
    ],
)
def test_what_a_changed_file_affects(path: str, removed: int, expected: set[str]) -> None:
    assert selection.affected(path, removed, MODULES) == expected


def test_the_tests_of_a_command_line_stand_for_it() -> None:
    modules = [*MODULES, "riscv/__main__.py"]
    assert selection.affected("tests/riscv/test_riscv_cli.py", 1, modules) == {"riscv/__main__.py"}
    assert selection.affected("tests/riscv/test_other_cli.py", 1, modules) == RISCV | {"riscv/__main__.py"}


def test_changes_are_found_committed_or_not(project: Path, commit: Commit) -> None:
    base = commit(1)
    (project / "riscv/isa.py").write_text("D = 2\n")
    commit(2)
    (project / "tests/nn/test_norm.py").write_text("one\n")
    (project / "nnlab/nn/new.py").write_text("E = 1\n")
    modules = selection.all_modules(project)
    assert selection.changed_modules(project, base, modules) == [
        "nnlab/nn/new.py",
        "nnlab/nn/norm.py",
        "riscv/isa.py",
    ]


def test_everything_differs_from_the_empty_tree(project: Path, commit: Commit) -> None:
    commit(1)
    assert selection.changed_modules(project, selection.EMPTY_TREE, MODULES) == MODULES


def test_the_base_is_the_last_commit_of_the_session_before(project: Path, commit: Commit) -> None:
    commit(1)
    before = commit(4)
    commit(6)
    commit(8)
    assert selection.default_base(project) == before


def test_a_first_session_has_the_empty_tree_as_its_base(project: Path, commit: Commit) -> None:
    commit(1)
    commit(2)
    assert selection.default_base(project) == selection.EMPTY_TREE


def test_without_git_the_base_is_the_empty_tree(project: Path) -> None:
    assert selection.default_base(project) == selection.EMPTY_TREE


def test_slices_cover_every_module_once() -> None:
    slices = [selection.slice_of(MODULES, k, 3) for k in range(3)]
    assert sorted(module for part in slices for module in part) == MODULES


def test_the_slice_moves_on_with_every_commit(project: Path, commit: Commit) -> None:
    numbers = []
    for hour in range(3):
        commit(hour)
        numbers.append(selection.rotation(project, 8))
    assert numbers == [1, 2, 3]


def test_riscv_is_tested_by_its_own_tests_alone() -> None:
    assert selection.tests_of(["riscv/isa.py"]) == ["tests/riscv"]
    assert selection.tests_of(["nnlab/gradcheck/check.py"]) == ["tests/nn", "tests/gradcheck", "tests/contracts"]
