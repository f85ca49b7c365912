"""The page of bug patterns: each with its sentence, its faults and the detectors that kill them, from a score."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape

from nnlab.lab.verdict import Verdict

#: Verdicts by which a detector has noticed a fault.
NOTICED = tuple(str(verdict) for verdict in Verdict if verdict.detected)


@dataclass(frozen=True)
class Row:
    """One pattern: how many faults it has by origin, the ids of those written by hand, and who notices how many."""

    pattern: str
    sentence: str
    origins: Mapping[str, int]
    catalog: Sequence[str]
    killers: Mapping[str, int]
    missed: Sequence[str]

    @property
    def total(self) -> int:
        return sum(self.origins.values())


def pattern_rows(score: Mapping[str, Any], sentences: Mapping[str, str]) -> list[Row]:
    """A row for each pattern, in the order of the sentences, from a score in the schema nnlab.score/1.

    Equivalent faults are left out; `missed` are those that no strong detector notices.
    """
    counted = [fault for fault in score["faults"] if fault["verdict"] != "equivalent"]
    rows = []
    for pattern, sentence in sentences.items():
        faults = [fault for fault in counted if fault["pattern"] == pattern]
        killers = {
            detector["name"]: sum(fault["verdicts"].get(detector["name"]) in NOTICED for fault in faults)
            for detector in score["detectors"]
        }
        rows.append(
            Row(
                pattern,
                sentence,
                Counter(fault["origin"] for fault in faults),
                [fault["id"] for fault in faults if fault["origin"] == "catalog"],
                {name: count for name, count in killers.items() if count},
                [fault["id"] for fault in faults if not fault["detected"]],
            )
        )
    return rows


def patterns_data(rows: Sequence[Row]) -> dict[str, Any]:
    """The page in the schema nnlab.patterns/1."""
    return {
        "schema": "nnlab.patterns/1",
        "patterns": [
            {
                "pattern": row.pattern,
                "sentence": row.sentence,
                "faults": row.total,
                "origins": dict(row.origins),
                "catalog": list(row.catalog),
                "killed_by": dict(row.killers),
                "missed": list(row.missed),
            }
            for row in rows
        ],
    }


def patterns_markdown(rows: Sequence[Row]) -> str:
    """The page as Markdown."""
    parts = [
        "# Bug patterns\n\nEach with its faults, and how many of them each detector notices. "
        "Written by `nnlab patterns`; do not edit.\n"
    ]
    for row in rows:
        parts.append(f"## {row.pattern}\n\n{row.sentence}\n\n{_counts(row)}\n")
        if row.killers:
            parts.append(f"Noticed by {_killers(row)}.\n")
        if row.catalog:
            parts.append("".join(f"* `{id}`{_mark(row, id)}\n" for id in row.catalog))
        if others := [id for id in row.missed if id not in row.catalog]:
            parts.append("Not noticed: " + ", ".join(f"`{id}`" for id in others) + ".\n")
    return "\n".join(parts)


def print_patterns(console: Console, rows: Sequence[Row]) -> None:
    """The page on a terminal; of the faults only those of the catalog by name."""
    for row in rows:
        console.print(f"[bold]{row.pattern}[/]: {escape(row.sentence)}")
        console.print(f"  {_counts(row)}")
        if row.killers:
            console.print(f"  noticed by {_killers(row)}", soft_wrap=True)
        if row.catalog:
            console.print(f"  [dim]{escape(', '.join(row.catalog))}[/]", soft_wrap=True)
        if row.missed:
            console.print(f"  [red]not noticed:[/] {escape(', '.join(row.missed))}", soft_wrap=True)


def _counts(row: Row) -> str:
    origins = ", ".join(f"{count} {origin}" for origin, count in row.origins.items())
    return f"{row.total} faults ({origins}), {row.total - len(row.missed)} noticed" if row.total else "No fault."


def _killers(row: Row) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(row.killers.items(), key=lambda kv: -kv[1]))


def _mark(row: Row, id: str) -> str:
    return " (not noticed)" if id in row.missed else ""
