"""Judge the same mutants with `mutmut run` and with nnlab's engine, in one run: mutants a second, and every verdict.

    python scripts/bench_score.py                                  nnlab/nn/rectifier.py
    python scripts/bench_score.py nnlab/nn/{pool,norm}.py -d gradient   other files, some detectors
    python scripts/bench_score.py --audit 2000 --json bench.json   verdicts again in processes of their own; data
    python scripts/bench_score.py --cosmic-ray cosmic-ray          a command, also of another environment

mutmut runs in a copy of the repository with as many children, twice: on the tests of the same name alone, where it is
as fast as it can be and misses mutants that other tests kill, and on all tests of the package, from which it chooses
those that reach a mutant, as a plain `mutmut run` does. Its rate is its own figure, of the mutants alone; the engine's
is from the first look at the faults to the last verdict, and "whole" is the time of everything. cosmic-ray runs in
another copy on the tests of the same name of the first file, one at a time, for a minute: its mutants are those of its
own operators, so its rate is compared and its verdicts are not.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IGNORED = shutil.ignore_patterns(".git", ".venv*", "mutants", ".nnlab", "__pycache__", ".*_cache", "dist", "build")


@dataclass
class Outcome:
    """What one tool made of the mutants: whether each was detected, how many a second, how long it took in all."""

    tool: str
    detected: Mapping[str, bool]
    rate: float
    seconds: float
    note: str = ""


@dataclass
class Clock:
    """Notes when the engine begins and ends judging."""

    begun: float = 0.0
    ended: float = 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if doing != "judged":
            self.begun = now
        self.ended = now


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=["nnlab/nn/rectifier.py"], help="files of nnlab.nn")
    parser.add_argument("-d", "--detectors", help="names, comma-separated; the strong ones by default")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="workers, and mutmut's children (default: 2)")
    parser.add_argument("--audit", type=int, default=0, help="judge so many random verdicts again (default: 0)")
    parser.add_argument("--no-mutmut", action="store_true", help="the engine alone")
    parser.add_argument("--cosmic-ray", metavar="COMMAND", help="run this command of cosmic-ray, too")
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON")
    options = parser.parse_args(arguments)
    for file in options.files:
        if not (ROOT / file).is_file() or not (ROOT / tests_of(file)).is_file():
            parser.error(f"there is no file {file!r} with tests {tests_of(file)!r}; name one of nnlab/nn that has both")
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    faults, judges = faults_of(options.files), detectors(options.detectors)
    outcomes = [] if options.no_mutmut else run_mutmut(options.files, options.jobs)
    outcomes += [run_engine(faults, judges, options.jobs, options.audit, first) for first in (True, False)]
    for outcome in outcomes:
        found = sum(outcome.detected.values())
        print(f"{outcome.tool:25} {outcome.rate:8.1f} mutants/s  whole {outcome.seconds:7.1f} s  {found} of "
              f"{len(outcome.detected)} detected  {outcome.note}")  # fmt: skip
    if options.cosmic_ray:
        print(run_cosmic_ray(options.cosmic_ray, options.files[0]))
    differences = compared(outcomes)
    for line in [*times(outcomes), *differences]:
        print(line)
    if options.json:
        data = {"schema": "nnlab.bench-score/2", "files": options.files, "outcomes": [vars(o) for o in outcomes]}
        Path(options.json).write_text(json.dumps({**data, "differences": differences}, indent=1) + "\n", "utf-8")
    return 0


def times(outcomes: Sequence[Outcome]) -> list[str]:
    """How many times the rate of each run of mutmut the engine's rates are."""
    of = {engine: [o for o in outcomes if o.tool.startswith("engine") == engine] for engine in (True, False)}
    return [
        f"{engine.tool} is {engine.rate / mutmut.rate:.1f} times as fast as {mutmut.tool}"
        for mutmut in of[False]
        for engine in of[True]
    ]


def faults_of(files: Sequence[str]) -> list[Any]:
    """mutmut's mutants of the files, but for those whose bytecode is the original's."""
    from nnlab.lab.catalog import discover
    from nnlab.lab.fault import SAME_BYTECODE

    found = discover().select(",".join(f"mutmut:{file}:*" for file in files))
    return [fault for fault in found if SAME_BYTECODE not in fault.groups]


def detectors(names: str | None) -> list[Any]:
    """Those with these names, or all strong ones."""
    from nnlab.lab.catalog import discover_detectors

    every = discover_detectors()
    return [d for name, d in every.items() if (name in names.split(",") if names else not d.weak)]


