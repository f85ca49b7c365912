"""Calls that must be refused beyond shapes, dtypes and single settings, and how the refusal begins."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnlab import nn

Rng = np.random.Generator
Call = Callable[[Rng], Any]
NAN = float("nan")


class OnDevice:
    """Another library's tensor, which NumPy cannot read."""

    device = "cuda:0"

    def __array__(self) -> None:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


def zeros(*shape: int, d: Any = np.float64) -> Any:
    return np.zeros(shape, d)


def back(layer: nn.Module, x: Any, *dy: Any) -> Any:
    layer(x)
    return layer.backward(*dy)


def attend(rng: Rng, *inputs: Any) -> Any:
    return nn.MultiheadAttention(4, 2, rng=rng)(*inputs)


def attend_back(rng: Rng, dy: Any) -> Any:
    layer = nn.MultiheadAttention(4, 2, rng=rng)
    layer(*3 * [zeros(3, 2, 4)])
    return layer.backward(dy)


def bag(rng: Rng, *inputs: Any, **settings: Any) -> Any:
    return nn.EmbeddingBag(4, 2, **{"mode": "sum", **settings}, rng=rng)(*inputs)


def core(rng: Rng, *inputs: Any, **settings: Any) -> Any:
    return nn.ScaledDotProductAttention(**settings, rng=rng)(*inputs)


class Halving(nn.Module):
    """A layer that answers in single precision."""

    def forward(self, x: Any) -> Any:
        return x.astype(np.float32)


def experts(rng: Rng, *layers: nn.Module) -> Any:
    return nn.MixtureOfExperts(4, 2, experts=layers, rng=rng)(np.ones((2, 4)))


def ctc(targets: Any, lengths: Any = (4, 4), target_lengths: Any = (1, 2), blank: int = 0) -> Any:
    return nn.CTCLoss(blank)(zeros(4, 2, 3), targets, lengths, target_lengths)


