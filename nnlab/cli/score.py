"""nnlab score: the kill matrix and the detection coverage."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnlab.cli.options import Detectors, Jobs, Json, StoreFile, chosen, store_file, workers

if TYPE_CHECKING:
    from nnlab.lab.score import Score

EXAMPLES = (
    "Examples:  nnlab score   nnlab score --faults seven --json -   nnlab score -f 'riscv-*' -d abi,memory   "
    "nnlab score --fail-under 95   nnlab score -f 'mutmut:nnlab/nn/norm.py:*'   nnlab score --import-mutmut mutants   "
    "nnlab score --first-kill --since HEAD~1 --fail-on-new-survivor   nnlab score --shard 2/4"
)


class Isolation(StrEnum):
    """Where a fault is judged: in a worker that judges many, or in a process for each detector."""

    WORKER = "worker"
    PROCESS = "process"


Faults = Annotated[
    str | None,
    typer.Option(
        "--faults",
        "-f",
        metavar="GLOB|seven|catalog|mutmut",
        help="Faults, separated by commas; the catalog by default, or what --import-mutmut judged.",
    ),
]
Imported = Annotated[
    str | None,
    typer.Option("--import-mutmut", metavar="DIR", help="Results of `mutmut run`, as one more detector: pytest."),
]
FailUnder = Annotated[
    float, typer.Option("--fail-under", min=0, max=100, metavar="PERCENT", help="Least coverage for exit status 0.")
]


def command(
    faults: Faults = None,
    detectors: Detectors = None,
    jobs: Jobs = None,
    json: Json = None,
    fail_under: FailUnder = 100.0,
    import_mutmut: Imported = None,
    fail_on_new_survivor: Annotated[
        bool,
        typer.Option("--fail-on-new-survivor", help="Fail if a fault survives that no earlier run knew to survive."),
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="REV", help="Only faults of functions changed since REV.")
    ] = None,
    shard: Annotated[str | None, typer.Option("--shard", metavar="K/N", help="Part K of N of the faults.")] = None,
    sample: Annotated[int | None, typer.Option("--sample", metavar="N", min=1, help="N random faults.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="Draws --sample and --audit.")] = 0,
    first_kill: Annotated[
        bool, typer.Option("--first-kill", help="Only until the first strong detector notices a fault.")
    ] = False,
    isolation: Annotated[
        Isolation, typer.Option("--isolation", help="process: a new one for every verdict, which is slow.")
    ] = Isolation.WORKER,
    audit: Annotated[
        int, typer.Option("--audit", metavar="N", min=0, help="Judge N random verdicts again, in new processes.")
    ] = 0,
    time_budget: Annotated[
        float | None, typer.Option("--time-budget", metavar="SECONDS", min=0, help="End after so long.")
    ] = None,
    store: StoreFile = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Judge everything anew, whatever the store knows.")] = False,
) -> None:
    """Run every detector on every fault: which kills which, and the detection coverage.

    Two controls come first: every detector is silent on the clean code, and catches its own blatant example.
    What an earlier run has found out is not run again, unless something that it depends on has changed.
    """
    from nnlab.lab.engine import subset
    from nnlab.lab.score import Settings, score
    from nnlab.report.data import check_writable, score_data, write_json
    from nnlab.report.terminal import output, print_score, print_unit_tests, progress_bar

    selected, same, tests = _selected(faults, import_mutmut)
    judges = chosen(detectors)
    selected = subset.since(selected, since) if since else selected
    selected = subset.shard(selected, shard) if shard else selected
    selected = subset.sample(selected, sample, seed) if sample else selected
    if since and not selected:
        typer.echo(f"no function that a fault targets differs from {since}: nothing to score", err=True)
        return
    check_writable(json)
    file = store_file(store)
    settings = Settings(
        store=file,
        fresh=fresh,
        first_kill=first_kill,
        isolation=isolation.value,
        audit=audit,
        seed=seed,
        time_budget=time_budget,
    )
    with progress_bar() as progress:
        result = score(selected, judges, workers(jobs), progress, settings)
    shown = tests.beside(result) if tests else result
    if json:
        write_json(score_data(shown, same, tests), json)
    if json != "-":
        print_score(output(), shown, same)
        if tests:
            print_unit_tests(output(), result, tests)
    _check(result, fail_under, _new_survivors(result, file) if fail_on_new_survivor else None)


def _new_survivors(result: "Score", file: Path) -> list[str]:
    from nnlab.lab.engine.history import last_verdicts, new_survivors
    from nnlab.lab.engine.store import Store

    verdicts = {fault.id: str(result.verdict(fault)) for fault in result.faults}
    return new_survivors(last_verdicts(Store(file), result.run, verdicts), verdicts)


def _check(result: "Score", fail_under: float, survivors: list[str] | None) -> None:
    """Raise what the exit status has to tell."""
    from nnlab.errors import AuditFailed, OutOfBudget

    if result.disagreements:
        count, first = len(result.disagreements), result.disagreements[0]
        raise AuditFailed(f"{count} of {result.audited} audited verdicts differ: {first}; use --isolation process")
    if result.unjudged:
        raise OutOfBudget(
            f"the time budget ended with {len(result.unjudged)} of {len(result.unjudged) + len(result.faults)} faults "
            f"not judged, {result.unjudged[0].id} first; run the same again to go on from here"
        )
    if survivors is not None:
        for id in survivors:
            typer.echo(f"new survivor: {id}", err=True)
        raise typer.Exit(1 if survivors else 0)
    rate = result.total().rate
    if rate is None or 100 * rate < fail_under:
        raise typer.Exit(1)


def _selected(wish: str | None, folder: str | None) -> tuple[list[Any], list[Any], Any]:
    """The faults to judge, those left out as their bytecode is the original's, and the unit tests' judgements."""
    from nnlab.lab.catalog import discover
    from nnlab.lab.fault import SAME_BYTECODE

    tests = None
    if folder is not None:
        from nnlab.lab.unit_tests import unit_tests

        tests = unit_tests(Path(folder))
    faults = tests.faults if tests and wish is None else discover().select("catalog" if wish is None else wish)
    faults = tests.of(faults) if tests else faults
    same = [fault for fault in faults if SAME_BYTECODE in fault.groups]
    return [fault for fault in faults if SAME_BYTECODE not in fault.groups], same, tests
