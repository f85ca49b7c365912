"""Plain functions with a vjp, losses, and complex numbers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.gradcheck import assert_gradients, check
from tests.gradcheck.layers import Function, draw, parameter


def test_a_function_is_checked_with_its_vjp() -> None:
    report = check(np.sin, draw(3, 4), vjp=lambda dy, x: dy * np.cos(x))
    assert report.outcome == "agrees"
    wrong = check(np.sin, draw(3, 4), vjp=lambda dy, x: -dy * np.cos(x))
    assert wrong.disagreements[0].pattern == "the wrong sign"


def test_broadcasting_has_to_be_summed_away() -> None:
    x, b = draw(3, 4), draw(4, seed=2)
    assert check(np.add, x, b, vjp=lambda dy, x, b: (dy, dy.sum(0))).outcome == "agrees"
    assert check(np.multiply, x, b, vjp=lambda dy, x, b: (dy * b, (dy * x).sum(0))).outcome == "agrees"
    report = check(np.add, x, b, vjp=lambda dy, x, b: (dy, dy))
    assert str(report) == "input 1: gradient has shape (3, 4), the tensor (4,)"


def test_a_vjp_gets_its_cotangents_nested_like_the_outputs() -> None:
    def value(x: Any, y: Any) -> Any:
        return x * y, (x + y, 3)

    def vjp(dy: Any, x: Any, y: Any) -> Any:
        dproduct, (dsum, none) = dy
        assert none is None
        return dproduct * y + dsum, dproduct * x + dsum

    assert check(value, draw(3), draw(3, seed=2), vjp=vjp).outcome == "agrees"
    assert check(lambda x: (2 * x,), draw(3), vjp=lambda dy, x: 2 * dy[0]).outcome == "agrees"


def test_a_function_without_vjp_is_refused() -> None:
    with pytest.raises(InputError) as error:
        check(np.sin, draw(3))
    assert str(error.value) == (
        "check: sin has no forward and backward; pass an object that has both, or a function with its gradients as "
        "vjp=lambda dy, *inputs: ..."
    )
    with pytest.raises(InputError, match="SimpleNamespace has no forward and backward"):
        check(SimpleNamespace(forward=np.sin), draw(3))
    with pytest.raises(InputError, match="SimpleNamespace has no forward and backward"):
        check(SimpleNamespace(backward=np.sin), draw(3))


def test_assert_gradients_names_the_function_and_takes_the_options_of_check() -> None:
    assert_gradients(np.sin, draw(3), vjp=lambda dy, x: dy * np.cos(x), mode="exact")
    with pytest.raises(AssertionError, match=r"^cos: input 0\["):
        assert_gradients(np.cos, draw(3), vjp=lambda dy, x: dy * np.sin(x))
    with pytest.raises(AssertionError, match=r"^cos: undecided"):
        assert_gradients(np.cos, draw(3), vjp=lambda dy, x: -dy * np.sin(x), promised=0.0)


class Loss:
    """mean((y - t)²) as many write it: a Python float, and a backward without argument."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def forward(self, y: Any, t: Any) -> float:
        self.error = y - t
        return float((self.error**2).mean())

    def backward(self) -> Any:
        return self.factor * 2 * self.error / self.error.size


def test_a_loss_may_return_a_python_float_and_take_no_cotangent() -> None:
    y, t = draw(4, 3), np.arange(12).reshape(4, 3)
    report = check(Loss(), y, t)
    assert report.outcome == "agrees"
    assert report.forwards == 7
    assert check(Loss(12 / 11), y, t).disagreements[0].pattern == "a factor 12/11, as if N-1 stood for N"
    assert check(Loss(1 + 5e-6), y, t, mode="exact").outcome == "disagrees"


def test_a_loss_divided_by_n_minus_1_is_found_at_2000() -> None:
    assert check(Loss(2000 / 1999), draw(2000), np.zeros(2000, int)).disagreements[0].pattern == (
        "a factor 2000/1999, as if N-1 stood for N"
    )


