"""Finding a target's source and editing it by matching tokens."""

import ast
import hashlib
import io
import sys
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import PathFinder
from itertools import accumulate
from pathlib import Path

from nnlab.errors import FaultError

Function = ast.FunctionDef | ast.AsyncFunctionDef
#: What a target may name: a function, or an assignment.
Node = Function | ast.Assign | ast.AnnAssign
#: A line, from 1 on, and a column.
Position = tuple[int, int]
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}


@dataclass(frozen=True)
class Place:
    """A target taken apart: its module, the qualified name inside, the file and that file's text."""

    module: str
    qualname: str
    file: Path
    text: str


def locate(target: str) -> Place:
    """Where `target`, written package.module:Qual.name, has its source; its module is not run. Raises FaultError."""
    module, qualname = split(target)
    file = file_of(module)
    if file is None:
        raise FaultError(f"target {target!r}: there is no Python source of module {module!r}; mend the fault's record")
    return Place(module, qualname, file, file.read_text(encoding="utf-8"))


def file_of(module: str) -> Path | None:
    """The source file of a module, or None; neither it nor a package around it is run."""
    if (loaded := getattr(sys.modules.get(module), "__file__", None)) and loaded.endswith(".py"):
        return Path(loaded)
    spec, path = None, None
    for name in accumulate(module.split("."), "{}.{}".format):
        spec = PathFinder.find_spec(name, path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    found = spec.origin if spec else None
    return Path(found) if found and found.endswith(".py") else None


def modules_below(package: str) -> list[str]:
    """The names of a package's modules, and of those of the packages in it, by their files; nothing is run."""
    root = file_of(package)
    if root is None:
        raise FaultError(f"there is no Python source of package {package!r}; check the installation")
    if root.name != "__init__.py":
        return [package]
    parts = (file.relative_to(root.parent).with_suffix("").parts for file in sorted(root.parent.rglob("*.py")))
    return [".".join((package, *inside)).removesuffix(".__init__") for inside in parts]


def split(target: str) -> tuple[str, str]:
    """The module and the qualified name of a target. Raises FaultError unless it has both."""
    module, _, qualname = target.partition(":")
    if not (module and qualname):
        raise FaultError(f"target {target!r} must be written package.module:Qual.name; mend the fault's record")
    return module, qualname


# Many faults in a row change one module, and reading it is most of the work of applying one of them.
@lru_cache(maxsize=16)
def parsed(text: str) -> ast.Module:
    """The syntax tree of a module's text, shared: it must not be changed."""
    return ast.parse(text)


@lru_cache(maxsize=16)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.splitlines(keepends=True))


def find_node(text: str, target: str) -> Node:
    """The definition that `target` names in the module text `text`. Raises FaultError if there is none."""
    scope: ast.AST = parsed(text)
    for name in split(target)[1].split("."):
        found = [node for node in getattr(scope, "body", []) if _defines(node, name)]
        if not found:
            raise FaultError(f"target {target!r}: {name!r} is not defined there any more; mend the fault's record")
        scope = found[-1]
    if isinstance(scope, ast.ClassDef):
        raise FaultError(f"target {target!r} is a class; name one of its methods or attributes")
    assert isinstance(scope, Function | ast.Assign | ast.AnnAssign)
    return scope


def _defines(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.ClassDef | Function):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(t, ast.Name) and t.id == name for t in targets)


def fingerprint(text: str, target: str) -> str:
    """A short hash of the target's code, which comments, layout and docstring do not change."""
    node = copy(find_node(text, target))
    if isinstance(node, Function) and ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:]
    return hashlib.sha256(ast.dump(node).encode()).hexdigest()[:12]


def edited(text: str, target: str, correct: str, faulty: str, file: Path) -> tuple[str, int]:
    """`text` with `correct` replaced by `faulty` inside `target`, and the line of it. Raises FaultError on drift."""
    node = find_node(text, target)
    if not correct.strip():
        raise FaultError(f"target {target!r}: the text to replace is empty; mend the fault's record")
    found = occurrences(text, node, correct)
    if len(found) != 1:
        times = "is missing" if not found else f"occurs {len(found)} times"
        raise FaultError(
            f"drifted: the text {correct!r} {times} in {target} ({file}:{node.lineno}); it must occur there exactly "
            f"once: mend the fault's record or the code"
        )
    begin, end = found[0]
    lines = _lines(text)
    indent = lines[begin[0] - 1][: len(lines[begin[0] - 1]) - len(lines[begin[0] - 1].lstrip())]
    new = textwrap.dedent(faulty).strip("\n").replace("\n", "\n" + indent)
    before = lines[begin[0] - 1][: begin[1]]
    after = lines[end[0] - 1][end[1] :]
    return "".join(lines[: begin[0] - 1]) + before + new + after + "".join(lines[end[0] :]), begin[0]


def occurrences(text: str, node: Node, wanted: str) -> list[tuple[Position, Position]]:
    """Where the tokens of `wanted` stand inside the definition `node` of the module text: each beginning and end."""
    words = [token.string for token in _tokens(textwrap.dedent(wanted).strip("\n"))]
    above, last = node.lineno - 1, node.end_lineno or node.lineno
    inside = _tokens_of("".join(_lines(text)[above:last]))
    strings = [token.string for token in inside]
    starts = [i for i in range(len(inside) - len(words) + 1) if strings[i : i + len(words)] == words]
    ends = [(inside[i].start, inside[i + len(words) - 1].end) for i in starts]
    return [((a + above, b), (c + above, d)) for (a, b), (c, d) in ends]


@lru_cache(maxsize=64)
def _tokens_of(definition: str) -> Sequence[tokenize.TokenInfo]:
    return _tokens(definition)


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    """The tokens that carry meaning, without those of layout and without line ends at the edges of a snippet."""
    every: list[tokenize.TokenInfo] = []
    try:
        every.extend(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
    except tokenize.TokenError:
        pass  # a snippet may end inside brackets; all its tokens have been read
    except IndentationError as error:
        raise FaultError(f"the text {text!r} is not Python ({error}); mend the fault's record") from None
    kept = [token for token in every if token.type not in _LAYOUT]
    while kept and kept[-1].type == tokenize.NEWLINE:
        del kept[-1]
    return kept


def words(text: str) -> list[tuple[str, Position]]:
    """The tokens of a definition that carry meaning, each with where it begins."""
    return [(token.string, token.start) for token in _tokens(text)]


def definitions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """All functions and methods with their qualified names; those inside a function belong to it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{prefix}{child.name}.")