def misfit(layer: str, name: str, got: str, rule: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {rule}; "


def single(layer: str, name: str) -> str:
    return f"{layer}: {name} has dtype float32 but the layer computes in float64; "


def unmasked(layer: str) -> str:
    return f"{layer}: key_padding_mask must be boolean, True where a key is padding, but has dtype float64; "


ARRAYS: Sequence[tuple[Call, str]] = [
    (lambda r: nn.ReLU()(OnDevice()), f"ReLU: x is a {__name__}.OnDevice on the device cuda:0 but must be a NumPy"),
    (lambda r: nn.Embedding(3, 2, rng=r)(OnDevice()), "Embedding: input is a "),
    (lambda r: nn.ReLU()([[1.0], [1.0, 2.0]]), "ReLU: x is no array: "),
    (lambda r: nn.Embedding(3, 2, rng=r)([[1], [1, 2]]), "Embedding: input is no array: "),
    (lambda r: nn.Linear(4, 3, rng=r)(zeros(2, 3)), misfit("Linear", "x", "(2, 3)", "(..., 4)")),
    (lambda r: nn.Conv1d(2, 1, 1, rng=r)(zeros(2, 3)), misfit("Conv1d", "x", "(2, 3)", "(*, 2, *)")),
    (lambda r: nn.MultiMarginLoss()(zeros(), 0), misfit("MultiMarginLoss", "input", "()", "(*,)")),
    (
        lambda r: nn.Linear(2, 3, rng=r, dtype=np.float32)(zeros(1, 2)),
        "Linear: x has dtype float64 but the layer computes in float32; convert it with .astype(np.float32), or build "
        "the layer with dtype=np.float64",
    ),
    (lambda r: nn.Embedding(4, 3, rng=r)([1, 4]), "Embedding: input must lie in [0, 4) but spans [1, 4]; "),
    (lambda r: nn.Embedding(4, 3, rng=r)([-1, 2]), "Embedding: input must lie in [0, 4) but spans [-1, 2]; "),
    (lambda r: nn.LSTM(2, 3, rng=r)(zeros(4, 1, 2), zeros(1)), "LSTM: hx must be a tuple (h_0, c_0) but is of type nd"),
    (lambda r: nn.LSTM(2, 3, rng=r)(zeros(4, 1, 2), (zeros(1),)), "LSTM: hx must be a tuple (h_0, c_0) but is of ty"),
    (
        lambda r: back(nn.LSTM(2, 3, rng=r), zeros(4, 1, 2), zeros(4, 1, 3), zeros(1, 1, 3)),
        "LSTM: dhc_n must be a tuple (dh_n, dc_n) but is of type ndarray",
    ),
    (lambda r: nn.LSTMCell(2, 3, rng=r)(zeros(4, 2), zeros(1)), "LSTMCell: hx must be a tuple (h_0, c_0) but is of "),
    (lambda r: nn.GRU(2, 3, rng=r)(zeros(0, 1, 2)), "GRU: x has 0 time steps but must have at least one"),
    (
        lambda r: nn.RNN(2, 3, rng=r)(zeros(4, 2, 2), lengths=[4, 0]),
        "RNN: lengths must be 2 integers in [1, 4] but is [4, 0]",
    ),
    (
        lambda r: nn.RNN(2, 3, batch_first=True, rng=r)(zeros(2, 4, 2), lengths=[5, 1]),
        "RNN: lengths must be 2 integers in [1, 4] but is [5, 1]",
    ),
    (lambda r: nn.BatchNorm1d(3)(zeros(1, 3)), "BatchNorm1d: x has shape (1, 3), one value per channel"),
    (lambda r: nn.InstanceNorm2d(3)(zeros(2, 3, 1, 1)), "InstanceNorm2d: x has shape (2, 3, 1, 1), one value per "),
    (lambda r: nn.NTMHead(2, 3, rng=r)(zeros(2), zeros(4, 3), np.full(4, -0.5)), "NTMHead: weights must not be negat"),
    (lambda r: nn.VectorQuantizer(2, 3, rng=r)(zeros(2, 3, d=np.float32)), single("VectorQuantizer", "z")),
    (lambda r: nn.Hopfield()(zeros(3, 4), zeros(0, 4)), "Hopfield: stored has shape (0, 4), no pattern; "),
    (
        lambda r: nn.SinusoidalPositionalEncoding(4, max_len=3, rng=r)(zeros(4, 4)),
        "SinusoidalPositionalEncoding: x has 4",
    ),
    (lambda r: nn.LearnedPositionalEmbedding(3, 4, rng=r)(zeros(5, 4)), "LearnedPositionalEmbedding: x has 5 position"),
    (lambda r: nn.ALiBi(3)(zeros(2, 4, 4)), misfit("ALiBi", "scores", "(2, 4, 4)", "(..., 3, *, *)")),
    (lambda r: nn.AffineCoupling(nn.Tanh(), 2)(zeros(3, 2)), "AffineCoupling: x has 2 entries along its last axis"),
    (lambda r: nn.GLU()(zeros(2, 5)), "GLU: x has 5 entries along dim -1, which cannot be halved"),
    (lambda r: nn.GLU(0)(zeros(3, 2)), "GLU: x has 3 entries along dim 0, which cannot be halved"),
]

ATTENTION: Sequence[tuple[Call, str]] = [
    (
        lambda r: attend_back(r, zeros(3, 2, 4, d=np.float32)),
        single("MultiheadAttention", "dy"),
    ),
    (
        lambda r: attend_back(r, zeros(3, 2, 5)),
        misfit("MultiheadAttention", "dy", "(3, 2, 5)", "(*, *, 4)"),
    ),
    (
        lambda r: attend(r, zeros(3, 2, 4), zeros(5, 2, 4), zeros(6, 2, 4)),
        "MultiheadAttention: query (3, 2, 4), key (5, 2, 4) and value (6, 2, 4) do not fit",
    ),
    (
        lambda r: attend(r, zeros(3, 2, 4), zeros(5, 1, 4), zeros(5, 1, 4)),
        "MultiheadAttention: query (3, 2, 4), key (5, 1, 4) and value (5, 1, 4) do not fit",
    ),
    (
        lambda r: attend(r, zeros(3, 2, 4), *2 * [zeros(5, 2, 4)], zeros(5, 2)),
        "MultiheadAttention: key_padding_mask has shape (5, 2) but must have (2, 5); ",
    ),
    (
        lambda r: attend(r, zeros(3, 2, 4), *2 * [zeros(5, 2, 4)], None, True, zeros(5, 3)),
        "MultiheadAttention: attn_mask has shape (5, 3) but must have (3, 5) or (4, 3, 5); ",
    ),
    (
        lambda r: attend(r, zeros(3, 2, 4), *2 * [zeros(5, 2, 4)], None, True, zeros(3, 5, d=int)),
        "MultiheadAttention: attn_mask must be a floating-point array but has dtype int64",
    ),
    (
        lambda r: core(r, zeros(4, 3, 2), zeros(3, 5, 2), zeros(3, 5, 2), enable_gqa=True),
        "ScaledDotProductAttention: 4 heads of query cannot share 3 of key and value",
    ),
    (
        lambda r: core(r, zeros(4, 3, 2), zeros(0, 5, 2), zeros(0, 5, 2), enable_gqa=True),
        "ScaledDotProductAttention: 4 heads of query cannot share 0 of key and value",
    ),
    (
        lambda r: core(r, *3 * [zeros(3, 2)], zeros(3, 3, d=bool), is_causal=True),
        "ScaledDotProductAttention: attn_mask was given to a layer with is_causal=True; ",
    ),
    (
        lambda r: core(r, zeros(3, 2), *2 * [zeros(5, 2)], zeros(5, 3, d=bool)),
        "ScaledDotProductAttention: attn_mask has shape (5, 3) but must broadcast to (3, 5)",
    ),
    (
        lambda r: core(r, zeros(3, 2), *2 * [zeros(5, 2)], zeros(3, 5, d=np.float32)),
        single("ScaledDotProductAttention", "attn_mask"),
    ),
    (
        lambda r: core(r, zeros(3, 2), *2 * [zeros(5, 2)], zeros(3, 5, d=int)),
        "ScaledDotProductAttention: attn_mask must be a floating-point array but has dtype int64",
    ),
    (lambda r: nn.SlidingWindowAttention(1)(*3 * [zeros(1, 3, 2)], zeros(1, 3)), unmasked("SlidingWindowAttention")),
    (lambda r: nn.LinearAttention()(*3 * [zeros(1, 3, 2)], zeros(1, 3)), unmasked("LinearAttention")),
    *(
        (
            lambda r, mask=mask: nn.TransformerEncoderLayer(4, 2, 3, rng=r)(zeros(2, 3, 4), mask, None, True),
            f"TransformerEncoderLayer: src_mask must hide exactly the later positions for is_causal but {what}",
        )
        for mask, what in ((None, "is missing"), (np.ones((2, 2), bool), "does not"), (zeros(2, 2), "does not"))
    ),
    *(
        (
            lambda r, name=name: nn.TransformerDecoderLayer(4, 2, 3, rng=r)(
                *2 * [zeros(2, 3, 4)], **{f"{name}_is_causal": True}
            ),
            f"TransformerDecoderLayer: {name}_mask must hide exactly the later positions for is_causal but is missing",
        )
        for name in ("tgt", "memory")
    ),
    (lambda r: bag(r, [0, 1], None), "EmbeddingBag: input has shape (2,) and offsets are missing, but"),
    (lambda r: bag(r, [[0, 1]], [0]), "EmbeddingBag: input has shape (1, 2) and offsets are given, but"),
    *(
        (
            lambda r, at=at: bag(r, [0, 1, 2], at),
            f"EmbeddingBag: offsets are {at} but must be integers that rise from 0",
        )
        for at in ([1, 2], [0, 2, 1], [0, 4], [0.0, 1.0])
    ),
    (
        lambda r: bag(r, [0, 1, 2], [0, 2], include_last_offset=True),
        "EmbeddingBag: offsets are [0, 2] but must be integers that rise from 0 to 3, ",
    ),
    (
        lambda r: bag(r, [[0, 1]], None, [[1.0, 2.0]], mode="mean"),
        "EmbeddingBag: per_sample_weights are for mode 'sum' but mode is 'mean'",
    ),
]

CONTAINERS: Sequence[tuple[Call, str]] = [
    (lambda r: nn.Parallel(), "Parallel: there are no branches but at least one is needed"),
    (
        lambda r: nn.Parallel(nn.Tanh(), nn.Linear(3, 5, rng=r))(zeros(2, 3)),
        misfit("Parallel", "branches[1](x)", "(2, 5)", "(2, 3)"),
    ),
    *(
        (
            lambda r, dim=dim: nn.Parallel(nn.Tanh(), combine="concat", dim=dim)(zeros(2, 3)),
            f"Parallel: dim is {dim} but the branches give arrays of shape (2, 3)",
        )
        for dim in (2, -3)
    ),
    *(
        (
            lambda r, n=n: back(nn.Parallel(nn.Tanh(), nn.Tanh(), combine="tuple"), zeros(2), *[zeros(2)] * n),
            f"Parallel: backward got {n} cotangents but forward gave 2 outputs",
        )
        for n in (0, 3)
    ),
    (lambda r: nn.Residual(nn.Linear(4, 3, rng=r))(zeros(2, 4)), misfit("Residual", "module(x)", "(2, 3)", "(2, 4)")),
    (lambda r: nn.Residual(Halving())(zeros(2, 4)), single("Residual", "module(x)")),
    (lambda r: nn.Parallel(nn.Tanh(), Halving())(zeros(2, 3)), single("Parallel", "branches[1](x)")),
    (lambda r: experts(r, nn.Tanh(), Halving()), single("MixtureOfExperts", "experts[1](x)")),
    (lambda r: experts(r, nn.Linear(4, 3, rng=r), nn.Tanh()), "MixtureOfExperts: experts[0](x) has shape "),
    (lambda r: nn.NeuralODE(nn.Linear(4, 3, rng=r))(zeros(2, 4)), misfit("NeuralODE", "func(y)", "(2, 3)", "(2, 4)")),
    (lambda r: nn.AffineCoupling(Halving(), 1)(zeros(2, 3)), single("AffineCoupling", "module(x)")),
    (lambda r: nn.NeuralODE(Halving())(zeros(2, 4)), single("NeuralODE", "func(y)")),
    (lambda r: nn.ModuleList(["Tanh"]), "ModuleList: 'Tanh' is not a layer; "),  # type: ignore[list-item]
    (lambda r: nn.Sequential("Tanh"), "Sequential: 'Tanh' is not a layer; "),  # type: ignore[arg-type]
    (
        lambda r: nn.MixtureOfExperts(4, 3, experts=[nn.Tanh(), nn.Tanh()], rng=r),
        "MixtureOfExperts: num_experts is 3 but experts holds 2 layers; ",
    ),
    (lambda r: nn.Linear(2, 3, rng=r).load_state_dict({}), "Linear: state lacks ['bias', 'weight']; "),
    (
        lambda r: nn.Linear(2, 1, rng=r).load_state_dict({"weight": zeros(1, 2), "bias": zeros(1), "b": 0, "a": 0}),
        "Linear: state has unknown ['a', 'b']; ",
    ),
    (
        lambda r: nn.Linear(2, 3, rng=r).load_state_dict({"weight": zeros(2, 3), "bias": zeros(3)}),
        "Linear: state['weight'] has shape (2, 3) but the layer holds (3, 2); ",
    ),
]

LOSSES: Sequence[tuple[Call, str]] = [
    (lambda r: nn.MSELoss()(zeros(2, 2), np.array([[0, 1], [0, NAN]])), "MSELoss: target is NaN at (1, 1); "),
    (lambda r: nn.CrossEntropyLoss()(zeros(2), np.array([0, NAN])), "CrossEntropyLoss: target is NaN at (1,); "),
    (lambda r: nn.MarginRankingLoss()(*2 * [zeros(2)], np.array([0, NAN])), "MarginRankingLoss: target is NaN at (1,)"),
    (
        lambda r: nn.HingeEmbeddingLoss()(zeros(2), [1, NAN]),
        "HingeEmbeddingLoss: target must hold 1 and -1 but holds n",
    ),
    (lambda r: nn.SoftMarginLoss()(zeros(2), [0, 1]), "SoftMarginLoss: target must hold 1 and -1 but holds 0; "),
    (
        lambda r: nn.CosineEmbeddingLoss()(*2 * [zeros(2, 3)], [1, 2]),
        "CosineEmbeddingLoss: target must hold 1 and -1 but holds 2; ",
    ),
    (
        lambda r: nn.NLLLoss()(zeros(2, 3), [-100, -100]),
        "NLLLoss: there is no mean, for every target is ignore_index=-100",
    ),
    (lambda r: nn.CrossEntropyLoss([0.0, 1.0])(zeros(2, 2), [0, 0]), "CrossEntropyLoss: there is no mean, for every"),
    (lambda r: nn.CrossEntropyLoss(ignore_index=0)(zeros(2), zeros(2)), "CrossEntropyLoss: ignore_index is 0 but targ"),
    *(
        (
            lambda r, given=given: nn.CrossEntropyLoss()(zeros(2, 3), given),
            f"CrossEntropyLoss: target must lie in {said}",
        )
        for given, said in (([0, 3], "[0, 3) but spans [0, 3]"), ([-1, 0], "[0, 3) but spans [-1, 0]"))
    ),
    (lambda r: nn.FocalLoss()(zeros(2), [0, 2]), "FocalLoss: target must lie in [0, 2) but spans [0, 2]; "),
    (lambda r: nn.CapsuleMarginLoss()(zeros(1, 2, 3), [[0, 2]]), "CapsuleMarginLoss: target must lie in [0, 2) but "),
    (lambda r: nn.MultiMarginLoss()(zeros(2, 3), [0, 3]), "MultiMarginLoss: target must lie in [0, 3) but spans [0, 3"),
    (lambda r: nn.MultiLabelMarginLoss()(zeros(3), [0, 3, -1]), "MultiLabelMarginLoss: target must lie in [0, 3) but "),
    (lambda r: nn.MultiLabelMarginLoss()(zeros(3), [0, -2, -1]), "MultiLabelMarginLoss: target must lie in [0, 3) but"),
    (
        lambda r: nn.BCELoss()(np.ones(2), np.array([0, 1.5])),
        "BCELoss: target must lie in [0, 1] but spans [0.0, 1.5]; rescale",
    ),
    (
        lambda r: nn.BCELoss()(np.array([-0.5, 0.5]), zeros(2)),
        "BCELoss: input must lie in [0, 1] but spans [-0.5, 0.5]; apply",
    ),
    (lambda r: nn.BCELoss()(np.array([NAN, 0.5]), zeros(2)), "BCELoss: input must lie in [0, 1] but spans [nan, nan]"),
    (
        lambda r: nn.KLDivLoss()(zeros(2), np.array([0.5, -1])),
        "KLDivLoss: target must lie in [0, inf] but spans [-1.0, 0.5]; pass log",
    ),
    (
        lambda r: nn.GaussianNLLLoss()(*2 * [zeros(2)], np.array([1.0, -1])),
        "GaussianNLLLoss: var must lie in [0, inf] but spans [-1.0, 1.0]; pass a variance",
    ),
    *(
        (
            lambda r, shape=shape: nn.GaussianNLLLoss()(*2 * [zeros(2, 3, 4)], zeros(*shape)),
            f"GaussianNLLLoss: var has shape {shape} but the input (2, 3, 4); ",
        )
        for shape in ((2, 1, 1), (2, 3, 2), (3, 4), (1,), ())
    ),
    (lambda r: nn.BCELoss([1.0, 2.0])(*2 * [zeros(2, 3)]), "BCELoss: weight has shape (2,), which does not broadcast "),
    (
        lambda r: nn.BCEWithLogitsLoss(pos_weight=zeros(4, 1, 3))(*2 * [zeros(2, 3)]),
        "BCEWithLogitsLoss: pos_weight has shape (4, 1, 3), which does not broadcast to that of the input, (2, 3); ",
    ),
    (
        lambda r: nn.MarginRankingLoss()(*2 * [zeros(2)], zeros(2, d=np.float32)),
        single("MarginRankingLoss", "target"),
    ),
    (lambda r: nn.NLLLoss([1.0])(zeros(2, 3), [0, 1]), misfit("NLLLoss", "weight", "(1,)", "(3,)")),
    (
        lambda r: nn.MultiMarginLoss(weight=[1.0])(zeros(2, 3), [0, 1]),
        misfit("MultiMarginLoss", "weight", "(1,)", "(3,)"),
    ),
    (lambda r: nn.NLLLoss([1.0] * 3)(zeros(2, 3, d=np.float32), [0, 1]), single("NLLLoss", "input")),
    (
        lambda r: nn.BCEWithLogitsLoss(pos_weight=1.0)(*2 * [zeros(2, d=np.float32)]),
        single("BCEWithLogitsLoss", "input"),
    ),
    (lambda r: ctc([[1, 2]]), misfit("CTCLoss", "targets", "(1, 2)", "(2, *)")),
    (lambda r: ctc([1, 2]), misfit("CTCLoss", "targets", "(2,)", "(3,)")),
    (lambda r: ctc([[1, 9], [1, 3]]), "CTCLoss: targets must lie in [0, 3) but spans [1, 3]; "),
    *((lambda r, n=n: ctc([[1, 2]] * 2, blank=n), f"CTCLoss: blank is {n} but must lie in [0, 3); ") for n in (3, -1)),
    *(
        (lambda r, at=at: ctc([[1, 2]] * 2, at), f"CTCLoss: input_lengths must be 2 integers in [0, 4] but is {at}; ")
        for at in ([5, 4], [4], [4.0, 4.0])
    ),
    *(
        (
            lambda r, at=at: ctc([[1, 2]] * 2, [4, 4], at),
            f"CTCLoss: target_lengths must be 2 integers in [0, 2] but is {at}; ",
        )
        for at in ([3, 1], [-1, 1])
    ),
]
