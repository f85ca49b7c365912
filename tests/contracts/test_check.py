"""What `check` accepts, skips, refuses and reports."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab.contracts import CONTRACTS, assert_contracts, check
from nnlab.contracts.report import Report, Violation
from nnlab.errors import InputError
from tests.contracts import broken, broken_life
from tests.contracts.layers import Whole, arguments, draw


class Function:
    """The least that a layer must be: forward and backward."""

    def __init__(self, value: Callable[..., Any], gradient: Callable[..., Any]) -> None:
        self.value, self.gradient = value, gradient

    def forward(self, *inputs: Any) -> Any:
        self.inputs = [np.array(x) if isinstance(x, np.generic | np.ndarray) else x for x in inputs]
        return self.value(*inputs)

    def backward(self, *dy: Any) -> Any:
        return self.gradient(*dy, *self.inputs)


class Double:
    """y = 2 x."""

    def forward(self, x: Any) -> Any:
        return 2 * x

    def backward(self, dy: Any) -> Any:
        return 2 * dy


BARE = {
    "parameters-unchanged": "it has no parameters",
    "buffers-unchanged": "it has no buffers",
    "gradients-accumulate": "it has no parameters",
    "modes-apart": "it has no train(mode) and no training",
    "rows-independent": "it does not say from which rank on inputs have rows",
    "inverse-undoes-forward": "it has no inverse(y)",
    "state-dict-round-trip": "it has no state_dict() and load_state_dict(state)",
}


@pytest.mark.parametrize(
    "x",
    [draw(4, 3), draw(2, 3).astype(np.float32), draw(4, 6)[:, ::2], draw(3, 4).T, np.zeros((0, 3)), np.array(1.5)],
    ids=["plain", "float32", "strided", "fortran", "empty", "0-d"],
)
def test_what_a_bare_layer_does_not_offer_is_skipped_with_the_reason(x: Any) -> None:
    report = check(Double(), x)
    assert report.violations == ()
    assert report.skipped == BARE
    assert report.kept == tuple(name for name in CONTRACTS if name not in BARE)


def test_numbers_that_are_not_finite_break_one_contract() -> None:
    (found,) = check(Double(), np.array([[1.0, -np.inf]])).violations
    assert str(found) == (
        "valid-from-the-start: output 0[0, 1]: straight after construction it is -inf, expected a finite number"
    )


def test_a_report_without_violations_says_what_does_not_apply() -> None:
    report = check(Double(), draw(2), contracts=["zero-gives-zero", "buffers-unchanged", "parameters-unchanged"])
    assert str(report) == (
        "1 contracts hold\nbuffers-unchanged does not apply: it has no buffers\n"
        "parameters-unchanged does not apply: it has no parameters"
    )


def test_violations_are_printed_one_a_line() -> None:
    report = Report(("a",), (Violation("b", "x[0]: p"), Violation("c", "q")), {"d": "r"})
    assert str(report) == "b: x[0]: p\nc: q"


def test_rows_are_asked_of_inputs_of_that_rank_and_one_length_alone() -> None:
    class Rows(Double):
        rows_from = 2

        def forward(self, *inputs: Any) -> Any:
            return 2 * inputs[0]

    for inputs in ((draw(4),), (draw(1, 3),), (np.zeros((0, 3)),), (draw(4, 3), draw(3, 3)), (draw(4, 3), draw(4))):
        report = check(Rows(), *inputs, contracts=["rows-independent"])
        assert dict(report.skipped) == {
            "rows-independent": "its inputs do not all have rank 2 and the same number of rows, at least 2"
        }
    for inputs in ((draw(2, 3), np.arange(5), None, [1]), (draw(3, 2, 2), draw(3, 1))):
        assert check(Rows(), *inputs, contracts=["rows-independent"]).kept == ("rows-independent",)


def test_other_rows_have_the_dtype_of_the_first() -> None:
    class Single(Double):
        rows_from = 1

        def forward(self, x: Any) -> Any:
            assert x.dtype == np.float32
            return 2 * x

        def backward(self, dy: Any) -> Any:
            assert dy.dtype == np.float32
            return 2 * dy

    report = check(Single(), draw(3).astype(np.float32), contracts=["rows-independent"])
    assert report.kept == ("rows-independent",)


def test_a_random_layer_draws_the_same_for_both_sets_of_rows() -> None:
    class Noise(Double):
        rows_from = 2

        def __init__(self) -> None:
            self.rng = np.random.default_rng(0)

        def forward(self, x: Any) -> Any:
            return 2 * x + self.rng.standard_normal(x.shape)

    assert check(Noise(), draw(3, 2), contracts=["rows-independent"]).kept == ("rows-independent",)


def test_a_class_that_pickle_cannot_find_is_not_pickled() -> None:
    class Local(Double):
        pass

    report = check(Local(), draw(3), contracts=["pickle-behaves", "deep-copy-behaves"])
    assert report.kept == ("deep-copy-behaves",)
    assert report.skipped["pickle-behaves"].startswith("pickle does not find its class: ")


def test_only_the_contracts_named_are_checked_in_their_order() -> None:
    assert check(Whole(), *arguments(), contracts=["modes-apart", "zero-gives-zero"]).kept == (
        "modes-apart",
        "zero-gives-zero",
    )
    assert check(broken.AssignsGradient(), *arguments(), contracts=iter(["zero-gives-zero"])).violations == ()
    assert str(check(Whole(), *arguments(), contracts=[])) == "0 contracts hold"


def test_an_unknown_contract_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InputError) as refusal:
        check(Whole(), *arguments(), contracts=["zero", "modes-apart", "one"])
    known = ", ".join(CONTRACTS)
    assert str(refusal.value) == f"contracts: zero, one is unknown; choose from {known}, or leave it out for all"


def test_a_layer_that_cannot_be_copied_is_refused() -> None:
    layer = Double()
    layer.__dict__["lock"] = threading.Lock()
    with pytest.raises(InputError) as refusal:
        check(layer, draw(3))
    assert str(refusal.value) == (
        "contracts: Double and its inputs must be copied, but copy.deepcopy raises TypeError: cannot pickle "
        "'_thread.lock' object; give what holds it a __deepcopy__, or take it out of the layer"
    )


def test_a_layer_without_a_floating_point_output_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        check(Function(lambda x: (np.argmax(x), None), lambda *dy: None), draw(3))
    assert str(refusal.value) == (
        "contracts: no output is a floating-point array, so there is nothing to give to backward; return NumPy "
        "arrays, in a tuple where there are several"
    )


def test_what_a_layer_raises_at_once_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        check(Function(lambda x: x, lambda dy, x: 1 / 0), draw(3))


def test_what_a_layer_raises_later_breaks_the_contract() -> None:
    class Once(Double):
        done = False

        def forward(self, x: Any) -> Any:
            self.done = False
            return 2 * x

        def backward(self, dy: Any) -> Any:
            if self.done:
                raise RuntimeError("the cache is gone")
            self.done = True
            return 2 * dy

    found = check(Once(), draw(3), contracts=["zero-gives-zero", "backward-idempotent"])
    assert found.kept == ("zero-gives-zero",)
    assert str(found) == "backward-idempotent: the layer raises RuntimeError: the cache is gone"


def test_assert_contracts_raises_with_every_violation() -> None:
    assert_contracts(Double(), draw(3))
    with pytest.raises(AssertionError) as raised:
        assert_contracts(broken.GivesParameter(), *arguments(), make=broken.GivesParameter)
    lines = str(raised.value).splitlines()
    assert lines[0] == (
        "GivesParameter: no-alias-of-outputs: output 3: shares memory with spare, expected memory of its own"
    )
    assert len(lines) == 2


def test_assert_contracts_hands_its_make_on() -> None:
    layer = broken_life.StartsWithNan()
    layer.bias.data[1] = 0.0
    assert_contracts(layer, *arguments())
    with pytest.raises(AssertionError, match="straight after construction"):
        assert_contracts(layer, *arguments(), make=broken_life.StartsWithNan)


def test_a_generator_decides_what_is_drawn_and_none_is_the_same_each_time() -> None:
    seen: list[Any] = []

    class Notes(Double):
        def backward(self, dy: Any) -> Any:
            seen.append(dy)
            return 2 * dy

    for rng in (None, None, np.random.default_rng(0), np.random.default_rng(1)):
        check(Notes(), draw(3), contracts=["zero-gives-zero"], rng=rng)
    first, second, third, fourth = seen[::2]
    assert np.array_equal(first, second)
    assert np.array_equal(first, third)
    assert not np.array_equal(first, fourth)
    assert (first != 0).all()


def test_a_gradient_that_does_not_exist_before_the_first_backward_is_0() -> None:
    class Scale:
        def __init__(self) -> None:
            self.weight = SimpleNamespace(data=np.array([3.0]), grad=None)
            self.unused = SimpleNamespace(data=np.array([[3.0]]), grad=None)

        def named_parameters(self) -> Any:
            return [("weight", self.weight), ("unused", self.unused)]

        def forward(self, x: Any) -> Any:
            self.x = x.copy()
            return self.weight.data * x

        def backward(self, dy: Any) -> Any:
            gradient = (dy * self.x).sum(keepdims=True)
            self.weight.grad = gradient if self.weight.grad is None else self.weight.grad + gradient
            return dy * self.weight.data

    assert check(Scale(), draw(3)).violations == ()


def test_gradients_of_parameters_are_compared_too() -> None:
    class Scale:
        def __init__(self) -> None:
            self.weight = SimpleNamespace(data=np.array([3.0]), grad=np.zeros(1))

        def named_parameters(self) -> Any:
            return [("weight", self.weight)]

        def forward(self, x: Any) -> Any:
            self.x = x
            return self.weight.data * x

        def backward(self, dy: Any) -> Any:
            self.weight.grad += (dy * self.x).sum()
            return dy * self.weight.data

    (found,) = check(Scale(), draw(3)).violations
    assert str(found).startswith("no-alias-of-inputs: gradient of weight[0]: after the caller reused its inputs it is ")


def test_a_layer_that_refuses_other_inputs_is_not_blamed() -> None:
    class Unit(Double):
        training = True

        def train(self, mode: bool) -> None:
            self.training = mode

        def forward(self, x: Any) -> Any:
            if abs(x.sum() - 1) > 1e-9:
                raise ValueError("x must have the sum 1")
            return 2 * x

    assert check(Unit(), np.array([0.25, 0.75])).violations == ()


def test_rounding_of_terms_that_cancel_is_no_breach_of_linearity() -> None:
    def rest(dy: Any) -> Any:
        """0 but for rounding."""
        return 3.3 * dy - 2.2 * dy - 1.1 * dy

    small = Function(lambda x: 0 * x, lambda dy, x: rest(dy))
    assert check(small, draw(50), contracts=["backward-linear"]).violations == ()
    beside = Function(lambda x, z: 0 * x, lambda dy, x, z: (1e6 * dy, 1e6 * rest(dy)))
    assert check(beside, draw(50), draw(50), contracts=["backward-linear"]).violations == ()
    sign = Function(lambda x: 1e-20 * x, lambda dy, x: 1e-20 * np.abs(dy))
    (found,) = check(sign, draw(50), contracts=["backward-linear"]).violations
    assert "backward(-2 u) gives" in found.evidence


def test_cotangents_in_single_precision_are_added_with_its_rounding() -> None:
    layer = Function(lambda x: x.astype(np.float32), lambda dy, x: dy.astype(float))
    assert check(layer, draw(50), contracts=["backward-linear"]).violations == ()


@pytest.mark.parametrize("single", ["inputs", "parameters"])
def test_mixed_dtypes_leave_the_dtype_of_outputs_open(single: str) -> None:
    layer = Function(lambda x: np.float32(2) * x.astype(np.float32), lambda dy, x: (2 * dy).astype(x.dtype))
    dtypes = (np.float32, np.float64) if single == "inputs" else (np.float64, np.float32)
    weight = SimpleNamespace(data=np.zeros(1, dtypes[1]), grad=None)
    layer.__dict__["named_parameters"] = lambda: [("weight", weight)]
    assert check(layer, draw(3).astype(dtypes[0]), contracts=["shape-and-dtype"]).violations == ()


def test_a_layer_used_by_another_shows_in_its_next_outputs() -> None:
    class Latest(Double):
        user: Any = None
        fresh = True

        def forward(self, x: Any) -> Any:
            alone = self.fresh or Latest.user is self
            self.fresh, Latest.user = False, self
            return 2 * x + (0 if alone else 1)

    (found,) = check(Latest(), np.ones(2), make=Latest, contracts=["no-shared-state"]).violations
    assert found.evidence == "output 0[0]: after another layer was used it is 3.0, expected 2.0"


def test_a_state_that_misses_a_buffer_shows_even_without_make() -> None:
    class LoadsNoMean(Whole):
        def load_state_dict(self, state: dict[str, Any]) -> None:
            super().load_state_dict(state | {"mean": self.mean})

    layer = LoadsNoMean()
    layer.train(False)
    (found,) = check(layer, *arguments(), contracts=["state-dict-round-trip"]).violations
    assert found.evidence.startswith("output 0[0, 0]: with the state of another layer it is ")


def test_a_state_needs_both_methods_and_no_mode() -> None:
    class Half(Double):
        def state_dict(self) -> dict[str, Any]:
            return {}

    class Both(Half):
        def load_state_dict(self, state: dict[str, Any]) -> None:
            assert state == {}

    names = ["state-dict-round-trip"]
    assert check(Half(), draw(3), contracts=names).skipped == {names[0]: BARE[names[0]]}
    assert str(check(Both(), draw(3), contracts=names)) == "1 contracts hold"


def test_modes_need_both_train_and_training() -> None:
    for name in ("train", "training"):
        layer = Double()
        layer.__dict__[name] = True
        contracts = [n for n in BARE if n == "modes-apart"]
        assert check(layer, draw(3), contracts=contracts).skipped.keys() == {"modes-apart"}


def test_what_the_caller_wrote_may_lie_where_the_layer_is_not_defined() -> None:
    class Log(Double):
        def forward(self, x: Any) -> Any:
            self.x = x
            return x * np.log(x) - x

        def backward(self, dy: Any) -> Any:
            return dy * np.log(self.x)

    (found,) = check(Log(), np.array([1.5]), contracts=["no-alias-of-inputs"]).violations
    assert found.evidence.startswith("gradient of input 0[0]: after the caller reused its inputs it is nan, expected ")
