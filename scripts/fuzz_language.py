"""Random texts as programs: each is refused with a LanguageError or runs, in bounded time and memory, everywhere alike.

    python scripts/fuzz_language.py --inputs 100000 --seed 0

A third are random bytes, a third corpus programs and a third random programs, the last two with random edits. What the
interpreter accepts is compiled at -O0 and -O1 and must do the same. Exit code 1 at the first text that does anything
else; it is printed, shrunk if it can be parsed.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import riscv
from riscv import programs, random_programs
from riscv.agreement import disagreement
from riscv.lexer import KEYWORDS
from riscv.resolver import BUILTINS
from riscv.shrink import shrink

STEPS = 2_000
INSTRUCTIONS = 100_000
SECONDS = 5.0
LETTERS = 'abfx019 \n\t(){}[];,:=+-*/%&|^~!<>?"\\é\x00'
WORDS = sorted(KEYWORDS) + list(BUILTINS)


def text(random: Random, corpus: Sequence[str]) -> str:
    """One input."""
    kind = random.randrange(3)
    if kind == 0:
        size = random.randrange(200)
        return random.randbytes(size).decode("latin-1") if random.getrandbits(1) else letters(random, size)
    return edited(random, random.choice(corpus) if kind == 1 else random_programs.program(random))


def letters(random: Random, size: int) -> str:
    """Characters and words of the language in any order."""
    return "".join(random.choice(WORDS) + " " if random.randrange(3) else random.choice(LETTERS) for _ in range(size))


def edited(random: Random, program: str) -> str:
    """A program with a few parts dropped, doubled, moved or replaced."""
    for _ in range(random.randrange(1, 4)):
        start = random.randrange(len(program) + 1)
        end = min(len(program), start + int(random.expovariate(0.1)))
        part = random.choice(("", program[start:end] * 2, letters(random, 2), program[end : end + 9]))
        program = program[:start] + part + program[end:]
    return program


def outcome(program: str) -> str:
    """What came of a program, in a word; whatever is not documented is raised."""
    started = time.process_time()
    try:
        interpreted = riscv.interpret(program, STEPS)
    except riscv.LanguageError:
        word = "refused"
    else:
        word = "ended" if interpreted.trap is None else str(interpreted.trap.kind)
        compare(program, interpreted)
    seconds = time.process_time() - started
    if seconds > SECONDS:
        raise TimeoutError(f"{seconds:.1f} s")
    return word


def compare(program: str, expected: riscv.Outcome) -> None:
    """Compile a program that is one; ValueError if it does something else than it does interpreted."""
    for level in (0, 1):
        compiled = riscv.compile_source(program, level=level)
        complaint = disagreement(expected, riscv.run_program(compiled, (), INSTRUCTIONS))
        if complaint:
            raise ValueError(f"-O{level}: {complaint}")


def breaks(program: str) -> bool:
    """Does a program do what it must not?"""
    try:
        outcome(program)
    except Exception:
        return True
    return False


def fuzz(random: Random, inputs: int, run: Callable[[str], str]) -> tuple[Counter[str], str | None]:
    """How often each outcome came, and the first text that had none."""
    corpus = [source for _, source in programs.load()]
    counts: Counter[str] = Counter()
    for _ in range(inputs):
        program = text(random, corpus)
        try:
            counts[run(program)] += 1
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return counts, program
    return counts, None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, report, and say by the exit code whether all went well."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=100_000, metavar="N", help="how many texts (%(default)s)")
    options.add_argument("--seed", type=int, default=0, metavar="N", help="of the random draws (%(default)s)")
    chosen = options.parse_args(arguments)
    started = time.monotonic()
    counts, broken = fuzz(Random(chosen.seed), chosen.inputs, outcome)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{counts.total()} texts in {time.monotonic() - started:.0f} s, at most {memory} MiB: {dict(counts)}")
    if broken is None:
        return 0
    try:
        broken = shrink(broken, breaks)
    except Exception as error:
        print(f"cannot be shrunk: {error}", file=sys.stderr)
    print(broken)
    return 1


if __name__ == "__main__":
    sys.exit(main())
