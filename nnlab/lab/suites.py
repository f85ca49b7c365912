"""Which suites of statements a probe enters: the body of an `if`, of a loop, of an `except`.

A function that is called need not execute the statement that a fault changes: most refusals of bad input are never
executed by a probe of correct input. A suite is named by its function and its number in it, such as
`nnlab.nn.linear:Linear.forward@2`; 0 is the function's own.
"""

import ast
import builtins
import gc
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from nnlab.lab.fault import Rewrite
from nnlab.lab.source import Function, definitions

#: By this name the code that is marked tells which suite it enters.
MARK = "__nnlab_enters__"
_Code = dict[tuple[str, str, int], types.CodeType]


@contextmanager
def marked(files: Mapping[str, Path]) -> Iterator[None]:
    """While this lasts, the functions of modules, by name with their files, note which suites they enter."""
    codes: _Code = {}
    for module, file in files.items():
        codes.update(_marked_code(module, file))
    found = [thing for thing in gc.get_objects() if type(thing) is types.FunctionType]
    swapped = [(function, function.__code__) for function in found]
    swapped = [(function, code) for function, code in swapped if _alike(code, codes.get(_place(code)))]
    setattr(builtins, MARK, set[str]().add)
    try:
        for function, code in swapped:
            function.__code__ = codes[_place(code)]
        yield
    finally:
        for function, code in swapped:
            function.__code__ = code
        delattr(builtins, MARK)


def entered() -> set[str]:
    """The suites that were entered since this was emptied last; while nothing is marked, an empty set."""
    add: Any = getattr(builtins, MARK, None)
    return add.__self__ if add else set()


def suites(function: Function) -> list[list[ast.stmt]]:
    """The suites of a function, those of functions inside it too, outer ones first."""
    found = [function.body]
    for suite in found:  # which grows meanwhile
        for statement in suite:
            found += _inner(statement)
    return found


def suite_of(edit: Rewrite) -> str:
    """The suite to which all that a fault changes belongs; "" where that is the whole function.

    Nothing of the fault is executed before that suite is entered: neither what stands outside it changes, nor which
    names are local.
    """
    original = _parsed(edit.correct)
    every = suites(original)
    if len(every) == 1:
        return ""
    faulty = _function(edit.faulty)
    if not (isinstance(faulty, type(original)) and _shell(original) == _shell(faulty)):
        return ""
    before, after = _innermost(original.body, faulty.body)
    number = next(i for i, suite in enumerate(every) if suite is before)
    return f"{edit.target}@{number}" if number and _binds(before) == _binds(after) else ""


def _inner(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The suites directly inside a statement."""
    parts = [statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
    found = (getattr(part, name, None) for part in parts for name in ("body", "orelse", "finalbody"))
    return [suite for suite in found if suite]


def _innermost(before: list[ast.stmt], after: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Of two suites the innermost suites, at the same place, outside of which both are the same."""
    while len(before) == len(after):
        pairs = [(a, b) for a, b in zip(before, after, strict=True) if ast.dump(a) != ast.dump(b)]
        if len(pairs) != 1 or _shell(pairs[0][0]) != _shell(pairs[0][1]):
            break
        inner = zip(*map(_inner, pairs[0]), strict=True)
        different = [(a, b) for a, b in inner if list(map(ast.dump, a)) != list(map(ast.dump, b))]
        if len(different) != 1:
            break
        before, after = different[0]
    return before, after


def _shell(statement: ast.stmt) -> str:
    """A statement without what is in its suites, but with how many there are."""
    inner = _inner(statement)
    held = [suite[:] for suite in inner]
    for suite in inner:
        suite[:] = [ast.Pass()]
    shell = ast.dump(statement)
    for suite, statements in zip(inner, held, strict=True):
        suite[:] = statements
    return shell


def _binds(suite: list[ast.stmt]) -> set[str]:
    """What in a suite decides, without being executed, what names mean in the function, or what kind it is of."""
    found = set()
    for node in (node for statement in suite for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal | ast.alias):
            found.add(ast.dump(node))
        elif isinstance(node, ast.Yield | ast.YieldFrom | ast.Await):
            found.add("yields")
        else:  # functions, classes, exceptions and patterns
            found |= {value for value in (getattr(node, key, None) for key in ("name", "rest")) if value}
    return found


@lru_cache(maxsize=64)  # mutants come function by function
def _parsed(text: str) -> Function:
    return _function(text)


def _function(text: str) -> Function:
    """The function with this text; that of a method is indented."""
    (node,) = ast.parse(f"if True:\n{text}" if text[0].isspace() else text).body
    (function,) = node.body if isinstance(node, ast.If) else (node,)
    assert isinstance(function, Function)
    return function


def _marked_code(module: str, file: Path) -> _Code:
    """The code of a module's functions, in which each suite begins with a mark if there are several in its function."""
    try:
        tree = ast.parse(file.read_bytes())
    except OSError:  # gone, or in an archive: nothing is known of its suites then
        return {}
    for qualname, function in definitions(tree):
        every = suites(function)
        for number, suite in enumerate(every if len(every) > 1 else []):
            _mark(suite, f"{module}:{qualname}@{number}")
    whole = compile(tree, file, "exec", dont_inherit=True)
    return {_place(code): code for code in _inside(whole) if _is_marked(code)}


def _mark(suite: list[ast.stmt], name: str) -> None:
    call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(name)], [])
    first = suite[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    mark = ast.copy_location(ast.Expr(call), first)
    suite.insert(1 if documented else 0, ast.fix_missing_locations(mark))


def _inside(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _inside(constant)


def _is_marked(code: types.CodeType) -> bool:
    """Whether a function, or one inside it, has marks: a lambda, of which a line may hold several, has none."""
    return MARK in code.co_names or any(map(_is_marked, _inside(code)))


def _place(code: types.CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _alike(code: types.CodeType, other: types.CodeType | None) -> bool:
    """Whether a function may get the other code."""
    return other is not None and code.co_freevars == other.co_freevars and code.co_varnames == other.co_varnames
