"""Finding a target's source and editing it by matching tokens."""

import ast
import hashlib
import importlib
import importlib.util
import io
import textwrap
import tokenize
from dataclasses import dataclass
from pathlib import Path

from nnlab.errors import FaultError

Function = ast.FunctionDef | ast.AsyncFunctionDef
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
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise FaultError(f"target {target!r}: there is no Python source of module {module!r}; mend the fault's record")
    file = Path(spec.origin)
    return Place(module, qualname, file, file.read_text(encoding="utf-8"))


def split(target: str) -> tuple[str, str]:
    """The module and the qualified name of a target. Raises FaultError unless it has both."""
    module, _, qualname = target.partition(":")
    if not (module and qualname):
        raise FaultError(f"target {target!r} must be written package.module:Qual.name; mend the fault's record")
    return module, qualname


def find_node(text: str, target: str) -> Function | ast.Assign | ast.AnnAssign:
    """The definition that `target` names in the module text `text`. Raises FaultError if there is none."""
    scope: ast.AST = ast.parse(text)
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
    node = find_node(text, target)
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del body[0]
    return hashlib.sha256(ast.dump(node).encode()).hexdigest()[:12]


def edited(text: str, target: str, correct: str, faulty: str, file: Path) -> tuple[str, int]:
    """`text` with `correct` replaced by `faulty` inside `target`, and the line of it. Raises FaultError on drift."""
    node = find_node(text, target)
    first, last = node.lineno, node.end_lineno or node.lineno
    wanted = [token.string for token in _tokens(textwrap.dedent(correct).strip("\n"))]
    if not wanted:
        raise FaultError(f"target {target!r}: the text to replace is empty; mend the fault's record")
    inside = [t for t in _tokens(text) if first <= t.start[0] <= last]
    starts = [
        i for i in range(len(inside) - len(wanted) + 1) if [t.string for t in inside[i : i + len(wanted)]] == wanted
    ]
    if len(starts) != 1:
        times = "is missing" if not starts else f"occurs {len(starts)} times"
        raise FaultError(
            f"drifted: the text {correct!r} {times} in {target} ({file}:{first}); it must occur there exactly once: "
            f"mend the fault's record or the code"
        )
    begin, end = inside[starts[0]].start, inside[starts[0] + len(wanted) - 1].end
    lines = text.splitlines(keepends=True)
    indent = lines[begin[0] - 1][: len(lines[begin[0] - 1]) - len(lines[begin[0] - 1].lstrip())]
    new = textwrap.dedent(faulty).strip("\n").replace("\n", "\n" + indent)
    before = lines[begin[0] - 1][: begin[1]]
    after = lines[end[0] - 1][end[1] :]
    return "".join(lines[: begin[0] - 1]) + before + new + after + "".join(lines[end[0] :]), begin[0]


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
