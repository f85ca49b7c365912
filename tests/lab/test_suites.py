"""Which suites are entered, and to which suite all belongs that a mutant changes."""

import ast
import builtins
import contextlib
import sys
import textwrap

import pytest

from nnlab.lab import Rewrite
from nnlab.lab.reach import Recorder, recorded
from nnlab.lab.suites import MARK, entered, marked, suite_of, suites

SHAPES = '''
"""Some shapes of functions."""

def straight(x):
    """No suite but its own."""
    return x + 1

def refuses(x):
    """Documented."""
    if x < 0:
        raise ValueError(f"{x} is negative")
    elif x == 0:
        return "zero"
    for i in range(x):
        if i > 5:
            break
    else:
        return "short"
    return "long"

def catches(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        return None
    except TypeError:
        return "type"
    finally:
        str(x)

class Keeper:
    @property
    def name(self):
        if self is None:
            return ""
        return "keeper"

    def outer(self, deep):
        def inner(x):
            if x:
                return 1
            return 2
        each = [(lambda x: x)(y) for y in (lambda: (deep,))()]
        return inner(each[0])

def kind(x):
    match x:
        case 0:
            return "zero"
        case {"a": _, **rest} if rest:
            return "rest"
        case _:
            return "any"
'''


@pytest.fixture
def shapes(tmp_path, monkeypatch):
    """A module shapes with these functions, and its file."""
    (tmp_path / "shapes.py").write_text(SHAPES)
    monkeypatch.syspath_prepend(str(tmp_path))
    import shapes

    yield shapes
    del sys.modules["shapes"]


@pytest.fixture
def noted(shapes, tmp_path):
    """What a call enters, by function and number."""

    def note(call):
        with marked({"shapes": tmp_path / "shapes.py"}):
            functions, _ = recorded(call)
        return {name.removeprefix("shapes:") for name in functions if "@" in name}

    return note


def function(text):
    (node,) = ast.parse(textwrap.dedent(text)).body
    return node


def test_suites_are_numbered_from_the_outside():
    written = [[ast.unparse(line) for line in suite] for suite in suites(ast.parse(SHAPES).body[2])]
    assert [lines[0].splitlines()[0] for lines in written[1:]] == [
        "raise ValueError(f'{x} is negative')",
        "if x == 0:",
        "if i > 5:",
        "return 'short'",
        "return 'zero'",
        "break",
    ]


@pytest.mark.parametrize(
    ("call", "numbers"),
    [
        (lambda s: s.straight(1), set()),
        (lambda s: s.refuses(0), {"refuses@0", "refuses@2", "refuses@5"}),
        (lambda s: s.refuses(2), {"refuses@0", "refuses@2", "refuses@3", "refuses@4"}),
        (lambda s: s.refuses(9), {"refuses@0", "refuses@2", "refuses@3", "refuses@6"}),
        (lambda s: s.catches(1), {"catches@0", "catches@1", "catches@2"}),
        (lambda s: s.catches(0), {"catches@0", "catches@1", "catches@2", "catches@3"}),
        (lambda s: s.catches(""), {"catches@0", "catches@1", "catches@2", "catches@4"}),
        (lambda s: s.Keeper().name, {"Keeper.name@0"}),
        (lambda s: s.Keeper().outer(1), {"Keeper.outer@0", "Keeper.outer@1", "Keeper.outer@2"}),
        (lambda s: s.Keeper().outer(0), {"Keeper.outer@0", "Keeper.outer@1"}),
        (lambda s: s.kind(0), {"kind@0", "kind@1"}),
        (lambda s: s.kind({"a": 1, "b": 2}), {"kind@0", "kind@2"}),
    ],
)
def test_a_call_notes_the_suites_that_it_enters(shapes, noted, call, numbers):
    assert noted(lambda: call(shapes)) == numbers


def test_marked_code_gives_the_same_and_is_taken_out_again(shapes, tmp_path):
    before = [shapes.refuses.__code__, shapes.Keeper.name.fget.__code__]
    with contextlib.suppress(KeyError), marked({"shapes": tmp_path / "shapes.py"}):
        assert shapes.refuses.__code__ is not before[0]
        assert [shapes.refuses(x) for x in (0, 2, 9)] == ["zero", "short", "long"]
        assert shapes.refuses.__doc__ == "Documented."
        with pytest.raises(ValueError, match="-1 is negative") as raised:
            shapes.refuses(-1)
        assert raised.traceback[-1].lineno + 1 == SHAPES.splitlines().index("    if x < 0:") + 2
        raise KeyError
    assert [shapes.refuses.__code__, shapes.Keeper.name.fget.__code__] == before
    assert not hasattr(builtins, MARK)
    assert entered() == set()


def test_of_a_module_without_a_readable_file_nothing_is_noted(shapes, tmp_path):
    with marked({"shapes": tmp_path / "archive.zip" / "shapes.py"}):
        functions, _ = recorded(lambda: shapes.refuses(0))
    assert "shapes:refuses" in functions
    assert not any("@" in name for name in functions)


def test_a_recording_inside_another_tells_it_what_was_entered(shapes, tmp_path):
    outer, inner = Recorder(), Recorder()

    def run():
        shapes.refuses(0)
        inner.record(lambda: shapes.catches(1))

    with marked({"shapes": tmp_path / "shapes.py"}):
        outer.record(run)
    assert {name for name in inner.suites if "refuses" in name} == set()
    assert inner.suites < outer.suites
    assert "shapes:refuses@5" in outer.suites


BEFORE = """
    def f(self, x):
        if x:
            y = 1
            for i in x:
                y += i
        else:
            y = 2
        return y
"""


@pytest.mark.parametrize(
    ("old", "new", "suite"),
    [
        ("if x:", "if not x:", ""),
        ("return y", "return None", ""),
        ("def f(self, x)", "def f(self, x=1)", ""),
        ("y = 2", "y = 3", "m:C.f@2"),
        ("y = 1", "y = None", "m:C.f@1"),
        ("in x:", "in None:", "m:C.f@1"),
        ("y += i", "y -= i", "m:C.f@3"),
        ("y += i", "y = i", "m:C.f@3"),
        ("y += i", "break", ""),  # y is a local name here only by what stands elsewhere
        ("y += i", "y += (z := i)", ""),
        ("y += i", "yield i", ""),
        ("y += i", "import y", ""),
        ("y += i", "global i; y += i", ""),
        ("y += i", "y += i\n            y = 7", "m:C.f@1"),
        ("        else:\n            y = 2\n", "", ""),
        ("y = 1", "y = 2", "m:C.f@1"),
    ],
)
def test_a_mutant_belongs_to_the_innermost_suite_outside_of_which_nothing_changes(old, new, suite):
    assert BEFORE.count(old) == 1
    assert suite_of(Rewrite("m:C.f", 1, BEFORE.strip("\n"), BEFORE.replace(old, new).strip("\n"))) == suite


def test_changes_in_two_suites_belong_to_what_holds_both():
    both = BEFORE.replace("y = 1", "y = 5").replace("y = 2", "y = 6")
    assert suite_of(Rewrite("m:C.f", 1, BEFORE.strip("\n"), both.strip("\n"))) == ""


def test_text_of_a_string_may_stand_further_left_than_the_function():
    text = '    def f(x):\n        if x:\n            return """\nleft"""\n        return 1\n'
    assert suite_of(Rewrite("m:C.f", 1, text, text.replace("left", "right"))) == "m:C.f@1"
