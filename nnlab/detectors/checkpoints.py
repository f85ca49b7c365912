"""What the detector `training` expects of checkpoints: the same state again, and a run that goes on bit for bit."""

import contextlib
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require
from nnlab.errors import InputError
from nnlab.lab import Probe


def checkpoint_probes() -> list[Probe]:
    return [
        Probe("checkpoint", _round_trip, seeded=False),
        *(Probe(f"resumed run of {name}", partial(_resumes, *row)) for name, row in RESUMED.items()),
    ]


TREE: dict[str, Any] = {
    "numbers": [1, -2.5, 10**20, float("inf"), 0.1 + 0.2, True, None, "Grüße, 世界"],
    "tuple": (1, (2.0, "x"), []),
    "tuple of arrays": (np.array([1.5, 2.5]), (np.arange(2),)),
    "arrays": {
        "float32": np.array([[1.5, -0.0], [np.inf, 1e-45]], np.float32),
        "float64": np.array(0.1),
        "integers": np.arange(3, dtype=np.int64),
        "flags": np.array([True, False]),
        "empty": np.zeros((0, 3)),
        "columns": np.arange(6.0).reshape(2, 3).T,
    },
    "arrays of the same names": {"float32": np.array([2.5]), "flags": np.array([[False]])},
    "none": {},
}


def _same(what: str, got: Any, expected: Any) -> None:
    """Of the same kind and value, down to types and bits."""
    require(type(got) is type(expected), f"{what}: expected {type(expected).__name__}, got {type(got).__name__}")
    if isinstance(expected, dict):
        require(list(got) == list(expected), f"{what}: expected the keys {list(expected)}, got {list(got)}")
    if isinstance(expected, dict | list | tuple):
        keys = list(expected) if isinstance(expected, dict) else range(len(expected))
        require(len(got) == len(expected), f"{what}: expected {len(expected)} entries, got {len(got)}")
        for key in keys:
            _same(f"{what}[{key!r}]", got[key], expected[key])
    elif isinstance(expected, np.ndarray):
        shown = f"{expected.dtype}{expected.shape}"
        require(got.dtype == expected.dtype and got.shape == expected.shape, f"{what}: expected {shown}")
        require(got.tobytes() == expected.tobytes(), f"{what}: expected {expected.tolist()}, got {got.tolist()}")
    else:
        require(got == expected, f"{what}: expected {expected!r}, got {got!r}")


def _round_trip(seed: int) -> None:
    """load gives what save took, under the name it was given; a failed save leaves the old file and no other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.checkpoint"
        for tree in ({"old": 1}, TREE):
            nn.save(path, tree)
            require(
                [file.name for file in Path(folder).iterdir()] == [path.name], "files: expected the checkpoint alone"
            )
            _same("state", nn.load(path), tree)
        with contextlib.suppress(InputError):
            nn.save(path, {"good": np.ones(2), "bad": object()})
        require([file.name for file in Path(folder).iterdir()] == [path.name], "files after an error: expected one")
        _same("state after a failed save", nn.load(path), TREE)
        taken = Path(folder) / "taken"
        taken.mkdir()
        with contextlib.suppress(OSError):
            nn.save(str(taken), TREE)  # a path may be text; no file can take a folder's place
        left = sorted(file.name for file in Path(folder).iterdir())
        require(left == [path.name, "taken"], f"files after an error at the end: expected two, got {left}")


RESUMED: dict[str, tuple[Callable[..., nn.Optimizer], Callable[..., Any]]] = {
    "Adam, WarmupCosine": (partial(nn.Adam, lr=0.1, amsgrad=True), partial(nn.WarmupCosine, warmup=2, total=7)),
    "SGD, OneCycleLR": (
        partial(nn.SGD, lr=0.1, momentum=0.9, nesterov=True),
        partial(nn.OneCycleLR, max_lr=0.2, total_steps=8),
    ),
    "NAdam, ReduceLROnPlateau": (partial(nn.NAdam, lr=0.3), partial(nn.ReduceLROnPlateau, patience=0, factor=0.5)),
    "Adafactor, StepLR": (partial(nn.Adafactor, lr=0.1), partial(nn.StepLR, step_size=2, gamma=0.5)),
}


def _resumes(make: Callable[..., nn.Optimizer], plan: Callable[..., Any], seed: int) -> None:
    """A run that is saved, rebuilt and loaded in its middle goes on bit for bit as the one that was not stopped."""
    data = np.random.default_rng([seed, 1])
    x, target = data.standard_normal((7, 3)), data.standard_normal((7, 2))

    def build(seed: int) -> nn.Trainer:
        rng = np.random.default_rng(seed)
        model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=rng))
        optimizer = make(model.parameters())
        return nn.Trainer(model, nn.MSELoss(), optimizer, rng=rng, schedule=plan(optimizer))

    def parts(trainer: nn.Trainer) -> dict[str, Any]:
        return {"model": trainer.model, "optimizer": trainer.optimizer, "schedule": trainer.schedule}

    whole, resumed = build(seed), build(seed + 1)
    whole.fit(x, target, 3)
    with tempfile.TemporaryDirectory() as folder:
        nn.save(Path(folder) / "run.npz", {name: part.state_dict() for name, part in parts(whole).items()})
        whole.fit(x, target, 4)
        saved = nn.load(Path(folder) / "run.npz")
    for name, part in parts(resumed).items():
        part.load_state_dict(saved[name])
    resumed.fit(x, target, 4)
    _same("history.train", resumed.history.train, whole.history.train[3:])
    _same("history.lr", resumed.history.lr, whole.history.lr[3:])
    _same("model", resumed.model.state_dict(), whole.model.state_dict())
