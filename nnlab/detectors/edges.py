"""What is legal at its bound, what a reader finds under torch's names, and layers of float32 that are made of layers.

The detector `contract` asks all of it: each line of `VALUES` and each check of `edges()` is one probe.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.clipping import is_close
from nnlab.detectors.subjects import layers, require
from nnlab.nn import Case, Fixed, Normal, Uniform

Array = np.ndarray[Any, Any]


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _float32(*shape: int) -> Array:
    return _rng().standard_normal(shape).astype(np.float32)


def _joined_in_front() -> Any:
    return nn.Parallel(nn.Tanh(), nn.Tanh(), combine="concat", dim=-2)(np.zeros((3, 2)))


def _scaled(size: int, scale_factor: float, mode: Any = "nearest") -> Any:
    return nn.Upsample(None, scale_factor, mode)(np.arange(1.0, size + 1)[None, None])


def _weights_of_attention(wrap: Callable[..., nn.Module]) -> Any:
    layer, x = wrap(nn.MultiheadAttention(2, 1, rng=_rng()), "in_proj_weight"), np.ones((1, 1, 2))
    return layer(x, x, x, need_weights=False)[1]


#: What is asked, and its answer to the last bit.
VALUES: dict[str, tuple[Callable[[], Any], Any]] = {
    "rank from which LayerNorm sees rows": (lambda: nn.LayerNorm((3, 4)).rows_from, 3),
    "rank from which RMSNorm sees rows": (lambda: nn.RMSNorm((3, 4)).rows_from, 3),
    "BatchNorm1d of two values": (lambda: nn.BatchNorm1d(1, 0.0)(np.array([[1.0], [3.0]])), [[-1.0], [1.0]]),
    "BatchNorm2d of two values": (lambda: nn.BatchNorm2d(1, 0.0)(np.array([[[[1.0, 3.0]]]])), [[[[-1.0, 1.0]]]]),
    "state of BatchNorm1d": (
        lambda: {name: str(array.dtype) for name, array in nn.BatchNorm1d(3).state_dict().items()},
        dict.fromkeys(["weight", "bias", "running_mean", "running_var"], "float64") | {"num_batches_tracked": "int64"},
    ),
    "Parallel along its first axis": (lambda: _joined_in_front().shape, (6, 2)),
    "ConvTranspose1d to one entry": (
        lambda: nn.ConvTranspose1d(1, 2, 1, rng=_rng())(np.ones((3, 1, 1))).shape,
        (3, 2, 1),
    ),
    "ZeroPad2d to one entry": (lambda: nn.ZeroPad2d(-1)(np.arange(9.0).reshape(3, 3)), [[4.0]]),
    "Flatten of one dimension": (lambda: nn.Flatten(1, 1)(np.zeros((2, 3, 4))).shape, (2, 3, 4)),
    "Flatten from the first dimension, from behind": (lambda: nn.Flatten(-3, -2)(np.zeros((2, 3, 4))).shape, (6, 4)),
    "Upsample of 4 entries by 2.7": (
        lambda: _scaled(4, 2.7).tolist(),
        [[[1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0]]],
    ),
    "Upsample of 3 entries to 7 by 2.5": (lambda: _scaled(3, 2.5).tolist(), [[[1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]]]),
    "CrossEntropyLoss of one class": (lambda: nn.CrossEntropyLoss()(np.ones((2, 1)), np.array([0, -100])), 0.0),
    "MultiLabelMarginLoss of one class": (
        lambda: nn.MultiLabelMarginLoss()(np.ones((2, 1)), np.array([[0], [-1]])),
        0.0,
    ),
    "train after eval": (lambda: nn.Tanh().eval().train().training, True),
    "what is constant in a Parameter": (
        lambda: nn.Parameter(np.ones(2), np.array([True, False])).constant,
        [True, False],
    ),
    "shape of g in WeightNorm of dim -1": (
        lambda: nn.WeightNorm(nn.Linear(3, 2, rng=_rng()), dim=-1).original0.data.shape,
        (),
    ),
    "WeightNorm passes need_weights": (
        lambda: _weights_of_attention(nn.WeightNorm),
        None,
    ),
    "SpectralNorm passes need_weights": (lambda: _weights_of_attention(partial(nn.SpectralNorm, rng=_rng())), None),
    "buffers inside WeightNorm": (
        lambda: [name for name, _ in nn.Sequential(nn.WeightNorm(nn.BatchNorm1d(2))).named_buffers()],
        ["0.running_mean", "0.running_var", "0.num_batches_tracked"],
    ),
    "SelfAttention without biases": (
        lambda: list(nn.SelfAttention(2, bias=False, rng=_rng()).state_dict()),
        ["query.weight", "key.weight", "value.weight"],
    ),
}


def _is(call: Callable[[], Any], expected: Any, seed: int) -> None:
    got = call()
    got = got.tolist() if isinstance(got, np.ndarray) else got
    require(got == expected, f"expected {expected!r}, got {got!r}")


def _tracks_nothing(seed: int) -> None:
    """With track_running_stats=False nothing is noted of a batch."""
    for layer, shape in ((nn.BatchNorm1d, (4, 3)), (nn.BatchNorm2d, (2, 3, 2, 2))):
        norm: Any = layer(3, track_running_stats=False)
        norm(np.random.default_rng(seed).standard_normal(shape) + 2)
        found = [*norm.running_mean, *norm.running_var, norm.num_batches_tracked]
        is_close(f"running statistics of {layer.__name__}", found, [0, 0, 0, 1, 1, 1, 0])


def _adds_the_epsilon_of_its_dtype(seed: int) -> None:
    """RMSNorm's eps is by default that of x's dtype, which a small x shows."""
    sizes: dict[Any, float] = {np.float32: 1e-4, np.float64: 1e-8}
    for dtype, size in sizes.items():
        x = np.array([3 * size, 4 * size], dtype)
        expected: Array = x / np.sqrt(12.5 * size**2 + np.finfo(dtype).eps)
        is_close(f"RMSNorm in {dtype.__name__}", nn.RMSNorm(2, dtype=dtype)(x), expected, 1e-6)


def _stays_in_float32(seed: int) -> None:
    """Layers that are made of layers of float32 compute in it, and keep in it what they keep."""
    linear = nn.Linear(3, 3, rng=_rng(), dtype=np.float32)
    found: dict[str, Any] = {}
    for combine in ("sum", "concat", "tuple"):
        layer = nn.Parallel(nn.Tanh(), linear, combine=combine)
        y = layer(_float32(2, 3))
        found[f"gradient of Parallel, {combine}"] = layer.backward(*(y if combine == "tuple" else (y,)))
    norm = nn.SpectralNorm(linear, rng=_rng())
    found |= {f"{name} of SpectralNorm": buffer.copy() for name, buffer in norm.named_buffers()}
    for mode in (False, True):
        found[f"y of SpectralNorm with training={mode}"] = norm.train(mode)(_float32(2, 3))
    found |= {f"weight of SpectralNorm, {name}": p.data for name, p in norm.named_parameters()}
    found |= {
        f"{name} of LoRALinear": a
        for name, a in nn.LoRALinear(3, 2, 1, rng=_rng(), dtype=np.float32).state_dict().items()
    }
    for name, array in found.items():
        require(array.dtype == np.float32, f"{name}: expected float32, got {array.dtype}")


def _interpolates_by_what_it_was_given(seed: int) -> None:
    """A scale_factor is used as it is, but for "nearest", also where it doubles the size."""
    at = np.clip((np.arange(6) + 0.5) / 2.3 - 0.5, 0, 2)
    is_close("Upsample by 2.3", _scaled(3, 2.3, "linear").ravel(), 1 + at)


def _is_a_list(seed: int) -> None:
    """A slice is a list of the same layers and of the same kind; extend and append add to what is there."""
    a, b, c = nn.Tanh(), nn.ReLU(), nn.Sigmoid()
    for held in (nn.ModuleList([a]), nn.Sequential(a)):
        kind = type(held)
        held.extend([b]).append(c)
        require([*held] == [a, b, c], f"{kind.__name__}: expected three layers, got {len(held)}")
        part = held[1:]
        require(type(part) is kind, f"a slice: expected {kind.__name__}, got {type(part).__name__}")
        require([*part] == [b, c], f"a slice of {kind.__name__}: expected the last two layers, got {len(part)}")
        require([*held] == [a, b, c], f"{kind.__name__} after a slice: expected three layers, got {len(held)}")


def _inverts_aside(seed: int) -> None:
    """After inverse, backward still belongs to the latest forward, also of a module with layers inside."""
    rng = np.random.default_rng(seed)
    layer = nn.AffineCoupling(nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Tanh()), 2)
    alone = copy.deepcopy(layer)
    x, y, dy = (rng.standard_normal((4, 3)) for _ in range(3))
    layer(x)
    alone(x)
    layer.inverse(y)
    is_close("gradient of x", layer.backward(dy), alone.backward(dy))


def _has_no_state_to_return(seed: int) -> None:
    """A cell that got no state returns the gradient of x alone."""
    cell = nn.LSTMCell(2, 3, rng=_rng())
    h, c = cell(np.ones((1, 2)))
    dx = cell.backward(np.ones_like(h), np.ones_like(c))
    require(isinstance(dx, np.ndarray), f"gradient: expected an array, got a {type(dx).__name__}")


def _clips_what_is_large(seed: int) -> None:
    """The squares of float32 may be above all of its numbers; infinity times 0 is no warning."""
    parameter = nn.Parameter(np.ones(2, np.float32))
    parameter.grad[...] = (3e30, 4e30)
    is_close("norm / 1e30", nn.clip_grad_norm_(parameter, 1.0) / 1e30, 5.0, 1e-6)
    is_close("clipped gradient", parameter.grad, [0.6, 0.8], 1e-6)
    parameter.grad[...] = np.inf
    with np.errstate(all="raise"):
        nn.clip_grad_norm_(parameter, 1.0)


def _draws_in_its_dtype(seed: int) -> None:
    """What a case draws has the dtype that was asked for, also inside of tuples; integers stay integers."""
    case = Case(x=[Normal((2,)), (Normal((2,)), (Uniform((), 0.0, 1.0),)), Fixed([1, 2])])
    a, (b, (c,)), d = case.draw(np.random.default_rng(seed), np.float32)
    types = [str(x.dtype) for x in (a, b, c, d)]
    require(types == [*3 * ["float32"], "int64"], f"dtypes: expected float32 thrice and int64, got {types}")


def _moves_every_entry(seed: int) -> None:
    """randomize moves each entry of parameters and floating buffers by a step of its own, and counts of nothing."""
    for dtype in (np.float32, np.float64):
        layer = nn.BatchNorm1d(5, dtype=dtype)
        before, mean = layer.state_dict(), layer.running_mean
        nn.randomize(layer, np.random.default_rng(seed))
        moved = {name: array - before[name] for name, array in layer.state_dict().items()}
        require(not moved.pop("num_batches_tracked").any(), "num_batches_tracked: expected 0, it moved")
        for name, steps in moved.items():
            require(len({*steps.tolist()}) == 5, f"{name}: expected five unlike steps, got {steps.tolist()}")
        require(layer.running_mean is mean, "running_mean: expected to be moved in place, got a new array")
        for name in ("running_mean", "running_var"):
            fits = bool((moved[name] > 0.099).all() and (moved[name] < 0.901).all())
            require(fits, f"{name}: expected steps in [0.1, 0.9], so that variances stay above 0, got {moved[name]}")


#: Arguments that a layer keeps in another form: as a Parameter or None, and counted from the front.
_IN_ANOTHER_FORM = ("bias", "padding_idx")


def _kept(layer: type[nn.Module]) -> Iterator[tuple[str, Any, Any]]:
    """Each number or word that stands under an argument's name: where, what was given, and what is there."""
    for case in layer.cases:
        module = case.build(layer, np.random.default_rng(0))
        given = inspect.signature(layer).bind_partial(*case.args, **case.kwargs)
        given.apply_defaults()
        for name, value in given.arguments.items():
            if name in _IN_ANOTHER_FORM or value in ("same", "valid") or name not in vars(module):
                continue  # "same" and "valid" become margins
            wanted, got = tuple(value) if isinstance(value, list) else value, vars(module)[name]
            if _is_plain(wanted) and (_is_plain(got) or got is None):
                yield f"{layer.__name__}{case}: {name}", wanted, got


