"""What random inputs pass by: what is refused and what is taken, padding, ties, and what a caller may do afterwards.

The detector `contract` asks all of it: `SUBJECTS` keep every contract, and each check of `CORNERS` is one probe.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.clipping import is_close
from nnlab.detectors.subjects import LayerSubject, require
from nnlab.errors import InputError
from nnlab.nn import Case, Fixed, Indices, Normal, init

Rng = np.random.Generator
Array = np.ndarray[Any, Any]
_INF = float("inf")

SUBJECTS: tuple[LayerSubject, ...] = (
    LayerSubject(
        nn.Sequential, Case(lambda rng: nn.BatchNorm1d(3), lambda rng: nn.Linear(3, 2, rng=rng), x=Normal((5, 3)))
    ),
    LayerSubject(nn.LayerNorm, Case(3, x=Normal((3,)))),
    LayerSubject(nn.RMSNorm, Case((2, 3), x=Normal((2, 3)))),
    LayerSubject(nn.PixelShuffle, Case(1, x=Normal((2, 3, 2, 4)))),
    LayerSubject(nn.GCNConv, Case(3, 2, x=[Normal((4, 3)), Indices((2, 6), 4)])),
    LayerSubject(nn.Parallel, Case(lambda rng: nn.Linear(3, 2, rng=rng), x=Normal((4, 3)))),
    LayerSubject(nn.Parallel, Case(lambda rng: nn.Linear(3, 2, rng=rng), combine="concat", x=Normal((4, 3)))),
    LayerSubject(nn.CTCLoss, Case(x=[Normal((4, 1, 3)), Fixed([[1, 2, 1]]), Fixed([4]), Fixed([2])])),
    LayerSubject(
        nn.TransformerEncoderLayer,
        Case(4, 2, 3, 0.0, x=[Normal((2, 2, 4)), Fixed([[0.0, -_INF], [0.0, 0.0]]), Fixed(None), Fixed(True)]),
    ),
)


def _rng() -> Rng:
    return np.random.default_rng(0)


#: What must be refused with one sentence, not answered, nor fail inside.
REFUSED: dict[str, Callable[[], Any]] = {
    "a reflection longer than x": lambda: nn.Conv1d(1, 1, 1, padding=4, padding_mode="reflect", rng=_rng())(
        np.ones((1, 1, 4))
    ),
    "a kernel longer than x": lambda: nn.Conv1d(1, 1, 5, rng=_rng())(np.ones((1, 1, 4))),
    "a mask that does not fit the scores": lambda: nn.ScaledDotProductAttention(rng=_rng())(
        *3 * (np.ones((2, 3)),), np.ones((3, 2), bool)
    ),
    "Upsample of five dimensions": lambda: nn.Upsample(2)(np.ones((1, 1, 2, 2, 2))),
    "Upsample of two dimensions": lambda: nn.Upsample(2)(np.ones((1, 2))),
    "LocalResponseNorm of two dimensions": lambda: nn.LocalResponseNorm(3)(np.ones((2, 5))),
    "an orthogonal vector": lambda: init.orthogonal_(np.ones(3), rng=_rng()),
    "branches that do not add up": lambda: nn.Parallel(nn.Linear(2, 3, rng=_rng()), nn.Linear(2, 1, rng=_rng()))(
        np.ones((4, 2))
    ),
    "an input of another type than the weights": lambda: nn.CrossEntropyLoss(np.ones(2))(
        np.ones((1, 2), np.float32), np.array([1])
    ),
}


def _refused(call: Callable[[], Any], seed: int) -> None:
    try:
        call()
    except InputError:
        return
    require(False, "expected InputError, got an answer")


def _takes_lists(seed: int) -> None:
    """What a caller writes as a list is as good as an array."""
    attention = nn.MultiheadAttention(2, 1, rng=_rng())
    x = [[[1.0, 2.0]], [[0.5, -1.0]]]
    mask: Any = [[False, True], [False, False]]
    is_close(
        "MultiheadAttention of lists",
        attention(x, x, x, None, True, mask)[0],
        attention(*3 * (np.array(x),), None, True, np.array(mask))[0],
    )
    given: list[Any] = [[[0.0, -1.0]], [[[1.0], [2.0]]], [[0.5, 0.25]], [[3.0]]]
    loss = nn.MixtureDensityLoss()
    is_close("MixtureDensityLoss of lists", loss(*given), loss(*map(np.array, given)))


def _writes_no_warning(seed: int) -> None:
    """The logarithm of 0 is not asked for."""
    with np.errstate(all="raise"):
        got = nn.BCELoss(reduction="none")(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    is_close("BCELoss", got, [100.0, 100.0])


def _leaves_what_fits(seed: int) -> None:
    """A row that is exactly as long as max_norm allows is not touched."""
    layer = nn.Embedding(2, 2, max_norm=5.0, rng=np.random.default_rng(seed))
    layer.weight.data[...] = [[3.0, 4.0], [0.0, 5.0]]
    got = layer(np.array([0, 1]))
    require(got.tolist() == [[3.0, 4.0], [0.0, 5.0]], f"rows of length 5: expected them unchanged, got {got.tolist()}")


def _ties_in_padding(seed: int) -> None:
    """Of a window of -inf the first entry of x is chosen, never one of the padding."""
    y, index = nn.MaxPool1d(3, 1, 1, return_indices=True)(np.full((1, 1, 2), -_INF))
    require(index.ravel().tolist() == [0, 0], f"indices: expected [0, 0], got {index.ravel().tolist()}")
    require(y.ravel().tolist() == [-_INF, -_INF], f"y: expected -inf, got {y.ravel().tolist()}")


def _slopes_at_zero(seed: int) -> None:
    """A mean of powers whose sum is 0 has no slope there, PReLU its weight, and p log p none besides that of -p x."""
    pool = nn.LPPool2d(1, 2)
    got = pool.backward(np.ones_like(pool(np.array([[[1.0, -1.0], [0.0, 0.0]]]))))
    require(not got.any(), f"LPPool2d: expected slopes of 0, got {got.ravel().tolist()}")
    layer = nn.PReLU()
    layer(np.zeros(1))
    is_close("PReLU's slope at 0", layer.backward(np.ones(1)), [0.25])
    loss = nn.KLDivLoss(reduction="sum")
    loss(np.array([-1.0, -2.0]), np.zeros(2))
    is_close("KLDivLoss's slopes at targets of 0", loss.backward(1.0)[1], [1.0, 2.0])


def _upsamples_to_the_corners(seed: int) -> None:
    """Two entries are the first and the last, one is the first."""
    for size, expected in ((2, [1.0, 4.0]), (1, [1.0]), (5, [1.0, 1.5, 2.0, 3.0, 4.0])):
        got = nn.Upsample(size, mode="linear", align_corners=True)(np.array([[[1.0, 2.0, 4.0]]]))
        is_close(f"Upsample to {size}", got.ravel(), expected)


def _looks_at_no_padding(seed: int) -> None:
    """What lies behind the end of a shorter sequence may be anything, and gets no gradient."""
    x = np.random.default_rng(seed).standard_normal((3, 2, 2))
    x[2, 1] = np.nan
    layer = nn.LSTM(2, 3, rng=np.random.default_rng(seed))
    y, last = layer(x, lengths=np.array([3, 2]))
    dx: Any = layer.backward(np.ones_like(y), tuple(map(np.ones_like, last)))
    require(bool(np.isfinite(y).all()), "outputs: expected numbers, got NaN from the padding")
    require(bool(np.isfinite(dx).all()) and not dx[2, 1].any(), f"gradient of the padding: expected 0, got {dx[2, 1]}")
    wrong = [n for n, p in layer.named_parameters() if not np.isfinite(p.grad).all()]
    require(not wrong, f"gradients of {wrong}: expected numbers, got NaN from the padding")


def _clears_gradients(seed: int) -> None:
    """zero_grad of a model reaches every parameter; the layers of a stack begin without gradients or caches."""
    rng = np.random.default_rng(seed)
    layer = nn.TransformerEncoderLayer(4, 2, 3, rng=rng)
    layer.backward(np.ones_like(layer(rng.standard_normal((2, 1, 4)))))
    stack = nn.TransformerEncoder(layer, 2)
    for name, parameter in stack.named_parameters():
        require(not parameter.grad.any(), f"gradient of {name}: expected 0 in a new stack, got another")
    left = [
        type(module).__name__
        for module in stack.modules()
        if vars(module).get("_cache", vars(module).get("cache")) is not None
    ]
    require(not left, f"caches of a new stack: expected none, got those of {left}")
    layer.zero_grad()
    for name, parameter in layer.named_parameters():
        require(not parameter.grad.any(), f"gradient of {name} after zero_grad: expected 0, got another")


def _outputs_are_the_callers(seed: int) -> None:
    """An output may be overwritten, even by what is no number."""
    layer = nn.CapsuleLayer(3, 2, 2, 2, rng=np.random.default_rng(seed))
    layer(np.ones((1, 3, 2)))[...] = np.nan
    dx = layer.backward(np.ones((1, 2, 2)))
    require(bool(np.isfinite(dx).all()), "gradient: expected numbers, got NaN from the overwritten output")


def _weights_are_copied(seed: int) -> None:
    """The weights of a loss stay as they were given."""
    weight = np.array([1.0, 3.0])
    loss = nn.CrossEntropyLoss(weight, reduction="sum")
    x, target = np.array([[0.5, -1.0]]), np.array([1])
    before = float(loss(x, target))
    weight[...] = 0.0
    is_close("loss after the caller overwrote its weights", float(loss(x, target)), before)


def _follows_its_parameters(seed: int) -> None:
    """backward belongs to the latest forward, also where the parameters have moved since an earlier one."""
    rng = np.random.default_rng(seed)
    layer = nn.WeightNorm(nn.Linear(3, 2, rng=rng))
    x, dy = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    layer(x)
    for parameter in layer.parameters():
        parameter.data *= 1.5 + rng.random(parameter.data.shape)
    g, v = layer.original0.data, layer.original1.data
    length = np.sqrt((v**2).sum(1, keepdims=True))
    layer(x)
    dx = layer.backward(dy)
    is_close("gradient of x", dx, dy @ (g * v / length))
    is_close("gradient of g", layer.original0.grad, ((dy.T @ x) * v / length).sum(1, keepdims=True))


def _follows_its_edges(seed: int) -> None:
    """backward belongs to the latest forward, also where an earlier one had other edges."""
    rng = np.random.default_rng(seed)
    layer = nn.GCNConv(3, 2, rng=rng)
    alone = copy.deepcopy(layer)
    x, dy, edges = rng.standard_normal((4, 3)), rng.standard_normal((4, 2)), np.array([[0, 1, 2], [1, 2, 3]])
    layer(x, edges[::-1, :2])
    layer(x, edges)
    alone(x, edges)
    is_close("gradient of x", layer.backward(dy)[0], alone.backward(dy)[0])


def _holds_what_was_put_in(seed: int) -> None:
    """A list of layers takes a layer at a place as a list does."""
    a, b, c = nn.Tanh(), nn.ReLU(), nn.Sigmoid()
    layers = nn.ModuleList([a, a])
    layers[1] = b
    layers.insert(1, c)
    found = [type(layer).__name__ for layer in layers]
    require(found == ["Tanh", "Sigmoid", "ReLU"], f"layers: expected Tanh, Sigmoid, ReLU, got {found}")


def _takes_only_a_copy(seed: int) -> None:
    """What weight and spectral norm make of a weight leaves the array that the caller held as it was."""
    for kind, name in ((nn.WeightNorm, "original1"), (partial(nn.SpectralNorm, rng=_rng()), "original")):
        linear = nn.Linear(3, 2, rng=np.random.default_rng(seed))
        weight = linear.weight.data
        layer: Any = kind(linear)
        shared = np.shares_memory(getattr(layer, name).data, weight)
        require(
            not shared,
            f"{type(layer).__name__}: expected {name} to be a copy of the layer's weight, it is the same array",
        )


def _counts_each_once(seed: int) -> None:
    """Without weights a bag is the plain sum of its rows."""
    layer = nn.EmbeddingBag(4, 2, mode="sum", rng=np.random.default_rng(seed))
    rows = layer.weight.data
    is_close("sums of bags", layer(np.array([[0, 3], [3, 3]])), [rows[0] + rows[3], 2 * rows[3]])


def _keeps_its_arguments(seed: int) -> None:
    cell = nn.RNNCell(2, 3, nonlinearity="relu", rng=np.random.default_rng(seed))
    require(cell.nonlinearity == "relu", f"nonlinearity: expected relu, got {cell.nonlinearity}")


CORNERS: dict[str, Callable[[int], None]] = {
    **{f"refuses {name}": partial(_refused, call) for name, call in REFUSED.items()},
    "takes lists": _takes_lists,
    "BCELoss at 0 and 1, quietly": _writes_no_warning,
    "Embedding leaves what fits": _leaves_what_fits,
    "MaxPool1d of -inf in padding": _ties_in_padding,
    "slopes at zero": _slopes_at_zero,
    "Upsample to the corners": _upsamples_to_the_corners,
    "LSTM looks at no padding": _looks_at_no_padding,
    "gradients are cleared": _clears_gradients,
    "outputs are the caller's": _outputs_are_the_callers,
    "weights of a loss are copied": _weights_are_copied,
    "WeightNorm follows its parameters": _follows_its_parameters,
    "GCNConv follows its edges": _follows_its_edges,
    "ModuleList holds what was put in": _holds_what_was_put_in,
    "norms of weights take only a copy": _takes_only_a_copy,
    "EmbeddingBag counts each once": _counts_each_once,
    "RNNCell keeps its arguments": _keeps_its_arguments,
}
