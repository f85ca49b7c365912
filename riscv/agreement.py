"""Whether two runs of one program did the same, as far as both got."""

from itertools import zip_longest

from riscv.outcome import RESOURCES, Outcome


def disagreement(expected: Outcome, got: Outcome) -> str:
    """What differs first, "" if nothing does: a line of the output, or else the kind of trap.

    Where a resource ends depends on the implementation: a run that met its end is compared as far as it printed.
    """
    ends = [len(printed(outcome)) for outcome in (expected, got) if kind(outcome) in RESOURCES]
    end = min(ends, default=None)
    lines = zip_longest(*(printed(outcome)[:end].split("\n") for outcome in (expected, got)), fillvalue="nothing")
    for number, (want, have) in enumerate(lines):
        if want != have:
            return f"output[{number}]: expected {want}, got {have}{reason(got)}"
    if ends or kind(expected) == kind(got):
        return ""
    return f"trap: expected {kind(expected)}, got {kind(got)}{reason(got)}"


def printed(outcome: Outcome) -> str:
    """Its output."""
    return "\n".join(outcome.output)


def kind(outcome: Outcome) -> str:
    """The kind of its trap."""
    return outcome.trap.kind if outcome.trap else "none"


def reason(outcome: Outcome) -> str:
    """The first line of its trap's message, in parentheses."""
    return f" ({outcome.trap.message.splitlines()[0]})" if outcome.trap else ""
