"""torch's numbers: recorded beside the tests, and computed anew where torch is there.

Every run compares nnlab with the recorded numbers; where torch can be imported the recorded numbers are compared
with torch. NNLAB_PEERS=0 leaves torch out, as does mutation testing.
"""

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.nn.subjects import LAYERS, SUBJECTS, Subject, arrays
from tests.nn.traces import SCHEDULES, TRACES

RECORDED = Path(__file__).parent / "recorded"
ANEW = "record torch's numbers anew with scripts/record_peers.py"


def torch_is_wanted() -> bool:
    """Whether to compare with torch itself."""
    off = os.environ.get("NNLAB_PEERS") == "0" or "MUTANT_UNDER_TEST" in os.environ
    return not off and importlib.util.find_spec("torch") is not None


@cache
def recorded(name: str) -> dict[str, Any]:
    """All recorded arrays of a layer, of the optimizers or of the schedules."""
    with np.load(RECORDED / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def recorded_results(subject: Subject) -> dict[str, Any]:
    """torch's results for a subject, after a look whether the subject is still the same."""
    prefix = f"{subject.number} "
    found = {k.removeprefix(prefix): v for k, v in recorded(subject.layer.__name__).items() if k.startswith(prefix)}
    assert found, f"{subject} is not recorded: {ANEW}"
    print_then, print_now = found.pop("fingerprint"), fingerprint(subject)
    assert abs(print_then - print_now) < 1e-6, f"{subject} has other parameters or inputs than recorded: {ANEW}"
    return found


def fingerprint(subject: Subject) -> float:
    """A number that changes with any number that goes into a subject."""
    module, inputs = subject.build(), subject.draw()
    numbers = [*module.state_dict().values(), *arrays(inputs), *arrays(subject.cotangents(module(*inputs)))]
    flat = np.concatenate([np.where(np.isinf(x), 9.0, x).ravel() for x in numbers])
    return float(flat @ np.sin(1 + np.arange(flat.size)))


def computed(name: str) -> dict[str, Any]:
    """What `recorded(name)` should be, computed by torch."""
    from tests.nn.twin_optimizers import expected_rates, expected_trace
    from tests.nn.twins import expected

    if name == "optimizers":
        return {str(i): expected_trace(trace) for i, trace in enumerate(TRACES)}
    if name == "schedules":
        return {str(i): expected_rates(rates) for i, rates in enumerate(SCHEDULES)}
    found: dict[str, Any] = {}
    for subject in (subject for subject in SUBJECTS if subject.layer.__name__ == name):
        found[f"{subject.number} fingerprint"] = np.array(fingerprint(subject))
        found |= {f"{subject.number} {key}": array for key, array in expected(subject).items()}
    return found


NAMES = [*(layer.__name__ for layer in LAYERS), "optimizers", "schedules"]


def record() -> None:
    """Write all files, and remove those of layers that are gone."""
    RECORDED.mkdir(exist_ok=True)
    for old in RECORDED.glob("*.npz"):
        old.unlink()
    for name in NAMES:
        np.savez_compressed(RECORDED / f"{name}.npz", **computed(name))
