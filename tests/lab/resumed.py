"""Run by test_resume.py in a process of its own: a score with a store, slow enough to be killed in the middle."""

import sys
import time
from functools import partial
from pathlib import Path

from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from nnlab.lab.score import Settings, score


def main(store: str, first_kill: str) -> None:
    """Print the verdicts, a line for each cell."""
    import toy  # type: ignore[import-not-found]

    def agrees(function: str, x: int, expected: int, seed: int) -> None:
        time.sleep(0.002)
        if (got := getattr(toy, function)(x)) != expected:
            raise Detected(f"expected {expected}, got {got}")

    triples = [Probe(f"triple {x}", partial(agrees, "triple", x, 3 * x)) for x in range(6)]
    both = [Probe(f"both {x}", partial(agrees, "triple", x, 3 * x)) for x in (0, 7)]
    blatant = fault("blatant", "1e9")
    detectors = [Detector("triples", "", lambda: triples, blatant), Detector("both", "", lambda: both, blatant)]
    faults = [fault(f"f{n}", f"x * SCALE if x != {n % 9} else {n}") for n in range(120)]
    faults[50] = fault("f50", "__import__('os')._exit(3)")
    settings = Settings(store=Path(store), first_kill=first_kill == "first")
    result = score(faults, detectors, 2, lambda *step: None, settings)
    for id, row in result.rows.items():
        for name, judgement in row.items():
            print(id, name, judgement.verdict, judgement.probe, judgement.evidence)


def fault(id: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit("toy:triple", "x * SCALE", faulty)])


if __name__ == "__main__":
    main(*sys.argv[1:])
