"""Tables and texts for the terminal."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table

from nnlab.lab.controls import Progress as Step
from nnlab.lab.detector import Detector
from nnlab.lab.fault import Fault
from nnlab.lab.inject import changes
from nnlab.lab.matrix import Coverage
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement, Verdict
from nnlab.report.matrix import STYLE, matrix_text, shown_in
from nnlab.report.picture import curves

if TYPE_CHECKING:
    from nnlab.lab.unit_tests import UnitTests


def output() -> Console:
    """Standard output; a file or pipe is given room for whole tables."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 130)


@contextmanager
def progress_bar() -> Iterator[Step]:
    """A bar on standard error for each kind of step, gone when all is done.

    It is redrawn with each step and not by a thread of its own: the runner forks, which threads do not survive.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        tasks = {}

        def step(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = progress.add_task(doing, total=total)
            progress.update(tasks[doing], completed=done, refresh=True)

        yield step


def print_score(console: Console, score: Score, same: Sequence[Fault] = ()) -> None:
    """The kill matrix, then the coverage of each detector and of the strong ones together."""
    shown = shown_in(score)
    console.print(matrix_text(score, shown, console.width), soft_wrap=True)  # a verdict must not be cut
    if empty := [d.name for d in score.detectors if d not in shown]:
        console.print(f"[dim]empty columns left out: {', '.join(empty)}[/]")
    console.print("[dim]kill: its own assertion failed   crash: the code raised   ·: survived   empty: unreached[/]\n")
    print_coverage(console, score)
    strong = "strong detectors together" if any(not d.weak for d in score.detectors) else "detectors together"
    missed = [fault.alias or fault.id for fault in score.counted if not score.verdict(fault).detected]
    console.print(f"\n{len(score.counted)} faults, {strong}: {_rate(score.total())} detected, in {score.seconds:.1f} s")
    if missed:
        console.print(f"[red]not detected:[/] {', '.join(map(escape, missed))}")
    if score.audited:
        console.print(f"audited in processes of their own: {score.audited} verdicts, {len(score.disagreements)} differ")
    if same:
        console.print(f"left out, as their bytecode is the original's: {len(same)}")
    if score.equivalents:
        console.print(f"\n{len(score.equivalents)} equivalent faults, not counted:")
    for id, reason in score.equivalents.items():
        console.print(f"{escape(id)}: [dim]{escape(reason)}[/]", soft_wrap=True)


def print_unit_tests(console: Console, score: Score, tests: "UnitTests") -> None:
    """What the unit tests notice that the detectors do not, and the reverse."""
    for who, faults in zip(("the unit tests", "the detectors"), tests.compared(score), strict=True):
        names = ", ".join(escape(fault.alias or fault.id) for fault in faults)
        console.print(f"[bold]noticed by {who} only:[/] {len(faults)}{': ' if names else ''}{names}", soft_wrap=True)
    for word, count in tests.without.items():
        console.print(f"left out, as mutmut has no verdict ({word}): {count}")


def print_coverage(console: Console, score: Score) -> None:
    table = Table(title="Detection coverage", title_justify="left", box=None, padding=(0, 1, 0, 0))
    for heading in ("detector", "coverage", "95 % interval", *(str(verdict) for verdict in Verdict)):
        table.add_column(heading, justify="left" if heading == "detector" else "right", overflow="fold")
    rows = [(d.name + (" (weak)" if d.weak else ""), score.coverage(d.name)) for d in score.detectors]
    for name, coverage in [*rows, ("[bold]together[/]", score.total())]:
        counts = (coverage.killed, coverage.crashed, coverage.timeout, coverage.survived, coverage.unreached)
        table.add_row(name, _rate(coverage), _interval(coverage), *map(str, counts))
    console.print(table)


def print_fault(console: Console, fault: Fault) -> None:
    """What is wrong, why, where from, and the diff."""
    console.print(f"[bold]{escape(fault.id)}[/]: {escape(fault.title)}")
    if fault.why:
        console.print(escape(fault.why))
    facts = {
        "alias": fault.alias,
        "symptom": fault.symptom,
        "pattern": fault.pattern,
        "source": str(fault.source),
        "killed by": fault.killed_by,
        "survives": fault.survives,
        "target": ", ".join(fault.targets),
    }
    for name, value in facts.items():
        if value:
            console.print(f"[dim]{name:10}[/]{escape(value)}", soft_wrap=True)
    for change in changes(fault):
        console.print(f"[dim]file      [/]{escape(change.name)}:{change.line}\n", soft_wrap=True)
        console.print(Syntax(change.diff(), "diff", theme="ansi_dark", background_color="default", word_wrap=True))


def print_judgements(console: Console, judgements: Mapping[str, Judgement], detectors: Sequence[Detector]) -> None:
    """The verdict of each detector with its evidence; those that do not reach the fault in one line."""
    reaching = [d for d in detectors if judgements[d.name].verdict is not Verdict.UNREACHED]
    for detector in reaching:
        judgement = judgements[detector.name]
        name = detector.name + (" (weak)" if detector.weak else "")
        style = STYLE[judgement.verdict]
        console.print(f"[{style}]{judgement.verdict:9}[/] {name:14} {escape(judgement.probe)}", soft_wrap=True)
        for line in judgement.evidence.splitlines():
            console.print(f"{'':25}{escape(line)}", style="dim", soft_wrap=True)
    unreached = [d.name for d in detectors if d not in reaching]
    if unreached:
        console.print(f"[dim]unreached by {', '.join(unreached)}[/]")


def print_curves(console: Console, name: str, clean: Sequence[float], faulty: Sequence[float]) -> None:
    """Both loss curves of one training run."""
    ends = [f"{losses[0]:.3g} → {losses[-1]:.3g}" for losses in (clean, faulty)]
    console.print(f"\n[bold]{escape(name)}[/]: loss with the fault (×) {ends[1]}, without it (o) {ends[0]}")
    for line in curves({"o": clean, "×": faulty}):
        console.print(escape(line), soft_wrap=True)


def print_table(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain table."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _rate(coverage: Coverage) -> str:
    return "no faults" if coverage.rate is None else f"{100 * coverage.rate:.1f} %"


def _interval(coverage: Coverage) -> str:
    return "" if coverage.ci95 is None else f"{100 * coverage.ci95[0]:.0f} to {100 * coverage.ci95[1]:.0f} %"
