"""Mutants are mutmut's own, name by name and code by code; its pragmas and its configuration hold."""

import sys
import types
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from mutmut import configuration
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from nnlab.errors import UsageError
from nnlab.lab import Rewrite, injected
from nnlab.lab.digest import content, digests
from nnlab.lab.fault import SAME_BYTECODE
from nnlab.lab.inject import changes, function_of
from nnlab.lab.mutants import mutant, mutants
from nnlab.lab.mutmut import mutants_of
from nnlab.lab.source import file_of

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("nnlab.nn.norm", "nnlab.gradcheck.draws", "riscv.interpreter")
CALC = '''"""A toy of every kind of function that mutmut mutates."""

from __future__ import annotations

import functools

LIMIT = 3


def clamp(x, low=0, *, high=LIMIT, name="clamp"):
    """At least low, at most high."""
    if x < low: x = low; name += "!"
    elif x > high:
        x = high  # the end
        # a last remark
    return x, name


class Base:
    step = 2

    def __init__(self, start):
        self.start = start

    def move(self, n):
        return self.start + n * self.step


class Fast(Base):
    def __init__(self, start):
        super().__init__(start)
        self.__gear = 4

    def move(self, n):
        done = super().move(n)
        def inner(k: int = 1):
            return done + k * self.__gear
        return inner()

    # remarks above a method
    @staticmethod
    def twice(x):
        return 2 * x

    @classmethod
    def make(cls, start=5):
        return cls(start)

    @property
    def gear(self):
        return self.__gear + 1


@functools.cache
def cached(x):
    return x + 1


def nothing():
    pass
'''


@pytest.fixture
def calc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """The toy, freshly imported under the name `calc`."""
    (tmp_path / "calc.py").write_text(CALC)
    monkeypatch.syspath_prepend(tmp_path)
    import calc  # type: ignore[import-not-found]

    yield calc
    del sys.modules["calc"]


@pytest.fixture(autouse=True)
def _own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """mutmut's generator, called directly, needs a configuration in force."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(configuration, "_config", None)


def theirs(module: str) -> dict[str, str]:
    """Each mutant of a module, and its text in the file that mutmut itself generates."""
    file = file_of(module)
    assert file is not None
    made = mutate_file_contents(str(file), file.read_text("utf-8"))
    lines = made.code.split("\n")
    texts = {}
    for name in made.mutant_names:
        span = made.line_span_by_function_name[name]
        text = "\n".join(lines[span.start - 1 : span.end]).lstrip("\n")
        parts = name.partition("__mutmut_")[0]
        own = parts.rpartition("ǁ")[2] if "ǁ" in parts else parts.removeprefix("x_")
        texts[f"{module}.{name}"] = text.replace(f"def {name}(", f"def {own}(", 1)
    return texts


def codes(module: str) -> dict[str, types.CodeType]:
    """Each mutant of a module, and its code in the file that mutmut itself generates."""
    file = file_of(module)
    assert file is not None
    made = mutate_file_contents(str(file), file.read_text("utf-8"))
    todo, found = [compile(made.code, str(file), "exec", dont_inherit=True)], {}
    while todo:
        code = todo.pop()
        found[code.co_name] = code
        todo += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return {name: found[name] for name in made.mutant_names}


def only(edits: object) -> Rewrite:
    (edit,) = edits  # type: ignore[misc]
    assert isinstance(edit, Rewrite)
    return edit


def test_mutmut_is_the_version_whose_private_names_are_used() -> None:
    assert version("mutmut") == "3.8.1"


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_has_the_name_and_the_text_that_mutmut_gives_it(module: str) -> None:
    ours = {fault.id: only(fault.edits).faulty for fault in mutants_of(module)}
    expected = theirs(module)
    assert list(ours) == list(expected)
    for name, text in ours.items():
        assert expected[name].endswith(text), name  # above it stand the remarks before the function


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_runs_the_code_of_the_function_in_mutmuts_file(module: str) -> None:
    expected = codes(module)
    for fault in mutants_of(module):
        function = function_of(fault.targets[0])
        with injected(fault):
            code = function.__code__
        their = expected[fault.id.removeprefix(f"{module}.")]
        # A mutant without the only super() captures nothing; the function that it is put in still brings its class.
        assert content(code.replace(co_freevars=their.co_freevars)) == content(their), fault.id
        assert code.co_qualname == function.__code__.co_qualname


def test_every_mutant_is_undone_and_its_alias_tells_the_line(calc: types.ModuleType) -> None:
    before, made = digests("calc"), mutants_of("calc")
    for fault in made:
        (change,) = changes(fault)
        assert (change.before, change.name) == (CALC, "calc.py")
        assert fault.alias.startswith(f"mutmut:calc.py:{change.line}:")
        assert change.diff().count("\n@@") == 1
        with injected(fault):
            assert digests("calc") != before
        assert digests("calc") == before
        assert mutant(fault.alias) == mutant(fault.id) == fault
        assert (fault.origin, fault.package, fault.groups) == ("mutmut", "calc", frozenset())
    assert len({fault.alias for fault in made}) == len(made)


def test_decorated_functions_but_for_static_and_class_methods_have_no_mutants(calc: types.ModuleType) -> None:
    assert {fault.targets[0] for fault in mutants_of("calc")} == {
        *(f"calc:{name}" for name in ("clamp", "Base.__init__", "Base.move", "Fast.__init__")),
        *(f"calc:{name}" for name in ("Fast.move", "Fast.twice", "Fast.make")),
    }


def test_defaults_are_those_of_mutmuts_functions(calc: types.ModuleType, tmp_path: Path) -> None:
    generated = tmp_path / "generated.py"
    generated.write_text(mutate_file_contents("calc.py", CALC).code)
    names: dict[str, object] = {"__name__": "generated"}
    exec(compile(generated.read_text(), "generated.py", "exec"), names)
    changed = 0
    for fault in mutants_of("calc"):
        name = fault.id.removeprefix("calc.")
        table = names[f"mutants_{name.rpartition('_')[0]}"]
        their = table[name]  # type: ignore[index]
        their = getattr(their, "__func__", their)
        function = function_of(fault.targets[0])
        clean = function.__defaults__, function.__kwdefaults__
        with injected(fault):
            assert (function.__defaults__, function.__kwdefaults__) == (their.__defaults__, their.__kwdefaults__)
            changed += (function.__defaults__, function.__kwdefaults__) != clean
        assert (function.__defaults__, function.__kwdefaults__) == clean
    assert changed == 4  # low, two spellings of name, start


def test_a_mutant_is_seen_through_super_private_names_and_closures(calc: types.ModuleType) -> None:
    def results() -> list[object]:
        found = []
        for fault in mutants([], "calc.xǁFastǁmove__mutmut_*"):
            with injected(fault):
                try:
                    found.append(calc.Fast(5).move(3))
                except TypeError as error:
                    found.append(type(error).__name__)
        return found

    assert calc.Fast(5).move(3) == 15
    assert results() == ["TypeError", "TypeError", 19, 7, 11.25]


PRAGMAS = """
def line(x):
    a = x + 1  # pragma: no mutate
    return a


