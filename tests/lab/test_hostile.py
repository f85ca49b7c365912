"""Thirty hostile faults in one run: each gets its right verdict, and nobody else's changes."""

import os
from pathlib import Path
from types import ModuleType

import pytest

from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe, Verdict
from nnlab.lab.engine.limits import Limits
from nnlab.lab.score import Score, Settings, score

K, C, T, S = Verdict.KILLED, Verdict.CRASHED, Verdict.TIMEOUT, Verdict.SURVIVED

#: What the fault does before (or instead of) `y = x * SCALE`, and what the detector says of it.
HOSTILE: dict[str, tuple[str, Verdict]] = {
    "exits-at-once": ("import os; os._exit(0); y = x", C),
    "exits-politely": ("raise SystemExit(3)", C),
    "aborts": ("import os; os.abort(); y = x", C),
    "segfaults": ("import ctypes; ctypes.string_at(0); y = x", C),
    "kills-itself": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL); y = x", C),
    "interrupts": ("raise KeyboardInterrupt", C),
    "stops-itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP); y = x * SCALE", T),
    "loops-in-python": ("while True: pass", T),
    "loops-and-catches-all": (
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        T,
    ),
    "loops-in-c": ("import collections, itertools; collections.deque(itertools.repeat(0), 0); y = x", T),
    "sleeps": ("import time; time.sleep(1e6); y = x", T),
    "recurses": ("y = triple(x)", C),
    "recurses-deeper": ("import sys; sys.setrecursionlimit(5000); y = triple(x)", C),
    "allocates": ("y = bytearray(1 << 40)", C),
    "allocates-bit-by-bit": ("y = []\nwhile True: y.append(bytearray(1 << 26))", C),
    "fills-the-disk": ("import tempfile\nwith tempfile.TemporaryFile() as f: f.truncate(1 << 40)\ny = x * SCALE", C),
    "closes-standard-output": ("import os; os.closerange(1, 2); y = x * SCALE", S),
    "closes-every-file": ("import os; os.closerange(0, 256); y = x * SCALE", S),
    "writes-into-every-file": (
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'junk' * 9)\n    except OSError: pass\ny = x + 1",
        K,
    ),
    "leaves-a-global": ("global SCALE; SCALE = 3 if SCALE == 2 else 2; y = x * SCALE", K),
    "leaves-a-class-attribute": ("Base.factor = 1; y = x * SCALE", S),
    "leaves-a-container": ("NAMES_SEEN.append(x); y = x * SCALE", S),
    "seeds-numpy": ("import numpy; numpy.random.seed(1); y = x * SCALE", S),
    "seeds-python": ("import random; random.seed(1); y = x * SCALE", S),
    "changes-errstate": ("import numpy; numpy.seterr(all='raise'); y = x * SCALE", S),
    "changes-warnings": ("import warnings; warnings.simplefilter('error'); y = x * SCALE", S),
    "warns": ("import warnings; warnings.warn('toy'); y = x * SCALE", S),
    "changes-environment": ("import os; os.environ['TOY'] = '1'; y = x * SCALE", S),
    "changes-folder": ("import os; os.chdir('/'); y = x * SCALE", S),
    "leaves-a-file-open": ("global LEFT; LEFT = open('/dev/null'); y = x + 1", K),
    "leaves-a-thread": (
        "import threading, time; threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start(); y = x * SCALE",
        S,
    ),
    "takes-the-signal": ("import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN); y = x * SCALE", S),
    "takes-the-signal-and-loops": ("import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass", T),
    "forks": ("import os; os.fork(); y = x * SCALE", S),
    "changes-standard-output": ("import sys, io; sys.stdout = io.StringIO(); y = x * SCALE", S),
    "prints-without-end": ("while True: print('x' * 10000)", T),
}
PLAIN = {"wrong": ("y = x + 1", K), "equivalent": ("y = SCALE * x", S), "raises": ("y = x / 0", C)}
LIMITS = Limits(cpu=0.3, wall=4.0, memory=1 << 27, output=1 << 20)


def fault(id: str, code: str) -> Fault:
    return Fault(
        id=id, title=id, pattern="toy", source=Cited("here"), edits=[Edit("toy:triple", "y = x * SCALE", code)]
    )


def faults() -> list[Fault]:
    """Each hostile fault between plain ones."""
    found = []
    for number, (id, (code, _)) in enumerate(HOSTILE.items()):
        found.append(fault(id, code))
        found += [fault(f"{plain}-{number}", code) for plain, (code, _) in PLAIN.items()]
    return found


def detectors(toy: ModuleType) -> list[Detector]:
    """One that sees triple, and one that sees what a fault of triple can only have left behind."""

    def is_triple(x: int) -> None:
        if (y := toy.triple(x)) != 3 * x:
            raise Detected(f"got {y}")

    def leaves_all_else() -> None:
        toy.triple(0)
        if toy.Child().apply(4) != 9 or toy.NAMES_SEEN != [] or "TOY" in os.environ:
            raise Detected("something was left behind")

    blatant = fault("blatant", "y = 0")
    probes = [Probe(str(x), lambda seed, x=x: is_triple(x)) for x in (2, 5)]  # type: ignore[misc]
    other = Fault("b", "", "toy", Cited(""), [Edit("toy:Child.apply", "+ 1", "+ 2")])
    clean = Probe("rest", lambda seed: leaves_all_else())
    return [Detector("triples", "", lambda: probes, blatant), Detector("rest", "", lambda: [clean], other)]


def quiet(doing: str, done: int, total: int) -> None:
    pass


def run(toy: ModuleType, workers: int = 2, **settings: object) -> Score:
    return score(faults(), detectors(toy), workers, quiet, Settings(limits=LIMITS, **settings))  # type: ignore[arg-type]


def verdicts(result: Score) -> dict[str, Verdict]:
    return {id: row["triples"].verdict for id, row in result.rows.items()}


def expected() -> dict[str, Verdict]:
    found = {}
    for number, (id, (_, verdict)) in enumerate(HOSTILE.items()):
        found[id] = verdict
        found |= {f"{plain}-{number}": verdict for plain, (_, verdict) in PLAIN.items()}
    return found


@pytest.fixture
def open_toy(toy: ModuleType) -> ModuleType:
    """The toy with a list that a fault can add to."""
    toy.NAMES_SEEN = []
    return toy


def test_there_are_thirty_of_them() -> None:
    assert len(HOSTILE) >= 30


@pytest.mark.slow
def test_each_gets_its_verdict_and_nobody_elses_changes(open_toy: ModuleType) -> None:
    folder, files = Path.cwd(), len(os.listdir("/dev/fd"))  # noqa: PTH208
    result = run(open_toy)
    assert verdicts(result) == expected()
    rest = {id: row["rest"].verdict for id, row in result.rows.items()}
    plain = {id: verdict for id, verdict in rest.items() if id not in HOSTILE}
    assert {id.rpartition("-")[0] for id, verdict in plain.items() if verdict is not S} == {"raises"}
    # And the process that asked for it is as it was.
    assert open_toy.triple(2) == 6
    assert (Path.cwd(), len(os.listdir("/dev/fd"))) == (folder, files)  # noqa: PTH208
    assert "TOY" not in os.environ
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
