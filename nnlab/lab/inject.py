"""Applying a fault to the running program, and undoing it."""

import __future__

import ast
import importlib
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from functools import lru_cache
from pathlib import Path
from typing import Any

from nnlab.errors import FaultError
from nnlab.lab.fault import Constant, Edit, Fault, Replacement, Rewrite
from nnlab.lab.rewrite import found_at, rewritten, variant
from nnlab.lab.source import Function, Place, edited, find_node, fingerprint, locate, parsed

#: An action that is ready to be applied; applying it returns the action that undoes it.
Undo = Callable[[], None]
Action = Callable[[], Undo]


@dataclass(frozen=True)
class FileChange:
    """One file before and after a fault's edits, and the first line they touch."""

    file: Path
    before: str
    after: str
    line: int

    @property
    def name(self) -> str:
        """The file's path from its top package on."""
        return _from_top(self.file)

    def diff(self) -> str:
        """The unified diff of the two."""
        name = self.name
        before, after = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        return "".join(unified_diff(before, after, f"a/{name}", f"b/{name}"))


@lru_cache(maxsize=16)  # thousands of faults change one file
def _from_top(file: Path) -> str:
    top = file
    while (top.parent / "__init__.py").exists():
        top = top.parent
    return file.relative_to(top.parent).as_posix()


@contextmanager
def injected(fault: Fault) -> Iterator[None]:
    """The fault is in the code inside the `with` block, and out of it afterwards, however the block ends.

    A function keeps its identity: its `__code__` is swapped, so aliases imported earlier see the fault, and
    closures and super() work. Raises FaultError, with nothing changed, if the fault cannot be applied whole.
    """
    actions = [action for module in _modules(fault) for action in prepare(fault, module)]
    undo: list[Undo] = []
    try:
        for action in actions:
            undo.append(action())
        yield
    finally:
        for step in reversed(undo):
            step()


def prepare(fault: Fault, module: str) -> list[Action]:
    """What applying `fault` means in one of its modules, checked as a whole; the module is imported."""
    here = [edit for edit in fault.edits if edit.target.partition(":")[0] == module]
    if all(isinstance(edit, Rewrite) for edit in here):  # made by the thousand: the file need not be parsed
        return [_rewrite(fault, edit) for edit in here if isinstance(edit, Rewrite)]
    change = changed(fault, module)
    actions: list[Action] = []
    edited_functions = dict.fromkeys(edit.target for edit in here if isinstance(edit, Edit))
    if edited_functions:
        name = f"{change.file} with fault {fault.id}"
        text = _alone(change, here[0].target) if len({edit.target for edit in here}) == 1 else change.after
        code = _compiled(fault, text, name, _future(module))
        actions.append(_shown(name, change.after))
        for target in edited_functions:
            actions.append(_swap(fault, target, _find_code(code, target.partition(":")[2], target)))
    for edit in here:
        if isinstance(edit, Replacement):
            actions.append(_replace(fault, edit))
        elif isinstance(edit, Rewrite):
            actions.append(_rewrite(fault, edit))
        elif isinstance(edit, Constant):
            actions.append(_reassign(edit.target, change.after))
    return actions


def changed(fault: Fault, module: str) -> FileChange:
    """The text of one module before and after the fault's edits and constants."""
    here = [e for e in fault.edits if e.target.partition(":")[0] == module]
    place = locate(here[0].target)
    text, lines = place.text, []
    for edit in here:
        if isinstance(edit, Replacement):
            lines.append(find_node(text, edit.target).lineno)
        elif isinstance(edit, Rewrite):
            text, line = rewritten(text, edit, place.file)
            lines.append(line)
        else:
            text, line = edited(text, edit.target, edit.correct, edit.faulty, place.file)
            lines.append(line)
    return FileChange(place.file, place.text, text, min(lines))


def changes(fault: Fault) -> list[FileChange]:
    """Every file that the fault changes. Raises FaultError on drift."""
    return [changed(fault, module) for module in _modules(fault)]


def _modules(fault: Fault) -> list[str]:
    return list(dict.fromkeys(target.partition(":")[0] for target in fault.targets))


def _alone(change: FileChange, target: str) -> str:
    """The edited function, inside its bare classes and on its own lines: the rest of the module compiles to no use.

    The whole module where the function stands in anything but classes.
    """
    node = find_node(change.before, target)
    classes = target.partition(":")[2].split(".")[:-1]
    first, last = node.lineno, node.end_lineno or node.lineno
    if len(classes) >= first or not _holds_classes(change.before, target):
        return change.after
    added = change.after.count("\n") - change.before.count("\n")
    lines = change.after.splitlines(keepends=True)[first - 1 : last + added]
    headers = [f"{' ' * depth}class {name}:\n" for depth, name in enumerate(classes)]
    return "\n" * (first - 1 - len(classes)) + "".join([*headers, *lines])


