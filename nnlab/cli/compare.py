"""nnlab compare: what changed between two runs of `nnlab score`."""

from contextlib import closing
from typing import Annotated

import typer

from nnlab.cli.options import Json, StoreFile, store_file

EXAMPLES = "Examples:  nnlab compare 3 4   nnlab compare 3 4 --json -"


def command(
    a: Annotated[int, typer.Argument(help="The earlier run; see `nnlab history`.")],
    b: Annotated[int, typer.Argument(help="The later run.")],
    store: StoreFile = None,
    json: Json = None,
) -> None:
    """Tell which faults survive in run B but not in run A, and which are detected in B but not in A.

    The exit status is 1 if a fault newly survives.
    """
    from nnlab.lab.engine.history import changes
    from nnlab.lab.engine.store import Store
    from nnlab.report.data import write_json

    with closing(Store(store_file(store))) as kept:
        found = changes(kept.run_verdicts(a), kept.run_verdicts(b))
    parts = {
        "newly surviving": found.surviving,
        "newly detected": found.detected,
        f"only in run {b}": found.added,
        f"only in run {a}": found.gone,
    }
    if json:
        data = {"schema": "nnlab.compare/1", "a": a, "b": b, "newly_surviving": found.surviving}
        write_json({**data, "newly_detected": found.detected, "added": found.added, "gone": found.gone}, json)
    if json != "-":
        for name, ids in parts.items():
            typer.echo(f"{name}: {len(ids)}" + "".join(f"\n  {id}" for id in ids))
    if found.surviving:
        raise typer.Exit(1)
