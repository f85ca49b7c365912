"""Which modules a run mutates: those that differ from the base commit, and a rotating slice of the others."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

PACKAGES = {
    "nnlab/nn": "tests/nn",
    "nnlab/gradcheck": "tests/gradcheck",
    "nnlab/contracts": "tests/contracts",
    "riscv": "tests/riscv",
}
SHARED_TESTS = "tests/conftest.py"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SESSION_SECONDS = 3 * 60 * 60


def git(root: Path, *arguments: str) -> str | None:
    """What git prints, stripped; None where git cannot answer (no git, no repository, no such revision)."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def all_modules(root: Path) -> list[str]:
    """The files that may be mutated, as paths from the root."""
    found = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return sorted(path.relative_to(root).as_posix() for path in found)


def dotted(module: str) -> str:
    """`nnlab/nn/norm.py` → `nnlab.nn.norm`, a package's `__init__.py` → the package."""
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_of(path: str) -> str | None:
    """The mutated package that a file belongs to, be it a module, its data or one of its tests."""
    for package, tests in PACKAGES.items():
        if path.startswith((f"{package}/", f"{tests}/")):
            return package
    return None


def tests_of(modules: Iterable[str]) -> list[str]:
    """The test directories that can kill mutants of the modules.

    nnlab's packages share theirs, because the tests of nnlab.nn also exercise nnlab.gradcheck.
    """
    roots = {module.partition("/")[0] for module in modules}
    return [tests for package, tests in PACKAGES.items() if package.partition("/")[0] in roots]


def default_base(root: Path) -> str:
    """Where main was left, else the last commit of an earlier working session, else the empty tree."""
    head = git(root, "rev-parse", "HEAD")
    fork = git(root, "merge-base", "origin/main", "HEAD")
    if fork and fork != head:
        return fork
    committed = git(root, "log", "-1", "--format=%ct", "HEAD")
    if not committed:
        return EMPTY_TREE
    age = f"--min-age={int(committed) - SESSION_SECONDS}"
    return git(root, "rev-list", "-1", "--first-parent", age, "HEAD") or EMPTY_TREE


def removed_lines(root: Path, base: str) -> dict[str, int]:
    """Each file that differs from the base, with the number of lines that are gone from it."""
    counts: dict[str, int] = {}
    for line in (git(root, "diff", "--numstat", "--no-renames", "-z", base, "--") or "").split("\0"):
        if line:
            _, removed, path = line.split("\t", 2)
            counts[path] = 1 if removed == "-" else int(removed)
    for path in (git(root, "ls-files", "--others", "--exclude-standard", "-z") or "").split("\0"):
        if path:
            counts[path] = 0
    return counts


def affected(path: str, removed: int, modules: list[str]) -> set[str]:
    """The modules whose verdicts a changed file can turn from killed to survived.

    A module affects itself. A test or test data does so only if lines are gone from it: what is merely added
    kills no fewer mutants, and neither does a README. `tests/nn/test_norm.py` then affects `nnlab/nn/norm.py`,
    `tests/riscv/test_optimize.py` all of `riscv/optimize/` and `tests/riscv/test_riscv_cli.py` `riscv/__main__.py`; a
    file without such namesakes affects its whole package.
    """
    if path in modules:
        return {path}
    if not removed or path.endswith(".md"):
        return set()
    if path == SHARED_TESTS:
        return set(modules)
    package = package_of(path)
    if package is None:
        return set()
    mine = {m for m in modules if package_of(m) == package}
    name = Path(path).stem.removeprefix("test_")
    return {m for m in mine if name in _names(Path(m))} or mine


def _names(module: Path) -> tuple[str, str]:
    """What the tests of a module may be called."""
    stem = f"{module.parent.name}_cli" if module.stem == "__main__" else module.stem
    return stem, module.parent.name


def changed_modules(root: Path, base: str, modules: list[str]) -> list[str]:
    """The modules that a change since the base can have affected."""
    changes = removed_lines(root, base)
    return sorted(set().union(*(affected(path, removed, modules) for path, removed in changes.items())))


def rotation(root: Path, slices: int) -> int:
    """Which slice is due: the number of commits, modulo the number of slices."""
    return int(git(root, "rev-list", "--count", "HEAD") or 0) % slices


def slice_of(modules: list[str], number: int, slices: int) -> list[str]:
    """Every `slices`-th module, from `number` on: neighbours, often alike in size, fall into different slices."""
    return modules[number::slices]
