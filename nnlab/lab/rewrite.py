"""What a `Rewrite` means: one function's text exchanged in its file, and that function compiled alone."""

import __future__

import ast
import functools
import operator
import types
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlab.errors import FaultError
from nnlab.lab.fault import Rewrite

#: The flags that `from __future__ import …` leaves in every code object of a module.
_FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
#: What a function runs: its code, its defaults and those of its keyword-only parameters.
Variant = tuple[types.CodeType, tuple[Any, ...] | None, dict[str, Any] | None]


def rewritten(text: str, edit: Rewrite, file: Path) -> tuple[str, int]:
    """`text` with the function exchanged, and the first line that differs. Raises FaultError on drift."""
    lines, wanted = found_at(text, edit, file), edit.correct.split("\n")
    first, faulty = edit.line - 1, edit.faulty.split("\n")
    after = lines[first + len(wanted) :]
    return "\n".join([*lines[:first], *faulty, *after]), edit.line + first_difference(wanted, faulty)


def found_at(text: str, edit: Rewrite, file: Path) -> list[str]:
    """The lines of `text`, in which the function stands where the edit expects it. Raises FaultError on drift."""
    lines, wanted = text.split("\n"), edit.correct.split("\n")
    if lines[edit.line - 1 : edit.line - 1 + len(wanted)] != wanted:
        raise FaultError(
            f"drifted: {edit.target} is not any more what it was at {file}:{edit.line} when the fault was made; "
            f"make the fault anew"
        )
    return lines


def first_difference(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two texts have in common from their beginning on."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def variant(edit: Rewrite, function: types.FunctionType, scope: Mapping[str, Any], name: str) -> Variant:
    """What the live `function`, which stands in a class or module with these names, runs once it is rewritten."""
    flags = function.__code__.co_flags & _FUTURE
    code = _found(compiled(edit, edit.faulty, name, flags), edit.target)
    if not set(code.co_freevars) <= set(function.__code__.co_freevars):
        raise FaultError(
            f"the rewritten {edit.target} captures {code.co_freevars}, the original {function.__code__.co_freevars}; "
            f"write the fault as a Replacement of the outer function"
        )
    # Where the only super() is gone, nothing reads the captured class, but the function still brings it along.
    code = code.replace(co_freevars=function.__code__.co_freevars)
    if not (function.__defaults__ or function.__kwdefaults__):
        return code, None, None
    return code, *_defaults(edit, function, scope)


def compiled(edit: Rewrite, text: str, name: str = "", flags: int = 0) -> types.CodeType:
    """A module of nothing but the rewritten function with this text, the class around it, and what is imported."""
    outer = edit.target.partition(":")[2].split(".")[:-1]
    classes = "".join(f"{' ' * depth}class {part}:\n" for depth, part in enumerate(outer))
    above = "\n" * (edit.line - 1 - len(outer))
    imports = f"\nimport {', '.join(edit.imports)}" if edit.imports else ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what no one would write, such as a call of None
            module: types.CodeType = compile(above + classes + text + imports, name, "exec", flags, dont_inherit=True)
            return module
    except SyntaxError as error:
        raise FaultError(
            f"{edit.target}: the faulty text does not compile ({error}); mend the fault's record"
        ) from None


def _found(module: types.CodeType, target: str) -> types.CodeType:
    """The code of the target in that of its module."""
    todo, qualname = [module], target.partition(":")[2]
    while todo:
        code = todo.pop()
        if code.co_qualname == qualname:
            return code
        todo.extend(const for const in code.co_consts if isinstance(const, types.CodeType))
    raise FaultError(f"{target}: the faulty text does not define {qualname}; mend the fault's record")


def imported(text: str) -> tuple[str, ...]:
    """The names that a module imports, but for those that only a function or class of it does."""
    todo: list[ast.AST] = [ast.parse(text)]
    names: dict[str, None] = {}
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name.partition(".")[0], None) for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            todo.extend(ast.iter_child_nodes(node))
    return tuple(sorted(names.keys() - {"*"}))


def _defaults(
    edit: Rewrite, function: types.FunctionType, scope: Mapping[str, Any]
) -> tuple[tuple[Any, ...] | None, dict[str, Any] | None]:
    """The defaults of the rewritten function: those whose text differs are evaluated, the others stay as they are."""
    before, after = _parameters(edit.correct), _parameters(edit.faulty)

    def value(old: ast.expr | None, new: ast.expr | None, present: Any) -> Any:
        if new is None or (old is not None and ast.dump(old) == ast.dump(new)):
            return present
        return eval(ast.unparse(new), function.__globals__, dict(scope))

    positional = zip(before.defaults, after.defaults, function.__defaults__ or (), strict=True)
    named = dict(function.__kwdefaults__ or {})
    for argument, old, new in zip(before.kwonlyargs, before.kw_defaults, after.kw_defaults, strict=True):
        if argument.arg in named:
            named[argument.arg] = value(old, new, named[argument.arg])
    return tuple(value(*each) for each in positional) or None, named or None


def _parameters(text: str) -> ast.arguments:
    """The parameters of the function that this text, which may be indented, defines."""
    found = ast.parse(f"if True:\n{text}" if text[0].isspace() else text).body[0]
    function = found.body[0] if isinstance(found, ast.If) else found
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return function.args
