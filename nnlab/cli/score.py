"""nnlab score: the kill matrix and the detection coverage."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nnlab.cli import scoring
from nnlab.cli.options import (
    Detectors,
    Jobs,
    Json,
    Ledger,
    StoreFile,
    chosen,
    made_folder,
    read_ledger,
    store_file,
    workers,
)

if TYPE_CHECKING:
    from nnlab.lab.score import Score

EXAMPLES = (
    "Examples:  nnlab score   nnlab score --faults seven --json -   nnlab score -f 'riscv-*' -d abi,memory   "
    "nnlab score --fail-under 95   nnlab score -f layer:LayerNorm,not:pattern:scale   "
    "nnlab score -f operator+package:riscv   nnlab score -f 'operator:swap-matmul:*'   "
    "nnlab score -f 'mutmut:nnlab/nn/norm.py:*'   nnlab score --import-mutmut mutants   "
    "nnlab score --first-kill --since HEAD~1 --fail-on-new-survivor   nnlab score --shard 2/4   "
    "nnlab score --cluster tcp://10.0.0.1:8786"
)


def command(
    faults: scoring.Faults = None,
    detectors: Detectors = None,
    jobs: Jobs = None,
    json: Json = None,
    ledger: Ledger = None,
    fail_under: scoring.FailUnder = 100.0,
    fail_on_new_survivor: scoring.FailOnNewSurvivor = False,
    import_mutmut: scoring.Imported = None,
    since: scoring.Since = None,
    shard: scoring.Shard = None,
    sample: scoring.Sample = None,
    seed: scoring.Seed = 0,
    first_kill: scoring.FirstKill = False,
    isolation: scoring.Isolated = scoring.Isolation.WORKER,
    audit: scoring.Audit = 0,
    time_budget: scoring.TimeBudget = None,
    store: StoreFile = None,
    fresh: scoring.Fresh = False,
    cluster: scoring.Cluster = None,
) -> None:
    """Run every detector on every fault: which kills which, and the detection coverage.

    Two controls come first: every detector is silent on clean code, and catches its own blatant example. What an
    earlier run found is not run again, unless it depends on a change. Faults in the ledger are shown apart, uncounted.
    """
    from nnlab.lab.catalog import discover
    from nnlab.lab.ledger import equivalents
    from nnlab.lab.score import Settings
    from nnlab.report.data import check_writable

    catalog = discover(kept=made_folder(store))
    selected, same, tests = _selected(catalog, faults, import_mutmut)
    selected = scoring.part(selected, since, shard, sample, seed)
    check_writable(json)
    reasons = equivalents(read_ledger(ledger), selected, catalog.operator_faults)
    settings = Settings(store_file(store), fresh, first_kill, isolation.value, audit, seed, time_budget, reasons)
    settings = replace(settings, cluster=scoring.cluster(cluster))
    result = _run(selected, chosen(detectors), workers(jobs), settings, json, same, tests)
    _check(result, fail_under, _new_survivors(result, store_file(store)) if fail_on_new_survivor else None)


def _run(
    faults: list[Any], detectors: list[Any], jobs: int, settings: Any, json: str | None, same: list[Any], tests: Any
) -> "Score":
    """Score, write and print."""
    from nnlab.lab.ledger import with_equivalents
    from nnlab.lab.score import score
    from nnlab.report.data import score_data, write_json
    from nnlab.report.terminal import output, print_score, print_unit_tests, progress_bar

    with progress_bar() as progress:
        result = with_equivalents(score(faults, detectors, jobs, progress, settings), settings.equivalents)
    shown = tests.beside(result) if tests else result
    if json:
        write_json(score_data(shown, same, tests), json)
    if json != "-":
        print_score(output(), shown, same)
        if tests:
            print_unit_tests(output(), result, tests)
    return result


def _new_survivors(result: "Score", file: Path) -> list[str]:
    from nnlab.lab.engine.history import last_verdicts, new_survivors
    from nnlab.lab.engine.store import Store

    verdicts = {fault.id: str(result.verdict(fault)) for fault in result.counted}
    with closing(Store(file)) as kept:
        return new_survivors(last_verdicts(kept, result.run, verdicts), verdicts)


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


def _selected(catalog: Any, wish: str | None, folder: str | None) -> tuple[list[Any], list[Any], Any]:
    """The faults to judge, those left out as their bytecode is the original's, and the unit tests' judgements."""
    from nnlab.lab.fault import SAME_BYTECODE

    tests = None
    if folder is not None:
        from nnlab.lab.unit_tests import unit_tests

        tests = unit_tests(Path(folder), catalog.made)
    faults = tests.faults if tests and wish is None else catalog.select("catalog" if wish is None else wish)
    faults = tests.of(faults) if tests else faults
    same = [fault for fault in faults if SAME_BYTECODE in fault.groups]
    return [fault for fault in faults if SAME_BYTECODE not in fault.groups], same, tests
