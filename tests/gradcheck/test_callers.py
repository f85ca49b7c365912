"""Random layers repeat themselves while they are checked, and what belongs to the caller stays as it was."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.layers import generators
from tests.gradcheck.layers import Function, Matrix, draw


class Noisy:
    """y = x · mask with a mask that is drawn anew in every forward, from the Generator that `find` finds."""

    def __init__(self, find: Callable[["Noisy"], np.random.Generator], **attributes: Any) -> None:
        self.find = find
        vars(self).update(attributes)

    def forward(self, x: Any) -> Any:
        self.mask = self.find(self).standard_normal(x.shape)
        return x * self.mask

    def backward(self, dy: Any) -> Any:
        return dy * self.mask


def noisy_layers() -> dict[str, Noisy]:
    def fresh() -> np.random.Generator:
        return np.random.default_rng(5)

    ring = SimpleNamespace(rng=fresh())
    ring.me = ring
    return {
        "attribute": Noisy(lambda self: self.rng, rng=fresh()),
        "list": Noisy(lambda self: self.parts[1][0], parts=[1, [fresh()]]),
        "tuple": Noisy(lambda self: self.parts[0], parts=(fresh(), None)),
        "dict": Noisy(lambda self: self.parts["a"]["b"], parts={"a": {"b": fresh()}}),
        "object": Noisy(lambda self: self.inner.rng, inner=SimpleNamespace(rng=fresh())),
        "cycle": Noisy(lambda self: self.ring.me.me.rng, ring=ring),
    }


@pytest.mark.parametrize("place", noisy_layers())
def test_a_random_layer_draws_the_same_at_every_evaluation(place: str) -> None:
    layer = noisy_layers()[place]
    assert check(layer, draw(3, 2)).outcome == "agrees"


def test_a_layer_with_several_generators_draws_the_same_at_every_evaluation() -> None:
    layer = Noisy(
        lambda self: self.rngs[int(self.rngs[0].integers(1, 3))], rngs=[np.random.default_rng(i) for i in range(3)]
    )
    assert check(layer, draw(3, 2)).outcome == "agrees"


def test_a_generator_among_the_inputs_gives_the_same_at_every_evaluation_and_is_not_advanced() -> None:
    class Jitter:
        def forward(self, x: Any, rng: np.random.Generator) -> Any:
            self.mask = rng.standard_normal(x.shape)
            return x * self.mask

        def backward(self, dy: Any) -> Any:
            return dy * self.mask

    rng = np.random.default_rng(5)
    assert check(Jitter(), draw(3), rng).outcome == "agrees"
    assert rng.random() == np.random.default_rng(5).random()


class Careless(Matrix):
    """Writes to whatever it is handed, and keeps a count and a generator."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.rng = 0, np.random.default_rng(4)

    def forward(self, x: Any) -> Any:
        self.count += 1
        y = super().forward(x) + self.rng.standard_normal()
        x[...] = 0.0
        return y

    def backward(self, dy: Any) -> Any:
        dx = super().backward(dy)
        dy[...] = 0.0
        self.weight.data[...] = 0.0
        return dx


def test_the_callers_layer_and_inputs_stay_as_they_were_even_if_the_layer_is_careless() -> None:
    layer, x = Careless(), draw(2, 3)
    before, state = copy.deepcopy(layer), layer.rng.bit_generator.state
    assert check(layer, x).outcome == "agrees"
    np.testing.assert_array_equal(x, draw(2, 3))
    for (_, now), (_, then) in zip(layer.named_parameters(), before.named_parameters(), strict=True):
        np.testing.assert_array_equal(now.data, then.data)
        np.testing.assert_array_equal(now.grad, then.grad)
    assert layer.count == 0
    assert layer.rng.bit_generator.state == state
    assert vars(layer).keys() == vars(before).keys()


def test_an_input_handed_over_twice_is_two_tensors() -> None:
    x = draw(3)
    report = check(Function(lambda a, b: a * b, lambda dy, a, b: (dy * b, 0 * dy)), x, x)
    assert [d.tensor for d in report.disagreements] == ["input 1"]


def test_generators_are_found_once_each_at_any_depth() -> None:
    a, b, c = (np.random.default_rng(i) for i in range(3))
    thing = SimpleNamespace(a=a, more=[{"b": (b, a)}, SimpleNamespace(c=c, again=[a])], other=np.ones(3), word="rng")
    thing.me = thing
    assert sorted(map(id, generators(thing))) == sorted(map(id, (a, b, c)))
    assert generators(a) == [a]
    assert generators([3, "x", None, np.ones(2)]) == []
