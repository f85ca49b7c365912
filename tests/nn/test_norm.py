"""Normalisation: statistics, running statistics, the limits of eps."""

import numpy as np
import pytest

from nnlab.nn import BatchNorm1d, BatchNorm2d, LayerNorm, LocalResponseNorm, RMSNorm
from nnlab.nn.norm import _BatchNorm, _ChannelNorm


def batch(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).normal(2.0, 3.0, shape)


def test_layernorm_output_has_mean_0_and_variance_1_over_the_normalized_dimensions() -> None:
    y = LayerNorm((3, 4), eps=0.0)(batch(5, 3, 4))
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((1, 2)), 1, rtol=1e-12)


def test_layernorm_takes_any_list_of_sizes_and_defaults_to_torchs_eps() -> None:
    layer = LayerNorm([3, 4])
    assert layer.normalized_shape == (3, 4)
    assert LayerNorm(4).normalized_shape == (4,)
    assert layer.eps == 1e-5


def test_layernorm_without_affine_keeps_the_dtype_of_its_input() -> None:
    assert LayerNorm(4, elementwise_affine=False)(batch(2, 4).astype(np.float32)).dtype == np.float32


def test_batchnorm_output_has_mean_0_and_variance_1_per_channel() -> None:
    y = BatchNorm1d(3, eps=0.0)(batch(4, 3, 5))
    np.testing.assert_allclose(y.mean((0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 2)), 1, rtol=1e-12)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5)])
def test_batchnorm_running_statistics_move_by_momentum_towards_the_unbiased_ones(shape: tuple[int, ...]) -> None:
    layer, x = BatchNorm1d(3, momentum=0.25), batch(*shape)
    axes = (0, *range(2, x.ndim))
    layer(x)
    np.testing.assert_allclose(layer.running_mean, 0.25 * x.mean(axes))
    np.testing.assert_allclose(layer.running_var, 0.75 + 0.25 * x.var(axes, ddof=1))
    assert layer.num_batches_tracked == 1


def test_batchnorm_without_momentum_averages_over_all_batches() -> None:
    layer, batches = BatchNorm1d(2, momentum=None), batch(4, 6, 2)
    for x in batches:
        layer(x)
    np.testing.assert_allclose(layer.running_mean, batches.mean(1).mean(0))
    np.testing.assert_allclose(layer.running_var, batches.var(1, ddof=1).mean(0))
    assert layer.num_batches_tracked == 4


def test_batchnorm_in_evaluation_uses_and_keeps_the_running_statistics() -> None:
    layer = BatchNorm1d(3, eps=0.5).eval()
    layer.running_mean[...] = [1.0, 2.0, 3.0]
    layer.running_var[...] = [0.5, 1.5, 3.5]
    before = layer.state_dict()
    x = batch(1, 3)
    np.testing.assert_allclose(layer(x), (x - [1, 2, 3]) / np.sqrt([1.0, 2.0, 4.0]))
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_batchnorm_without_tracking_normalises_by_the_batch_in_evaluation_too() -> None:
    layer = BatchNorm1d(3, eps=0.0, track_running_stats=False).eval()
    np.testing.assert_allclose(layer(batch(7, 3)).mean(0), 0, atol=1e-12)
    assert list(layer.named_buffers()) == []
    assert layer.num_batches_tracked == 0


def test_batchnorm_without_tracking_in_training_keeps_no_statistics() -> None:
    layer = BatchNorm1d(3, track_running_stats=False)
    layer(batch(7, 3))
    assert not layer.running_mean.any()
    assert layer.num_batches_tracked == 0


def test_batchnorm_backward_in_evaluation_takes_the_statistics_as_constants() -> None:
    layer = BatchNorm1d(2, eps=0.0).eval()
    layer.running_var[...] = [4.0, 0.25]
    layer(batch(5, 2))
    np.testing.assert_allclose(layer.backward(np.ones((5, 2))), np.tile([0.5, 2.0], (5, 1)))


def test_batchnorm_keeps_running_statistics_in_its_dtype() -> None:
    layer = BatchNorm1d(2, momentum=None, dtype=np.float32)
    layer(batch(5, 2).astype(np.float32))
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32
    assert layer.num_batches_tracked.dtype == np.int64


def test_batchnorm_takes_two_values_per_channel() -> None:
    layer = BatchNorm1d(2)
    layer(batch(1, 2, 2))
    layer(batch(2, 2))
    assert layer.num_batches_tracked == 2


def test_batchnorm_defaults_are_torchs() -> None:
    layer = BatchNorm1d(2)
    assert (layer.eps, layer.momentum) == (1e-5, 0.1)


def test_batchnorm2d_is_batchnorm1d_of_the_flattened_pictures() -> None:
    pictures, line = BatchNorm2d(3), BatchNorm1d(3)
    x = batch(2, 3, 4, 5)
    np.testing.assert_allclose(pictures(x), line(x.reshape(2, 3, 20)).reshape(x.shape), rtol=1e-12)
    np.testing.assert_allclose(pictures.running_var, line.running_var, rtol=1e-12)


def test_batchnorm_of_other_spaces_must_say_which() -> None:
    class Unfinished(_BatchNorm):
        pass

    with pytest.raises(NotImplementedError, match=r"^Unfinished defines no _space$"):
        Unfinished(2)(batch(3, 2))


def test_a_norm_of_channels_must_say_how_running_statistics_move() -> None:
    class Unfinished(_ChannelNorm):
        together = (0,)

        def _space(self, ndim: int) -> tuple[None, ...]:
            return ()

    with pytest.raises(NotImplementedError, match=r"^Unfinished defines no _note$"):
        Unfinished(2)(batch(3, 2))


def test_rmsnorm_output_has_mean_square_1_over_the_normalized_dimensions() -> None:
    layer = RMSNorm([3, 4], eps=0.0)
    assert layer.normalized_shape == (3, 4)
    np.testing.assert_allclose((layer(batch(5, 3, 4)) ** 2).mean((1, 2)), 1, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rmsnorm_eps_is_the_machine_epsilon_of_the_dtype_unless_given(dtype: type) -> None:
    x = np.full(3, 1e-6, dtype)
    y = RMSNorm(3, elementwise_affine=False)(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, 1e-6 / np.sqrt(1e-12 + np.finfo(dtype).eps), rtol=1e-5)
    assert RMSNorm(3).eps is None
    assert RMSNorm(3, eps=0.0, elementwise_affine=False)(x) == pytest.approx(1)


def test_local_response_norm_looks_further_back_than_ahead_for_an_even_size() -> None:
    x = np.array([[[0.0], [1.0], [0.0], [0.0]]])
    layer = LocalResponseNorm(2, alpha=2.0, beta=1.0, k=1.0)
    layer(x)
    dy = np.array([[[1.0], [0.0], [1.0], [1.0]]])
    np.testing.assert_array_equal(layer.backward(dy).ravel(), [1, 0, 0.5, 1])


def test_local_response_norm_of_size_1_sees_each_channel_alone() -> None:
    x = np.array([[[1.0], [3.0]]])
    np.testing.assert_allclose(LocalResponseNorm(1, alpha=1.0, beta=1.0)(x), [[[0.5], [0.3]]])


def test_local_response_norm_defaults_are_torchs() -> None:
    layer = LocalResponseNorm(2)
    assert (layer.size, layer.alpha, layer.beta, layer.k) == (2, 1e-4, 0.75, 1.0)
