"""nnlab score: the kill matrix and the detection coverage."""

from typing import Annotated

import typer

from nnlab.cli.options import SELECTION, Detectors, Jobs, Json, Ledger, chosen, read_ledger, workers

EXAMPLES = (
    "Examples:  nnlab score   nnlab score --faults seven --json -   nnlab score -f 'riscv-*' -d abi,memory   "
    "nnlab score --fail-under 95   nnlab score -f layer:LayerNorm,not:pattern:scale   "
    "nnlab score -f operator+package:riscv   nnlab score -f 'operator:swap-matmul:*'"
)


def command(
    faults: Annotated[str, typer.Option("--faults", "-f", metavar="SELECTION", help=SELECTION)] = "catalog",
    detectors: Detectors = None,
    jobs: Jobs = None,
    json: Json = None,
    ledger: Ledger = None,
    fail_under: Annotated[
        float,
        typer.Option("--fail-under", min=0, max=100, metavar="PERCENT", help="Least coverage for exit status 0."),
    ] = 100.0,
) -> None:
    """Run every detector on every fault: which kills which, and the detection coverage.

    Two controls come first: every detector is silent on the clean code, and catches its own blatant example. Faults
    that the ledger explains as equivalent are shown apart and counted nowhere.
    """
    from nnlab.lab.catalog import discover
    from nnlab.lab.ledger import equivalents, with_equivalents
    from nnlab.lab.score import score
    from nnlab.report.data import check_writable, score_data, write_json
    from nnlab.report.terminal import output, print_score, progress_bar

    catalog = discover()
    selected, judges = catalog.select(faults), chosen(detectors)
    check_writable(json)
    reasons = equivalents(read_ledger(ledger), selected, catalog.operator_faults)
    with progress_bar() as progress:
        result = with_equivalents(score(selected, judges, workers(jobs), progress), reasons)
    if json:
        write_json(score_data(result), json)
    if json != "-":
        print_score(output(), result)
    rate = result.total().rate
    if rate is None or 100 * rate < fail_under:
        raise typer.Exit(1)