def _holds_classes(text: str, target: str) -> bool:
    """Whether the definitions around the target are all classes."""
    scope: Any = parsed(text)
    for name in target.partition(":")[2].split(".")[:-1]:
        scope = [n for n in scope.body if isinstance(n, ast.ClassDef | Function) and n.name == name][-1]
        if not isinstance(scope, ast.ClassDef):
            return False
    return True


def _future(module: str) -> int:
    """The compiler flags that the module's own `from __future__ import` lines set."""
    features = (getattr(__future__, name) for name in __future__.all_feature_names)
    here = vars(importlib.import_module(module)).values()
    return sum(  # by identity: an array may be among the values, and == would compare its entries
        feature.compiler_flag for feature in features if any(feature is value for value in here)
    )


def _compiled(fault: Fault, text: str, name: str, flags: int) -> types.CodeType:
    try:
        code: types.CodeType = compile(text, name, "exec", flags=flags, dont_inherit=True)
        return code
    except SyntaxError as error:
        raise FaultError(f"{fault.id}: the faulty text does not compile ({error}); mend the fault's record") from None


def _find_code(code: types.CodeType, qualname: str, target: str) -> types.CodeType:
    todo = [code]
    while todo:
        item = todo.pop()
        if item.co_qualname.replace(".<locals>", "") == qualname:
            return item
        todo.extend(const for const in item.co_consts if isinstance(const, types.CodeType))
    raise FaultError(f"target {target!r} has no code of its own; name a function or method")


def function_of(target: str) -> types.FunctionType:
    """The live function that `target` names; static and class methods and properties are looked through."""
    owner, name = _owner(target)
    found = vars(owner).get(name)
    found = getattr(found, "__func__", None) or getattr(found, "fget", None) or found
    if not isinstance(found, types.FunctionType):
        raise FaultError(f"target {target!r} is {type(found).__name__}, not a function that can be edited")
    return found


def _owner(target: str) -> tuple[Any, str]:
    """The module or class that holds the target, and its name in there."""
    module, _, qualname = target.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = qualname.split(".")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name


def _shown(name: str, text: str) -> Action:
    """Let tracebacks show the lines of the faulty text for as long as it is applied."""

    def forget() -> None:
        linecache.cache.pop(name, None)

    def show() -> Undo:
        linecache.cache[name] = (lambda: text,)
        return forget

    return show


def _swap(fault: Fault, target: str, code: types.CodeType) -> Action:
    function = function_of(target)
    original = function.__code__
    if code.co_freevars != original.co_freevars:
        raise FaultError(
            f"{fault.id}: the edit of {target} changes the captured variables from {original.co_freevars} to "
            f"{code.co_freevars}, which a code object cannot express; write it as a Replacement of the outer function"
        )

    def restore() -> None:
        function.__code__ = original

    def apply() -> Undo:
        function.__code__ = code
        return restore

    return apply


def _replace(fault: Fault, edit: Replacement) -> Action:
    place: Place = locate(edit.target)
    actual = fingerprint(place.text, edit.target)
    if actual != edit.fingerprint:
        raise FaultError(
            f"drifted: {edit.target} ({place.file}) has fingerprint {actual}, the fault {fault.id} was written for "
            f"{edit.fingerprint}; compare the two and mend the record"
        )
    return _swap(fault, edit.target, edit.function.__code__)


def _rewrite(fault: Fault, edit: Rewrite) -> Action:
    function, place = function_of(edit.target), locate(edit.target)
    found_at(place.text, edit, place.file)
    name = f"{place.file} with fault {fault.id}"
    owner, _ = _owner(edit.target)
    faulty = variant(edit, function, vars(owner), name)
    original = function.__code__, function.__defaults__, function.__kwdefaults__

    def restore() -> None:
        function.__code__, function.__defaults__, function.__kwdefaults__ = original
        linecache.cache.pop(name, None)

    def apply() -> Undo:
        linecache.cache[name] = (lambda: rewritten(place.text, edit, place.file)[0],)
        function.__code__, function.__defaults__, function.__kwdefaults__ = faulty
        return restore

    return apply


def _reassign(target: str, text: str) -> Action:
    """Give the constant the value that it has in the edited text."""
    node = find_node(text, target)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        raise FaultError(f"target {target!r} is not a constant with a value; write the fault as an Edit")
    owner, name = _owner(target)
    module = sys.modules[target.partition(":")[0]]
    original, faulty = getattr(owner, name), eval(ast.unparse(node.value), vars(module))

    def restore() -> None:
        setattr(owner, name, original)

    def apply() -> Undo:
        setattr(owner, name, faulty)
        return restore

    return apply
