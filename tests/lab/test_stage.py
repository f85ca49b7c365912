"""A stage answers once for each state of its code, and everyone who records learns what it executes."""

import sys
from functools import partial
from random import Random

import pytest

import riscv
from nnlab.detectors import programs
from nnlab.lab import Cited, Constant, Edit, Fault, injected, stage
from nnlab.lab.reach import Recorder, recorded
from nnlab.lab.stage import ANSWERS, STATES, _Code
from riscv import programs as corpus
from riscv import random_programs

MODULE = """
import {other}
FACTOR = 2

class Doubler:
    offset = 0

    @staticmethod
    def times(x, factor=2):
        return x * factor + Doubler.offset

    @property
    def name(self):
        return 'doubler'

def double(x):
    return {other}.checked(Doubler.times(x)) * (FACTOR // 2)
"""
OTHER = """
def checked(x):
    if x > 99:
        raise ValueError(f"{x} is too large")
    return x
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Modules named doubling.code, doubling.other and doubling.aside, of which the first imports the second."""
    folder = tmp_path / "doubling"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "code.py").write_text(MODULE.replace("import {other}", "from . import other").replace("{other}", "other"))
    (folder / "other.py").write_text(OTHER)
    (folder / "aside.py").write_text("def nothing():\n    return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import doubling.aside
    import doubling.code

    yield doubling
    for name in [name for name in sys.modules if name.partition(".")[0] == "doubling"]:
        del sys.modules[name]


@pytest.fixture
def counted(package):
    """A stage on the package, which notes each argument that it is run with."""
    runs = []

    @stage("doubling.code")
    def double(x, extra=0):
        runs.append(x)
        return package.code.double(x) + extra

    double.runs = runs
    return double


def fault(target, correct, faulty, kind=Edit):
    return Fault(
        id="here", title="t", pattern="sign", source=Cited("test"), edits=[kind(f"doubling.{target}", correct, faulty)]
    )


def test_an_answer_is_given_again(counted):
    assert [counted(3), counted(3), counted(4), counted(3, extra=1), counted(3)] == [6, 6, 8, 7, 6]
    assert counted.runs == [3, 4, 3]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (fault("code:double", "FACTOR // 2", "FACTOR // 1"), 12),
        (fault("code:Doubler.times", "x * factor", "x - factor"), 1),
        (fault("code:FACTOR", "2", "6", Constant), 18),
        (fault("code:Doubler.offset", "0", "5", Constant), 11),
        (fault("other:checked", "return x", "return -x"), -6),
        (fault("code:Doubler.name", "'doubler'", "'tripler'"), 6),
    ],
    ids=lambda value: value.edits[0].target.partition(":")[2] if isinstance(value, Fault) else "",
)
def test_a_fault_in_its_code_is_noticed_and_so_is_its_end(counted, change, expected):
    assert counted(3) == 6
    with injected(change):
        assert [counted(3), counted(3)] == [expected] * 2
    assert counted(3) == 6
    assert counted.runs == [3, 3]


def test_code_that_it_does_not_import_does_not_matter(counted):
    counted(3)
    with injected(fault("aside:nothing", "1", "2")):
        counted(3)
    assert counted.runs == [3]


def test_other_defaults_are_noticed(counted, package, monkeypatch):
    times = package.code.Doubler.times
    counted(3)
    monkeypatch.setattr(times, "__defaults__", (5,))
    assert counted(3) == 15


def test_a_patched_name_is_noticed(counted, package, monkeypatch):
    counted(3)
    monkeypatch.setattr(package.other, "checked", lambda x: 40)
    assert counted(3) == 40


def test_an_exception_is_raised_again_at_its_place(counted):
    places = []
    for _ in range(3):
        with pytest.raises(ValueError, match="102 is too large") as caught:
            counted(51)
        places.append((len(caught.traceback), caught.traceback[-1].name))
    assert counted.runs == [51]
    assert len(set(places)) == 1
    assert places[0][1] == "checked"


def test_what_ends_a_run_from_outside_is_not_kept(package):
    ends = [KeyboardInterrupt, None]

    @stage("doubling.code")
    def interrupted():
        if end := ends.pop(0):
            raise end
        return 7

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert interrupted() == 7


def test_who_records_learns_what_was_executed_before(counted):
    plain = recorded(partial(counted.run, 3))
    first, second = Recorder(), Recorder()
    assert [recorder.record(partial(counted, 3)) for recorder in (first, second)] == [6, 6]
    assert counted.runs == [3, 3]
    assert {name for name in first.functions if name.startswith("doubling")} == {
        "doubling.code:double",
        "doubling.code:Doubler.times",
        "doubling.other:checked",
    }
    assert first.functions == second.functions >= plain[0]
    assert first.calls == second.calls == plain[1] + 1  # of the stage itself
    assert first.saved == 0 < second.saved


