"""Layers made of layers."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import (
    BatchNorm1d,
    Embedding,
    Flatten,
    Linear,
    Module,
    ModuleList,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
)


def test_sequential_names_its_layers_by_number() -> None:
    layer = Sequential(Tanh(), Linear(2, 3, rng=np.random.default_rng(0)))
    assert [name for name, _ in layer.children()] == ["0", "1"]
    assert [name for name, _ in layer.named_parameters()] == ["1.weight", "1.bias"]


def test_sequential_applies_its_layers_in_order_and_their_backwards_in_reverse() -> None:
    rng = np.random.default_rng(0)
    first, second = Linear(2, 3, rng=rng), Linear(3, 4, rng=rng)
    layer, x = Sequential(first, second), rng.standard_normal((5, 2))
    np.testing.assert_array_equal(layer(x), second(first(x)))
    np.testing.assert_allclose(
        layer.backward(np.ones((5, 4))), np.ones((5, 4)) @ second.weight.data @ first.weight.data
    )


def test_sequential_passes_integers_in_and_none_back() -> None:
    rng = np.random.default_rng(0)
    layer = Sequential(Embedding(4, 3, rng=rng), Tanh())
    assert layer([1, 3]).shape == (2, 3)
    assert layer.backward(np.ones((2, 3))) is None


def test_sequential_counts_ten_layers_in_order() -> None:
    layer = Sequential(*(Tanh() for _ in range(12)))
    assert [name for name, _ in layer.children()] == [str(i) for i in range(12)]


def test_residual_refuses_a_layer_that_changes_the_dtype() -> None:
    class Half(Module):
        def forward(self, x: Any) -> Any:
            return x.astype(np.float32)

    with pytest.raises(InputError, match=r"^Residual: module\(x\) has dtype float32"):
        Residual(Half())(np.ones(3))


def test_residual_adds_its_input_and_its_cotangent() -> None:
    layer, x = Residual(Tanh()), np.array([0.5, -1.0])
    np.testing.assert_allclose(layer(x), x + np.tanh(x))
    np.testing.assert_allclose(layer.backward(np.ones(2)), 2 - np.tanh(x) ** 2)


def test_sequential_is_a_list_whose_slice_computes_a_part() -> None:
    rng = np.random.default_rng(0)
    layer = Sequential(Linear(2, 3, rng=rng), Tanh(), Linear(3, 4, rng=rng)).eval()
    part, x = layer[1:], rng.standard_normal((5, 3))
    assert type(part) is Sequential
    assert part.training is False
    np.testing.assert_array_equal(part(x), layer[2](np.tanh(x)))
    assert len(layer.append(Tanh())) == 4
    assert len(part) == 2


def kinds(layers: Any) -> list[str]:
    return [type(layer).__name__ for layer in layers]


def test_module_list_is_indexed_iterated_and_counted_as_a_list_is() -> None:
    first, second, third = Tanh(), ReLU(), Sigmoid()
    layers = ModuleList([first, second, third])
    assert list(layers) == [first, second, third]
    assert list(reversed(layers)) == [third, second, first]
    assert len(layers) == 3
    assert layers[0] is first
    assert layers[-1] is third
    assert second in layers
    with pytest.raises(IndexError):
        layers[3]


def test_a_slice_of_a_module_list_is_one_of_the_same_layers() -> None:
    layers = ModuleList([Tanh(), ReLU(), Sigmoid()])
    part = layers[::2]
    assert type(part) is ModuleList
    assert list(part) == [layers[0], layers[2]]
    part.append(Tanh())
    assert len(layers) == 3


def test_module_list_grows_at_its_end_and_in_between() -> None:
    layers = ModuleList()
    assert len(layers) == 0
    assert layers.append(Tanh()) is layers
    assert layers.extend([ReLU(), Sigmoid()]) is layers
    layers.insert(1, Flatten())
    assert kinds(layers) == ["Tanh", "Flatten", "ReLU", "Sigmoid"]
    layers[-1] = ReLU()
    del layers[0]
    assert kinds(layers) == ["Flatten", "ReLU", "ReLU"]
    del layers[1:]
    assert [(name, type(layer).__name__) for name, layer in layers.children()] == [("0", "Flatten")]


def test_module_list_does_not_follow_the_list_it_was_made_of() -> None:
    given: list[Module] = [Tanh()]
    layers = ModuleList(given)
    given.append(ReLU())
    assert kinds(layers) == ["Tanh"]


def test_the_owner_of_a_module_list_knows_its_parameters_buffers_and_modes() -> None:
    class Owner(Module):
        def __init__(self) -> None:
            rng = np.random.default_rng(0)
            self.layers = ModuleList([Linear(2, 3, rng=rng), BatchNorm1d(3, affine=False)])

    owner = Owner()
    assert list(owner.state_dict()) == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.running_mean",
        "layers.1.running_var",
        "layers.1.num_batches_tracked",
    ]
    assert kinds(owner.modules()) == ["Owner", "ModuleList", "Linear", "BatchNorm1d"]
    owner.eval()
    assert not any(layer.training for layer in owner.layers)


def test_module_list_has_no_forward_and_says_what_to_call() -> None:
    message = "ModuleList defines no forward; define one, or call the layers inside it one by one"
    with pytest.raises(NotImplementedError, match=f"^{message}$"):
        ModuleList([Tanh()])(np.ones(3))


@pytest.mark.parametrize(
    "put",
    [
        lambda layers: layers.append("Tanh"),
        lambda layers: layers.extend([Tanh(), "Tanh"]),
        lambda layers: layers.insert(0, "Tanh"),
        lambda layers: layers.__setitem__(0, "Tanh"),
    ],
)
@pytest.mark.parametrize("kind", [ModuleList, Sequential])
def test_what_is_no_layer_is_refused_and_the_list_stays_as_it_was(kind: type[Any], put: Any) -> None:
    layers = kind().append(ReLU())
    with pytest.raises(InputError, match=rf"^{kind.__name__}: 'Tanh' is not a layer; pass an instance of nn.Module$"):
        put(layers)
    assert kinds(layers) == ["ReLU"]


X = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
DY = np.array([[1.0, 2.0, -1.0], [0.5, -2.0, 3.0]])


def test_parallel_adds_up_its_branches_unless_told_otherwise() -> None:
    layer = Parallel(Tanh(), Sigmoid(), ReLU())
    assert (layer.combine, layer.dim) == ("sum", 1)
    np.testing.assert_allclose(layer(X), Tanh()(X) + Sigmoid()(X) + ReLU()(X))
    slope = 1 - np.tanh(X) ** 2 + Sigmoid()(X) * Sigmoid()(-X) + (X > 0)
    np.testing.assert_allclose(layer.backward(DY), DY * slope)


def test_parallel_puts_its_branches_side_by_side() -> None:
    rng = np.random.default_rng(0)
    wide = Linear(3, 4, rng=rng)
    layer = Parallel(wide, ReLU(), combine="concat")
    np.testing.assert_array_equal(layer(X), np.concatenate([wide(X), ReLU()(X)], 1))
    dy = rng.standard_normal((2, 7))
    np.testing.assert_allclose(layer.backward(dy), dy[:, :4] @ wide.weight.data + dy[:, 4:] * (X > 0))


def test_parallel_of_one_branch_is_that_branch() -> None:
    for combine in ("sum", "concat"):
        layer = Parallel(Tanh(), combine=combine)  # type: ignore[arg-type]
        np.testing.assert_array_equal(layer(X), np.tanh(X))
        np.testing.assert_allclose(layer.backward(DY), DY * (1 - np.tanh(X) ** 2))


def test_parallel_gives_all_outputs_and_takes_a_cotangent_for_each_or_none() -> None:
    layer = Parallel(Tanh(), ReLU(), combine="tuple")
    y, z = layer(X)
    np.testing.assert_array_equal(y, np.tanh(X))
    np.testing.assert_array_equal(z, X * (X > 0))
    np.testing.assert_allclose(layer.backward(DY, 2 * DY), DY * (1 - y**2) + 2 * DY * (X > 0))
    np.testing.assert_allclose(layer.backward(DY), DY * (1 - y**2))
    np.testing.assert_allclose(layer.backward(None, DY), DY * (X > 0))


def test_parallel_names_its_branches_by_number() -> None:
    rng = np.random.default_rng(0)
    layer = Parallel(Linear(2, 3, bias=False, rng=rng), Linear(2, 3, rng=rng))
    assert list(layer.state_dict()) == ["branches.0.weight", "branches.1.weight", "branches.1.bias"]


def test_parallel_of_different_shapes_as_a_tuple_needs_no_fit() -> None:
    layer = Parallel(Linear(3, 5, rng=np.random.default_rng(0)), Flatten(), combine="tuple")
    assert [y.shape for y in layer(np.ones((2, 3)))] == [(2, 5), (2, 3)]


class Half(Module):
    def forward(self, x: Any) -> Any:
        return x.astype(np.float32)


WIDER = Linear(3, 5, rng=np.random.default_rng(0))
NO_FIT = "; reshape it or build the layer for its size"


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            lambda: Parallel(Tanh(), combine="mean"),  # type: ignore[arg-type]
            "Parallel: combine is 'mean' but must be 'sum', 'concat' or 'tuple'; choose one of them",
        ),
        (lambda: Parallel(), "Parallel: there are no branches but at least one is needed; pass layers"),
        (
            lambda: Parallel(Tanh(), WIDER)(X),
            f"Parallel: branches[1](x) has shape (2, 5) but must have (2, 3){NO_FIT}",
        ),
        (
            lambda: Parallel(Tanh(), WIDER, combine="concat", dim=0)(X),
            f"Parallel: branches[1](x) has shape (2, 5) but must have (*, 3){NO_FIT}",
        ),
        (
            lambda: Parallel(Tanh(), combine="concat", dim=2)(X),
            "Parallel: dim is 2 but the branches give arrays of shape (2, 3); choose one of their axes",
        ),
        (
            lambda: Parallel(Tanh(), combine="concat", dim=-3)(X),
            "Parallel: dim is -3 but the branches give arrays of shape (2, 3); choose one of their axes",
        ),
        (lambda: backward(Parallel(Tanh()), X), f"Parallel: dy has shape (2,) but must have (2, 3){NO_FIT}"),
        (
            lambda: backward(Parallel(Tanh(), WIDER, combine="concat"), X),
            f"Parallel: dy has shape (2,) but must have (2, 8){NO_FIT}",
        ),
        (
            lambda: backward(Parallel(Tanh(), Tanh()), X, 2),
            "Parallel: backward got 2 cotangents but forward gave 1 outputs; pass one for each",
        ),
        (
            lambda: backward(Parallel(Tanh(), Tanh(), combine="tuple"), X, 3),
            "Parallel: backward got 3 cotangents but forward gave 2 outputs; pass one for each",
        ),
        (
            lambda: backward(Parallel(Tanh(), Tanh(), combine="tuple"), X, 0),
            "Parallel: backward got 0 cotangents but forward gave 2 outputs; pass one for each",
        ),
        (
            lambda: Parallel(Tanh(), Half())(X),
            "Parallel: branches[1](x) has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
    ],
)
def test_parallel_refuses_what_does_not_fit(run: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        run()


def backward(layer: Module, x: Any, cotangents: int = 1) -> None:
    layer(x)
    layer.backward(*[np.ones(2)] * cotangents)


def test_parallel_joins_along_any_axis_there_is() -> None:
    for dim in (-2, 0):
        assert Parallel(Tanh(), Tanh(), combine="concat", dim=dim)(X).shape == (4, 3)
    for dim in (-1, 1):
        assert Parallel(Tanh(), Tanh(), combine="concat", dim=dim)(X).shape == (2, 6)
