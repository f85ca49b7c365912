"""Dropout: which entries, how often, and how they are scaled."""

from typing import Any

import numpy as np
import pytest

from nnlab.nn import AlphaDropout, Dropout, Dropout2d, DropPath
from nnlab.nn.dropout import _Masked


class Draws:
    """A Generator whose draws are given."""

    def __init__(self, values: Any) -> None:
        self.values = np.array(values)

    def random(self, shape: tuple[int, ...]) -> Any:
        return self.values.reshape(shape)


def test_dropout_keeps_1_minus_p_of_the_entries_and_scales_them_up() -> None:
    y = Dropout(0.2, rng=np.random.default_rng(5))(np.ones((200, 50)))
    assert set(np.unique(y)) == {0.0, 1.25}
    assert (y == 0).mean() == pytest.approx(0.2, abs=0.02)


def test_dropout_drops_half_by_default() -> None:
    y = Dropout(rng=np.random.default_rng(5))(np.ones(10_000))
    assert (y == 0).mean() == pytest.approx(0.5, abs=0.02)


def test_dropout_keeps_an_entry_drawn_at_p_exactly() -> None:
    rng: Any = Draws([0.25, 0.2499, 0.0, 0.999])
    np.testing.assert_allclose(Dropout(0.25, rng=rng)(np.ones(4)), [4 / 3, 0, 0, 4 / 3])


def test_dropout_draws_a_fresh_mask_for_every_forward_in_training() -> None:
    layer, x = Dropout(rng=np.random.default_rng(5)), np.ones((4, 5))
    assert (layer(x) != layer(x)).any()


def test_dropout_backward_uses_the_mask_of_the_forward() -> None:
    layer, x = Dropout(0.3, rng=np.random.default_rng(5)), np.ones((4, 5))
    y = layer(x)
    np.testing.assert_array_equal(layer.backward(x), y)
    np.testing.assert_array_equal(layer.backward(x), y)


def test_dropout_in_evaluation_is_a_copy_and_draws_nothing() -> None:
    rng = np.random.default_rng(5)
    layer, x = Dropout(0.9, rng=rng).eval(), np.arange(6.0)
    y = layer(x)
    np.testing.assert_array_equal(y, x)
    assert not np.shares_memory(y, x)
    np.testing.assert_array_equal(layer.backward(x), x)
    assert rng.bit_generator.state == np.random.default_rng(5).bit_generator.state


def test_dropout_of_everything_is_zero_and_of_nothing_the_identity() -> None:
    x = np.arange(1.0, 7.0)
    for p, wanted in ((1.0, 0 * x), (0.0, x)):
        layer = Dropout(p, rng=np.random.default_rng(5))
        np.testing.assert_array_equal(layer(x), wanted)
        np.testing.assert_array_equal(layer.backward(x), wanted)


def test_a_dropout_of_parts_must_say_which() -> None:
    class Unfinished(_Masked):
        rule = (...,)

    with pytest.raises(NotImplementedError, match=r"^Unfinished defines no _draws$"):
        Unfinished(0.5, np.random.default_rng(0))(np.ones(2))


def test_dropout2d_drops_whole_channels_and_droppath_whole_examples() -> None:
    x = np.ones((20, 30, 2, 3))
    channels = Dropout2d(0.2, rng=np.random.default_rng(5))(x).reshape(600, 6)
    examples = DropPath(0.2, rng=np.random.default_rng(5))(np.ones((600, 6)))
    for rows in (channels, examples):
        assert set(np.unique(rows)) == {0.0, 1.25}
        assert (rows == rows[:, :1]).all()
        assert (rows == 0).mean() == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize("kind", [Dropout2d, DropPath])
def test_a_part_drawn_at_p_exactly_is_kept(kind: Any) -> None:
    rng: Any = Draws([0.75, 0.7499])
    x = np.ones((1, 2, 3, 1) if kind is Dropout2d else (2, 3))
    assert kind(0.75, rng=rng)(x).ravel().tolist() == [4, 4, 4, 0, 0, 0]


@pytest.mark.parametrize("kind", [Dropout2d, DropPath, AlphaDropout])
def test_other_dropouts_drop_half_by_default_and_nothing_in_evaluation(kind: Any) -> None:
    rng = np.random.default_rng(5)
    layer, x = kind(rng=rng), np.random.default_rng(6).standard_normal((3, 2, 4, 5))
    assert layer.p == 0.5
    np.testing.assert_array_equal(layer.eval()(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)
    assert rng.bit_generator.state == np.random.default_rng(5).bit_generator.state


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(p: float) -> None:
    x = np.random.default_rng(6).standard_normal(100_000)
    y = AlphaDropout(p, rng=np.random.default_rng(5))(x)
    assert y.mean() == pytest.approx(0, abs=0.03)
    assert y.var() == pytest.approx(1, abs=0.03)


def test_alpha_dropout_keeps_an_entry_drawn_at_p_exactly_and_drops_to_one_value() -> None:
    rng: Any = Draws([0.25, 0.2499, 0.0, 0.999])
    layer = AlphaDropout(0.25, rng=rng)
    y = layer(np.array([0.0, 7.0, 8.0, 0.0]))
    assert y[0] == y[3] != y[1] == y[2]
    assert (layer.backward(np.ones(4)) != 0).tolist() == [True, False, False, True]


def test_alpha_dropout_of_everything_is_zero_and_of_nothing_the_identity() -> None:
    x = np.arange(1.0, 7.0)
    for p, wanted in ((1.0, 0 * x), (0.0, x)):
        layer = AlphaDropout(p, rng=np.random.default_rng(5))
        np.testing.assert_array_equal(layer(x), wanted)
        np.testing.assert_array_equal(layer.backward(x), wanted)
