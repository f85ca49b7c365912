"""What the detector `training` expects of clipping: the formulas, entry by entry."""

from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require
from nnlab.errors import InputError
from nnlab.lab import Probe

Rng = np.random.Generator


def clipping_probes() -> list[Probe]:
    norms = [
        Probe(f"clip_grad_norm_({max_norm}, {kind}) in {dtype.__name__}", partial(_clips_norm, kind, max_norm, dtype))
        for kind, max_norm, dtype in (
            (2.0, 0.5, np.float64),
            (2.0, 1000.0, np.float64),
            (1.0, 2.0, np.float64),
            (3.0, 0.25, np.float64),
            (np.inf, 1.5, np.float64),
            (np.inf, 1000.0, np.float64),
            (2.0, 0.5, np.float32),
        )
    ]
    return [
        *norms,
        Probe("clip_grad_norm_ of one parameter", _clips_one, seeded=False),
        Probe("clip_grad_norm_ of infinity", partial(_clips_infinite, np.inf), seeded=False),
        Probe("clip_grad_norm_ of NaN", partial(_clips_infinite, np.nan), seeded=False),
        Probe("clip_grad_value_", _clips_value),
    ]


def is_close(what: str, got: Any, expected: Any, tolerance: float = 1e-12) -> None:
    """Raise Detected at the first entry that is off by more than the tolerance, relative to 1 or the largest."""
    found, wanted = np.asarray(got), np.asarray(expected)
    require(found.shape == wanted.shape, f"{what}: expected shape {wanted.shape}, got {found.shape}")
    far = ~(np.abs(found - wanted) <= tolerance * max(1.0, float(np.abs(wanted).max(initial=0.0))))
    for index in map(tuple, np.argwhere(far & ~(np.isnan(found) & np.isnan(wanted)))[:1].tolist()):
        entry = f"{what}{list(index)}" if index else what
        require(False, f"{entry}: expected {wanted[index]:.15g}, got {found[index]:.15g}")


def _parameters(rng: Rng, dtype: type = np.float64) -> list[nn.Parameter]:
    """Three of unlike shapes whose gradients are of unlike size."""
    made = [nn.Parameter(rng.standard_normal(shape).astype(dtype)) for shape in ((2, 3), (4,), (1,))]
    for parameter, size in zip(made, (0.1, 3.0, 20.0), strict=True):
        parameter.grad[...] = size * rng.standard_normal(parameter.data.shape)
    return made


def _clips_norm(norm_type: float, max_norm: float, dtype: type, seed: int) -> None:
    """All gradients by one factor, which makes their common norm max_norm; shorter ones stay as they are."""
    parameters = _parameters(np.random.default_rng(seed), dtype)
    data = [parameter.data.copy() for parameter in parameters]
    before = [parameter.grad.copy() for parameter in parameters]
    entries = [abs(float(x)) for g in before for x in g.ravel()]
    norm = max(entries) if norm_type == np.inf else sum(x**norm_type for x in entries) ** (1 / norm_type)
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    is_close("returned norm", nn.clip_grad_norm_((p for p in parameters), max_norm, norm_type), norm, tolerance)
    factor = max_norm / (norm + 1e-6) if norm > max_norm else 1.0
    for i, parameter in enumerate(parameters):
        is_close(f"gradient {i}", parameter.grad, factor * before[i], tolerance)
        require(parameter.grad.dtype == dtype, f"gradient {i}: expected {dtype.__name__}, got {parameter.grad.dtype}")
        require(np.array_equal(parameter.data, data[i]), f"parameter {i}: expected clipping to leave it, it moved")


def _clips_one(seed: int) -> None:
    """A single parameter may stand for a list of one; a norm of 0 stays."""
    parameter = nn.Parameter(np.ones(2))
    parameter.grad[...] = (3.0, -4.0)
    is_close("returned norm", nn.clip_grad_norm_(parameter, 0.5), 5.0)
    is_close("gradient", parameter.grad, (0.5 * np.array([3.0, -4.0])) / 5.000001)
    parameter.zero_grad()
    is_close("returned norm", nn.clip_grad_norm_([parameter], 0.5), 0.0)
    is_close("gradient", parameter.grad, np.zeros(2))


def _clips_infinite(value: float, seed: int) -> None:
    """A norm that is not finite makes gradients 0 or NaN, or is refused before anything is changed."""
    one, other = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(1))
    one.grad[...], other.grad[...] = (1.0, value), 2.0
    try:
        nn.clip_grad_norm_([one, other], 1.0, error_if_nonfinite=True)
        require(False, f"a norm of {value} with error_if_nonfinite: expected an error, got none")
    except InputError:
        is_close("refused gradient", [*one.grad[:1], *other.grad], [1.0, 2.0])
    norm = nn.clip_grad_norm_([one, other], 1.0)
    require(not np.isfinite(norm), f"norm: expected {value}, got {norm}")
    require(not np.any(other.grad == 2.0), "gradient 1: expected 0 or NaN, got what it was")


def _clips_value(seed: int) -> None:
    parameters = _parameters(np.random.default_rng(seed))
    before = [parameter.grad.copy() for parameter in parameters]
    nn.clip_grad_value_((p for p in parameters), 0.75)
    for i, parameter in enumerate(parameters):
        bounded = [min(max(float(x), -0.75), 0.75) for x in before[i].ravel()]
        is_close(f"gradient {i}", parameter.grad, np.reshape(bounded, before[i].shape))
