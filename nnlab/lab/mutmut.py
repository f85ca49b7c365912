"""mutmut's mutants as faults: the one place that knows how mutmut 3.8.1 makes, numbers and names them.

A mutant's id is mutmut's own name, `nnlab.nn.norm.xǁLayerNormǁbackward__mutmut_3`; its alias,
`mutmut:nnlab/nn/norm.py:57:LayerNorm.backward:3`, tells the line of the change, the function and the number in it.
The number is a running index, which belongs to this text of the function. mutmut's pragmas hold, and so does the
configuration that it would read beside the top package: [tool.mutmut] of pyproject.toml, or setup.cfg.
"""

import configparser
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut import configuration
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, deep_replace, group_by_top_level_node
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import PragmaParseError, get_ignored_lines
from mutmut.mutation.trampoline_templates import mangle_function_name
from mutmut.stats import status_by_exit_code

from nnlab.errors import UsageError
from nnlab.lab.digest import content
from nnlab.lab.fault import SAME_BYTECODE, Cited, Fault, Rewrite
from nnlab.lab.mutants import PREFIX, path_of, rooted, source_of
from nnlab.lab.rewrite import compiled, first_difference, imported


def mutants_of(module: str) -> list[Fault]:
    """Every mutant that mutmut would make of a module, which is not run; none where its configuration leaves it out."""
    with _configured(*rooted(module)) as wanted:
        functions = list(_functions(source_of(module))) if wanted else []
    path = path_of(module)
    # mutmut lets the second of two functions of one name replace the mutants of the first, number by number.
    return list({fault.id: fault for function in functions for fault in _faults(module, path, function)}.values())


@dataclass(frozen=True)
class _Function:
    """What mutmut makes of one function: its text from `line` on, and each mutant's operator and text in order."""

    owner: str
    name: str
    line: int
    text: str
    imports: tuple[str, ...]
    mutated: list[tuple[str, str]]


def _faults(module: str, path: str, function: _Function) -> Iterator[Fault]:
    """The mutants of one function, under mutmut's numbers."""
    qualname = f"{function.owner}.{function.name}" if function.owner else function.name
    mangled = mangle_function_name(name=function.name, class_name=function.owner or None)
    target = f"{module}:{qualname}"
    original: tuple[object, ...] = ()
    for number, (operator, text) in enumerate(function.mutated, start=1):
        edit = Rewrite(target, function.line, function.text, text, function.imports)
        original = original or content(compiled(edit, function.text))
        start, before, after = _difference(function.text.split("\n"), text.split("\n"))
        same = content(compiled(edit, text)) == original
        yield Fault(
            id=f"{module}.{mangled}__mutmut_{number}",
            title=f"{qualname}: `{before}` becomes `{after}`",
            pattern=operator,
            source=Cited("mutmut 3.8.1"),
            edits=(edit,),
            survives="Its bytecode is that of the original." if same else "",
            groups=frozenset([SAME_BYTECODE] if same else []),
            origin="mutmut",
            alias=f"{PREFIX}{path}:{function.line + start}:{qualname}:{number}",
        )


def _difference(before: list[str], after: list[str]) -> tuple[int, str, str]:
    """Where two texts begin to differ, and the lines that do, each in one line."""
    start = first_difference(before, after)
    alike = first_difference(before[start:][::-1], after[start:][::-1])

    def cut(lines: list[str]) -> str:
        return " ".join(line.strip() for line in lines[start : len(lines) - alike])

    return start, cut(before), cut(after)


def _functions(file: Path) -> Iterator[_Function]:
    """Every function of a file that mutmut mutates: those of the module and those of its classes."""
    source = file.read_text(encoding="utf-8")
    operators: dict[int, str] = {}
    try:
        wrapper = MetadataWrapper(cst.parse_module(source))
        ignored = get_ignored_lines(str(file), source, wrapper)
    except cst.ParserSyntaxError:
        return  # mutmut copies what libcst cannot read as it is
    except PragmaParseError as error:
        raise UsageError(f"mutmut cannot read a pragma ({error}); mend the comment") from None
    visitor = MutationVisitor([(kind, _noting(call, operators)) for kind, call in mutation_operators], ignored)
    module = wrapper.visit(visitor)
    lines = wrapper.resolve(PositionProvider)
    imports = imported(source)
    mutations = group_by_top_level_node(visitor.mutations)
    for owner, node in _definitions(module):
        if node in mutations:
            indent = [getattr(owner.body, "indent", None) or module.default_indent] if owner else []
            text, mutated = _texts(module, node, indent, mutations[node])
            named = [(operators[id(m.mutated_node)], t) for m, t in zip(mutations[node], mutated, strict=True)]
            line = lines[node.decorators[0] if node.decorators else node].start.line
            yield _Function(owner.name.value if owner else "", node.name.value, line, text, imports, named)


