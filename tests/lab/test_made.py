"""Kept faults are those that would be made anew, and are made anew as soon as anything they depend on changes."""

import ast
import multiprocessing
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.lab import Fault, made, mutmut
from nnlab.lab.catalog import discover
from nnlab.lab.fault import SAME_BYTECODE
from nnlab.lab.made import MAKERS, Made
from nnlab.lab.mutants import module_of, mutant, mutants
from nnlab.lab.operators import apply
from nnlab.lab.operators.find import operator_fault, operator_faults

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "nnlab" / "lab"
TEXT = '''"""A toy with letters beyond ASCII, imports, a class, a default, and code that is never run."""

import math
from os import path as where

ε = 1e-5


def scale(x, γ=2, name="größe 𝛾"):
    log = math.log(x) - where.sep.count("é")
    if False:
        return x + 8
    return γ * x - ε - len(name + "∂") + log


class Squash:
    def backward(self, dy, x):
        self.weight.grad += dy @ x
        return dy * (x > 0).mask - x.sum(axis=-1)

    @staticmethod
    def twice(x):
        return 2 * x
'''
ORIGINS = ("mutmut", "operator")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the module `made_toy`, with a configuration of mutmut beside it."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.mutmut]\n")
    file = tmp_path / "made_toy.py"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store" / "made"


