"""Graded faults: one gradient term scaled by 1 + delta, to see how small an error a check still notices.

The id says all: `graded:nnlab.nn.norm:LayerNorm.backward:2@1e-3` is the second term of that function, 0.1 % too large.
What a term is: `terms.py`. The faults of a package are made from its source when they are asked for.
"""

import ast
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import dedent

from nnlab.errors import FaultError, UsageError
from nnlab.lab.anchor import Anchors, characters
from nnlab.lab.fault import Cited, Edit, Fault
from nnlab.lab.source import file_of, modules_below
from nnlab.lab.terms import Term, gradient_terms

PREFIX = "graded:"
#: From twice the term to an error that only an exact comparison sees.
DELTAS = tuple(10.0**-power for power in range(9))


@dataclass(frozen=True)
class GradedTerm:
    """The `number`th gradient term of a target, as an anchored edit with a place for the factor."""

    target: str
    number: int
    correct: str
    before: str
    term: str
    after: str

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.target}:{self.number}"

    def fault(self, delta: float) -> Fault:
        """The fault that multiplies the term by 1 + delta."""
        size = spelled(delta)
        faulty = f"{self.before}{self.term} * (1 + {size}){self.after}"
        return Fault(
            id=f"{self.id}@{size}",
            title=f"{self.target.partition(':')[2]} scales the term {' '.join(self.term.split())} by 1 + {size}",
            pattern="scale",
            source=Cited("nnlab", "graded faults"),
            edits=[Edit(self.target, dedent(self.correct), dedent(faulty))],
            why=f"One summand of the gradient is off by a relative error of {size}; shapes, signs and zeros are right.",
            origin="graded",
        )


def graded_terms(package: str) -> list[GradedTerm]:
    """Every gradient term of a package, which is not imported."""
    return [term for module in modules_below(package) for term in terms_of(module)]


def terms_of(module: str) -> list[GradedTerm]:
    """Every gradient term of one module."""
    file = file_of(module)
    if file is None:
        raise FaultError(f"there is no Python source of module {module!r}; check its name")
    text = file.read_text(encoding="utf-8")
    found: list[GradedTerm] = []
    for qualname, terms in groupby(gradient_terms(ast.parse(text)), key=lambda term: term.qualname):
        target = f"{module}:{qualname}"
        found += [_anchored(text, target, number, term) for number, term in enumerate(terms, start=1)]
    return found


def graded_fault(id: str, packages: Iterable[str]) -> Fault:
    """The fault with this id. Raises UsageError where there is none."""
    rest, _, size = id.removeprefix(PREFIX).partition("@")
    module = rest.partition(":")[0]
    if not any(module == package or module.startswith(f"{package}.") for package in packages):
        raise UsageError(f"there is no fault {id!r}: {module!r} has no graded faults; see `nnlab list layers`")
    known = {term.id: term for term in terms_of(module)}
    if PREFIX + rest not in known:
        raise UsageError(f"there is no fault {id!r}; the terms of {module} are {', '.join(known) or 'none'}")
    try:
        return known[PREFIX + rest].fault(float(size))
    except ValueError:
        raise UsageError(f"fault {id!r}: {size!r} is not the size of an error; end it with @1e-3, say") from None


def graded_faults(packages: Iterable[str], wish: str = "*", deltas: Sequence[float] = DELTAS) -> list[Fault]:
    """All graded faults of the packages whose ids match the glob."""
    faults = (term.fault(delta) for package in packages for term in graded_terms(package) for delta in deltas)
    return [fault for fault in faults if fnmatch.fnmatchcase(fault.id, wish)]


def spelled(delta: float) -> str:
    """A size as it stands in an id: 1, 1e-3, 0.05."""
    digits, _, power = f"{delta:.0e}".partition("e")
    short = f"{digits}e{int(power)}" if int(power) else digits
    return short if float(short) == delta else repr(delta)


def _anchored(text: str, target: str, number: int, term: Term) -> GradedTerm:
    """The term in the smallest statement around it whose text occurs once in the function."""
    inner, lines = term.expression, text.splitlines()
    begin = inner.lineno, characters(lines[inner.lineno - 1], inner.col_offset)
    last = inner.end_lineno or inner.lineno
    end = last, characters(lines[last - 1], inner.end_col_offset or 0)
    before, scaled, after = Anchors(text, term.function).around(begin, end)
    correct = before + scaled + after
    if not isinstance(inner, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.Call):
        scaled = f"({scaled})"
    return GradedTerm(target, number, correct, before, scaled, after)
