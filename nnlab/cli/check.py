"""nnlab check: every detector on the clean code."""

from functools import partial
from typing import Annotated, Any, cast

import typer

from nnlab.cli.options import Jobs, Json, usable, workers

EXAMPLES = (
    "Examples:  nnlab check   nnlab check --seeds 200   nnlab check gradient contract   nnlab check LayerNorm 'GELU*'"
)

#: Seeds that one worker process runs in a row, and the seconds it may take for them.
CHUNK, LIMIT = 10, 3600.0


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME ...]", help="Detectors, layers or globs of subjects; all but peers by default."),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=1, help="How many seeds, from 0 on.")] = 1,
    jobs: Jobs = None,
    json: Json = None,
) -> None:
    """Run every detector on the clean code; any alarm is an error."""
    from nnlab.lab.judge import run_clean
    from nnlab.lab.runner import Job, run
    from nnlab.report.data import check_writable
    from nnlab.report.terminal import progress_bar

    check_writable(json)
    wanted = _select(names or [])
    chunks = [range(start, min(start + CHUNK, seeds)) for start in range(0, seeds, CHUNK)]
    work = [
        Job((name, chunk.start), partial(run_clean, probes, chunk), LIMIT)
        for chunk in chunks
        for name, probes in wanted.items()
    ]
    checks: dict[str, int] = dict.fromkeys(wanted, 0)
    alarms: list[dict[str, Any]] = []
    with progress_bar() as progress:
        for done, ended in enumerate(run(work, workers(jobs)), start=1):
            progress("checked", done, len(work))
            detector = cast(tuple[str, int], ended.key)[0]
            checks[detector] += len(ended.value or ())
            alarms += _alarms(detector, ended)
    _report(checks, alarms, seeds, json)
    raise typer.Exit(3 if alarms else 0)


def _alarms(detector: str, ended: Any) -> list[dict[str, Any]]:
    """The alarms of one chunk; a process that died or did not end is one too."""
    if ended.died or ended.timeout:
        problem = ended.died or f"did not end in {LIMIT:.0f} s"
        return [{"detector": detector, "subject": "", "seed": None, "alarm": problem}]
    return [
        {"detector": detector, "subject": clean.subject, "seed": clean.seed, "alarm": clean.alarm}
        for clean in ended.value
        if clean.alarm
    ]


def _select(names: list[str]) -> dict[str, Any]:
    """For each detector the probes that the names ask for. Raises UsageError for a name that asks for nothing."""
    from fnmatch import fnmatchcase

    from nnlab.errors import UsageError
    from nnlab.lab.catalog import did_you_mean, discover_detectors

    asked = {n: usable(d) for n, d in discover_detectors(peers=True).items() if not d.needs or n in names}
    every = {name: list(detector.probes()) for name, detector in asked.items()}
    if not names:
        return every
    chosen: dict[str, Any] = {}
    for name in names:
        found = {
            detector: [
                p for p in probes if name in (detector, p.subject.partition("(")[0]) or fnmatchcase(p.subject, name)
            ]
            for detector, probes in every.items()
        }
        if not any(found.values()):
            known = {*every, *(p.subject.partition("(")[0] for probes in every.values() for p in probes)}
            raise UsageError(f"nothing to check is called {name!r}; {did_you_mean(name, known, 'nnlab list')}")
        for detector, probes in found.items():
            if probes:
                chosen[detector] = [p for p in every[detector] if p in probes or p in chosen.get(detector, [])]
    return chosen


def _report(checks: dict[str, int], alarms: list[dict[str, Any]], seeds: int, json: str | None) -> None:
    from nnlab.report.data import write_json
    from nnlab.report.terminal import output, print_table

    if json:
        write_json({"schema": "nnlab.check/1", "seeds": seeds, "checks": checks, "alarms": alarms}, json)
    if json == "-":
        return
    console = output()
    counts = {name: sum(alarm["detector"] == name for alarm in alarms) for name in checks}
    rows = [(name, str(count), str(counts[name])) for name, count in checks.items()]
    print_table(console, ("detector", "checks", "alarms"), rows)
    for alarm in alarms:
        where = f"{alarm['detector']}: {alarm['subject']}, seed {alarm['seed']}"
        console.print(f"{where}: {alarm['alarm']}", markup=False, soft_wrap=True)
    console.print(f"{sum(checks.values())} checks over {seeds} seeds, {len(alarms)} alarms")
