"""What holds for every layer in every case, whatever it computes."""

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

from nnlab.errors import BackwardBeforeForward, InputError
from nnlab.nn.module import Module
from tests.nn.subjects import SUBJECTS, Subject, arrays, is_float, leaves, mapped, results

every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


@every_subject
def test_forward_and_backward_write_to_no_argument(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    freeze(inputs)
    outputs = module(*inputs)
    cotangents = subject.cotangents(outputs)
    freeze(cotangents)
    module.backward(*cotangents)


@every_subject
def test_forward_and_backward_leave_the_parameters_alone(subject: Subject) -> None:
    module = subject.build()
    before = {name: parameter.data.copy() for name, parameter in module.named_parameters()}
    run(module, subject)
    for name, parameter in module.named_parameters():
        np.testing.assert_array_equal(parameter.data, before[name])


@every_subject
def test_backward_is_deaf_to_later_changes_of_inputs_and_outputs(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    outputs = module(*inputs)
    cotangents = subject.cotangents(outputs)
    spoil(inputs)
    spoil(outputs)
    assert_same(module.backward(*cotangents), run(subject.build(), subject)[1])


@every_subject
def test_backward_twice_gives_the_same_and_adds_to_the_gradients_twice(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    once = results(subject)
    start = {name: parameter.grad.copy() for name, parameter in module.named_parameters()}
    cotangents = subject.cotangents(module(*inputs))
    first = module.backward(*cotangents)
    kept = mapped(lambda dx: None if dx is None else dx.copy(), first)
    spoil(first)
    assert_same(module.backward(*subject.cotangents(subject.build()(*inputs))), kept)
    for name, parameter in module.named_parameters():
        np.testing.assert_allclose(parameter.grad, start[name] + 2 * once[f"d{name}"], rtol=1e-12, atol=1e-12)


@every_subject
def test_input_gradients_share_no_memory_with_the_cotangents_or_parameters(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    cotangents = subject.cotangents(module(*inputs))
    dinputs = module.backward(*cotangents)
    others = arrays(cotangents) + [a for p in module.parameters() for a in (p.data, p.grad)]
    assert not any(np.shares_memory(dx, other) for dx in arrays(dinputs) for other in others)


@every_subject
def test_outputs_share_no_memory_with_inputs_parameters_or_buffers(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    outputs = module(*inputs)
    others = arrays(inputs) + [p.data for p in module.parameters()] + [b for _, b in module.named_buffers()]
    assert not any(np.shares_memory(y, other) for y in arrays(outputs) for other in others)


@every_subject
def test_memory_layout_of_inputs_and_cotangents_does_not_matter(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    outputs = module(*mapped(strided, inputs))
    dinputs = module.backward(*mapped(strided, subject.cotangents(outputs)))
    wanted = run(subject.build(), subject)
    assert_close(outputs, wanted[0])
    assert_close(dinputs, wanted[1])


@every_subject
def test_a_layer_computes_the_same_whenever_it_is_built_from_the_same_seed(subject: Subject) -> None:
    first, second = results(subject), results(subject)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@every_subject
def test_backward_uses_the_latest_forward(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    module.eval()
    module(*subject.case.draw(subject.rng("other inputs")))
    outputs = module(*inputs)
    dinputs = module.backward(*subject.cotangents(outputs))
    fresh = subject.build().eval()
    wanted = fresh(*inputs)
    assert_same(outputs, wanted)
    assert_same(dinputs, fresh.backward(*subject.cotangents(wanted)))


@every_subject
def test_input_gradients_have_the_nesting_shapes_and_dtypes_of_the_inputs(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    dinputs = module.backward(*subject.cotangents(module(*inputs)))
    given = inputs if isinstance(dinputs, tuple) else inputs[:1]
    for dx, x in zip(dinputs if isinstance(dinputs, tuple) else (dinputs,), given, strict=False):
        assert mapped(describe, dx) == mapped(describe, x)


@every_subject
def test_backward_before_forward_says_so(subject: Subject) -> None:
    module = subject.build()
    cotangents = subject.cotangents(subject.build()(*subject.draw()))
    with pytest.raises(BackwardBeforeForward, match="backward needs the values of a forward, and none has run"):
        module.backward(*cotangents)


@every_subject
def test_backward_refuses_a_cotangent_of_another_shape(subject: Subject) -> None:
    module = subject.build()
    cotangents = subject.cotangents(module(*subject.draw()))
    for i, leaf in enumerate(leaves(cotangents)):
        if leaf is not None:
            for wrong in (np.concatenate([leaf[None], leaf[None]]), leaf[..., :-1] if leaf.ndim else np.ones(2)):
                with pytest.raises(InputError, match=rf"^{names(module)}: d\w+ has shape .* but must have"):
                    module.backward(*replaced(cotangents, i, wrong))


@every_subject
def test_backward_refuses_a_cotangent_of_integers(subject: Subject) -> None:
    module = subject.build()
    cotangents = subject.cotangents(module(*subject.draw()))
    for i, leaf in enumerate(leaves(cotangents)):
        if leaf is not None:
            with pytest.raises(InputError, match=rf"^{names(module)}: d\w+ must be a floating-point array"):
                module.backward(*replaced(cotangents, i, np.ones(leaf.shape, int)))


#: The input of a layer that may hold integers too: classes in place of probabilities, ranks 1 and -1.
INTEGERS_TOO = {"CrossEntropyLoss": 1, "MarginRankingLoss": 2}


@every_subject
def test_forward_refuses_integers_in_place_of_floats(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    for i, leaf in enumerate(leaves(inputs)):
        if is_float(leaf) and INTEGERS_TOO.get(subject.layer.__name__) != i:
            with pytest.raises(InputError, match=rf"^{names(module)}: \w+ must be a floating-point array"):
                module(*replaced(inputs, i, np.ones(leaf.shape, int)))


@every_subject
def test_a_layer_with_parameters_refuses_inputs_and_cotangents_of_another_dtype(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    cotangents = subject.cotangents(module(*inputs))
    for method, arguments in ((module.forward, inputs), (module.backward, cotangents)):
        for i, leaf in enumerate(leaves(arguments)):
            fixed = arguments is inputs and i in subject.case.constant
            if is_float(leaf) and not fixed and module.parameters():
                with pytest.raises(InputError, match=rf"^{names(module)}: \w+ has dtype float32"):
                    method(*replaced(arguments, i, leaf.astype(np.float32)))


@every_subject
def test_a_pickled_layer_goes_on_where_it_was(subject: Subject) -> None:
    module, inputs = subject.build(), subject.draw()
    outputs = module(*inputs)
    again = pickle.loads(pickle.dumps(module))
    cotangents = subject.cotangents(outputs)
    assert_same(again.backward(*cotangents), module.backward(*cotangents))
    for (name, parameter), (again_name, copy) in zip(module.named_parameters(), again.named_parameters(), strict=True):
        assert name == again_name
        np.testing.assert_array_equal(parameter.data, copy.data)
        np.testing.assert_array_equal(parameter.grad, copy.grad)


@every_subject
def test_state_dict_carries_a_layer_over_to_another(subject: Subject) -> None:
    module, other = subject.build().eval(), subject.case.build(subject.layer, np.random.default_rng(1)).eval()
    other.load_state_dict(module.state_dict())
    assert_same(other(*subject.draw()), module(*subject.draw()))


@every_subject
def test_parameters_and_gradients_have_one_dtype_from_construction_on(subject: Subject) -> None:
    given = any(callable(argument) for argument in (*subject.case.args, *subject.case.kwargs.values()))
    if "dtype" in inspect.signature(subject.layer).parameters and not given:  # layers that are given have their own
        for dtype in (np.float64, np.float32):
            module = subject.case.build(subject.layer, np.random.default_rng(1), dtype)
            assert {a.dtype for p in module.parameters() for a in (p.data, p.grad)} <= {np.dtype(dtype)}
            floats = {b.dtype for _, b in module.named_buffers() if is_float(b) and b.ndim}
            assert floats <= {np.dtype(dtype)}


def run(module: Module, subject: Subject) -> tuple[Any, Any]:
    """Outputs and input gradients."""
    outputs = module(*subject.draw())
    return outputs, module.backward(*subject.cotangents(outputs))


def names(module: Module) -> str:
    """A pattern of the class names of a layer and of those inside."""
    return f"({'|'.join(type(inner).__name__ for inner in module.modules())})"


def freeze(tree: Any) -> None:
    for array in arrays(tree):
        array.flags.writeable = False


def spoil(tree: Any) -> None:
    """Overwrite every array."""
    for array in arrays(tree):
        array[...] = np.nan if is_float(array) else 0


def strided(x: Any) -> Any:
    """The same values in every second place of a Fortran-ordered array."""
    if not isinstance(x, np.ndarray) or not x.ndim:
        return x
    room = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype, order="F")
    room[..., ::2] = x
    return room[..., ::2]


def replaced(tree: Any, index: int, leaf: Any) -> Any:
    """The tree with another entry number `index`."""
    count = iter(range(sum(1 for _ in leaves(tree))))
    return mapped(lambda old: leaf if next(count) == index else old, tree)


def describe(x: Any) -> Any:
    """Shape and dtype of an array that can have a gradient, else None."""
    return (x.shape, x.dtype) if is_float(x) else None


def assert_same(found: Any, wanted: Any) -> None:
    assert mapped(type, found) == mapped(type, wanted)
    for x, y in zip(leaves(found), leaves(wanted), strict=True):
        np.testing.assert_array_equal(x, y)


def assert_close(found: Any, wanted: Any) -> None:
    assert mapped(type, found) == mapped(type, wanted)
    for x, y in zip(arrays(found), arrays(wanted), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)