def _definitions(module: cst.Module) -> Iterator[tuple[cst.ClassDef | None, cst.FunctionDef]]:
    """The functions of a module, and those of its classes, but for classes of one line."""
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            yield None, node
        elif isinstance(node, cst.ClassDef) and isinstance(node.body, cst.IndentedBlock):
            for inner in node.body.body:
                if isinstance(inner, cst.FunctionDef):
                    yield node, inner


def _noting(operator: Callable[[Any], Iterable[Any]], names: dict[int, str]) -> Callable[[Any], Iterator[Any]]:
    """The operator of mutmut, noting by identity which nodes it made."""
    name = operator.__name__.removeprefix("operator_").replace("_", "-")

    def note(node: Any) -> Iterator[Any]:
        for made in operator(node):
            names[id(made)] = name
            yield made

    return note


def _texts(
    module: cst.Module, function: cst.FunctionDef, indent: list[str], mutations: Iterable[Mutation]
) -> tuple[str, list[str]]:
    """The text of a function, and the text with each mutation: only the statement around it is written anew."""
    whole = function.with_changes(leading_lines=())
    state = _Statements(module.default_indent, module.default_newline, indent_tokens=list(indent))
    whole._codegen(state)
    texts = []
    for mutation in mutations:
        around = state.around[mutation.original_node]
        start, end, indent = state.spans[around]
        fresh = CodegenState(module.default_indent, module.default_newline, indent_tokens=list(indent))
        mutated = deep_replace(around, mutation.original_node, mutation.mutated_node)
        assert isinstance(mutated, cst.CSTNode)
        mutated._codegen(fresh)
        texts.append("".join([*state.tokens[:start], *fresh.tokens, *state.tokens[end:]]).removesuffix("\n"))
    return "".join(state.tokens).removesuffix("\n"), texts


class _Statements(CodegenState):
    """Notes, while libcst writes a function, the statement around each node and where in the output it stands."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.around: dict[cst.CSTNode, cst.CSTNode] = {}
        self.spans: dict[cst.CSTNode, tuple[int, int, list[str]]] = {}
        self._path: list[cst.CSTNode] = []
        self._open: list[tuple[cst.CSTNode, int, list[str]]] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        # A statement in a block is written in the same way wherever it stands; an `elif`, or a part of a line, is not.
        in_block = (
            isinstance(node, cst.BaseStatement) and bool(self._path) and isinstance(self._path[-1], cst.IndentedBlock)
        )
        if in_block or not self._path:
            self._open.append((node, len(self.tokens), list(self.indent_tokens)))
        self.around[node] = self._open[-1][0]
        self._path.append(node)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self._path.pop()
        if self._open[-1][0] is node:
            _, start, indent = self._open.pop()
            self.spans[node] = start, len(self.tokens), indent


@contextlib.contextmanager
def _configured(root: Path, path: Path) -> Iterator[bool]:
    """mutmut's configuration in `root` is in force; the value is whether it wants the file `path` in there mutated."""
    guess, before = configuration._guess_source_paths, configuration._config
    try:
        configuration._guess_source_paths = lambda: [path.parts[0]]  # where none are named: the package itself
        with contextlib.chdir(root):
            config = configuration._load_config()
        if config.mutate_only_covered_lines:
            raise UsageError(
                f"mutate_only_covered_lines is set in {root}: which mutants there are then depends on a run of "
                f"the tests; take it out of the configuration"
            )
        configuration._config = config
        inside = any((root / path).is_relative_to((root / source).resolve()) for source in config.source_paths)
        yield inside and config.should_mutate(path)
    except (ValueError, TypeError, configparser.Error) as error:
        raise UsageError(f"the configuration of mutmut in {root} cannot be read ({error}); mend it") from None
    finally:
        configuration._guess_source_paths, configuration._config = guess, before


def status(code: int | None) -> str:
    """mutmut's word for the exit code that it noted for a mutant: killed, survived, no tests, not checked, …"""
    return str(status_by_exit_code[code])
