"""A fingerprint of every function and constant of some packages, to show that a fault was undone."""

import hashlib
import types
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from nnlab.lab.catalog import modules_of


def digests(*packages: str) -> dict[str, str]:
    """module:Qual.name to a digest of a function's code and defaults, or of a constant, in all modules."""
    found = {}
    for package in packages:
        for module in modules_of(package):
            for function in functions_of(module):
                state = repr((content(function.__code__), function.__defaults__, function.__kwdefaults__)).encode()
                found[f"{module.__name__}:{function.__qualname__}"] = hashlib.sha256(state).hexdigest()
            for name, value in constants_of(module):
                found[f"{module.__name__}:{name}"] = hashlib.sha256(repr(value).encode()).hexdigest()
    return found


def constants_of(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The constants of a module, also those that it imported, and the plain attributes of its classes."""
    for name, value in vars(module).items():
        if name.isupper() and not isinstance(value, type):
            yield name, value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            for inner, attribute in vars(value).items():
                if isinstance(attribute, int | float | str | tuple) and not inner.startswith("__"):
                    yield f"{name}.{inner}", attribute


def content(code: types.CodeType) -> tuple[object, ...]:
    """What a code object does, wherever it stands. (marshal would not do: its bytes vary with reference counts.)"""
    constants = tuple(content(c) if isinstance(c, types.CodeType) else (type(c), c) for c in code.co_consts)
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_code, constants, names, code.co_argcount, code.co_kwonlyargcount, code.co_flags


def functions_of(module: ModuleType) -> Iterator[types.FunctionType]:
    """Every function that the module defines, methods and properties included."""
    todo: list[Any] = [v for v in vars(module).values() if getattr(v, "__module__", None) == module.__name__]
    seen: set[int] = set()
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, types.FunctionType):
            yield item
        elif isinstance(item, staticmethod | classmethod):
            todo.append(item.__func__)
        elif isinstance(item, property):
            todo.extend(part for part in (item.fget, item.fset, item.fdel) if part is not None)
        elif isinstance(item, type) and item.__module__ == module.__name__:
            todo.extend(vars(item).values())
