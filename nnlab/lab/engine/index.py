"""The definitions of a module with digests: its functions, and whatever else its names stand for."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Named:
    """The digest of a definition, and every name that occurs in it."""

    digest: str
    mentions: frozenset[str]


@dataclass
class Index:
    """Functions by qualified name; constants, class attributes and classes by name; the residue is all but functions.

    A class counts by its bases, decorators and the names in it: an override that is added or taken away changes it.
    """

    functions: dict[str, Named] = field(default_factory=dict)
    named: dict[str, list[Named]] = field(default_factory=dict)
    residue: str = ""


def index_of(text: str) -> Index:
    """The index of a module's text."""
    index = Index()
    _visit(ast.parse(text).body, "", index)
    index.residue = _digest(*sorted(named.digest for found in index.named.values() for named in found))
    return index


def _visit(body: Iterable[ast.stmt], prefix: str, index: Index) -> None:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            index.functions[prefix + node.name] = found = Named(_digest(ast.dump(node)), _mentions(node))
            if not prefix:  # a constant may be made by calling it
                index.named.setdefault(f"{node.name}()", []).append(found)
        elif isinstance(node, ast.ClassDef):
            head = [*node.bases, *node.keywords, *node.decorator_list]
            names = sorted(name for child in node.body for name in _bound(child))
            mentions = frozenset[str]().union(*(_mentions(part) for part in head))
            found = Named(_digest(node.name, *map(ast.dump, head), *names), mentions)
            index.named.setdefault(node.name, []).append(found)
            _visit(node.body, f"{prefix}{node.name}.", index)
        else:
            _statement(node, index)
            for part in (getattr(node, "body", []), getattr(node, "orelse", []), getattr(node, "finalbody", [])):
                _visit([child for child in part if _defines(child)], prefix, index)


def _statement(node: ast.stmt, index: Index) -> None:
    """A statement at the top of a module or class: for each name that it binds, what it says."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    calls = {f"{c.func.id}()" for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
    found = Named(_digest(ast.dump(node)), _mentions(node) | calls)
    for name in set(_bound(node)):
        if not isinstance(node, ast.Import | ast.ImportFrom) or _renames(node, name):
            index.named.setdefault(name, []).append(found)


def _renames(node: ast.Import | ast.ImportFrom, name: str) -> bool:
    return any(alias.asname == name and alias.name != name for alias in node.names)


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement defines."""
    if _defines(node):
        yield node.name  # type: ignore[attr-defined]
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.alias):
            yield inner.asname or inner.name.partition(".")[0]
        elif isinstance(inner, ast.Subscript | ast.Attribute) and isinstance(inner.ctx, ast.Store):
            yield from _mentions(inner.value)


def _defines(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _mentions(node: ast.AST) -> frozenset[str]:
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            found.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.alias):
            found.add(inner.name.rpartition(".")[2])
    return frozenset(found)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
