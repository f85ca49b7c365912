"""A fault is data: what it targets, the correct and the faulty text, its pattern and its source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

#: The group of generated faults whose bytecode is that of the original: no check can tell them apart.
SAME_BYTECODE = "same-bytecode"

Origin = Literal["catalog", "operator", "mutmut", "graded"]


@dataclass(frozen=True)
class Cited:
    """Where the bug was found in the wild: a title, the place in it, and an address if it has one."""

    title: str
    place: str = ""
    url: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.title, self.place, self.url) if part)


@dataclass(frozen=True)
class Edit:
    """In the function `target` the text `correct`, which occurs there exactly once, becomes `faulty`.

    Texts are compared token by token, so neither line breaks inside brackets nor comments matter. Several lines
    are written with their own indentation relative to each other.
    """

    target: str
    correct: str
    faulty: str


@dataclass(frozen=True)
class Constant:
    """In the assignment of the module constant or class attribute `target`, `correct` becomes `faulty`.

    For what is not inside a function: table entries, class attributes. The rules are those of `Edit`. Names that
    other modules imported with `from … import` keep the old object.
    """

    target: str
    correct: str
    faulty: str


@dataclass(frozen=True)
class Replacement:
    """The function `target`, whose code has this `fingerprint`, is replaced by the body of `function`.

    For what is too large for an edit. `function` runs with the globals of the target's module.
    """

    target: str
    fingerprint: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Rewrite:
    """The function `target`, whose text from line `line` of its file on is `correct`, gets the text `faulty`.

    For generated faults: both texts are whole functions, decorators and indentation included, so nothing has to be
    searched and only one function is compiled. Defaults of parameters may differ too. `imports` are the names that the
    module imports: Python compiles calls of their methods in a way of its own.
    """

    target: str
    line: int
    correct: str
    faulty: str
    imports: tuple[str, ...] = ()


Change = Edit | Constant | Replacement | Rewrite


@dataclass(frozen=True)
class Fault:
    """One deliberate defect: `why` says in a sentence what is wrong, `symptom` what a user would (not) notice.

    A fault of the catalog names the strong detector that must kill it (`killed_by`), or the reason why all let it pass
    (`survives`). One whose id is hard to read or type has an `alias`, under which it is found as well.
    """

    id: str
    title: str
    pattern: str
    source: Cited
    edits: list[Change] | tuple[Change, ...]
    why: str = ""
    symptom: str = ""
    killed_by: str = ""
    survives: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)
    origin: Origin = "catalog"
    alias: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """The functions (or constants) that it changes, each once, in the order of the edits."""
        return tuple(dict.fromkeys(edit.target for edit in self.edits))

    @property
    def package(self) -> str:
        """The package of its first target, such as nnlab.nn or riscv."""
        module = self.targets[0].partition(":")[0]
        return module.rpartition(".")[0] or module
