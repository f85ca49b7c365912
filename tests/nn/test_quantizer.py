"""The quantizer: the entry it takes, what passes straight through, and what is held."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.gradcheck import check
from nnlab.nn import VectorQuantizer
from tests.nn.peers import torch_is_wanted


def layer(cost: float = 0.25) -> VectorQuantizer:
    """Its entries are (0, 0), (4, 0) and (0, 2)."""
    quantizer = VectorQuantizer(3, 2, cost, rng=np.random.default_rng(68))
    quantizer.load_state_dict({"weight": [[0, 0], [4, 0], [0, 2]]})
    return quantizer


Z = np.array([[3.0, 1.0], [-1.0, 0.5], [0.5, 3.0]])


def draw(*shape: int) -> Any:
    return np.random.default_rng(69).standard_normal(shape)


def test_the_output_is_the_nearest_entry_to_the_last_bit() -> None:
    y, _, _, indices = layer()(0.1 * Z)
    assert y.tolist() == [[0, 0]] * 3
    y, codebook_loss, commitment_loss, indices = layer(0.5)(Z)
    assert indices.tolist() == [1, 0, 2]
    assert y.tolist() == [[4, 0], [0, 0], [0, 2]]
    assert codebook_loss == pytest.approx((1 + 1 + 1 + 0.25 + 0.25 + 1) / 6)
    assert commitment_loss == pytest.approx(codebook_loss / 2)


def test_of_equally_near_entries_the_first_is_taken() -> None:
    assert layer()(np.array([[0.0, 1.0], [2.0, 0.0]]))[3].tolist() == [0, 0]


def test_the_gradient_of_the_output_passes_straight_through_and_moves_no_entry() -> None:
    quantizer, dy = layer(), draw(3, 2)
    quantizer(Z)
    dz = quantizer.backward(dy)
    np.testing.assert_array_equal(dz, dy)
    assert not np.shares_memory(dz, dy)
    assert not quantizer.weight.grad.any()


def test_the_codebook_loss_moves_the_chosen_entries_only() -> None:
    quantizer = layer()
    quantizer(np.array([[3.0, 1.0], [5.0, 2.0], [0.0, 3.0]]))
    assert not quantizer.backward(np.zeros((3, 2)), np.array(6.0)).any()
    assert quantizer.weight.grad.tolist() == [[0, 0], [2 * (1 - 1), 2 * (-1 - 2)], [0, -2]]


def test_the_commitment_loss_moves_the_input_only() -> None:
    quantizer = layer(0.5)
    quantizer(Z)
    dz = quantizer.backward(np.zeros((3, 2)), None, np.array(6.0))
    np.testing.assert_allclose(dz, [[-1, 1], [-1, 0.5], [0.5, 1]])
    assert not quantizer.weight.grad.any()


def test_what_is_held_is_the_input_and_its_entry_unless_it_is_given() -> None:
    """The cases hold both, where differences can check backward; this carries their answer over to every use."""
    z, cotangents = draw(4, 3, 2), (draw(4, 3, 2), np.array(0.7), np.array(-1.3))
    free, held = layer(), layer()
    outputs = free(z)
    for found, wanted in zip(held(z, z, outputs[0]), outputs, strict=True):
        np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(free.backward(*cotangents), held.backward(*cotangents))
    np.testing.assert_array_equal(free.weight.grad, held.weight.grad)
    assert free.weight.grad.any()


def test_the_gradient_checker_sees_the_bias_and_agrees_once_the_stopped_values_are_held() -> None:
    z = draw(4, 2)
    q = layer()(z)[0]
    assert check(layer(), z).outcome == "disagrees"
    assert check(layer(), z, z, q, constant=(1, 2)).outcome == "agrees"


@pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")
def test_outputs_and_gradients_are_those_of_torch_with_detach() -> None:
    import torch

    from tests.nn.latent_twins import VectorQuantizer as Twin

    quantizer, twin, z, dy = layer(0.6), Twin(3, 2, 0.6).double(), 3 * draw(5, 4, 2), draw(5, 4, 2)
    twin.load_state_dict({"weight": torch.tensor(quantizer.weight.data)})
    x = torch.tensor(z, requires_grad=True)
    wanted = twin(x)
    torch.autograd.backward(wanted[:3], [torch.tensor(g) for g in (dy, np.array(0.7), np.array(1.3))])
    assert x.grad is not None
    assert twin.weight.grad is not None
    for ours, theirs in zip(quantizer(z), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(quantizer.backward(dy, np.array(0.7), np.array(1.3)), x.grad, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(quantizer.weight.grad, twin.weight.grad, rtol=1e-12, atol=1e-14)


def test_a_single_vector_keeps_no_alias_of_its_entry() -> None:
    quantizer = layer()
    quantizer(Z[0])
    quantizer.weight.data[...] = 9
    dz = quantizer.backward(np.zeros(2), None, np.array(1.0))
    np.testing.assert_allclose(dz, [-0.25, 0.25])


def test_a_quarter_is_the_usual_cost_and_entries_begin_within_one_over_their_number() -> None:
    quantizer = VectorQuantizer(50, 40, rng=np.random.default_rng(70))
    assert quantizer.commitment_cost == 0.25
    assert abs(quantizer.weight.data).max() == pytest.approx(1 / 50, rel=0.01)
    assert quantizer.weight.data.mean() == pytest.approx(0, abs=0.001)


def run(*dy: Any) -> None:
    quantizer = layer()
    quantizer(Z)
    quantizer.backward(*dy)


def misfit(name: str, got: str, wanted: str) -> str:
    return f"VectorQuantizer: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(name: str) -> str:
    return (
        f"VectorQuantizer: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


SINGLE = Z.astype(np.float32)

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: VectorQuantizer(0, 2, rng=np.random.default_rng(0)),
        "VectorQuantizer: num_embeddings is 0 but the codebook needs an entry; raise it",
    ),
    (lambda: layer()(np.zeros((2, 3))), misfit("z", "(2, 3)", "(..., 2)")),
    (lambda: layer()(SINGLE), single("z")),
    (lambda: layer()(Z, Z[:1]), misfit("held_z", "(1, 2)", "(3, 2)")),
    (lambda: layer()(Z, SINGLE), single("held_z")),
    (lambda: layer()(Z, Z, Z[:1]), misfit("held_q", "(1, 2)", "(3, 2)")),
    (lambda: layer()(Z, None, SINGLE), single("held_q")),
    (lambda: run(Z[:1]), misfit("dy", "(1, 2)", "(3, 2)")),
    (lambda: run(SINGLE), single("dy")),
    (lambda: run(Z, np.zeros(1)), misfit("dcodebook_loss", "(1,)", "()")),
    (lambda: run(Z, np.float32(1)), single("dcodebook_loss")),
    (lambda: run(Z, None, np.zeros(1)), misfit("dcommitment_loss", "(1,)", "()")),
    (lambda: run(Z, None, np.float32(1)), single("dcommitment_loss")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
