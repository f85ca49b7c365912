"""Capsules at the origin, and routing by hand."""

import numpy as np

from nnlab.nn import CapsuleLayer, Squash


def test_squash_keeps_the_direction_and_shortens_to_below_one() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.1]])
    y = Squash()(x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), [25 / 26, 0.01 / 1.01])
    np.testing.assert_allclose(y[0] / np.linalg.norm(y[0]), [0.6, 0.8])


def test_squash_and_its_derivative_are_zero_at_the_origin() -> None:
    layer = Squash()
    assert not layer(np.zeros((2, 3))).any()
    assert not layer.backward(np.ones((2, 3))).any()


def test_a_single_routing_weighs_all_capsules_alike() -> None:
    layer = CapsuleLayer(3, 2, 4, 5, routings=1, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((2, 3, 2))
    u = np.einsum("ioed,nid->nioe", layer.weight.data, x)
    np.testing.assert_allclose(layer(x), Squash()(u.sum(1) / 4))


def test_routing_goes_to_the_capsules_that_agree() -> None:
    layer = CapsuleLayer(3, 2, 4, 5, routings=1, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((2, 3, 2))
    u = np.einsum("ioed,nid->nioe", layer.weight.data, x)
    agreement = np.exp((u * layer(x)[:, None]).sum(-1, keepdims=True))
    twice = CapsuleLayer(3, 2, 4, 5, routings=2, rng=np.random.default_rng(0))
    routed = (agreement / agreement.sum(2, keepdims=True) * u).sum(1)
    np.testing.assert_allclose(twice(x), Squash()(routed))


def test_capsules_are_routed_three_times_by_default() -> None:
    assert len(CapsuleLayer(3, 2, 4, 5, rng=np.random.default_rng(0)).squashes) == 3


def test_a_capsule_layer_knows_the_layers_inside_it() -> None:
    layer = CapsuleLayer(3, 2, 4, 5, routings=2, rng=np.random.default_rng(0)).eval()
    assert [type(module).__name__ for module in layer.modules()] == ["CapsuleLayer", "ModuleList", "Squash", "Squash"]
    assert list(layer.state_dict()) == ["weight"]
    assert not any(module.training for module in layer.modules())
