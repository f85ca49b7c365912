"""nnlab history: the runs of `nnlab score` that the store knows."""

from contextlib import closing

import typer

from nnlab.cli.options import Json, StoreFile, store_file

EXAMPLES = "Examples:  nnlab history   nnlab history --json -"


def command(store: StoreFile = None, json: Json = None) -> None:
    """List earlier runs of `nnlab score`, newest last: when, how many faults, the detection coverage."""
    from nnlab.lab.engine.store import Store
    from nnlab.report.data import write_json

    with closing(Store(store_file(store))) as kept:
        runs = kept.runs()
    if json:
        write_json({"schema": "nnlab.history/1", "runs": runs}, json)
    if json != "-":
        for run in runs:
            rate = f"{100 * run['detected'] / run['faults']:.1f} %" if run["faults"] else "no fault"
            partial = f", {run['unjudged']} not judged" if run["unjudged"] else ""
            typer.echo(
                f"{run['run']:>4}  {run['started']}  {run['detected']} of {run['faults']} detected ({rate}){partial}, "
                f"{run['judged']} cells judged in {run['seconds']:.1f} s"
            )
        if not runs:
            typer.echo("no run yet; `nnlab score` makes one")
