"""The sensitivity of detectors as plain data and as tables."""

from typing import Any

from rich.console import Console

from nnlab.lab.graded import spelled
from nnlab.lab.sensitivity import Sensitivity, Smallest
from nnlab.report.terminal import print_table


def sensitivity_data(result: Sensitivity, seed: int) -> dict[str, Any]:
    """The shares and the verdicts behind them in the schema nnlab.sensitivity/1."""
    return {
        "schema": "nnlab.sensitivity/1",
        "seed": seed,
        "deltas": list(result.deltas),
        "detectors": [_detector_data(result, detector.name) for detector in result.detectors],
        "terms": [
            {
                "id": term.id,
                "term": term.term,
                "verdicts": {name: [str(v) for v in rows[term.id]] for name, rows in result.verdicts.items()},
            }
            for term in result.terms
        ],
        "seconds": round(result.seconds, 3),
    }


def _detector_data(result: Sensitivity, name: str) -> dict[str, Any]:
    smallest = result.smallest(name)
    return {
        "name": name,
        "shares": [
            {"delta": s.delta, "detected": s.detected, "total": s.total, "rate": s.rate, "ci95": s.ci95}
            for s in result.shares(name)
        ],
        "smallest95": smallest.delta,
        "smallest95_certain": smallest.certain,
        "smallest95_possible": smallest.possible,
    }


def print_sensitivity(console: Console, result: Sensitivity) -> None:
    """The share by size and detector with its interval, then the smallest size that each detector sees."""
    names = [detector.name for detector in result.detectors]
    columns = [result.shares(name) for name in names]
    rows = [
        (spelled(delta), *(_share(column[i].rate, *column[i].ci95) for column in columns))
        for i, delta in enumerate(result.deltas)
    ]
    console.print(f"[bold]Faults noticed in %[/], with 95 % intervals: {len(result.terms)} terms, scaled by 1 + delta")
    print_table(console, ("delta", *names), rows)
    console.print("\n[bold]Smallest delta noticed with 95 % power[/]")
    print_table(
        console,
        ("detector", "delta", "possibly", "certainly"),
        [(name, *_sizes(result.smallest(name))) for name in names],
    )
    console.print(
        "\n[dim]From that delta on all larger ones are noticed in 95 % of the terms; possibly, certainly: "
        f"by the ends of the intervals.[/]\n{len(result.terms) * len(result.deltas)} faults in {result.seconds:.0f} s"
    )


def _share(rate: float, low: float, high: float) -> str:
    return f"{100 * rate:.0f} ({100 * low:.0f}-{100 * high:.0f})"


def _sizes(smallest: Smallest) -> list[str]:
    return ["none" if d is None else spelled(d) for d in (smallest.delta, smallest.possible, smallest.certain)]