def test_what_was_answered_without_a_recording_is_executed_for_one(counted):
    counted(3)
    assert "doubling.other:checked" in recorded(lambda: counted(3))[0]
    assert counted.runs == [3, 3]
    counted(3)
    assert counted.runs == [3, 3]


def test_a_trace_function_of_others_stays(counted):
    seen = []
    sys.settrace(trace := lambda frame, event, argument: seen.append(frame.f_code.co_name))
    try:
        counted(3)
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)
    assert "checked" in seen


def test_the_oldest_answers_are_forgotten(counted):
    counted(1)
    for extra in range(ANSWERS):
        counted(1, extra=extra)
    counted(1)
    assert counted.runs.count(1) == ANSWERS + 2


def test_the_oldest_states_are_forgotten(counted, package, monkeypatch):
    counted(1)
    for factor in range(4, 4 + 2 * STATES, 2):
        monkeypatch.setattr(package.code, "FACTOR", factor)
        assert counted(1) == factor
    monkeypatch.setattr(package.code, "FACTOR", 2)
    assert counted(1) == 2
    assert counted.runs == [1] * (STATES + 2)


def test_of_a_module_alone_the_imports_do_not_matter(package):
    runs = []

    @stage("doubling.other", alone=["doubling.code"])
    def double():
        runs.append(1)
        return package.code.FACTOR

    double()
    with injected(fault("aside:nothing", "1", "2")):
        double()
    assert len(runs) == 1
    with injected(fault("code:double", "FACTOR // 2", "FACTOR // 1")):
        double()
    with injected(fault("other:checked", "return x", "return -x")):
        double()
    assert len(runs) == 3
    assert {space["__name__"] for space in _Code((), ("doubling.code",)).spaces if "__file__" in space} == {
        "doubling.code"
    }


#: A stage of the compiler, a module that it executes, and one that it does not.
STAGES = {
    "_lowered": ("riscv.ir.lower", "riscv.optimize"),
    "_chosen": ("riscv.optimize", "riscv.backend.emit"),
    "_verified": ("riscv.ir.verify", "riscv.ir.lower"),
    "_finished": ("riscv.backend.emit", "riscv.optimize"),
    "image": ("riscv.assembler", "riscv.compiler"),
    "_run": ("riscv.emulator", "riscv.assembler"),
    "_run_to_heap": ("riscv.heap", "riscv.resolver"),
}


@pytest.fixture(scope="module")
def executed():
    """The modules that each stage executes while some programs are compiled and run at both levels."""
    found = {name: set() for name in STAGES}

    def noting(name, run):
        def noted(*arguments):
            recorder = Recorder()
            try:
                return recorder.record(partial(run, *arguments))
            finally:
                found[name].update(function.partition(":")[0] for function in recorder.functions)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for name in STAGES:
            patch.setattr(programs, name, noting(name, getattr(programs, name).run))
        sources = [*corpus.load()[::4], *((str(seed), random_programs.program(Random(seed))) for seed in range(3))]
        for name, source in sources:
            for level in programs.LEVELS:
                programs.assembly(source, name, level, check=True)
                programs.outcome(name, source, "abi", "memory", "frame", "invariant", level=level)
                programs.final_heap(name, source, level)
    return found


@pytest.mark.parametrize("name", STAGES)
def test_the_stages_execute_only_what_they_look_at(name, executed):
    """A fault anywhere else gets the answer of the correct code."""
    run, (does, never) = getattr(programs, name), STAGES[name]
    watched = {space["__name__"] for space in _Code(run.modules, run.alone).spaces if "__file__" in space}
    assert {module for module in executed[name] if module.startswith("riscv")} <= watched
    assert does in executed[name]
    assert never not in watched


def test_each_of_the_states_that_are_remembered_is_found_again(counted, package, monkeypatch):
    factors = range(2, 2 + 2 * STATES, 2)
    for factor in (*factors, *factors, *reversed(factors)):
        monkeypatch.setattr(package.code, "FACTOR", factor)
        assert counted(1) == factor
    assert counted.runs == [1] * STATES


@pytest.mark.parametrize("level", programs.LEVELS)
@pytest.mark.parametrize("check", [False, True])
def test_the_steps_make_what_the_compiler_makes(level, check):
    for name, source in corpus.load()[::6]:
        assert programs.assembly(source, name, level, check) == riscv.compile_source(source, name, level).assembly


def test_what_the_compiler_complains_of_is_complained_of_again():
    for _ in range(2):
        with pytest.raises(riscv.LanguageError, match="here:1"):
            programs.assembly("puts(1 +)", "here", 1)
