"""nnlab inject: one fault against every detector, or inside any command."""

from functools import partial
from typing import Annotated, Any

import typer

from nnlab.cli.options import Detectors, Jobs, Json, chosen, made_folder, workers

EXAMPLES = (
    "Examples:  nnlab inject capsule-squash-identity   nnlab inject adam-nan-first-step -- pytest tests   "
    "nnlab inject residual-gradient-split -- python train.py"
)


def command(
    fault: Annotated[str, typer.Argument(help="The fault's id; see `nnlab list faults`.")],
    run: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND ...]", help="A command to run with the fault in it.")
    ] = None,
    detectors: Detectors = None,
    jobs: Jobs = None,
    json: Json = None,
) -> None:
    """Apply a fault and see who kills it, with the evidence and both loss curves.

    With a command after `--`: run it, and every Python process below it sees the fault.
    """
    from nnlab.lab.catalog import discover
    from nnlab.lab.child import run_with_fault
    from nnlab.report.data import check_writable

    found = discover(kept=made_folder())[fault]
    if run:
        raise typer.Exit(run_with_fault(found, run, made_folder()))
    check_writable(json)
    raise typer.Exit(_judge(found, chosen(detectors), workers(jobs), json))


def _judge(fault: Any, detectors: list[Any], jobs: int, json: str | None) -> int:
    """Run the detectors and print what they say; the exit status is 1 if no strong one notices the fault."""
    from nnlab.lab.score import score
    from nnlab.report.data import fault_data, write_json
    from nnlab.report.terminal import output, print_curves, print_fault, print_judgements, progress_bar

    with progress_bar() as progress:
        result = score([fault], detectors, jobs, progress)
        curves = _curves(fault, jobs)
    judgements = result.rows[fault.id]
    detected = result.verdict(fault).detected
    if json:
        told = {
            name: {"verdict": str(j.verdict), "probe": j.probe, "evidence": j.evidence}
            for name, j in judgements.items()
        }
        losses = [{"model": name, "clean": clean, "faulty": faulty} for name, clean, faulty in curves]
        data = {"schema": "nnlab.inject/1", "fault": fault_data(fault), "detected": detected}
        write_json({**data, "judgements": told, "losses": losses}, json)
    if json != "-":
        console = output()
        print_fault(console, fault)
        console.print()
        print_judgements(console, judgements, detectors)
        for name, clean, faulty in curves:
            print_curves(console, name, clean, faulty)
    return 0 if detected else 1


def _curves(fault: Any, jobs: int) -> list[tuple[str, list[float], list[float]]]:
    """For each model whose training executes the fault's target: its name, the clean and the faulty losses."""
    from nnlab.detectors.models import TRAININGS
    from nnlab.lab.runner import Job, run

    work = [Job(training.name, partial(_losses, training, fault), 60.0) for training in TRAININGS]
    ended = {str(end.key): end.value for end in run(work, jobs)}
    pairs = [(training.name, ended[training.name]) for training in TRAININGS if ended[training.name]]
    return [(name, *pair) for name, pair in pairs]


def _losses(training: Any, fault: Any) -> tuple[list[float], list[float]] | None:
    """Clean and faulty losses of one training run, or None if it does not reach the fault."""
    import numpy as np

    from nnlab.lab.inject import injected
    from nnlab.lab.reach import reached, reaches

    if not reaches(reached(lambda: training.run(0)), fault):
        return None
    clean = training.run(0)
    with injected(fault), np.errstate(all="ignore"):
        return clean, training.run(0)