@pytest.fixture
def makes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules whose faults were made, by mutmut or by operators, in this order."""
    found: list[str] = []

    def noting(make: Callable[..., Iterator[Fault]]) -> Callable[..., Iterator[Fault]]:
        def noted(module: str, *rest: object) -> Iterator[Fault]:
            found.append(module)
            return make(module, *rest)

        return noted

    monkeypatch.setattr(mutmut, "mutants_of", noting(mutmut.mutants_of))  # type: ignore[arg-type]
    monkeypatch.setattr(apply, "faults_of", noting(apply.faults_of))
    return found


def every(origin: str, module: str, folder: Path | None) -> list[Fault]:
    """All faults of an origin in a module, as a new process would get them."""
    return (
        mutants([module], made=Made(folder)) if origin == "mutmut" else operator_faults({module: ()}, "*", Made(folder))
    )


def whole(faults: list[Fault]) -> list[str]:
    """Everything that records hold, with the types."""
    return [repr(fault) for fault in faults]


SLOW = [pytest.param(module, marks=pytest.mark.slow) for module in ("nnlab.nn.norm", "nnlab.gradcheck.check")]


@pytest.mark.parametrize("module", ["made_toy", "riscv.int32", "riscv.errors", "faults.patterns", *SLOW])
@pytest.mark.parametrize("origin", ORIGINS)
def test_kept_faults_are_those_made_anew(toy: Path, folder: Path, makes: list[str], origin: str, module: str) -> None:
    anew = every(origin, module, None)
    first, again = every(origin, module, folder), every(origin, module, folder)
    assert makes == [module, module]
    assert first == again == anew
    assert whole(first) == whole(again) == whole(anew)
    assert [hash(fault.groups) for fault in again] == [hash(fault.groups) for fault in anew]


def test_the_toy_has_faults_of_every_kind(toy: Path, folder: Path) -> None:
    for _ in range(2):
        faults = every("mutmut", "made_toy", folder)
        assert any(SAME_BYTECODE in fault.groups and fault.survives for fault in faults)
        assert any("𝛾" in fault.title for fault in faults)
        assert any("ǁ" in fault.id for fault in faults)
        assert {edit.imports for fault in faults for edit in fault.edits} == {("math", "where")}  # type: ignore[union-attr]
        assert any("γ" in fault.title for fault in every("operator", "made_toy", folder))


def test_without_a_folder_nothing_is_kept(toy: Path, makes: list[str]) -> None:
    before = sorted(toy.parent.rglob("*"))
    kept = Made()
    assert mutants(["made_toy"], made=kept) == mutants(["made_toy"], made=kept)
    assert makes == ["made_toy"] * 2
    assert sorted(toy.parent.rglob("*")) == before


@pytest.mark.parametrize("origin", ORIGINS)
def test_one_process_sees_a_change_of_the_text_too(toy: Path, folder: Path, origin: str, makes: list[str]) -> None:
    maker = discover(kept=folder).makers[origin]
    wish = f"mutmut:{toy.name}:*" if origin == "mutmut" else "operator:*"
    kept = Made(folder)

    def now() -> list[Fault]:
        return maker.some(wish) if origin == "mutmut" else operator_faults({"made_toy": ()}, "*", kept)

    before = now()
    assert now() == before
    assert makes == ["made_toy"]
    toy.write_text(TEXT.replace("2 * x", "5 * x - 1"), encoding="utf-8")
    after = now()
    assert makes == ["made_toy"] * 2
    assert after != before
    assert after == every(origin, "made_toy", None)
    toy.write_text(TEXT, encoding="utf-8")
    assert now() == before


@pytest.mark.parametrize(
    ("file", "settings", "count"),
    [
        ("pyproject.toml", '[tool.mutmut]\ndo_not_mutate = ["made_*"]\n', 0),
        ("pyproject.toml", "# nothing", None),
        ("setup.cfg", "[mutmut]\n", None),
    ],
)
def test_another_configuration_makes_mutants_anew(
    toy: Path, folder: Path, makes: list[str], file: str, settings: str, count: int | None
) -> None:
    before = every("mutmut", "made_toy", folder)
    (toy.parent / file).write_text(settings)
    after = every("mutmut", "made_toy", folder)
    assert len(after) == (len(before) if count is None else count)
    assert makes == ["made_toy"] * 2
    (toy.parent / file).unlink()
    assert every("mutmut", "made_toy", folder) == before
    assert makes == ["made_toy"] * 3
    assert every("mutmut", "made_toy", folder) == before
    assert makes == ["made_toy"] * 3


def maker_files(origin: str) -> list[Path]:
    return [file for glob in MAKERS[origin][1] for file in LAB.glob(glob)]


@pytest.mark.parametrize("origin", ORIGINS)
def test_another_text_of_a_maker_makes_its_faults_anew(
    folder: Path, makes: list[str], origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every(origin, "riscv.errors", folder)
    read = made._text
    for file in maker_files(origin):
        monkeypatch.setattr(made, "_text", lambda f, file=file: read(f) + (b"#" if f == file else b""))
        every(origin, "riscv.errors", folder)
    assert len(makes) == 1 + len(maker_files(origin))


@pytest.mark.parametrize("origin", ORIGINS)
def test_makers_name_every_file_of_the_lab_that_they_import(origin: str) -> None:
    files = maker_files(origin)
    own = [file for file in files if file.name == "mutmut.py" or file.parent.name == "operators"]
    assert own
    for file in own:
        tree = ast.parse(file.read_text("utf-8"))
        names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
        used = {Path(ROOT, *name.split(".")).with_suffix(".py") for name in names if name.startswith("nnlab.lab.")}
        assert used <= set(files), file
    assert made.__file__ in map(str, files)


@pytest.mark.parametrize("origin", ORIGINS)
def test_another_version_makes_faults_anew(
    folder: Path, makes: list[str], origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every(origin, "riscv.errors", folder)
    for name in MAKERS[origin][0]:
        monkeypatch.setattr(made, "version", lambda n, name=name: "0" if n == name else version(n))
        every(origin, "riscv.errors", folder)
    assert len(makes) == 1 + len(MAKERS[origin][0])
    monkeypatch.setattr(sys, "version", "another")
    every(origin, "riscv.errors", folder)
    assert len(makes) == 2 + len(MAKERS[origin][0])


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def cut(file: Path, end: int) -> None:
    file.write_bytes(file.read_bytes()[:end])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_text("what is this?"),
    "its digest": lambda file: flip(file, 0),
    "its head": lambda file: flip(file, 32),
    "its end": lambda file: flip(file, -1),
    "cut in the digest": lambda file: cut(file, 20),
    "cut after the digest": lambda file: cut(file, 32),
    "one byte short": lambda file: cut(file, -1),
    "one byte more": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
    "another module": lambda file: shutil.copy(file.with_name("operator-riscv.errors.z"), file),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_replaced(
    toy: Path, folder: Path, makes: list[str], damage: Callable[[Path], object]
) -> None:
    anew = every("operator", "made_toy", folder)
    every("operator", "riscv.errors", folder)
    file = folder / "operator-made_toy.z"
    sound = file.read_bytes()
    damage(file)
    assert file.read_bytes() != sound
    assert every("operator", "made_toy", folder) == anew
    assert makes == ["made_toy", "riscv.errors", "made_toy"]
    assert file.read_bytes() == sound


def block_folder(folder: Path) -> None:
    folder.parent.write_text("a file in the way")


def block_file(folder: Path) -> None:
    (folder / "operator-made_toy.z").mkdir(parents=True)


@pytest.mark.parametrize("block", [block_folder, block_file])
def test_a_folder_that_cannot_be_written_to_is_no_error(
    toy: Path, folder: Path, makes: list[str], block: Callable[[Path], None]
) -> None:
    block(folder)
    before = sorted(folder.parent.rglob("*"))
    assert every("operator", "made_toy", folder) == every("operator", "made_toy", folder) != []
    assert makes == ["made_toy"] * 2
    assert sorted(folder.parent.rglob("*")) == before


def test_a_full_disk_leaves_nothing_behind(toy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(file: Path, content: bytes) -> int:
        write(file, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert every("operator", "made_toy", folder)
    assert list(folder.iterdir()) == []


def test_a_text_that_is_saved_while_its_faults_are_made_is_not_kept(toy: Path, folder: Path) -> None:
    def make() -> list[Fault]:
        toy.write_text(TEXT + "# saved\n", encoding="utf-8")
        return []

    kept = Made(folder)
    assert kept.faults("operator", "made_toy", [toy], make) == []
    assert kept.kept("operator", "made_toy", [toy]) is None
    toy.write_text(TEXT, encoding="utf-8")
    assert kept.kept("operator", "made_toy", [toy]) is None


class Forgetful(Made):
    """Makes and writes everything again."""

    def kept(self, *_: object) -> None:
        return None


@pytest.mark.slow
def test_processes_that_write_at_once_leave_whole_files_at_every_moment(toy: Path, folder: Path) -> None:
    anew = every("operator", "made_toy", folder)

    def write() -> None:
        for _ in range(500):
            Forgetful(folder).faults("operator", "made_toy", [toy], lambda: anew)

    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        assert Made(folder).kept("operator", "made_toy", [toy]) == anew
        reads += 1
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert reads > 10
    assert [file.name for file in folder.iterdir()] == ["operator-made_toy.z"]


def test_a_part_of_a_module_is_not_kept_as_if_it_were_the_whole(toy: Path, folder: Path, makes: list[str]) -> None:
    wish = "operator:*:made_toy:Squash.backward:*"
    part = operator_faults({"made_toy": ()}, wish, Made(folder))
    one = operator_fault(part[0].id, {"made_toy": ()}, Made(folder))
    assert one == part[0]
    assert not folder.exists()
    anew = every("operator", "made_toy", folder)
    assert 0 < len(part) < len(anew)
    assert operator_faults({"made_toy": ()}, wish, Made(folder)) == part
    assert operator_fault(one.id, {"made_toy": ()}, Made(folder)) == one
    assert makes == ["made_toy"] * 3
    with pytest.raises(UsageError, match="there is no fault 'operator:tie:made_toy:f:1'"):
        operator_fault("operator:tie:made_toy:f:1", {"made_toy": ()}, Made(folder))


@pytest.mark.parametrize("wish", ["*", "operator:*", "operator:*:made_toy:*"])
def test_a_glob_of_all_faults_of_a_module_keeps_it(toy: Path, folder: Path, makes: list[str], wish: str) -> None:
    faults = [operator_faults({"made_toy": ()}, wish, Made(folder)) for _ in range(2)]
    assert faults[0] == faults[1] == every("operator", "made_toy", None)
    assert makes == ["made_toy"] * 2


def test_a_glob_of_one_operator_reads_what_is_kept_and_keeps_nothing(toy: Path, folder: Path, makes: list[str]) -> None:
    first = operator_faults({"made_toy": ()}, "operator:flip-sign:*", Made(folder))
    assert not folder.exists()
    every("operator", "made_toy", folder)
    assert operator_faults({"made_toy": ()}, "operator:flip-sign:*", Made(folder)) == first != []
    assert makes == ["made_toy"] * 2


def test_one_mutant_is_found_among_those_kept_by_both_names(toy: Path, folder: Path, makes: list[str]) -> None:
    faults = every("mutmut", "made_toy", folder)
    for fault in (faults[0], faults[-1]):
        assert mutant(fault.id, Made(folder)) == mutant(fault.alias, Made(folder)) == fault
    some = mutants([], "made_toy.xǁSquashǁ*", Made(folder))
    assert some == [fault for fault in faults if "Squash" in fault.id] != []
    with pytest.raises(UsageError, match=r"that function has mutmut:made_toy\.py:"):
        mutant("made_toy.x_scale__mutmut_999", Made(folder))
    assert makes == ["made_toy"]


@pytest.mark.parametrize(
    "id", ["a.x_f__mutmut_1", "a.b.xǁCǁf__mutmut_1", "a.x_b.x_f__mutmut_1", "a.x_.xǁx_ǁf__mutmut_2", "a.b", "ab"]
)
def test_a_mutants_module_is_what_mutmut_says(id: str) -> None:
    from mutmut.utils.format_utils import get_module_from_key

    assert module_of(id) == get_module_from_key(id)
