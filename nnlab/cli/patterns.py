"""nnlab patterns: each bug pattern with its faults and the detectors that kill them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from nnlab.cli.options import SELECTION, Detectors, Jobs, Json, chosen, made_folder, read_ledger, workers
from nnlab.errors import UsageError

EXAMPLES = (
    "Examples:  nnlab patterns   nnlab patterns --from result.json --markdown patterns.md   "
    "nnlab patterns --faults origin:operator --json -"
)

Markdown = Annotated[str | None, typer.Option("--markdown", metavar="FILE", help="Write the page as Markdown.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE", help="What `nnlab score --json FILE` wrote; scores anew without."),
]


def command(
    source: From = None,
    faults: Annotated[str, typer.Option("--faults", "-f", metavar="SELECTION", help=SELECTION)] = "catalog",
    detectors: Detectors = None,
    jobs: Jobs = None,
    json: Json = None,
    markdown: Markdown = None,
) -> None:
    """List each bug pattern with its sentence, its faults, and how many of them each detector notices."""
    from faults.patterns import PATTERNS
    from nnlab.report.data import check_writable, write_json, write_text
    from nnlab.report.patterns import pattern_rows, patterns_data, patterns_markdown, print_patterns
    from nnlab.report.terminal import output

    check_writable(json)
    check_writable(markdown)
    scored = _read(source) if source else _score(faults, chosen(detectors), workers(jobs))
    rows = pattern_rows(scored, PATTERNS)
    if json:
        write_json(patterns_data(rows), json)
    if markdown:
        write_text(patterns_markdown(rows), markdown)
    if "-" not in (json, markdown):
        print_patterns(output(), rows)


def _score(faults: str, judges: list[Any], jobs: int) -> dict[str, Any]:
    from nnlab.lab.catalog import discover
    from nnlab.lab.fault import SAME_BYTECODE
    from nnlab.lab.ledger import equivalents, with_equivalents
    from nnlab.lab.score import score
    from nnlab.report.data import score_data
    from nnlab.report.terminal import progress_bar

    catalog = discover(kept=made_folder())
    selected = [fault for fault in catalog.select(faults) if SAME_BYTECODE not in fault.groups]
    reasons = equivalents(read_ledger(None), selected, catalog.operator_faults)
    with progress_bar() as progress:
        return score_data(with_equivalents(score(selected, judges, jobs, progress), reasons))


def _read(place: str) -> dict[str, Any]:
    """A score that was written as JSON. Raises UsageError."""
    import json

    try:
        data = json.loads(Path(place).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {place!r} ({error.strerror}); write it with `nnlab score --json FILE`") from None
    except ValueError as error:
        raise UsageError(f"{place!r} is not JSON ({error}); write it with `nnlab score --json FILE`") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != "nnlab.score/1":
        raise UsageError(
            f"{place!r} has the schema {schema!r}, not nnlab.score/1; write it with `nnlab score --json FILE`"
        )
    return dict(data)
