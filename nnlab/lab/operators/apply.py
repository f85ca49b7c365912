"""Operator faults: every operator wherever it fits in a package, each fault made from the source when asked for.

The id says all: `operator:swap-matmul:nnlab.nn.linear:Linear.backward:1` is the first place in that function where
matrix operands can be swapped. Places are numbered in the order of the source, and those where nothing would change
are numbered too, so that a number does not depend on the version of Python.
"""

import ast
import fnmatch
import types
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from nnlab.errors import FaultError
from nnlab.lab.anchor import Anchors
from nnlab.lab.catalog import modules_of
from nnlab.lab.digest import content
from nnlab.lab.fault import Cited, Edit, Fault
from nnlab.lab.operators.find import PREFIX, source_of
from nnlab.lab.operators.rewrite import Operator, Rewrite, code
from nnlab.lab.operators.sites import sites
from nnlab.lab.source import Position, definitions


def discover_operators() -> list[Operator]:
    """The operators of every file beside this one, by name; those that are general come last. Raises FaultError."""
    found = [operator for module in modules_of(__package__) for operator in getattr(module, "OPERATORS", ())]
    for name, count in Counter(operator.name for operator in found).items():
        if count > 1:
            raise FaultError(f"two operators have the name {name!r}; rename one of them")
    return sorted(found, key=lambda operator: (operator.general, operator.name))


def faults_of(module: str, operators: Sequence[Operator], wish: str = "*") -> Iterator[Fault]:
    """The operator faults of one module, function by function, but for functions in which none can match the glob."""
    text = source_of(module).read_text(encoding="utf-8")
    wanted = {name: node for name, node in definitions(ast.parse(text)) if _can_match(wish, module, name, operators)}
    if wanted:
        source = Source(module, text)
        for qualname, function in source.functions():
            if qualname in wanted:
                anchors = Anchors(text, wanted[qualname])
                yield from _faults_of_function(source, qualname, function, operators, anchors)


def _can_match(wish: str, module: str, qualname: str, operators: Iterable[Operator]) -> bool:
    """Whether some number would make an id that matches the glob."""
    head, _, tail = wish.rpartition(":")
    stems = [f"{PREFIX}{operator.name}:{module}:{qualname}" for operator in operators]
    if "*" in tail:
        whole = wish[: wish.rindex("*") + 1]
        return any(fnmatch.fnmatchcase(f"{stem}:1234567890", whole) for stem in stems)
    return any(fnmatch.fnmatchcase(stem, head) for stem in stems)


class Source:
    """The text of a module with libcst's tree of it and the positions of its nodes."""

    def __init__(self, module: str, text: str) -> None:
        self.module = module
        self.text = text
        self.lines = text.splitlines(keepends=True)
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.tree = wrapper.module
        self.positions = wrapper.resolve(PositionProvider)

    def functions(self) -> Iterator[tuple[str, cst.FunctionDef]]:
        """The functions that a fault can be put into, with their qualified names."""
        every = list(_functions(self.tree.body))
        count = Counter(qualname for qualname, _ in every)
        yield from (pair for pair in every if count[pair[0]] == 1 and _can_be_swapped(pair[1]))

    def span(self, node: cst.CSTNode) -> tuple[Position, Position]:
        """Line and column of the beginning and of the end of a node, without the parentheses around it."""
        place = self.positions[node]
        return (place.start.line, place.start.column), (place.end.line, place.end.column)

    def edited(self, rewrite: Rewrite) -> str:
        """The text of the module with the rewrite in it."""
        return _spliced(self.lines, *self.span(rewrite.node), rewrite.text)


def _spliced(lines: Sequence[str], begin: Position, end: Position, text: str) -> str:
    """The lines with a text in place of a span."""
    (a, b), (c, d) = begin, end
    return "".join([*lines[: a - 1], lines[a - 1][:b], text, lines[c - 1][d:], *lines[c:]])


@dataclass(frozen=True)
class _Compiler:
    """Compiles one function by itself, inside empty classes where it is a method."""

    qualname: str
    lines: Sequence[str]  # of the file, up to the function's last; those above it are blank

    def code(self, begin: Position, end: Position, text: str) -> types.CodeType | None:
        """The code with the text in place of a span, if that is valid."""
        names = self.qualname.split(".")
        header = "".join(f"{' ' * depth}class {name}:\n" for depth, name in enumerate(names[:-1]))
        try:
            module = compile(header + _spliced(self.lines, begin, end, text), "<operator>", "exec", dont_inherit=True)
        except SyntaxError:
            return None
        found = module
        for name in names:
            found = next(c for c in found.co_consts if isinstance(c, types.CodeType) and c.co_name == name)
        return found


def _faults_of_function(
    source: Source, qualname: str, function: cst.FunctionDef, operators: Sequence[Operator], anchors: Anchors
) -> Iterator[Fault]:
    (first, column), (last, _) = source.span(function)
    compiler = _Compiler(qualname, ["\n"] * (first - 1) + source.lines[first - 1 : last])
    clean = compiler.code((first, column), (first, column), "")
    if clean is None:
        raise FaultError(f"{source.module}:{qualname} does not compile by itself; report it as a bug of nnlab")
    seen = {content(clean)}
    scope, nodes = sites(qualname, function, source.text)
    for operator in operators:
        every = [rewrite for node in nodes for rewrite in operator.rewrites(node, scope)]
        for number, rewrite in enumerate(every, start=1):
            begin, end = source.span(rewrite.node)
            made = compiler.code(begin, end, rewrite.text)
            if made is None or made.co_freevars != clean.co_freevars or content(made) in seen:
                continue
            seen.add(content(made))
            text = anchors.around(begin, end)
            yield _fault(f"{source.module}:{qualname}", operator, number, rewrite, text)


def _fault(target: str, operator: Operator, number: int, rewrite: Rewrite, text: tuple[str, str, str]) -> Fault:
    before, inner, after = text
    change = f"{_short(code(rewrite.node))} becomes {_short(rewrite.text)}"
    return Fault(
        id=f"{PREFIX}{operator.name}:{target}:{number}",
        title=f"{target.partition(':')[2]} {operator.title}: {change}",
        pattern=operator.pattern,
        source=Cited("nnlab", f"operator {operator.name}"),
        edits=(Edit(target, _outdented(before + inner + after), _outdented(before + rewrite.text + after)),),
        origin="operator",
    )


def _outdented(text: str) -> str:
    """The lines without the indentation of the first; those that continue it inside brackets may have less."""
    lines = text.splitlines(keepends=True)
    indentation = len(lines[0]) - len(lines[0].lstrip())
    return "".join(line[min(indentation, len(line) - len(line.lstrip())) :] for line in lines)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:57]}..."


def _functions(body: Iterable[cst.CSTNode], prefix: str = "") -> Iterator[tuple[str, cst.FunctionDef]]:
    for node in body:
        if isinstance(node, cst.FunctionDef):
            yield prefix + node.name.value, node
        elif isinstance(node, cst.ClassDef):
            yield from _functions(node.body.body, f"{prefix}{node.name.value}.")


def _can_be_swapped(function: cst.FunctionDef) -> bool:
    """Whether the name leads to the function itself, and not to what a decorator made of it."""
    return all(code(d.decorator) in ("staticmethod", "classmethod", "property") for d in function.decorators)
