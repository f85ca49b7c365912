"""Whether two runs of one program did the same, as far as both got."""

from itertools import zip_longest

from riscv.outcome import RESOURCES, Outcome


def disagreement(expected: Outcome, got: Outcome) -> str:
    """What differs first, "" if nothing does: a line of the output, or else the kind of trap.

    Where a resource ends depends on the implementation: a run that met its end is compared as far as it printed.
    """
    texts = ["\n".join(outcome.output) for outcome in (expected, got)]
    ends = [len(text) for text, outcome in zip(texts, (expected, got), strict=True) if kind(outcome) in RESOURCES]
    end = min(ends, default=None)
    lines = zip_longest(*(text[:end].split("\n") for text in texts), fillvalue="nothing")
    for number, (want, have) in enumerate(lines):
        if want != have:
            return f"output[{number}]: expected {want}, got {have}{reason(got)}"
    if ends or kind(expected) == kind(got):
        return ""
    return f"trap: expected {kind(expected)}, got {kind(got)}{reason(got)}"


def kind(outcome: Outcome) -> str:
    """The kind of its trap."""
    return outcome.trap.kind if outcome.trap else "none"


def reason(outcome: Outcome) -> str:
    """The first line of its trap's message, in parentheses."""
    return f" ({outcome.trap.message.splitlines()[0]})" if outcome.trap else ""
