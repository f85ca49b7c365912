"""The kill matrix as text. A table would lay out every cell, which takes rich seconds for a thousand faults."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from nnlab.lab.detector import Detector
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement, Verdict

STYLE = {
    Verdict.KILLED: "green",
    Verdict.CRASHED: "cyan",
    Verdict.TIMEOUT: "magenta",
    Verdict.SURVIVED: "red",
    Verdict.UNREACHED: "dim",
}
SIGN = {
    Verdict.KILLED: "kill",
    Verdict.CRASHED: "crash",
    Verdict.TIMEOUT: "time",
    Verdict.SURVIVED: "·",
    Verdict.UNREACHED: "",
}


def shown_in(score: Score) -> list[Detector]:
    """The detectors whose column is not empty."""
    return [d for d in score.detectors if any(SIGN[verdict] for verdict in _verdicts(score, d))]


def matrix_text(score: Score, shown: Sequence[Detector], width: int) -> Text:
    """A line for each fault and a column for each detector; names are folded to fit the width, verdicts never are.

    Print it with `soft_wrap`: on a narrower terminal a line would else be parted in two.
    """
    names = [fault.alias or fault.id for fault in score.faults]
    first = max(map(len, ["fault", *names])) + 1
    widths = _widths(score, shown, width - first)
    matrix = Text.assemble(("Kill matrix\n", "table.title"))
    for line in _headings(shown, widths):
        matrix.append(line[0].ljust(first), "bold")
        for detector, part, room in zip(shown, line[1:], widths, strict=True):
            matrix.append(part.ljust(room + 1), "bold italic" if detector.weak else "bold")
        matrix.append("\n")
    for fault, name in zip(score.faults, names, strict=True):
        row = score.rows[fault.id]
        matrix.append(name.ljust(first), "bold" if score.verdict(fault).detected else "bold red")
        for detector, room in zip(shown, widths, strict=True):
            sign, style = _cell(row.get(detector.name))
            matrix.append(sign.ljust(room + 1), f"italic {style}" if detector.weak else style)
        matrix.append("\n")
    matrix.rstrip()
    return matrix


def _verdicts(score: Score, detector: Detector) -> set[Verdict]:
    return {row[detector.name].verdict for row in score.rows.values() if detector.name in row}


def _widths(score: Score, shown: Sequence[Detector], room: int) -> list[int]:
    """The width of each column: its name folded into as few lines as fit, and never less than its longest verdict."""
    least = [max(len(SIGN[verdict]) for verdict in _verdicts(score, d)) for d in shown]
    longest = max((len(d.name) for d in shown), default=1)
    for height in range(1, longest + 1):
        widths = [max(-(-len(d.name) // height), sign) for d, sign in zip(shown, least, strict=True)]
        if sum(widths) + len(widths) <= room:
            return widths
    return least


def _headings(shown: Sequence[Detector], widths: Sequence[int]) -> Iterator[list[str]]:
    """The lines of the headings, which end at the bottom."""
    folded = [[d.name[i : i + w] for i in range(0, len(d.name), w)] for d, w in zip(shown, widths, strict=True)]
    height = max(map(len, folded), default=1)
    columns = [["fault"], *folded]
    return ([([""] * (height - len(parts)) + parts)[line] for parts in columns] for line in range(height))


def _cell(judgement: Judgement | None) -> tuple[str, str]:
    if judgement is None:  # another detector noticed the fault first
        return "", ""
    return SIGN[judgement.verdict], STYLE[judgement.verdict]