def run_engine(faults: list[Any], judges: list[Any], jobs: int, audit: int, first_kill: bool) -> Outcome:
    """Without a store: everything is judged."""
    from nnlab.lab.score import Settings, score

    clock = Clock()
    settings = Settings(first_kill=first_kill, audit=audit)
    result = score(faults, judges, jobs, clock, settings)
    detected = {fault.id: result.verdict(fault).detected for fault in faults}
    note = f"{len(result.disagreements)} of {result.audited} audited differ" if audit else ""
    name = "engine, first kill" if first_kill else "engine, full matrix"
    return Outcome(name, detected, len(faults) / (clock.ended - clock.begun), result.seconds, note)


def run_mutmut(files: Sequence[str], jobs: int) -> list[Outcome]:
    """`mutmut run` on the tests of the same name, and on all tests of the package."""
    own = [tests_of(file) for file in files]
    package = sorted({str(Path(tests).parent) for tests in own})
    return [
        mutmut_with("mutmut, tests of that name", files, own, jobs),
        mutmut_with(f"mutmut, all of {', '.join(package)}", files, package, jobs),
    ]


def mutmut_with(name: str, files: Sequence[str], tests: Sequence[str], jobs: int) -> Outcome:
    """`mutmut run` in a copy of the repository, mutating these files alone and choosing from these tests."""
    from nnlab.lab.unit_tests import unit_tests

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=IGNORED)
        configure(copy / "pyproject.toml", files, tests)
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONHASHSEED": "0"}
        started = time.perf_counter()
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
        ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        rates = re.findall(r"([\d.]+) mutations/second", ended.stdout)
        if not rates:
            sys.exit(f"mutmut failed with status {ended.returncode}: {ended.stdout[-500:]}{ended.stderr[-500:]}")
        judged = unit_tests(copy / "mutants")
        detected = {id: judgement.verdict.detected for id, judgement in judged.judgements.items()}
    return Outcome(name, detected, float(rates[-1]), seconds)


def run_cosmic_ray(command: str, file: str, seconds: float = 60.0) -> str:
    """How many mutants cosmic-ray judges in so many seconds, and how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=IGNORED)
        tests = f"{sys.executable} -m pytest -x -q -p no:cacheprovider {tests_of(file)}"
        lines = [f'module-path = "{file}"', "timeout = 30.0", "excluded-modules = []", f'test-command = "{tests}"']
        (copy / "cosmic.toml").write_text(
            "\n".join(["[cosmic-ray]", *lines, "[cosmic-ray.distributor]", 'name = "local"', ""]), "utf-8"
        )
        environment = {**os.environ, "PYTHONPATH": str(copy)}

        def cosmic_ray(*arguments: str, limit: float | None = None) -> str:
            run = [command, *arguments]
            ended = subprocess.run(run, cwd=copy, env=environment, capture_output=True, text=True, timeout=limit)
            if ended.returncode:
                sys.exit(f"{command} failed with status {ended.returncode}: {ended.stderr[-500:]}")
            return ended.stdout

        cosmic_ray("init", "cosmic.toml", "session.sqlite")
        started = time.perf_counter()
        with contextlib.suppress(subprocess.TimeoutExpired):
            cosmic_ray("exec", "cosmic.toml", "session.sqlite", limit=seconds)
        took = time.perf_counter() - started
        items = [json.loads(line) for line in cosmic_ray("dump", "session.sqlite").splitlines()]
    done = [result for _, result in items if result]
    found = sum(result["test_outcome"] == "killed" for result in done)
    rate = f"{'cosmic-ray':25} {len(done) / took:8.1f} mutants/s"
    return f"{rate}  {found} of {len(done)} detected in {took:.0f} s, of its own {len(items)}"


def tests_of(file: str) -> str:
    """The tests of the same name."""
    return f"tests/{Path(file).parent.name}/test_{Path(file).name}"


def configure(pyproject: Path, files: Sequence[str], tests: Sequence[str]) -> None:
    """Let mutmut mutate these files alone, and choose from these tests."""
    text = pyproject.read_text("utf-8")
    for key, values in (("only_mutate", files), ("pytest_add_cli_args_test_selection", tests)):
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(list(values))}", text)
        if count != 1:
            sys.exit(f"[tool.mutmut] of pyproject.toml has {count} lines {key!r}, not one; mend scripts/bench_score.py")
    pyproject.write_text(text, "utf-8")


def compared(outcomes: Sequence[Outcome]) -> list[str]:
    """Every mutant that one tool detects and another does not, by mutmut's name."""
    found = []
    for id in outcomes[-1].detected:
        said = {outcome.tool: outcome.detected[id] for outcome in outcomes if id in outcome.detected}
        if len(set(said.values())) > 1:
            found.append(
                f"{id}: " + ", ".join(f"{tool} {'detects' if yes else 'misses'}" for tool, yes in said.items())
            )
    return found


if __name__ == "__main__":
    sys.exit(main())
