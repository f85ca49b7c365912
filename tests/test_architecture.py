"""Holds the layout of DESIGN: who may import whom, what mirrors what, how long things may get."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("nnlab", "faults", "riscv", "scripts", "tests")

# What each package may import of ours besides itself, and whether more than the standard library.
ALLOWED: dict[str, tuple[str, ...]] = {
    "nnlab.errors": (),
    "nnlab.nn": ("nnlab.errors",),
    "nnlab.gradcheck": ("nnlab.errors",),
    "nnlab.contracts": ("nnlab.errors", "nnlab.gradcheck"),
    "nnlab.lab.engine.cluster": ("nnlab.errors", "nnlab.lab"),
    "nnlab.lab": ("nnlab.errors",),
    "nnlab.detectors": ("nnlab.errors", "nnlab.nn", "nnlab.gradcheck", "nnlab.contracts", "nnlab.lab", "riscv"),
    "nnlab.report": ("nnlab.errors", "nnlab.lab"),
    "faults": ("nnlab.lab",),
    "riscv.fast": ("riscv",),
    "riscv.peers": ("riscv",),
    "riscv": (),
}
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "nnlab.errors": (),
    "nnlab.nn": ("numpy",),
    "nnlab.gradcheck": ("numpy",),
    "nnlab.contracts": ("numpy",),
    "nnlab.lab.engine.cluster": ("cloudpickle", "distributed"),  # an extra, imported late
    "nnlab.lab": ("numpy", "libcst", "mutmut"),
    "riscv.fast": ("numba",),  # an extra, imported late
    "riscv.peers": ("capstone", "unicorn"),  # an extra, imported late
    "riscv": (),
}
MIRRORED = {"faults/nn": "nnlab/nn", "faults/riscv": "riscv"}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
# path, or path:function → why it may be longer
LONGER: dict[str, str] = {}


def python_files(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(source: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and absolute name of each import, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            base = base[: len(base) - node.level + is_package] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{prefix}.{alias.name}"


def is_inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def violations(source: str, module: str, is_package: bool = False) -> list[str]:
    """Imports that the module's package may not make."""
    package = next((p for p in ALLOWED if is_inside(module, p)), None)
    found = []
    for line, name in imports(source, module, is_package):
        top = name.partition(".")[0]
        if top in OURS:
            in_cli = is_inside(module, "nnlab.cli")
            wrong = is_inside(name, "nnlab.cli") and not in_cli
            if package is not None:
                # `from nnlab import errors` and `from nnlab.errors import NnlabError` are the same import
                wrong |= not any(is_inside(name, allowed) for allowed in (package, *ALLOWED[package]))
        else:
            allowed_packages = THIRD_PARTY.get(package or "")
            wrong = allowed_packages is not None and top not in (*sys.stdlib_module_names, *allowed_packages)
        if wrong:
            found.append(f"{module}:{line} imports {name}")
    return found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nnlab.nn.norm", "from nnlab.lab import Fault"),
        ("nnlab.nn.norm", "import torch"),
        ("nnlab.nn.norm", "def f():\n    from nnlab import gradcheck"),
        ("nnlab.nn.norm", "from ..gradcheck import check"),
        ("nnlab.gradcheck.check", "from nnlab.nn import Module"),
        ("nnlab.gradcheck.check", "from nnlab.contracts import Trial"),
        ("nnlab.contracts.check", "from nnlab.nn import Module"),
        ("riscv.isa", "import numpy"),
        ("riscv.isa", "from nnlab.errors import NnlabError"),
        ("faults.nn.norm", "import nnlab.nn.norm"),
        ("nnlab.lab.runner", "import faults"),
        ("nnlab.report.html", "from nnlab.detectors import all"),
        ("nnlab.detectors.gradient", "import faults"),
        ("nnlab.lab.runner", "import nnlab.cli.score"),
        ("nnlab.adapters", "from nnlab.cli import main"),
    ],
)
def test_a_violating_import_is_caught(module: str, source: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nnlab.nn.norm", "import numpy as np\nfrom nnlab.nn.module import Module\nfrom nnlab import errors"),
        ("nnlab.nn.norm", "from .module import Module\nfrom ..errors import InputError"),
        ("riscv.isa", "from riscv import int32\nimport dataclasses"),
        ("faults.nn.norm", "from nnlab.lab import Fault"),
        ("nnlab.detectors.torch", "import torch\nfrom nnlab.lab import probes"),
        ("nnlab.cli.score", "import faults\nfrom nnlab.cli import options"),
    ],
)
def test_an_allowed_import_passes(module: str, source: str) -> None:
    assert violations(source, module) == []


@pytest.mark.parametrize("path", python_files("nnlab", "faults", "riscv"), ids=module_name)
def test_imports_follow_the_design(path: Path) -> None:
    assert violations(path.read_text("utf-8"), module_name(path), path.name == "__init__.py") == []


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="the project's own README comes first")
def test_every_package_says_what_it_is() -> None:
    packages = {path.parent for path in python_files("nnlab", "faults", "riscv") if path.name != "__init__.py"}
    packages -= {ROOT / "nnlab"}  # the README of the project is its own
    missing = [str(p.relative_to(ROOT)) for p in sorted(packages) if not (_told_in(p) or _named_above(p))]
    assert missing == [], "write a README.md: what is here, how to add one"


def _told_in(package: Path) -> bool:
    return (package / "README.md").exists()


def _named_above(package: Path) -> bool:
    """A folder inside a package may be told of in that package's README."""
    above = package.parent / "README.md"
    return above.parent != ROOT and above.exists() and f"{package.name}/" in above.read_text("utf-8")


@pytest.mark.parametrize("mirror", MIRRORED)
def test_a_file_of_faults_bears_the_name_of_what_it_breaks(mirror: str) -> None:
    """A long list is split by idea: the faults of rectifier.py also stand in rectifier_hard.py."""
    broken = {path.stem for path in (ROOT / MIRRORED[mirror]).glob("*.py")}
    found = {path.stem for path in (ROOT / mirror).glob("*.py")}
    assert {name for name in found if not any(f"{name}_".startswith(f"{stem}_") for stem in broken)} == set()


def too_long(path: str, source: str) -> Iterator[str]:
    """A file over its ceiling, and its functions over theirs, but for those in LONGER."""
    lines = source.count("\n")
    if lines > MAX_FILE_LINES and path not in LONGER:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES and f"{path}:{node.name}" not in LONGER:
                yield f"{path}:{node.name}: {length} lines"


def test_files_and_functions_stay_short() -> None:
    files = python_files("nnlab", "faults", "riscv", "scripts", "tests")
    found = [line for path in files for line in too_long(str(path.relative_to(ROOT)), path.read_text("utf-8"))]
    assert found == [], "split by idea, or list it in LONGER with a reason"


def test_a_long_function_is_caught() -> None:
    source = "def long():\n" + "    pass\n" * MAX_FUNCTION_LINES
    assert list(too_long("toy.py", source)) == [f"toy.py:long: {MAX_FUNCTION_LINES + 1} lines"]
    assert list(too_long("toy.py", "x = 1\n" * (MAX_FILE_LINES + 1))) == [f"toy.py: {MAX_FILE_LINES + 1} lines"]
