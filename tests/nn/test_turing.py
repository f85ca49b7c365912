"""The head of a neural Turing machine, each of its parts driven alone."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import NTMHead

WIDTH = 2
SHARP, SHUT = 1e3, -1e3
MEMORY = np.array([[[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0], [0.0, -4.0]]])
THERE = np.array([[0.0, 1.0, 0.0, 0.0]])
H = np.zeros((1, 3))


def head(
    key: Any = (0.0, 0.0),
    beta: float = 0.0,
    gate: float = 0.0,
    shift: Any = (0.0, 0.0, 0.0),
    gamma: float = SHUT,
    erase: Any = (SHUT, SHUT),
    add: Any = (0.0, 0.0),
) -> NTMHead:
    """A head whose interface gives these numbers whatever the controller says."""
    made = NTMHead(3, WIDTH, (len(shift) - 1) // 2, rng=np.random.default_rng(73))
    made.interface.weight.data[...] = 0
    assert made.interface.bias is not None
    made.interface.bias.data[...] = [*key, beta, gate, *shift, gamma, *erase, *add]
    return made


def weights(made: NTMHead, before: Any = THERE) -> Any:
    """The new weights, of which those that only are not 0 for the sake of their logarithm are made 0."""
    w = made(H, MEMORY, before)[2][0]
    return np.where(w < 1e-300, 0, w)


def test_content_addressing_finds_the_slot_in_the_direction_of_the_key() -> None:
    found = weights(head(key=(-0.1, 0.0), beta=SHARP, gate=SHARP, shift=(0.0,)))
    assert found.tolist() == [0, 0, 1, 0]


def test_content_is_weighed_by_the_cosine_times_the_strength() -> None:
    found = weights(head(key=(5.0, 0.0), beta=np.log(np.exp(2) - 1), gate=SHARP, shift=(0.0,)))
    np.testing.assert_allclose(found, np.exp([2, 0, -2, 0]) / np.exp([2, 0, -2, 0]).sum())


def test_the_gate_mixes_content_with_the_previous_weights() -> None:
    assert weights(head(gate=SHUT, shift=(0.0,))).tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(weights(head(gate=SHARP, shift=(0.0,))), 0.25)
    np.testing.assert_allclose(weights(head(gate=np.log(3), shift=(0.0,))), [3 / 16, 7 / 16, 3 / 16, 3 / 16])


@pytest.mark.parametrize(("number", "place"), [(0, 3), (1, 0), (2, 1), (3, 2), (4, 3)])
def test_the_shift_turns_the_weights_around_the_memory(number: int, place: int) -> None:
    shift = SHARP * (np.arange(5) == number)
    assert weights(head(gate=SHUT, shift=shift)).tolist() == (np.arange(4) == place).tolist()


def test_shifts_beyond_the_memory_come_round() -> None:
    shift = SHARP * (np.arange(11) == 0)
    assert weights(head(gate=SHUT, shift=shift)).tolist() == [1, 0, 0, 0]


def test_each_example_has_shifts_of_its_own_size() -> None:
    made = head(gate=SHUT)
    made.interface.weight.data[WIDTH + 2 : WIDTH + 5, 0] = [-SHARP, -2 * SHARP, -2 * SHARP]
    memory, before = np.repeat(MEMORY, 2, 0), np.repeat(THERE, 2, 0)
    _, _, w = made(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), memory, before)
    np.testing.assert_allclose(w, [[1 / 3, 1 / 3, 1 / 3, 0], [1, 0, 0, 0]], atol=1e-300)


def test_sharpening_raises_to_a_power_of_at_least_one() -> None:
    before = np.array([[0.1, 0.2, 0.3, 0.4]])
    np.testing.assert_allclose(weights(head(gate=SHUT, shift=(0.0,)), before), before[0])
    squared = head(gate=SHUT, shift=(0.0,), gamma=np.log(np.e - 1))
    np.testing.assert_allclose(weights(squared, before), before[0] ** 2 / (before**2).sum())
    assert weights(head(gate=SHUT, shift=(0.0,), gamma=1e6), before).tolist() == [0, 0, 0, 1]


def test_reading_takes_the_memory_as_it_was() -> None:
    read, written, _ = head(gate=SHUT, shift=(0.0,), erase=(SHARP, SHARP), add=(7.0, 8.0))(H, MEMORY, THERE)
    np.testing.assert_allclose(read, [[0, 2]], atol=1e-300)
    assert written[0, 1].tolist() == [7, 8]


def test_writing_erases_before_it_adds_and_only_where_the_weights_are() -> None:
    made = head(gate=SHUT, shift=(0.0,), erase=(0.0, SHARP), add=(10.0, 20.0))
    _, written, _ = made(H, np.ones((1, 4, 2)), np.array([[0.0, 0.5, 0.5, 0.0]]))
    np.testing.assert_allclose(written, [[[1, 1], [0.75 + 5, 0.5 + 10], [0.75 + 5, 0.5 + 10], [1, 1]]])


def test_weights_of_zero_have_the_derivative_that_the_formula_has() -> None:
    """With γ = 1 the new weights are the old ones divided by their sum."""
    made = head(gate=SHUT, shift=(0.0,))
    made(H, MEMORY, THERE)
    dw = np.array([[3.0, 5.0, 7.0, 11.0]])
    _, _, dweights = made.backward(np.zeros((1, 2)), None, dw)
    np.testing.assert_allclose(dweights, dw - 5)


def test_a_memory_and_a_key_of_zeros_are_equally_like_everything() -> None:
    made = head(gate=SHARP, shift=(0.0,), beta=3.0)
    _, _, w = made(H, np.zeros((1, 4, 2)), THERE)
    np.testing.assert_allclose(w, 0.25)
    assert all(np.isfinite(dx).all() for dx in made.backward(np.ones((1, 2)), np.ones((1, 4, 2)), w))


def test_lengths_count_from_a_hundred_millionth_on_as_in_torch() -> None:
    made = head(key=(3e-9, 0.0), beta=np.log(np.exp(2) - 1), gate=SHARP, shift=(0.0,))
    np.testing.assert_allclose(weights(made), np.exp([0.6, 0, -0.6, 0]) / np.exp([0.6, 0, -0.6, 0]).sum())


def test_later_cotangents_may_be_left_out() -> None:
    made = NTMHead(3, WIDTH, rng=np.random.default_rng(74))
    outputs = made(np.ones((1, 3)), MEMORY, THERE)
    bare = made.backward(outputs[0])
    full = made.backward(outputs[0], np.zeros((1, 4, 2)), np.zeros((1, 4)))
    for found, wanted in zip(bare, full, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-15)


def test_a_head_turns_by_one_slot_at_most_by_default() -> None:
    rng = np.random.default_rng(75)
    assert NTMHead(3, 4, rng=rng).interface.out_features == 4 + 1 + 1 + 3 + 1 + 4 + 4
    assert NTMHead(3, 4, 2, rng=rng).interface.out_features == 4 + 1 + 1 + 5 + 1 + 4 + 4


def run(*cotangents: Any) -> None:
    made = head()
    made(H, MEMORY, THERE)
    made.backward(*cotangents)


def misfit(name: str, got: str, wanted: str) -> str:
    return f"NTMHead: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(name: str) -> str:
    return (
        f"NTMHead: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


def low(x: Any) -> Any:
    return np.asarray(x, np.float32)


READ = np.zeros((1, 2))

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: NTMHead(3, 2, -1, rng=np.random.default_rng(0)),
        "NTMHead: max_shift is -1 but must not be negative; 0 leaves the weights there",
    ),
    (
        lambda: head()(H, MEMORY, THERE - 0.5),
        "NTMHead: weights must not be negative but hold -0.5; pass those of the latest forward",
    ),
    (lambda: head()(H[:, :2], MEMORY, THERE), misfit("h", "(1, 2)", "(1, 3)")),
    (lambda: head()(H, np.zeros((1, 4, 3)), THERE), misfit("memory", "(1, 4, 3)", "(..., *, 2)")),
    (lambda: head()(H, MEMORY, THERE[:, :3]), misfit("weights", "(1, 3)", "(1, 4)")),
    (lambda: head()(low(H), MEMORY, THERE), single("h")),
    (lambda: head()(H, low(MEMORY), THERE), single("memory")),
    (lambda: head()(H, MEMORY, low(THERE)), single("weights")),
    (lambda: run(H), misfit("dread", "(1, 3)", "(1, 2)")),
    (lambda: run(low(READ)), single("dread")),
    (lambda: run(READ, MEMORY[0]), misfit("dwritten", "(4, 2)", "(1, 4, 2)")),
    (lambda: run(READ, low(MEMORY)), single("dwritten")),
    (lambda: run(READ, None, THERE[0]), misfit("dw", "(4,)", "(1, 4)")),
    (lambda: run(READ, None, low(THERE)), single("dw")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
