"""A backward that is right for another value of a setting or of another tensor is named with it."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.settings import attributes
from tests.gradcheck.layers import Function, Matrix, draw

X = draw(4, 5, seed=7)


class Scaled:
    """y = clip(sin(scale · a · x), low, high) + offset, with backward for the settings that `taken` replaces."""

    def __init__(self, **taken: Any) -> None:
        self.scale, self.a, self.low, self.high = 0.7, np.linspace(1.2, 1.6, 5), -0.8, 0.9
        self.taken, self.calls = taken, [0]

    def forward(self, x: Any) -> Any:
        self.calls[0] += 1
        self.x = x.copy()
        return np.clip(np.sin(self.scale * self.a * x), self.low, self.high)

    def backward(self, dy: Any) -> Any:
        scale, a, low, high = (self.taken.get(name, getattr(self, name)) for name in ("scale", "a", "low", "high"))
        y = np.sin(scale * a * self.x)
        return dy * (y > low) * (y < high) * np.cos(scale * a * self.x) * scale * a


def pattern(layer: Any, *inputs: Any, **options: Any) -> str | None:
    (wrong,) = check(layer, *inputs, **options).disagreements
    return wrong.pattern


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scale", 1.0, "a factor missing: scale, as if it were 1"),
        ("a", np.ones(5), "a factor missing: a, as if it were 1"),
        ("low", 0.0, "low left out, as if it were 0"),
        ("low", -np.inf, "low left out, as if it were -inf"),
        ("high", np.inf, "high left out, as if it were inf"),
    ],
)
def test_a_setting_that_is_left_out_is_named(name: str, value: Any, said: str) -> None:
    assert pattern(Scaled(**{name: value}), X) == said


def test_another_value_of_a_setting_is_not_named() -> None:
    assert pattern(Scaled(a=np.linspace(1.0, 1.4, 5)), X) is None


def test_another_tensor_that_is_left_out_is_named() -> None:
    def through(dy: Any, x: Any, a: Any) -> Any:
        return np.cos(x) * dy, (x * dy).sum(0)

    layer = Function(lambda x, a: np.sin(x) + x * a, through)
    assert pattern(layer, X, draw(5)) == "a path missing: through input 1, as if it were 0"


def test_an_input_without_gradient_that_is_left_out_is_named() -> None:
    layer = Function(lambda x, w: np.sin(x * w), lambda dy, x, w: (np.cos(x) * dy, None))
    weights = 1.5 + draw(4, 5) / 9
    assert pattern(layer, X, weights, constant=[1]) == "a factor missing: input 1, as if it were 1"


class Nested(Matrix):
    """y = sin of what a layer in a list makes of x W + b."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [Scaled(scale=1.0)]
        self.layers[0].a = self.layers[0].taken["a"] = np.linspace(1.2, 1.6, 4)  # type: ignore[attr-defined]

    def forward(self, x: Any) -> Any:
        return self.layers[0].forward(super().forward(x))

    def backward(self, dy: Any) -> Any:
        return super().backward(self.layers[0].backward(dy))


def test_a_setting_of_an_inner_layer_has_a_dotted_name() -> None:
    said = {wrong.tensor: wrong.pattern for wrong in check(Nested(), draw(2, 3)).disagreements}
    assert said == dict.fromkeys(("input 0", "weight", "bias"), "a factor missing: layers.scale, as if it were 1")


def test_the_attributes_of_layers_that_hold_each_other_are_listed_once() -> None:
    outer, inner = Matrix(), Matrix()
    outer.inner, inner.outer = inner, outer  # type: ignore[attr-defined]
    names = [name for name, _, _ in attributes(outer)]
    assert names == ["weight", "bias", "spoil", "inner", "inner.weight", "inner.bias", "inner.spoil", "inner.outer"]
    outer.first, outer.again = Matrix(), inner  # type: ignore[attr-defined]
    assert "first.weight" in [name for name, _, _ in attributes(outer)]
    assert list(attributes(3)) == []


def test_a_layer_that_refuses_other_values_is_named_all_the_same() -> None:
    class Strict(Scaled):
        def forward(self, x: Any) -> Any:
            if self.scale != 0.7 or not np.isfinite(self.low):
                raise RuntimeError("no such scale")
            return super().forward(x)

    assert pattern(Strict(high=np.inf), X) == "high left out, as if it were inf"


def test_what_forward_makes_of_another_value_is_not_left_behind() -> None:
    class Remembering(Matrix):
        seen = np.ones(1)

        def __init__(self) -> None:
            super().__init__(spoil=lambda dx, dw, db: (dx, dw * [[1.5], [1], [1]], -db))
            self.scale, self.worst = 2.0, np.zeros(1)

        def forward(self, x: Any) -> Any:
            self.worst = np.maximum(self.worst, self.scale)
            return super().forward(x) * np.minimum(self.worst, 2.0) / 2

    said = {wrong.tensor: wrong.pattern for wrong in check(Remembering(), draw(2, 3)).disagreements}
    assert said == {"weight": "a factor 3/2, as if N-1 stood for N in 8 of 24 derivatives", "bias": "the wrong sign"}


def test_a_setting_is_told_in_float32() -> None:
    layer = Scaled(scale=1.0)
    layer.a = layer.a.astype(np.float32)
    assert pattern(layer, X.astype(np.float32)) == "a factor missing: scale, as if it were 1"


def test_a_setting_is_told_by_a_sample_of_a_large_tensor() -> None:
    assert pattern(Scaled(scale=1.0), draw(200, 5)) == "a factor missing: scale, as if it were 1"


def test_two_forwards_at_the_worst_entry_show_that_a_setting_explains_nothing() -> None:
    calls = []

    def value(x: Any) -> Any:
        calls.append(1)
        return np.sin(x)

    def forwards(**attributes: float) -> int:
        calls.clear()
        layer = Function(value, lambda dy, x: np.cos(x) * dy * np.where(np.arange(20) == 7, 1.01, 1))
        vars(layer).update(attributes)
        check(layer, draw(20))
        return len(calls)

    assert forwards(unused=0.5) - forwards() == 4 * 2