def test_a_backward_with_any_number_of_cotangents_gets_them() -> None:
    layer = SimpleNamespace(forward=lambda x: 2 * x, backward=lambda *dy: 2 * dy[0])
    assert check(layer, draw(3)).outcome == "agrees"
    layer = SimpleNamespace(forward=lambda x: 2 * x, backward=lambda dy: 2 * dy)
    assert check(layer, draw(3)).outcome == "agrees"
    layer = SimpleNamespace(forward=lambda x: (2 * x).sum(), backward=lambda: np.full(3, 2.0))
    assert check(layer, draw(3)).outcome == "agrees"
    layer = SimpleNamespace(forward=lambda x: 2.0 * x, backward=np.positive)  # of no known signature
    assert check(layer, draw(3)).disagreements[0].pattern == "a factor 1/2"


def complex_draw(*shape: int) -> Any:
    return draw(*shape, seed=4) + 1j * draw(*shape, seed=5)


#: value and gradient in torch's convention, ∂L/∂Re + i ∂L/∂Im: the adjoint, with conjugates.
COMPLEX: dict[str, tuple[Any, Any]] = {
    "square": (lambda z: z**2, lambda dy, z: dy * 2 * z.conj()),
    "conjugate": (lambda z: z.conj(), lambda dy, z: dy.conj()),
    "power": (lambda z: (z * z.conj()).real, lambda dy, z: 2 * dy * z),
    "real part": (lambda z: z.real.copy(), lambda dy, z: dy + 0j),
    "imaginary part": (lambda z: z.imag.copy(), lambda dy, z: 1j * dy),
    "exponential": (np.exp, lambda dy, z: dy * np.exp(z).conj()),
}


@pytest.mark.parametrize("mode", ["screen", "exact"])
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_functions_agree_in_torchs_convention(name: str, mode: Any) -> None:
    value, vjp = COMPLEX[name]
    report = check(value, complex_draw(2, 3), vjp=vjp, mode=mode)
    assert report.outcome == "agrees", str(report)
    torch = pytest.importorskip("torch")
    z = torch.tensor(complex_draw(2, 3), requires_grad=True)
    dy = complex_draw(2, 3)
    y = {
        "square": lambda: z**2,
        "conjugate": z.conj,
        "power": lambda: (z * z.conj()).real,
        "real part": lambda: z.real,
        "imaginary part": lambda: z.imag,
        "exponential": z.exp,
    }[name]()
    dy = dy if y.is_complex() else dy.real.copy()
    y.backward(torch.tensor(dy))
    np.testing.assert_allclose(vjp(dy, complex_draw(2, 3)), z.grad.resolve_conj().numpy(), rtol=1e-12)


@pytest.mark.parametrize("mode", ["screen", "exact"])
def test_a_forgotten_conjugate_is_found_with_its_part(mode: Any) -> None:
    z = np.array([0.5 + 0j, 1.5 + 0j, -0.3 + 0.7j])
    report = check(lambda z: z**2, z, vjp=lambda dy, z: dy * 2 * z, mode=mode)
    (wrong,) = report.disagreements
    assert wrong.index == (2,)
    assert " in its real part" in wrong.problem or " in its imaginary part" in wrong.problem
    assert wrong.pattern is None


@pytest.mark.parametrize(("error", "part"), [(1e-3, "real"), (1e-3j, "imaginary")])
@pytest.mark.parametrize("mode", ["screen", "exact"])
def test_the_part_that_is_wrong_is_named(error: complex, part: str, mode: Any) -> None:
    off = np.array([[0, 0, 0], [0, error, 0]])
    report = check(lambda z: z**2, complex_draw(2, 3), vjp=lambda dy, z: dy * 2 * z.conj() + off, mode=mode)
    (wrong,) = report.disagreements
    assert wrong.index == (1, 1)
    assert wrong.problem == f"gradient is wrong in its {part} part"
    assert wrong.got - wrong.expected == pytest.approx(1e-3, abs=wrong.bar)


