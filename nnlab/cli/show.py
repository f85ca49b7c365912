"""nnlab show: one fault in full."""

from typing import Annotated

import typer

from nnlab.cli.options import made_folder

EXAMPLES = "Examples:  nnlab show layernorm-simplified-backward   nnlab show adam-nan-first-step --json"


def command(
    fault: Annotated[str, typer.Argument(help="The fault's id; see `nnlab list faults`.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show what a fault does, why, where it comes from, and its diff."""
    from nnlab.lab.catalog import discover
    from nnlab.lab.inject import changes
    from nnlab.report.data import catalog_data, write_json
    from nnlab.report.terminal import output, print_fault

    found = discover(kept=made_folder())[fault]
    if json:
        diff = "".join(change.diff() for change in changes(found))
        write_json({"schema": "nnlab.fault/1", **catalog_data(found), "diff": diff}, "-")
    else:
        print_fault(output(), found)
