"""Normalisation within each example: what the statistics are taken over, and running statistics."""

import numpy as np
import pytest

from nnlab.nn import GroupNorm, InstanceNorm2d


def batch(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).normal(2.0, 3.0, shape)


def test_groupnorm_output_has_mean_0_and_variance_1_in_each_group() -> None:
    groups = GroupNorm(2, 6, eps=0.0)(batch(3, 6, 4, 5)).reshape(3, 2, 60)
    np.testing.assert_allclose(groups.mean(2), 0, atol=1e-12)
    np.testing.assert_allclose(groups.var(2), 1, rtol=1e-12)


def test_groupnorm_takes_an_empty_batch_and_torchs_eps() -> None:
    layer = GroupNorm(2, 4)
    assert layer(np.zeros((0, 4, 3))).shape == (0, 4, 3)
    assert layer.eps == InstanceNorm2d(4).eps == 1e-5


def test_instancenorm_output_has_mean_0_and_variance_1_in_each_picture() -> None:
    y = InstanceNorm2d(3, eps=0.0)(batch(2, 3, 4, 5))
    np.testing.assert_allclose(y.mean((2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((2, 3)), 1, rtol=1e-12)


def test_instancenorm_running_statistics_move_towards_the_average_of_the_examples() -> None:
    layer, x = InstanceNorm2d(3, momentum=0.25, track_running_stats=True), batch(2, 3, 4, 5)
    layer(x)
    np.testing.assert_allclose(layer.running_mean, 0.25 * x.mean((0, 2, 3)))
    np.testing.assert_allclose(layer.running_var, 0.75 + 0.25 * x.var((2, 3), ddof=1).mean(0))
    assert layer.num_batches_tracked == 0


def test_instancenorm_in_evaluation_uses_and_keeps_the_running_statistics() -> None:
    layer = InstanceNorm2d(2, eps=0.5, track_running_stats=True).eval()
    layer.running_mean[...] = [1.0, 2.0]
    layer.running_var[...] = [0.5, 3.5]
    before = layer.state_dict()
    x = batch(1, 2, 1, 1)
    np.testing.assert_allclose(layer(x)[0, :, 0, 0], (x[0, :, 0, 0] - [1, 2]) / [1, 2])
    np.testing.assert_allclose(layer.backward(np.ones_like(x))[0, :, 0, 0], [1, 0.5])
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_instancenorm_without_tracking_keeps_no_statistics() -> None:
    layer = InstanceNorm2d(2)
    layer(batch(1, 2, 3, 4))
    assert list(layer.named_buffers()) == []
    assert not layer.running_mean.any()


def test_instancenorm_tracking_without_momentum_or_in_evaluation_learns_nothing() -> None:
    layer = InstanceNorm2d(2, momentum=None, track_running_stats=True)
    layer(batch(1, 2, 3, 4))
    assert not layer.running_mean.any()
    assert (layer.running_var == 1).all()


def test_instancenorm_takes_pictures_of_two_entries() -> None:
    assert InstanceNorm2d(2)(batch(1, 2, 1, 2)).shape == (1, 2, 1, 2)


@pytest.mark.parametrize("layer", [GroupNorm(2, 4, dtype=np.float32), InstanceNorm2d(4, dtype=np.float32)])
def test_statistics_are_in_the_layers_dtype(layer: GroupNorm | InstanceNorm2d) -> None:
    assert layer(batch(2, 4, 3, 2).astype(np.float32)).dtype == np.float32


def test_instancenorm_defaults_are_torchs() -> None:
    layer = InstanceNorm2d(2)
    assert layer.num_features == 2
    assert (layer.momentum, layer.weight, layer.bias, layer.track_running_stats) == (0.1, None, None, False)
    tracking = InstanceNorm2d(2, track_running_stats=True, dtype=np.float32)
    assert tracking.running_mean.dtype == tracking.running_var.dtype == np.float32
    assert tracking.num_batches_tracked.dtype == np.int64