def test_complex_parameters_and_real_inputs_go_together() -> None:
    class Phase:
        def __init__(self) -> None:
            self.weight = parameter(complex_draw(3))
            self.weight.constant = np.array([False, True, False])

        def named_parameters(self) -> Any:
            yield "weight", self.weight

        def forward(self, x: Any) -> Any:
            self.x = x.copy()
            return x * self.weight.data

        def backward(self, dy: Any) -> Any:
            self.weight.grad += (dy * self.x * [1, 0, 1]).sum(0)
            return (dy * self.weight.data.conj()).real

    for mode in ("screen", "exact"):
        assert check(Phase(), draw(2, 3), mode=mode).outcome == "agrees"
    z = complex_draw(2, 3).astype(np.complex64)
    report = check(lambda z: z**2, z, vjp=lambda dy, z: 2 * dy * z.conj())
    assert report.outcome == "agrees"
    assert report.promised == pytest.approx(60 * 2**-11.5)


def test_a_complex_gradient_of_a_real_tensor_has_the_wrong_dtype() -> None:
    report = check(lambda x: x * 1j, draw(3), vjp=lambda dy, x: -1j * dy)
    assert str(report) == "input 0: gradient has dtype complex128, the tensor float64"


def test_a_complex_cotangent_has_the_dtype_of_the_output() -> None:
    seen = []
    z = complex_draw(3).astype(np.complex64)
    check(lambda z: (z, z.real.copy()), z, vjp=lambda dy, z: seen.append([d.dtype.name for d in dy]) or dy[0])  # type: ignore[func-returns-value]
    assert seen[0] == ["complex64", "float32"]


def test_a_kink_of_complex_numbers_is_moved_away_from() -> None:
    report = check(np.abs, np.array([0j, 1 + 1j]), vjp=lambda dy, z: dy * np.exp(1j * np.angle(z)))
    assert (report.outcome, report.moved) == ("agrees", 1)


def test_a_function_that_refuses_what_lies_outside_its_domain_is_checked_inside() -> None:
    def strict(x: Any) -> Any:
        if not (x > 0).all():
            raise ValueError("x must be positive")
        return np.log(x)

    assert check(strict, np.array([1e-3, 0.5]), vjp=lambda dy, x: dy / x).outcome == "agrees"
    with pytest.raises(ValueError, match="must be positive"):
        check(strict, np.array([-1.0]), vjp=lambda dy, x: dy / x)

    def broken(x: Any) -> Any:
        if x[0] != 0.5:
            raise ZeroDivisionError
        return x

    assert check(broken, np.array([0.5]), vjp=lambda dy, x: dy).outcome == "undecided"

    def typo(x: Any) -> Any:
        if x[0] != 0.5:
            raise NameError("a mistake, no domain")
        return x

    with pytest.raises(NameError):
        check(typo, np.array([0.5]), vjp=lambda dy, x: dy)


class Once:
    """A backward that works once after each forward: it takes its values from a stack."""

    def __init__(self) -> None:
        self.stack: list[Any] = []

    def forward(self, x: Any) -> Any:
        self.stack.append(x.copy())
        return np.sin(x)

    def backward(self, dy: Any) -> Any:
        x = self.stack.pop()
        self.stack.clear()
        return dy * np.cos(x)


class Forgetting(Once):
    """A backward that gives zeros the second time."""

    def backward(self, dy: Any) -> Any:
        x, self.stack[-1] = self.stack[-1], np.full_like(dy, np.pi / 2)
        return dy * np.cos(x)


@pytest.mark.parametrize("layer", [Once, Forgetting])
def test_a_backward_need_not_work_twice_for_one_forward(layer: Any) -> None:
    assert check(layer(), draw(3)).outcome == "agrees"
    assert check(layer(), draw(3), mode="exact").outcome == "agrees"


def test_the_same_draws_are_judged_again() -> None:
    seen = []
    layer = Function(np.sin, lambda dy, x: seen.append(dy.tolist()) or dy * np.cos(x) * 2)  # type: ignore[func-returns-value]
    check(layer, draw(3))
    assert seen[:2] == seen[2:4]