def block(x):
    if x > 1:  # pragma: no mutate block
        x = x * 2
    return x


def region(x):
    # pragma: no mutate start
    x = x - 4
    # pragma: no mutate end
    return x - 5


def whole(x):  # pragma: no mutate block
    return x + 6


def pattern(x):
    log(x, 7)
    return -x


def dead(x):
    if False:
        return x + 8
    return 1 + 0
"""


def project(folder: Path, name: str, settings: str, file: str = "pyproject.toml") -> None:
    """A package of two modules with the pragmas, and a configuration beside it."""
    for path in (folder / name / "__init__.py", folder / name / "inner.py", folder / name / "skipped" / "far.py"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PRAGMAS)
    (folder / name / "skipped" / "__init__.py").write_text("")
    (folder / file).write_text(settings)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def functions(package: str) -> dict[str, int]:
    """How many mutants there are of each target of a package."""
    counts: dict[str, int] = {}
    for fault in mutants([package]):
        counts[fault.targets[0]] = counts.get(fault.targets[0], 0) + 1
    return counts


def test_pragmas_and_patterns_of_lines_hold(site: Path) -> None:
    project(site, "pragma_toy", '[tool.mutmut]\ndo_not_mutate_patterns = ["log\\\\("]\n')
    found = {name.partition(":")[2]: n for name, n in functions("pragma_toy").items() if "inner" in name}
    assert found == {"region": 2, "pattern": 1, "dead": 6}
    lines = {fault.alias.split(":")[2] for fault in mutants(["pragma_toy"]) if "inner" in fault.id}
    text = PRAGMAS.split("\n")
    assert {text[int(line) - 1].strip() for line in lines} == {
        "return x - 5",
        "return -x",
        "return x + 8",
        "return 1 + 0",
        "if False:",
    }


def test_mutants_of_the_same_bytecode_are_marked(site: Path) -> None:
    project(site, "dead_toy", "")
    marked = [fault.title for fault in mutants([], "dead_toy.x_dead__*") if SAME_BYTECODE in fault.groups]
    assert marked == [
        "dead: `return x + 8` becomes `return x - 8`",
        "dead: `return 1 + 0` becomes `return 1 - 0`",
    ]


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("pyproject.toml", '[tool.mutmut]\nsource_paths = ["{}"]\ndo_not_mutate = ["*/skipped/*"]\n'),
        ("pyproject.toml", '[tool.mutmut]\nsource_paths = ["{}"]\nonly_mutate = ["{0}/*r.py", "{0}/__init__.py"]\n'),
        ("pyproject.toml", '[tool.mutmut]\nsource_paths = ["{0}/inner.py", "{0}/__init__.py"]\n'),
        ("setup.cfg", "[mutmut]\nsource_paths = {}\ndo_not_mutate = {0}/skipped/*\n"),
    ],
    ids=["do_not_mutate", "only_mutate", "source_paths", "setup.cfg"],
)
@pytest.mark.parametrize("folder", ["", "src"])
def test_the_configuration_holds(
    site: Path, monkeypatch: pytest.MonkeyPatch, file: str, settings: str, folder: str
) -> None:
    name = f"conf_{folder}toy"
    project(site / folder, name, "")
    inside = f"{folder}/{name}" if folder else name
    (site / file).write_text(settings.replace("{0}", inside).replace("{}", inside))
    if file == "setup.cfg":
        (site / folder / "pyproject.toml").unlink()
    monkeypatch.syspath_prepend(site / folder)
    found = {fault.targets[0].partition(":")[0] for fault in mutants([name])}
    if "only_mutate" in settings:  # fnmatch: * spans folders
        assert found == {name, f"{name}.inner", f"{name}.skipped.far"}
    else:
        assert found == {name, f"{name}.inner"}
    assert all(fault.alias.startswith(f"mutmut:{name}/") for fault in mutants([name]))
    assert get_mutant_name(Path(inside, "inner.py"), "x_line__mutmut_1") == f"{name}.inner.x_line__mutmut_1"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.mutmut]\nmutate_only_covered_lines = true\n", "mutate_only_covered_lines is set in"),
        ("[tool.mutmut\n", "the configuration of mutmut in .* cannot be read"),
        ('[tool.mutmut]\nprocess_isolation = "none"\n', "Invalid process_isolation value"),
    ],
    ids=["covered lines", "no TOML", "unknown value"],
)
def test_a_configuration_that_cannot_be_kept_is_an_error(site: Path, settings: str, message: str) -> None:
    project(site, "error_toy", settings)
    with pytest.raises(UsageError, match=message):
        mutants(["error_toy"])
    assert configuration._config is None


def test_a_pragma_that_mutmut_cannot_read_is_an_error(site: Path) -> None:
    (site / "pragma_error.py").write_text("# pragma: no mutate start\ndef f(x):\n    return x + 1\n")
    with pytest.raises(UsageError, match=r"mutmut cannot read a pragma .*mend the comment"):
        mutants_of("pragma_error")


def test_the_second_of_two_functions_of_one_name_replaces_the_mutants_of_the_first(site: Path) -> None:
    (site / "twice_toy.py").write_text("def f(x):\n    return x + 1\n\n\ndef f(x):\n    return -x\n")
    assert [fault.alias for fault in mutants_of("twice_toy")] == [
        "mutmut:twice_toy.py:6:f:1",
        "mutmut:twice_toy.py:2:f:2",
    ]


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("calc.x_clamp__mutmut_99", "in the source as it is now; that function has mutmut:calc.py:10:clamp:1 to mutm"),
        ("mutmut:calc.py:1:clamp:1", "in the source as it is now; that function has mutmut:calc.py:10:clamp:1 to mutm"),
        ("calc.x_cached__mutmut_1", "mutmut does not mutate that function"),
        ("calk.x_clamp__mutmut_1", "no module is called 'calk'"),
        ("mutmut:../calc.py:1:clamp:1", "no module is called"),
        ("__mutmut_", "no module is called '__mutmut_'"),
    ],
    ids=["number", "line", "decorated", "module", "path", "nothing"],
)
def test_an_unknown_mutant_names_the_next_step(calc: types.ModuleType, id: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", "\\(")):
        mutant(id)


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        ("mutmut:calc.py:*", 25),
        ("mutmut:calc.py:*:Fast.move:*", 5),
        ("calc.xǁFast*move__mutmut_[12]", 2),
        ("mutmut:calc.py:10:*", 3),
        ("mutmut:no_such_calc.py:*", 0),
        ("mutmut:calc.py:*:nothing:*", 0),
    ],
)
def test_globs_select_by_alias_or_by_name(calc: types.ModuleType, wish: str, count: int) -> None:
    assert len(mutants(["no_package_is_asked"], wish)) == count
