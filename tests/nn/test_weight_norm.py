"""WeightNorm and SpectralNorm: names, the power method, what follows from the inner layer, and torch's own."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from tests.nn.peers import torch_is_wanted

needs_torch = pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")

W = np.array([[3.0, 4.0, 0.0], [1.0, -2.0, 2.0]])


def linear(weight: Any = W) -> nn.Linear:
    rows, columns = weight.shape
    layer = nn.Linear(columns, rows, rng=np.random.default_rng(71))
    layer.weight.data[...] = weight
    return layer


def spectral(module: nn.Module, *args: Any, **kwargs: Any) -> nn.SpectralNorm:
    return nn.SpectralNorm(module, *args, rng=np.random.default_rng(72), **kwargs)


def power(matrix: Any, v: Any, times: int) -> Any:
    """u and v after so many steps of the power method."""
    u = None
    for _ in range(times):
        u = matrix @ v / np.linalg.norm(matrix @ v)
        v = matrix.T @ u / np.linalg.norm(matrix.T @ u)
    return u, v


def test_the_norms_are_taken_apart_and_the_layer_stays_the_same() -> None:
    layer, x = nn.WeightNorm(linear()), np.random.default_rng(73).standard_normal((4, 3))
    assert layer.original0.data.tolist() == [[5], [3]]
    np.testing.assert_array_equal(layer.original1.data, W)
    np.testing.assert_allclose(layer(x), linear()(x))


def test_the_length_of_v_does_not_matter() -> None:
    layer, x = nn.WeightNorm(linear()), np.random.default_rng(73).standard_normal((4, 3))
    wanted = layer(x)
    layer.original1.data *= [[7.0], [0.1]]
    np.testing.assert_allclose(layer(x), wanted)
    layer.original0.data[0] = 10.0
    np.testing.assert_allclose(layer.module.weight.data, linear().weight.data)  # type: ignore[attr-defined]
    layer(x)
    np.testing.assert_allclose(layer.module.weight.data, W * [[2], [1]])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("dim", "shape"),
    [(0, (4, 1, 1)), (1, (1, 3, 1)), (2, (1, 1, 2)), (-2, (1, 3, 1)), (-3, (4, 1, 1)), (-1, ()), (None, ())],
)
def test_norms_keep_one_axis_or_none(dim: int | None, shape: tuple[int, ...]) -> None:
    layer = nn.WeightNorm(nn.Conv1d(3, 4, 2, rng=np.random.default_rng(74)), dim=dim)
    assert layer.original0.data.shape == layer.original0.grad.shape == shape


def test_a_gradient_along_v_moves_the_length_only() -> None:
    layer = nn.WeightNorm(linear())
    layer(np.eye(3))
    layer.backward(W.T)
    np.testing.assert_allclose(layer.original0.grad, [[5], [3]])
    np.testing.assert_allclose(layer.original1.grad, np.zeros((2, 3)), atol=1e-15)


def test_parameters_are_copies_of_the_layers_weight() -> None:
    inner = linear()
    for layer in (nn.WeightNorm(inner), spectral(inner)):
        assert not any(np.shares_memory(inner.weight.data, p.data) for p in layer.parameters())


def test_names_are_torchs_also_inside_other_layers() -> None:
    model = nn.Sequential(nn.WeightNorm(linear()), nn.SpectralNorm(linear(W[:, :2]), rng=np.random.default_rng(0)))
    assert [name for name, _ in model.named_parameters()] == [
        "0.bias",
        "0.parametrizations.weight.original0",
        "0.parametrizations.weight.original1",
        "1.bias",
        "1.parametrizations.weight.original",
    ]
    assert [name for name, _ in model.named_buffers()] == [
        "1.parametrizations.weight.0._u",
        "1.parametrizations.weight.0._v",
    ]


def test_buffers_of_the_inner_layer_are_kept() -> None:
    layer = nn.WeightNorm(nn.BatchNorm1d(3))
    assert set(layer.state_dict()) == {
        "bias",
        "parametrizations.weight.original0",
        "parametrizations.weight.original1",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    }


def test_mode_reaches_the_inner_layer() -> None:
    layer = nn.WeightNorm(nn.BatchNorm1d(3)).eval()
    assert layer.module.training is False


def test_the_inner_gradient_does_not_pile_up() -> None:
    layer = nn.WeightNorm(linear())
    for _ in range(3):
        layer.zero_grad()
        layer(np.eye(3))
        layer.backward(np.ones((3, 2)))
    np.testing.assert_allclose(layer.original0.grad, [[7 / 5], [1 / 3]])


def test_arguments_by_name_reach_the_inner_layer() -> None:
    rng = np.random.default_rng(75)
    attention, x = nn.MultiheadAttention(4, 2, rng=rng), rng.standard_normal((3, 2, 4))
    for layer in (nn.WeightNorm(attention, "in_proj_weight"), spectral(attention, "in_proj_weight")):
        assert layer(x, x, x, need_weights=False)[1] is None


def test_u_and_v_start_after_fifteen_steps() -> None:
    matrix = np.random.default_rng(76).standard_normal((6, 5))
    u, v = power(matrix, np.random.default_rng(72).standard_normal(5), 15)
    layer = spectral(linear(matrix))
    np.testing.assert_allclose(layer._u, u, rtol=1e-12)
    np.testing.assert_allclose(layer._v, v, rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 3])
def test_training_takes_steps_and_evaluation_takes_none(steps: int) -> None:
    layer = spectral(linear(), n_power_iterations=steps)
    layer._u, layer._v = np.array([0.6, 0.8]), np.array([0.0, 0.6, 0.8])
    layer.eval()(np.eye(3))
    sigma = np.array([0.6, 0.8]) @ W @ [0, 0.6, 0.8]
    np.testing.assert_allclose(layer.module.weight.data, W / sigma)  # type: ignore[attr-defined]
    assert layer._u.tolist() == [0.6, 0.8]
    layer.train()(np.eye(3))
    u, v = power(W, np.array([0.0, 0.6, 0.8]), steps)
    np.testing.assert_allclose(layer._u, u)
    np.testing.assert_allclose(layer._v, v)
    np.testing.assert_allclose(layer.module.weight.data, W / (u @ W @ v))  # type: ignore[attr-defined]


def test_one_step_and_rows_unless_told_otherwise() -> None:
    layer = spectral(linear())
    assert (layer.name, layer.n_power_iterations, layer.eps, layer.dim) == ("weight", 1, 1e-12, 0)


def test_many_steps_lead_to_the_spectral_norm() -> None:
    layer = spectral(linear(), n_power_iterations=60)
    layer(np.eye(3))
    norm = np.linalg.norm(layer.module.weight.data, 2)  # type: ignore[attr-defined]
    np.testing.assert_allclose(norm, 1)


def test_eps_keeps_a_weight_of_zeros_from_a_division_by_zero_in_the_power_method() -> None:
    layer = spectral(linear(np.zeros((2, 3))), eps=0.5)
    assert not layer._u.any()
    layer.original.data[...] = [[0.1, 0.0, 0.0], [0.0, 0.0, 0.0]]
    layer._v = np.array([1.0, 0.0, 0.0])
    layer(np.eye(3))
    np.testing.assert_allclose(layer._u, [0.2, 0])
    np.testing.assert_allclose(layer._v, [0.04, 0, 0])


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_the_matrix_has_a_row_for_each_entry_of_an_axis(dim: int) -> None:
    layer = spectral(nn.Conv1d(3, 4, 2, rng=np.random.default_rng(77)), dim=dim)
    shape = (4, 3, 2)
    assert (layer._u.size, layer._v.size) == (shape[dim], 24 // shape[dim])


def test_a_state_that_is_loaded_after_a_forward_does_not_reach_its_backward() -> None:
    layer, other = spectral(linear()), spectral(linear(W * [[1], [5]]))
    layer(np.eye(3))
    dx = layer.backward(np.ones((3, 2)))
    wanted = layer.original.grad.copy()
    layer.zero_grad()
    layer.load_state_dict(other.state_dict())
    np.testing.assert_array_equal(layer.backward(np.ones((3, 2))), dx)
    np.testing.assert_array_equal(layer.original.grad, wanted)


def test_the_weight_of_the_inner_layer_may_be_overwritten_before_backward() -> None:
    for layer in (nn.WeightNorm(linear()), spectral(linear())):
        gradients = []
        for spoilt in (False, True):
            layer.zero_grad()
            layer.eval()(np.eye(3))
            if spoilt:
                layer.module.weight.data[...] = 9.0  # type: ignore[attr-defined]
            layer.backward(np.ones((3, 2)))
            gradients.append([p.grad.copy() for p in layer.parameters()])
        for first, second in zip(*gradients, strict=True):
            np.testing.assert_array_equal(first, second)


@needs_torch
@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("steps", [1, 4])
def test_training_agrees_with_torch_step_by_step(dim: int, steps: int) -> None:
    import torch

    rng = np.random.default_rng(78)
    layer = nn.SpectralNorm(nn.Conv1d(3, 4, 2, rng=rng), "weight", steps, 1e-3, dim, rng=rng)
    theirs = torch.nn.Conv1d(3, 4, 2).double()
    theirs = torch.nn.utils.parametrizations.spectral_norm(theirs, "weight", steps, 1e-3, dim)
    theirs.load_state_dict({name: torch.tensor(x) for name, x in layer.state_dict().items()})
    for _ in range(3):
        x, dy = rng.standard_normal((2, 3, 5)), rng.standard_normal((2, 4, 4))
        y, wanted = layer(x), theirs(torch.tensor(x))
        np.testing.assert_allclose(y, wanted.detach(), atol=1e-12)
        layer.backward(dy)
        wanted.backward(torch.tensor(dy))
        np.testing.assert_allclose(layer.original.grad, theirs.parametrizations.weight.original.grad, atol=1e-12)
    for name, x in theirs.state_dict().items():
        np.testing.assert_allclose(layer.state_dict()[name], x, atol=1e-12)


def test_float32_is_kept() -> None:
    inner = nn.Linear(3, 2, rng=np.random.default_rng(0), dtype=np.float32)
    for layer in (nn.WeightNorm(inner), nn.WeightNorm(inner, dim=None), spectral(inner)):
        assert {x.dtype for x in layer.state_dict().values()} == {np.dtype(np.float32)}
        y = layer(np.ones((4, 3), np.float32))
        assert y.dtype == layer.backward(y).dtype == np.float32
        assert {x.dtype for x in layer.state_dict().values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.WeightNorm(linear(), "weights"),
            "WeightNorm: Linear has no parameter 'weights'; name one of its own: ['bias', 'weight']",
        ),
        (
            lambda: spectral(nn.Sequential(linear()), "0.weight"),
            "SpectralNorm: Sequential has no parameter '0.weight'; name one of its own: []",
        ),
        (
            lambda: nn.WeightNorm(linear(), dim=2),
            "WeightNorm: dim must lie in [-2, 2) but is 2; choose an axis of the weight, which has shape (2, 3)",
        ),
        (
            lambda: spectral(linear(), dim=-3),
            "SpectralNorm: dim must lie in [-2, 2) but is -3; choose an axis of the weight, which has shape (2, 3)",
        ),
        (
            lambda: spectral(linear(), "bias"),
            "SpectralNorm: bias has shape (2,) but a matrix is needed; name another parameter",
        ),
        (
            lambda: spectral(linear(), n_power_iterations=0),
            "SpectralNorm: n_power_iterations is 0 but must be at least 1; call eval() to keep u and v as they are",
        ),
    ],
    ids=["name", "inner name", "dim", "negative dim", "vector", "iterations"],
)
def test_the_refusal_says_rule_value_and_next_step(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
