"""Mutation testing of nnlab.{nn,gradcheck,contracts} and riscv with mutmut, against the ledger of equivalents."""

import argparse
import fcntl
import fnmatch
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TextIO

from mutation import engine, ledger, report, selection

ROOT = Path(__file__).resolve().parent.parent
LEDGER = "tests/equivalents.toml"

DETAILS = """\
which modules:
  By default those that differ from the base commit, committed or not, and one slice of N of all modules. The slice
  is number (commits in HEAD) mod N of the sorted list, so it moves on with every commit.
  The base is --base, else $NNLAB_BASE, else the merge base with origin/main unless that is HEAD, else the newest
  commit of main at least three hours older than HEAD (the session before), else everything.
  A changed test counts as a change of what it tests only if lines are gone from it, since an added line kills no
  fewer mutants: tests/nn/test_norm.py stands for norm.py or all of norm/ in nnlab/nn, any other file of a package's
  tests or data for the whole package, tests/conftest.py for everything. An entry added to or taken from the ledger
  stands for its module. What a change does to mutants of *other* modules is left to the slices and to --all.

exit codes:
  0    every mutant is killed or in the ledger
  1    a survivor that is not in the ledger (also: no tests, suspicious, segfault), a stale entry of the ledger, or
       a mutant that the time did not suffice for, unless only the slice asked for its module
  2    wrong usage, or a ledger that cannot be read
  3    the tests fail on the clean code, or mutmut failed
  130  interrupted
A timeout counts as killed and is reported apart.
"""


class Exit(IntEnum):
    """The exit codes, explained in --help."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    BROKEN = 3
    INTERRUPTED = 130


class UsageError(Exception):
    """The command line asks for something that is not there."""


@dataclass(frozen=True)
class Selection:
    """What to mutate: `required` must be finished in time, the rest may stay unchecked."""

    modules: list[str]
    required: set[str]
    why: str


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/mutate",
        description=__doc__,
        epilog=DETAILS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="mutate every module")
    which.add_argument("--base", metavar="REV", help="mutate what differs from this commit, and the slice")
    which.add_argument(
        "--module",
        action="append",
        metavar="GLOB",
        help="mutate these modules only: nnlab.nn.norm, 'riscv.*'; may be repeated",
    )
    parser.add_argument("--without", action="append", default=[], metavar="GLOB", help="leave these modules out")
    parser.add_argument("--slices", type=natural, default=8, metavar="N", help="slices, 0 for none (8)")
    parser.add_argument("--jobs", type=natural, default=os.cpu_count() or 1, help="workers (one for each core)")
    parser.add_argument("--timeout-minutes", type=float, metavar="M", help="stop after this time and report")
    parser.add_argument("--keep", action="store_true", help="reuse mutants/: quick, but blind to changed tests")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON too; - for standard output")
    return parser.parse_args(arguments)


def natural(text: str) -> int:
    """A whole number from 0 up."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def select(root: Path, options: argparse.Namespace, entries: dict[ledger.Key, str]) -> Selection:
    """The modules that the command line asks for."""
    modules = [m for m in selection.all_modules(root) if not named(m, options.without)]
    if options.all:
        return Selection(modules, set(modules), "all modules")
    if options.module:
        chosen = [m for m in modules if named(m, options.module)]
        if not chosen:
            raise UsageError(f"no module matches {' '.join(options.module)}: try nnlab.nn.norm or 'riscv.*'")
        return Selection(chosen, set(chosen), "the modules named")
    base = options.base or os.environ.get("NNLAB_BASE") or selection.default_base(root)
    revision = selection.git(root, "rev-parse", "--verify", "--quiet", f"{base}^{{tree}}")
    if revision is None:
        if options.base or os.environ.get("NNLAB_BASE"):
            raise UsageError(f"git knows no commit {base}: fetch it, or name another with --base")
        return Selection(modules, set(modules), "all modules, because git cannot tell what changed")
    if base == selection.EMPTY_TREE:
        return Selection(modules, set(modules), "all modules, because there is no earlier commit to compare with")
    changed = set(selection.changed_modules(root, base, modules)) | reviewed_again(root, base, modules, entries)
    why = f"{len(changed)} modules changed since {base[:10]}"
    rotating: list[str] = []
    if options.slices:
        number = selection.rotation(root, options.slices)
        rotating = selection.slice_of(modules, number, options.slices)
        why += f", and slice {number} of {options.slices}"
    return Selection(sorted(changed.union(rotating)), changed, why)


