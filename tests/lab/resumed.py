"""Run by test_resume.py in a process of its own: a score with a store, slow enough to be killed in the middle."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from nnlab.lab.score import Score, Settings, score


def main(store: str, first_kill: str) -> None:
    """Print the verdicts, a line for each cell."""
    settings = Settings(store=Path(store), first_kill=first_kill == "first")
    show(score(faults(120), detectors(0.002), 2, lambda *step: None, settings))


def detectors(seconds: float, before: Callable[[], None] = lambda: None) -> list[Detector]:
    """Two, whose probes sleep for so long, after what they do `before`."""
    import toy  # type: ignore[import-not-found]

    def agrees(function: str, x: int, expected: int, seed: int) -> None:
        before()
        time.sleep(seconds)
        if (got := getattr(toy, function)(x)) != expected:
            raise Detected(f"expected {expected}, got {got}")

    triples = [Probe(f"triple {x}", partial(agrees, "triple", x, 3 * x)) for x in range(6)]
    both = [Probe(f"both {x}", partial(agrees, "triple", x, 3 * x)) for x in (0, 7)]
    blatant = fault("blatant", "1e9")
    return [Detector("triples", "", lambda: triples, blatant), Detector("both", "", lambda: both, blatant)]


def faults(count: int) -> list[Fault]:
    """So many, one of which ends its process."""
    made = [fault(f"f{n}", f"x * SCALE if x != {n % 9} else {n}") for n in range(count)]
    made[50] = fault("f50", "__import__('os')._exit(3)")
    return made


def fault(id: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit("toy:triple", "x * SCALE", faulty)])


def show(result: Score) -> None:
    for id, row in result.rows.items():
        for name, judgement in row.items():
            print(id, name, judgement.verdict, judgement.probe, judgement.evidence)


if __name__ == "__main__":
    main(*sys.argv[1:])
