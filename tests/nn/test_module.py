"""Module and Parameter: names, modes, gradients, state."""

from typing import Any

import numpy as np
import pytest

from nnlab.errors import BackwardBeforeForward, InputError, NnlabError
from nnlab.nn import BatchNorm1d, Dropout, Linear, Module, Parameter, Residual, Sequential, Tanh


def network(seed: int = 0) -> Sequential:
    rng = np.random.default_rng(seed)
    return Sequential(Linear(4, 3, rng=rng), BatchNorm1d(3), Residual(Sequential(Linear(3, 3, rng=rng), Tanh())))


NAMES = ["0.weight", "0.bias", "1.weight", "1.bias", "2.module.0.weight", "2.module.0.bias"]
BUFFERS = ["1.running_mean", "1.running_var", "1.num_batches_tracked"]


def test_parameter_starts_with_a_zero_gradient_of_its_shape_and_dtype() -> None:
    parameter = Parameter(np.ones((2, 3), np.float32))
    assert parameter.grad.shape == (2, 3)
    assert parameter.grad.dtype == np.float32
    assert not parameter.grad.any()
    assert parameter.constant is None


def test_parameter_keeps_which_entries_are_constant() -> None:
    mask = np.array([True, False])
    assert Parameter(np.ones(2), mask).constant is mask


def test_parameter_shows_shape_and_dtype() -> None:
    assert repr(Parameter(np.ones((2, 3), np.float32))) == "Parameter(shape=(2, 3), dtype=float32)"


def test_parameters_bear_torchs_dotted_names_in_order_of_assignment() -> None:
    assert [name for name, _ in network().named_parameters()] == NAMES
    assert [name for name, _ in network().named_parameters("model.")] == [f"model.{name}" for name in NAMES]


def test_parameters_are_those_named() -> None:
    module = network()
    named = [parameter for _, parameter in module.named_parameters()]
    assert len(module.parameters()) == len(named)
    assert all(a is b for a, b in zip(module.parameters(), named, strict=True))


def test_buffers_bear_torchs_dotted_names() -> None:
    assert [name for name, _ in network().named_buffers()] == BUFFERS
    assert [name for name, _ in network().named_buffers("model.")] == [f"model.{name}" for name in BUFFERS]


def test_children_are_the_layers_directly_inside() -> None:
    module = network()
    assert [name for name, _ in module.children()] == ["0", "1", "2"]
    assert [name for name, _ in Residual(Tanh()).children()] == ["module"]


def test_modules_are_all_layers_outermost_first() -> None:
    kinds = [type(module).__name__ for module in network().modules()]
    assert kinds == ["Sequential", "Linear", "BatchNorm1d", "Residual", "Sequential", "Linear", "Tanh"]


def test_layers_start_in_training() -> None:
    assert all(module.training is True for module in network().modules())


def test_eval_and_train_reach_every_layer_inside_and_return_the_layer() -> None:
    module = network()
    assert module.eval() is module
    assert all(inner.training is False for inner in module.modules())
    assert module.train() is module
    assert all(inner.training is True for inner in module.modules())
    assert module.train(False) is module
    assert all(inner.training is False for inner in module.modules())


def test_modes_of_two_layers_of_a_kind_are_apart() -> None:
    one, other = Tanh(), Tanh()
    one.eval()
    assert other.training is True


def test_zero_grad_clears_every_gradient_in_place() -> None:
    module = network()
    grads = [parameter.grad for parameter in module.parameters()]
    for grad in grads:
        grad += 1
    module.zero_grad()
    assert not any(grad.any() for grad in grads)
    assert all(parameter.grad is grad for parameter, grad in zip(module.parameters(), grads, strict=True))


def test_calling_a_layer_is_forward_with_all_arguments() -> None:
    class Sum(Module):
        def forward(self, x: float, y: float) -> float:
            return x + 2 * y

    assert Sum()(1.0, 3.0) == 7.0
    assert Sum()(1.0, y=3.0) == 7.0


@pytest.mark.parametrize(
    ("method", "advice"), [("forward", "; define one, or call the layers inside it one by one"), ("backward", "")]
)
def test_a_layer_without_forward_or_backward_says_so(method: str, advice: str) -> None:
    with pytest.raises(NotImplementedError, match=f"^Module defines no {method}{advice}$"):
        getattr(Module(), method)(1.0, 2.0)


def test_backward_before_forward_names_the_layer_and_the_next_step() -> None:
    message = r"^Tanh: backward needs the values of a forward, and none has run; call forward first$"
    with pytest.raises(BackwardBeforeForward, match=message):
        Tanh().backward(np.ones(3))
    assert issubclass(BackwardBeforeForward, NnlabError)
    assert issubclass(BackwardBeforeForward, RuntimeError)


def test_a_cache_that_is_false_is_still_a_cache() -> None:
    module = Module()
    module.cache = ()
    assert module.cache == ()


def test_state_dict_holds_copies_of_parameters_and_buffers() -> None:
    module = network()
    state = module.state_dict()
    assert list(state) == NAMES + BUFFERS
    for array in state.values():
        array += 1
    assert not any(np.shares_memory(array, own) for array in state.values() for own in module.state_dict().values())
    np.testing.assert_array_equal(module.state_dict()["1.running_mean"], np.zeros(3))


def test_load_state_dict_copies_into_the_arrays_that_are_there() -> None:
    module, other = network(1), network(2)
    held = {name: parameter.data for name, parameter in module.named_parameters()}
    state = {name: array + 1 for name, array in other.state_dict().items()}
    module.load_state_dict(state)
    for name, parameter in module.named_parameters():
        assert parameter.data is held[name]
        np.testing.assert_array_equal(parameter.data, state[name])
    for name, buffer in module.named_buffers():
        np.testing.assert_array_equal(buffer, state[name])
        assert not np.shares_memory(buffer, state[name])


def test_load_state_dict_takes_lists_and_keeps_the_dtype() -> None:
    module = Linear(2, 1, rng=np.random.default_rng(0), dtype=np.float32)
    module.load_state_dict({"weight": [[1, 2]], "bias": [3]})
    assert module.weight.data.dtype == np.float32
    assert module.weight.data.tolist() == [[1.0, 2.0]]


BAD_STATES: list[tuple[str, Any]] = [
    ("state lacks", lambda state: {n: a for n, a in state.items() if n != "1.bias"}),
    ("state has unknown", lambda state: state | {"3.weight": np.ones(2)}),
    (r"state\['1.bias'\] has shape", lambda state: state | {"1.bias": np.ones(4)}),
    (r"state\['1.num_batches_tracked'\] has shape", lambda state: state | {"1.num_batches_tracked": np.ones(1)}),
]


@pytest.mark.parametrize(("message", "spoil"), BAD_STATES, ids=["missing", "unknown", "parameter", "buffer"])
def test_a_state_that_misfits_changes_nothing(message: str, spoil: Any) -> None:
    module = network(1)
    before = module.state_dict()
    changed = {name: array + 1 for name, array in before.items()}
    with pytest.raises(InputError, match=f"^Sequential: {message}"):
        module.load_state_dict(spoil(changed))
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_an_input_error_is_also_a_value_error() -> None:
    with pytest.raises(ValueError, match="Dropout"):
        Dropout(2.0, rng=np.random.default_rng(0))