def named(module: str, globs: Sequence[str]) -> bool:
    """Whether one of the globs fits the module's dotted name."""
    return any(fnmatch.fnmatch(selection.dotted(module), glob) for glob in globs)


def reviewed_again(root: Path, base: str, modules: list[str], entries: dict[ledger.Key, str]) -> set[str]:
    """The modules whose entries in the ledger came or went since the base."""
    try:
        earlier = ledger.parse(selection.git(root, "show", f"{base}:{LEDGER}") or "")
    except ledger.LedgerError:
        earlier = {}
    touched = {key.module for key in earlier.keys() ^ entries.keys()}
    return {module for module in modules if selection.dotted(module) in touched}


def mutate(root: Path, options: argparse.Namespace, out: TextIO) -> tuple[Exit, dict[str, object]]:
    """One run: select, mutate, judge, report on `out`; the exit code and the report as data."""
    path = root / LEDGER
    entries = ledger.parse(path.read_text("utf-8") if path.exists() else "")
    chosen = select(root, options, entries)
    print(f"mutating {len(chosen.modules)} modules: {chosen.why}", *chosen.modules, sep="\n  ", file=out, flush=True)
    started = time.monotonic()
    code: int | None = 0
    if chosen.modules:
        if not options.keep:
            engine.clean(root)
        seconds = options.timeout_minutes and options.timeout_minutes * 60
        code = engine.run(root, chosen.modules, options.jobs, seconds, out)
    elapsed = time.monotonic() - started

    mutants = engine.read_mutants(root, chosen.modules, interrupted=code is None)
    findings = report.judge(mutants, entries, lambda mutant: engine.diff(root, mutant))
    late = findings.unchecked(chosen.required)
    # mutmut calls it a failure when no test reaches a mutant, also where there is nothing to mutate.
    broken = bool(code) and (bool(mutants) or not engine.generated(root, chosen.modules))
    failed = broken or findings.survivors or findings.stale or late
    result = Exit.BROKEN if broken else Exit.FAILED if failed else Exit.PASSED
    print(conclusion(findings, chosen, code, broken, elapsed), file=out, flush=True)
    return result, {
        "exit_code": int(result),
        "selection": chosen.why,
        "seconds": round(elapsed, 1),
        "unchecked": [mutant.name for mutant in mutants if mutant.verdict == "unchecked"],
        **report.data(findings, chosen.modules),
    }


def conclusion(findings: report.Findings, chosen: Selection, code: int | None, broken: bool, elapsed: float) -> str:
    """The last lines of a run."""
    if broken:
        return f"mutmut failed with exit code {code}: see above; do the tests pass on the clean code (scripts/test)?"
    checked = sum(mutant.verdict != "unchecked" for mutant in findings.mutants)
    late, skipped = findings.unchecked(chosen.required), findings.unchecked(set(chosen.modules) - chosen.required)
    lines = ["", report.text(findings, chosen.modules), ""]
    if late or skipped:
        lines.append(f"{late + skipped} mutants unchecked: the time was up ({skipped} of them in the slice only)")
    lines.append(
        f"{checked} mutants in {elapsed:.0f} s ({checked / max(elapsed, 1e-9):.0f}/s): "
        f"{len(findings.survivors)} unexplained, {len(findings.stale)} stale entries in the ledger"
    )
    return "\n".join(lines)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> Exit:
    """Run the command; the exit code."""
    options = parse_arguments(arguments)
    out = sys.stderr if options.json == "-" else sys.stdout
    try:
        with (root / "scripts" / "mutate.py").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError("another scripts/mutate works in this checkout: wait for it, or use a clone") from None
            result, content = mutate(root, options, out)
    except (UsageError, ledger.LedgerError) as error:
        print(
            f"scripts/mutate: {LEDGER + ': ' if isinstance(error, ledger.LedgerError) else ''}{error}", file=sys.stderr
        )
        return Exit.USAGE
    except KeyboardInterrupt:
        print("\nscripts/mutate: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    if options.json == "-":
        print(json.dumps(content, indent=2, ensure_ascii=False))
    elif options.json:
        Path(options.json).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return result


if __name__ == "__main__":
    sys.exit(main())
