"""nnlab score: the kill matrix and the detection coverage."""

from pathlib import Path
from typing import Annotated, Any

import typer

from nnlab.cli.options import SELECTION, Detectors, Jobs, Json, Ledger, chosen, read_ledger, workers

EXAMPLES = (
    "Examples:  nnlab score   nnlab score --faults seven --json -   nnlab score -f 'riscv-*' -d abi,memory   "
    "nnlab score --fail-under 95   nnlab score -f layer:LayerNorm,not:pattern:scale   "
    "nnlab score -f operator+package:riscv   nnlab score -f 'operator:swap-matmul:*'   "
    "nnlab score -f 'mutmut:nnlab/nn/norm.py:*'   nnlab score --import-mutmut mutants"
)


Faults = Annotated[
    str | None,
    typer.Option(
        "--faults",
        "-f",
        metavar="SELECTION",
        help=f"{SELECTION} With --import-mutmut: what it judged, by default.",
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
    ledger: Ledger = None,
    fail_under: FailUnder = 100.0,
    import_mutmut: Imported = None,
) -> None:
    """Run every detector on every fault: which kills which, and the detection coverage.

    Two controls come first: every detector is silent on the clean code, and catches its own blatant example. Faults
    that the ledger explains as equivalent are shown apart and counted nowhere.
    """
    from nnlab.lab.catalog import discover
    from nnlab.lab.ledger import equivalents, with_equivalents
    from nnlab.lab.score import score
    from nnlab.report.data import check_writable, score_data, write_json
    from nnlab.report.terminal import output, print_score, print_unit_tests, progress_bar

    catalog = discover()
    selected, same, tests = _selected(catalog, faults, import_mutmut)
    judges = chosen(detectors)
    check_writable(json)
    reasons = equivalents(read_ledger(ledger), selected, catalog.operator_faults)
    with progress_bar() as progress:
        result = with_equivalents(score(selected, judges, workers(jobs), progress), reasons)
    shown = tests.beside(result) if tests else result
    if json:
        write_json(score_data(shown, same, tests), json)
    if json != "-":
        print_score(output(), shown, same)
        if tests:
            print_unit_tests(output(), result, tests)
    rate = result.total().rate
    if rate is None or 100 * rate < fail_under:
        raise typer.Exit(1)


def _selected(catalog: Any, wish: str | None, folder: str | None) -> tuple[list[Any], list[Any], Any]:
    """The faults to judge, those left out as their bytecode is the original's, and the unit tests' judgements."""
    from nnlab.lab.fault import SAME_BYTECODE

    tests = None
    if folder is not None:
        from nnlab.lab.unit_tests import unit_tests

        tests = unit_tests(Path(folder))
    faults = tests.faults if tests and wish is None else catalog.select("catalog" if wish is None else wish)
    faults = tests.of(faults) if tests else faults
    same = [fault for fault in faults if SAME_BYTECODE in fault.groups]
    return [fault for fault in faults if SAME_BYTECODE not in fault.groups], same, tests