def _keeps_its_arguments(layer: type[nn.Module], seed: int) -> None:
    """What stands under an argument's name is what was given, or that for each dimension."""
    for where, wanted, got in _kept(layer):
        each = (wanted,) * len(got) if isinstance(got, tuple) else got
        require(got in (wanted, each) and got is not None, f"{where} is {got!r}, not {wanted!r}")


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str) or (isinstance(value, tuple) and all(map(_is_plain, value)))


_CHECKS: dict[str, Callable[[int], None]] = {
    **{name: partial(_is, *row) for name, row in VALUES.items()},
    "BatchNorm tracks nothing": _tracks_nothing,
    "RMSNorm's eps by default": _adds_the_epsilon_of_its_dtype,
    "layers of layers stay in float32": _stays_in_float32,
    "Upsample by what it was given": _interpolates_by_what_it_was_given,
    "ModuleList is a list": _is_a_list,
    "AffineCoupling inverts aside": _inverts_aside,
    "LSTMCell without a state": _has_no_state_to_return,
    "clip_grad_norm_ of what is large": _clips_what_is_large,
    "Case draws in its dtype": _draws_in_its_dtype,
    "randomize moves every entry": _moves_every_entry,
}


def edges() -> dict[str, Callable[[int], None]]:
    """All of these, and one for each layer that keeps an argument under its name."""
    keepers = [layer for layer in layers() if any(True for _ in _kept(layer))]
    return _CHECKS | {
        f"{layer.__name__} keeps its arguments": partial(_keeps_its_arguments, layer) for layer in keepers
    }
