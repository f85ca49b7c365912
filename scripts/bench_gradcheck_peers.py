"""The checkers of scripts/bench_gradcheck.py: nnlab's, and those that are detectors for comparison."""

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab.detectors import autograd_check_grads, jax_check_grads, torch_gradcheck
from nnlab.detectors.peers import Check, PureLayer
from nnlab.detectors.subjects import LayerSubject
from nnlab.gradcheck import check
from nnlab.lab import Detected

#: What makes each peer's check, under the package that it needs.
PEERS: dict[str, dict[str, Callable[[], Check]]] = {
    "torch": {
        "torch fast": partial(torch_gradcheck.check, fast_mode=True),
        "torch slow": partial(torch_gradcheck.check, fast_mode=False),
    },
    "jax": {"jax": jax_check_grads.check},
    "autograd": {"autograd": autograd_check_grads.check},
}


def ours(layer: PureLayer, seed: int, mode: Any = "screen") -> None:
    report = check(
        layer.forward, *layer.arrays, vjp=lambda dy, *x: layer.vjp(x, dy), rng=np.random.default_rng(seed), mode=mode
    )
    if report.outcome == "disagrees":
        raise Detected(str(report))


OURS: dict[str, Check] = {"nnlab": ours, "nnlab exact": partial(ours, mode="exact")}


def finds(checker: Check, layer: PureLayer, seed: int) -> bool:
    try:
        checker(layer, seed)
    except Detected:
        return True
    return False


def timed_runs(subject: LayerSubject) -> dict[str, Callable[[], Any]]:
    """What is timed: each checker on a layer of its own kind, or around ours."""
    module, inputs = subject.draw(subject.rng(0))
    runs: dict[str, Callable[[], Any]] = {
        "nnlab": lambda: check(module, *inputs),
        "nnlab exact": lambda: check(module, *inputs, mode="exact"),
    }
    if importlib.util.find_spec("torch"):
        native = partial(_native, subject, inputs)
        runs |= {"torch fast": native(fast=True), "torch slow": native(fast=False)}
    for package in ("jax", "autograd"):
        if importlib.util.find_spec(package):
            runs |= {name: partial(make(), PureLayer(subject, 0), 0) for name, make in PEERS[package].items()}
    return runs


def _native(subject: LayerSubject, inputs: tuple[Any, ...], fast: bool) -> Callable[[], Any]:
    """torch's checker on torch's own module: all outputs, inputs and parameters."""
    import torch

    torch.set_num_threads(1)
    module = getattr(torch.nn, subject.layer.__name__)(*subject.case.args, **subject.case.kwargs).double()
    names = [name for name, _ in module.named_parameters()]
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs] + list(module.parameters())

    def function(*given: Any) -> Any:
        state = dict(zip(names, given[len(inputs) :], strict=True))
        y = torch.func.functional_call(module, state, given[: len(inputs)])
        return tuple(torch.utils._pytree.tree_leaves(y))

    return lambda: torch.autograd.gradcheck(function, tensors, fast_mode=fast)
