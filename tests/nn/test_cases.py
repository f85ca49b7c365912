"""Every layer brings cases that can tell faults apart."""

import functools
import inspect
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.nn.case import Case
from nnlab.nn.elementwise import Elementwise
from nnlab.nn.embedding import Table
from nnlab.nn.loss import Loss, WeightedLoss
from nnlab.nn.module import Module
from tests.nn.subjects import LAYERS, MODULES, arrays, leaves

#: Arguments that have no other value than their default.
ONE_VALUE = {nn.ConvTranspose1d: {"padding_mode"}, nn.ConvTranspose2d: {"padding_mode"}}
AT_MOST_MATRICES = {
    nn.CosineEmbeddingLoss,
    nn.EmbeddingBag,
    nn.GRUCell,
    nn.LSTMCell,
    nn.MultiLabelMarginLoss,
    nn.MultiMarginLoss,
    nn.RNNCell,
}

every_layer = pytest.mark.parametrize("layer", LAYERS)


def descendants(layer: type[Module]) -> set[type[Module]]:
    below = set(layer.__subclasses__())
    return below.union(*(descendants(child) for child in below))


def shapes(layer: type[Module]) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(0)
    return [x.shape for case in layer.cases for x in arrays(case.draw(rng))]


def test_every_layer_is_exported() -> None:
    in_library = {layer for layer in descendants(Module) if layer.__module__.startswith("nnlab.nn.")}
    bases = {layer for layer in in_library if layer.__name__.startswith("_")} | {Elementwise, Loss, Table, WeightedLoss}
    assert in_library - bases == set(MODULES) - {Module}


def test_every_module_but_the_base_and_the_list_is_a_layer() -> None:
    assert set(MODULES) - set(LAYERS) == {Module, nn.ModuleList}


def test_every_exported_name_exists_once() -> None:
    assert len(set(nn.__all__)) == len(nn.__all__)
    assert all(hasattr(nn, name) for name in nn.__all__)


@every_layer
def test_layer_has_more_than_one_case(layer: type[Module]) -> None:
    assert len(layer.cases) > 1


@every_layer
def test_layer_of_torch_has_three_cases_and_unless_it_is_a_loss_both_modes(layer: type[Module]) -> None:
    modes = {case.train for case in layer.cases}
    assert not layer.in_torch or (len(layer.cases) > 2 and (issubclass(layer, Loss) or modes == {True, False}))


@every_layer
def test_no_two_cases_of_a_layer_bear_the_same_name(layer: type[Module]) -> None:
    names = [str(case) for case in layer.cases]
    assert len(set(names)) == len(names)


@every_layer
def test_layer_has_a_case_with_unequal_sizes(layer: type[Module]) -> None:
    assert any(len(set(shape)) == len(shape) > 1 for shape in shapes(layer))


@every_layer
def test_layer_has_a_case_in_three_dimensions_unless_its_inputs_cannot_have_them(layer: type[Module]) -> None:
    assert (layer in AT_MOST_MATRICES) != any(len(shape) >= 3 for shape in shapes(layer))


@every_layer
def test_every_constructor_argument_is_moved_from_its_default_in_some_case(layer: type[Module]) -> None:
    moved: set[str] = set()
    optional = {n for n, p in signature(layer).items() if p.default is not p.empty}
    for case in layer.cases:
        given = inspect.signature(layer).bind_partial(*case.args, **case.kwargs).arguments
        moved |= {n for n, value in given.items() if n in optional and value != signature(layer)[n].default}
    assert optional - moved == ONE_VALUE.get(layer, set())


@every_layer
def test_layer_says_in_its_docstring_what_it_computes(layer: type[Module]) -> None:
    assert layer.__doc__, f"{layer.__name__} needs a docstring with its formula"


def signature(layer: type[Module]) -> dict[str, inspect.Parameter]:
    hidden = {"rng", "dtype"}
    return {n: p for n, p in inspect.signature(layer).parameters.items() if n not in hidden}


def test_case_names_its_arguments_the_shapes_of_its_inputs_and_evaluation() -> None:
    assert str(Case(4, 3, bias=False, x=nn.Normal((2, 5, 4)))) == "(4, 3, bias=False) on 2×5×4"
    assert str(Case("sum", x=[nn.Normal((2,)), nn.Indices((), 3)], train=False)) == "('sum') on 2, scalar in eval"
    assert str(Case(nn.Tanh, nn.ReLU(), x=[(nn.Normal((2,)), nn.Fixed(None))])).startswith("(Tanh, <nnlab.nn.")


