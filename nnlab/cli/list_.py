"""nnlab list: the faults, detectors and layers that there are."""

import re
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from nnlab.cli.options import SELECTION, made_folder
from nnlab.errors import UsageError

EXAMPLES = (
    "Examples:  nnlab list   nnlab list faults   nnlab list faults pattern:sign,not:package:riscv   "
    "nnlab list faults operator+layer:Linear   nnlab list faults 'mutmut:nnlab/nn/norm.py:*'   nnlab list layers --json"
)


class What(StrEnum):
    """What can be listed."""

    FAULTS = "faults"
    DETECTORS = "detectors"
    LAYERS = "layers"


def command(
    what: Annotated[What | None, typer.Argument(help="One of the lists; all of them by default.")] = None,
    faults: Annotated[str, typer.Argument(metavar="[SELECTION]", help=SELECTION)] = "catalog",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """List faults, detectors and layers."""
    from nnlab.report.data import write_json
    from nnlab.report.terminal import output, print_table

    if faults != "catalog" and what is not What.FAULTS:
        raise UsageError(f"only faults can be selected, not {what}; use `nnlab list faults {faults}`")
    wanted = [what] if what else list(What)
    lists: dict[What, Callable[[], list[dict[str, Any]]]] = {
        What.FAULTS: partial(_faults, faults),
        What.DETECTORS: _detectors,
        What.LAYERS: _layers,
    }
    data: dict[str, list[dict[str, Any]]] = {kind.value: lists[kind]() for kind in wanted}
    if json:
        write_json({"schema": "nnlab.list/1", **data}, "-")
        return
    console = output()
    for kind, rows in data.items():
        console.print(f"[bold]{len(rows)} {kind}[/]")
        columns = _COLUMNS[What(kind)]
        print_table(console, columns, ([_text(row, column) for column in columns] for row in rows))
        console.print()


def _faults(wish: str) -> list[dict[str, Any]]:
    from nnlab.lab.catalog import discover
    from nnlab.report.data import catalog_data

    return [catalog_data(fault) for fault in discover(kept=made_folder()).select(wish)]


def _detectors() -> list[dict[str, Any]]:
    from nnlab.lab.catalog import discover_detectors
    from nnlab.report.data import detector_data

    return [detector_data(detector) for detector in discover_detectors(peers=True).values()]


def _layers() -> list[dict[str, Any]]:
    import numpy as np

    from nnlab.detectors.subjects import modules

    found = []
    for layer in modules():  # one that only holds others has no cases
        built = [case.build(layer, np.random.default_rng(0)) for case in layer.cases[:1]]
        found.append(
            {
                "name": layer.__name__,
                "family": layer.__module__.rpartition(".")[2],
                "parameters": [name for module in built for name, _ in module.named_parameters()],
                "subjects": [str(case) for case in layer.cases],
                "summary": (layer.__doc__ or "").strip().splitlines()[0],
                "torch": f"torch.nn.{layer.__name__}" if layer.in_torch else None,
                "source": source(layer),
            }
        )
    return found


def source(layer: type[Any]) -> str | None:
    """What the docstring of a layer, or of its file, cites after the word Source."""
    for doc in (layer.__doc__, sys.modules[layer.__module__].__doc__):
        if found := re.search(r"Source:\s+(.*?)(?:\n\s*\n|$)", (doc or "").strip(), re.DOTALL):
            return " ".join(found[1].split()).rstrip(".")
    return None


def _text(row: dict[str, Any], column: str) -> str:
    value = (column == "id" and row["alias"]) or row[column]
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_COLUMNS = {
    What.FAULTS: ("id", "pattern", "title"),
    What.DETECTORS: ("name", "kind", "summary"),
    What.LAYERS: ("name", "family", "parameters"),
}
