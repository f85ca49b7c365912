"""Random programs through the compiler: interpreter, -O0 and -O1 agree, and nothing that watches them complains.

    python scripts/fuzz_programs.py                                20,000 programs, on two processes
    python scripts/fuzz_programs.py --programs 2000 --unicorn      also in lock-step with Unicorn
    python scripts/fuzz_programs.py --programs 1 --seed 123        one of them again

Each program is compiled with the verifier and the allocation checker on, and run under every monitor. Exit code 1 if a
program fails: the first is printed, shrunk.
"""

import argparse
import contextlib
import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import riscv
from riscv import heap, peers, random_programs
from riscv.agreement import disagreement, kind
from riscv.compiler import LEVELS
from riscv.monitors import MONITORS
from riscv.outcome import RESOURCES
from riscv.shrink import shrink

STEPS = 100_000  # of the interpreter
INSTRUCTIONS = 5_000_000


def failure(text: str, unicorn: bool) -> tuple[str, str]:
    """How a program ends, and what is wrong with it, "" if nothing is."""
    expected = riscv.interpret(text, STEPS)
    heaps = []
    for level in LEVELS:
        try:
            program = riscv.compile_source(text, level=level, check=True)
            got, words = heap.run(program.image, tuple(MONITORS), INSTRUCTIONS)
            if unicorn:
                peers.lockstep(program.image, INSTRUCTIONS)
        except (riscv.CompilerError, riscv.AssemblyError, peers.DivergenceError) as error:
            return "failed", f"-O{level}: {error}"
        if complaint := disagreement(expected, got) or "".join(v.message for v in got.violations[:1]):
            return "failed", f"-O{level}: {complaint}"
        heaps.append(words)
    if heaps[0] != heaps[1] and kind(expected) not in RESOURCES:
        return "failed", "the heap at the end differs between -O0 and -O1"
    return kind(expected), ""


def judge(seed: int, unicorn: bool) -> tuple[int, str, str]:
    """The seed of a program and what `failure` says of it."""
    try:
        return seed, *failure(random_programs.program(Random(seed)), unicorn)
    except Exception as error:
        options = f"--seed {seed}{' --unicorn' * unicorn}"
        error.add_note(f"repeat it with: python scripts/fuzz_programs.py --programs 1 {options}")
        raise


def smallest(text: str, unicorn: bool) -> str:
    """A small program with which something is wrong too."""
    return shrink(text, lambda text: bool(failure(text, unicorn)[1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, report, and say by the exit code whether all went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=20_000, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first program (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (%(default)s)")
    parser.add_argument("--unicorn", action="store_true", help="run them in lock-step with Unicorn as well")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    seeds = range(options.seed, options.seed + options.programs)
    ends, failures = judged(seeds, partial(judge, unicorn=options.unicorn), options.jobs)
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    print(f"{ends.total()} programs in {time.monotonic() - started:.0f} s, at most {memory} MiB: {dict(ends)}")
    if not failures:
        return 0
    for seed, complaint in failures[:20]:
        print(f"seed {seed}: {complaint}")
    print(smallest(random_programs.program(Random(failures[0][0])), options.unicorn))
    return 1


def judged(
    seeds: Sequence[int], judge: Callable[[int], tuple[int, str, str]], jobs: int
) -> tuple[Counter[str], list[tuple[int, str]]]:
    """How often programs ended in which way, and the seeds of those that failed with the complaint."""
    ends: Counter[str] = Counter()
    failures = []
    with multiprocessing.get_context("spawn").Pool(jobs) if jobs > 1 else contextlib.nullcontext() as pool:
        for seed, end, complaint in pool.imap_unordered(judge, seeds, chunksize=20) if pool else map(judge, seeds):
            ends[end] += 1
            if complaint:
                failures.append((seed, complaint))
    return ends, sorted(failures)


if __name__ == "__main__":
    sys.exit(main())
