"""The command line: one file per command, all composed here."""

import os
import signal
import sys
from types import FrameType

import typer

from nnlab.cli import check, compare, equivalents, history, inject, list_, patterns, score, sensitivity, show
from nnlab.errors import Interrupted, NnlabError

HELP = """Would your checks have caught the bug?

nnlab puts real faults into correct numerical code, one at a time, and tells which detector kills which fault.

Exit status: 0 all well; 1 a fault survived, or the score fell short; 2 wrong usage; 3 a detector fails on clean code
or misses its own example; 4 a fault no longer fits the code; 5 a command never imported the faulty code; 6 the time
budget ended before the last fault; 7 an audited verdict was another one; 8 a cluster was lost; 130 interrupted.
`nnlab inject FAULT -- COMMAND` ends with the command's own status.
"""

app = typer.Typer(
    name="nnlab",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("list", epilog=list_.EXAMPLES)(list_.command)
app.command("show", epilog=show.EXAMPLES)(show.command)
app.command("inject", epilog=inject.EXAMPLES)(inject.command)
app.command("check", epilog=check.EXAMPLES)(check.command)
app.command("score", epilog=score.EXAMPLES)(score.command)
app.command("history", epilog=history.EXAMPLES)(history.command)
app.command("compare", epilog=compare.EXAMPLES)(compare.command)
app.command("equivalents", epilog=equivalents.EXAMPLES)(equivalents.command)
app.command("patterns", epilog=patterns.EXAMPLES)(patterns.command)
app.command("sensitivity", epilog=sensitivity.EXAMPLES)(sensitivity.command)


def main() -> None:
    """Run the command line; every error of ours becomes one line and its exit status."""
    # One thread for each worker process: several would share the cores and slow each other down.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        app()
    except NnlabError as error:
        sys.stderr.write(f"nnlab: {error}\n")
        sys.exit(error.exit_code)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Interrupted(f"stopped by {signal.Signals(number).name}; there is no result, but a score keeps its verdicts")
