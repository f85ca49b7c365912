"""What layers begin with, where that is exact: ones, zeros, a constant, and by which names.

The detector `initialiser` compares them; what is random is None here and has its law there.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require

Rng = np.random.Generator


class Beginning(NamedTuple):
    """The state of a new layer: for each name its value, all entries alike or one for each, or None if it is random."""

    make: Callable[[Rng], nn.Module]
    state: dict[str, Any]

    def check(self, seed: int) -> None:
        found = self.make(np.random.default_rng(seed)).state_dict()
        require(sorted(found) == sorted(self.state), f"state: expected {sorted(self.state)}, got {sorted(found)}")
        for name, value in self.state.items():
            if value is not None:
                expected = np.broadcast_to(np.asarray(value), found[name].shape)
                fits = np.allclose(found[name], expected, rtol=1e-15, atol=0.0)
                require(fits, f"{name}: expected {expected.tolist()}, got {found[name].tolist()}")


AFFINE = {"weight": 1.0, "bias": 0.0}
RUNNING = {"running_mean": 0.0, "running_var": 1.0, "num_batches_tracked": 0}

BEGINNINGS: dict[str, Beginning] = {
    "LayerNorm": Beginning(lambda rng: nn.LayerNorm((2, 3)), AFFINE),
    "LayerNorm(bias=False)": Beginning(lambda rng: nn.LayerNorm(3, bias=False), {"weight": 1.0}),
    "RMSNorm": Beginning(lambda rng: nn.RMSNorm((2, 3)), {"weight": 1.0}),
    "GroupNorm": Beginning(lambda rng: nn.GroupNorm(2, 4), AFFINE),
    "BatchNorm1d": Beginning(lambda rng: nn.BatchNorm1d(3), AFFINE | RUNNING),
    "BatchNorm2d(affine=False)": Beginning(lambda rng: nn.BatchNorm2d(3, affine=False), RUNNING),
    "BatchNorm2d(track_running_stats=False)": Beginning(
        lambda rng: nn.BatchNorm2d(3, track_running_stats=False), AFFINE
    ),
    "GCNConv": Beginning(lambda rng: nn.GCNConv(2, 3, rng=rng), {"lin.weight": None, "bias": 0.0}),
    "GATConv": Beginning(
        lambda rng: nn.GATConv(2, 3, heads=2, rng=rng),
        {"lin.weight": None, "att_src": None, "att_dst": None, "bias": 0.0},
    ),
    "KANLayer": Beginning(
        lambda rng: nn.KANLayer(2, 3, rng=rng), {"base_weight": None, "spline_weight": 1.0, "coef": None}
    ),
    "LoRALinear": Beginning(
        lambda rng: nn.LoRALinear(2, 3, 2, rng=rng),
        {"weight": None, "bias": None, "lora_A": None, "lora_B": 0.0},
    ),
    "MultiheadAttention": Beginning(
        lambda rng: nn.MultiheadAttention(4, 2, rng=rng),
        {"in_proj_weight": None, "in_proj_bias": 0.0, "out_proj.weight": None, "out_proj.bias": 0.0},
    ),
    "DiagonalSSM": Beginning(
        lambda rng: nn.DiagonalSSM(2, 3, rng=rng),
        {
            "log_A_real": math.log(0.5),
            "A_imag": [0.0, math.pi, 2 * math.pi],
            "B_real": 1.0,
            "B_imag": 0.0,
            **dict.fromkeys(("C_real", "C_imag", "D", "log_dt")),
        },
    ),
    "LSTM": Beginning(
        lambda rng: nn.LSTM(2, 3, num_layers=2, bias=False, rng=rng),
        dict.fromkeys(("weight_ih_l0", "weight_hh_l0", "weight_ih_l1", "weight_hh_l1")),
    ),
    "RBF": Beginning(lambda rng: nn.RBF(3, 2, rng=rng), {"centers": None, "log_betas": -math.log(3)}),
}


def padding_is_zero(seed: int) -> None:
    """The row of the padding, and no other."""
    rng = np.random.default_rng(seed)
    for layer in (nn.Embedding(5, 2, -2, rng=rng), nn.EmbeddingBag(5, 2, padding_idx=3, rng=rng)):
        rows = layer.weight.data.any(1).tolist()
        name = type(layer).__name__
        require(rows == [True, True, True, False, True], f"{name}: expected only row 3 to be 0, nonzero are {rows}")