def test_case_passes_generator_and_dtype_only_to_layers_that_take_them() -> None:
    rng = np.random.default_rng(3)
    linear: Any = Case(4, 3, x=nn.Normal((2, 4))).build(nn.Linear, rng, np.float32)
    assert linear.weight.data.dtype == np.float32
    dropout: Any = Case(0.3, x=nn.Normal((2, 4)), train=False).build(nn.Dropout, rng)
    assert dropout.rng is rng
    assert dropout.training is False
    assert isinstance(Case(x=nn.Normal((2, 4))).build(nn.Tanh, rng), nn.Tanh)


def test_case_looks_through_a_decorated_constructor() -> None:
    class Counted(nn.Dropout):
        @functools.wraps(nn.Dropout.__init__)
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    rng = np.random.default_rng(3)
    dropout: Any = Case(0.3, x=nn.Normal((2, 4))).build(Counted, rng)
    assert dropout.rng is rng


def test_case_makes_inner_layers_from_the_generator() -> None:
    case = Case(lambda rng: nn.Linear(2, 2, rng=rng), x=nn.Normal((3, 2)))
    first: Any = case.build(nn.Residual, np.random.default_rng(5))
    second: Any = nn.Linear(2, 2, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(first.module.weight.data, second.weight.data)
    by_keyword: Any = Case(module=case.args[0], x=nn.Normal((3, 2))).build(nn.Residual, np.random.default_rng(5))
    np.testing.assert_array_equal(by_keyword.module.weight.data, second.weight.data)


def test_case_draws_each_kind_of_input() -> None:
    specs: list[Any] = [
        nn.Normal((2000,), scale=3.0),
        (nn.Indices((500,), 4), nn.Fixed([True, False])),
        nn.Fixed("flag"),
    ]
    case = Case(x=specs)
    normal, (indices, mask), flag = case.draw(np.random.default_rng(7), np.float32)
    assert normal.dtype == np.float32
    assert abs(normal.std() - 3) < 0.2
    assert abs(normal.mean()) < 0.2
    assert set(indices) == {0, 1, 2, 3}
    assert mask.dtype == bool
    assert flag == "flag"
    assert case.draw(np.random.default_rng(7))[0].dtype == np.float64
    nested = Case(x=[(nn.Normal((2,)), (nn.Normal((3,)),))])
    assert [x.dtype for x in leaves(nested.draw(np.random.default_rng(7), np.float32))] == [np.float32] * 2
    assert nn.Normal((2000,)).draw(np.random.default_rng(7), float).std() == pytest.approx(1, abs=0.1)


def test_case_draws_numbers_of_a_range_and_signs() -> None:
    rng = np.random.default_rng(8)
    uniform = nn.Uniform((500, 2), 2.0, 5.0).draw(rng, np.float32)
    assert uniform.shape == (500, 2)
    assert uniform.dtype == np.float32
    assert uniform.min() == pytest.approx(2, abs=0.05)
    assert uniform.max() == pytest.approx(5, abs=0.05)
    assert nn.Uniform((), 2.0, 5.0).draw(rng, np.float32).dtype == np.float32
    signs = nn.Signs((50, 2)).draw(rng, np.float32)
    assert signs.shape == (50, 2)
    assert np.issubdtype(signs.dtype, np.integer)
    assert set(signs.ravel()) == {-1, 1}


def test_case_knows_which_inputs_are_constant() -> None:
    assert Case(x=[nn.Normal((2,)), (nn.Fixed(1), nn.Normal((2,))), nn.Fixed(2)]).constant == (1, 3)
    assert Case(x=nn.Normal((2,))).constant == ()


def test_randomize_moves_every_parameter_and_floating_buffer() -> None:
    module = nn.BatchNorm1d(500)
    nn.randomize(module, np.random.default_rng(9))
    assert module.weight is not None
    assert module.bias is not None
    assert module.weight.data.std() == pytest.approx(0.4, abs=0.05)
    assert module.weight.data.mean() == pytest.approx(1, abs=0.05)
    assert module.bias.data.std() == pytest.approx(0.4, abs=0.05)
    for moved in (module.running_mean, module.running_var - 1):
        assert moved.min() == pytest.approx(0.1, abs=0.02)
        assert moved.max() == pytest.approx(0.9, abs=0.02)
    assert module.num_batches_tracked == 0


def test_leaves_of_inputs_are_in_order() -> None:
    assert list(leaves((1, (2, (3,)), ()))) == [1, 2, 3]
