"""stated: the reference interpreter prints what the programs of the corpus say, and refuses what is no program.

The interpreter and the compiler share lexer, parser, resolver and 32-bit arithmetic, so that comparing them shows no
fault of these; the values that stand in the programs were worked out by hand.
"""

from collections.abc import Sequence
from functools import partial

import riscv
from nnlab.detectors.budgets import BUDGETS
from nnlab.detectors.mistakes import MISTAKES, TRAPS
from nnlab.detectors.programs import program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from nnlab.lab.detector import Detected
from riscv import programs

STEPS = 20_000
#: What is nested as deep as it may be, and what is long but not deep; each prints 1.
ALLOWED: Sequence[str] = (
    "puts(" + "(" * 59 + "1" + ")" * 59 + ")",
    "if (0) { } else if (0) { } " * 40 + "puts(1)",
    "let f = fn() { }; " + "f(); " * 70 + "puts(1)",
    "let a = [" + "1 ? 1 : 0, " * 70 + "0]; puts(a[69])",
    "puts(1" + " + 0 * 1" * 35 + ")",
    "puts(1" + " + -1 - -1" * 18 + ")",
    "puts(1" + " + (0)" * 40 + ")",
    "let x = -59" + " + 1" * 60 + "; puts(x)",
    "let a = [0]; set a[0] = a; let b = (a)" + "[0]" * 60 + "; puts(len(b))",
    "let a = [0]; " + "set a[0] = 1; " * 70 + "puts(a[0])",
    "if (1) { " * 30 + "puts(1) " + "} " * 30,
    "while (1) { let f = fn() { 2 }; break } puts(1)",
)


def probes() -> list[Probe]:
    mistakes = [Probe(row[0][:40], partial(_refused, *row), seeded=False) for row in MISTAKES]
    corpus = [probe for probe in program_probes(_said) if not probe.seeded]
    return [
        *corpus,
        *mistakes,
        *(Probe(f"trap of {text[:32]}", partial(_trapped, text, said), seeded=False) for text, said in TRAPS),
        *(Probe(f"allowed {text[:32]}", partial(_allowed, text), seeded=False) for text in ALLOWED),
        *(Probe(name, check, seeded=False) for name, check in BUDGETS.items()),
    ]


def _said(name: str, source: str) -> None:
    got = _interpreted(source)
    for line, (want, have) in enumerate(zip(programs.expected_output(source), got.output, strict=False)):
        require(want == have, f"{name}: output[{line}]: expected {want}, got {have}")
    wanted = len(programs.expected_output(source)), programs.expected_trap(source)
    ended = len(got.output), got.trap.kind if got.trap else None
    require(wanted == ended, f"{name}: expected lines and trap {wanted}, got {ended}")


def _interpreted(source: str) -> riscv.Outcome:
    """The run of a program; that it is refused is evidence, too."""
    try:
        return riscv.interpret(source, STEPS)
    except riscv.LanguageError as error:
        raise Detected(f"it is refused: {error}") from None


def _refused(text: str, column: int, message: str, seed: int) -> None:
    got: object = "none"
    try:
        riscv.interpret(text, STEPS)
    except riscv.LanguageError as error:
        got = error.line, error.column + 1, error.message
    except Exception as error:  # it was let pass, and the interpreter could do nothing with it
        got = repr(error)
    line = text.count("\n") + 1
    require(got == (line, column, message), f"{text}: expected {message!r} at {line}:{column}, got {got}")


def _trapped(text: str, said: str, seed: int) -> None:
    trap = _interpreted(text).trap
    if trap is None:
        raise Detected(f"{text}: expected {said}, got no trap")
    message, shown, caret = trap.message.splitlines()
    kind, place, why = message.split(": ", 2)
    line, column = int(place.partition(":")[2]), caret.index("^") - 1
    got = f"{kind} at {line}:{column}: {why}"
    require(got == said, f"{text}: expected {said}, got {got}")
    written = text.splitlines()[line - 1].replace("\t", " ")
    require(shown == f"  {written}", f"{text}: expected the line {written!r}, got {shown!r}")


def _allowed(text: str, seed: int) -> None:
    got = _interpreted(text)
    require(got.output == ("1",), f"{text}: expected 1, got {', '.join(got.output)}")


DETECTOR = Detector(
    name="stated",
    summary="the reference interpreter against the outputs written in the programs; texts that must be refused",
    probes=probes,
    example=Fault(
        id="example-stated",
        title="Operators of the same precedence bind from the right",
        pattern="order-of-operations",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.expressions:Expressions.binary", "self.binary(precedence + 1)", "self.binary(precedence)")],
    ),
)
