"""nnlab equivalents: faults that nothing seems to tell from the correct code, as blocks for the ledger."""

from typing import Annotated, Any

import typer

from nnlab.cli.options import SELECTION, Jobs, made_folder, workers
from nnlab.errors import UsageError

EXAMPLES = (
    "Examples:  nnlab equivalents 'operator:*:nnlab.nn.softmax:*'   nnlab equivalents operator+layer:Linear --draws 100"
)


def command(
    faults: Annotated[str, typer.Argument(metavar="SELECTION", help=SELECTION)],
    draws: Annotated[int, typer.Option("--draws", "-n", min=1, help="How many random subjects must agree.")] = 1000,
    jobs: Jobs = None,
) -> None:
    """Propose entries for the ledger: operator faults under which random subjects give the same bits.

    That is evidence, no proof: try to write the check that kills the fault, then give the reason why none can. An entry
    without a reason is refused. Faults that no random subject reaches are not proposed.
    """
    from nnlab.detectors.samples import samples
    from nnlab.lab.catalog import discover
    from nnlab.lab.equivalence import compare
    from nnlab.lab.ledger import changes_of
    from nnlab.report.terminal import progress_bar

    catalog = discover(kept=made_folder())
    selected = catalog.select(faults)
    if others := [fault.id for fault in selected if fault.origin != "operator"]:
        raise UsageError(f"only operator faults can be equivalent, not {others[0]}; use operator+{faults}")
    with progress_bar() as progress:
        found = list(compare(selected, samples(), draws, workers(jobs), progress))
    candidates = [each for each in found if each.is_candidate]
    known: dict[str, Any] = {}
    for function in {each.fault.targets[0] for each in candidates}:
        known |= changes_of(catalog.operator_faults(function))
    for each in candidates:
        typer.echo(f"# {each.fault.id}: the same bits in {each.draws} draws\n{known[each.fault.id].toml()}\n")
    unreached = sum(each.draws == 0 for each in found)
    differ = len(found) - len(candidates) - unreached
    typer.echo(f"{len(candidates)} candidates; {differ} faults differ, {unreached} are in no random subject", err=True)
