"""Graphs by hand: loops, repeated edges, isolated nodes, large scores, the start, and refusals."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn.graph import edges
from nnlab.nn.init import xavier_uniform
from nnlab.nn.segments import segment_softmax, segments

RNG = np.random.default_rng(0)
NO_EDGES = np.zeros((2, 0), int)


def draw(*shape: int) -> Any:
    return np.random.default_rng(73).standard_normal(shape)


def mean(**settings: Any) -> nn.GCNConv:
    """A GCNConv that only passes on."""
    layer = nn.GCNConv(1, 1, **settings, rng=RNG)
    layer.lin.weight.data[...] = 1
    return layer


def test_segments_are_combined_where_there_are_any_and_else_zero() -> None:
    x, index = np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([3, 1, 3, 1])
    assert segments(np.add, x, index, 5).ravel().tolist() == [0, 10, 0, 5, 0]
    assert segments(np.maximum, -x, index, 4).ravel().tolist() == [0, -2, 0, -1]
    assert segments(np.add, np.zeros((2, 0, 3)), np.zeros(0, int), 4).tolist() == np.zeros((2, 4, 3)).tolist()


def test_self_loops_take_the_place_of_those_there_are() -> None:
    given = np.array([[0, 1, 1, 1, 2], [1, 1, 0, 1, 2]])
    source, target = edges(nn.Tanh(), given, 4, True)
    assert (source.tolist(), target.tolist()) == ([0, 1, 0, 1, 2, 3], [1, 0, 0, 1, 2, 3])
    source, target = edges(nn.Tanh(), given, 4, False)
    assert (source.tolist(), target.tolist()) == ([0, 1, 1, 1, 2], [1, 1, 0, 1, 2])


def test_gcn_weighs_an_edge_by_the_roots_of_what_both_its_ends_receive() -> None:
    x = np.array([[1.0], [2.0], [4.0]])
    y = mean()(x, [[0, 1, 0], [1, 0, 2]])
    np.testing.assert_allclose(y.ravel(), [1 / 2 + 2 / 2, 1 / 2 + 2 / 2, 1 / 2 + 4 / 2])


def test_gcn_counts_a_repeated_edge_twice_and_lets_nodes_that_receive_nothing_send_nothing() -> None:
    x = np.array([[1.0], [2.0], [4.0]])
    y = mean(add_self_loops=False)(x, [[0, 2, 2, 1], [1, 2, 2, 2]])
    np.testing.assert_allclose(y.ravel(), [0, 0, (4 + 4) / 3 + 2 / np.sqrt(3)])


def test_gcn_sums_what_arrives_if_it_does_not_normalize_and_adds_no_loops_unless_told() -> None:
    x = np.array([[1.0], [2.0], [4.0]])
    edge_index = [[0, 0, 1], [1, 1, 2]]
    assert mean(normalize=False)(x, edge_index).ravel().tolist() == [0, 2, 2]
    assert mean(normalize=False, add_self_loops=True)(x, edge_index).ravel().tolist() == [1, 4, 6]


def test_a_graph_without_edges_is_a_linear_map_of_each_node() -> None:
    x = draw(2, 5, 3)
    gcn, gat = nn.GCNConv(3, 4, rng=RNG), nn.GATConv(3, 4, 2, rng=RNG)
    for layer in (gcn, gat):
        np.testing.assert_allclose(layer(x, NO_EDGES), layer.lin(x), rtol=1e-15)


def test_isolated_nodes_without_loops_give_the_bias() -> None:
    for kind in (nn.GCNConv, nn.GATConv):
        layer = kind(3, 2, add_self_loops=False, rng=RNG)
        layer.bias.data[...] = [5, 7]
        assert layer(draw(2, 3), NO_EDGES).tolist() == [[5, 7], [5, 7]]
        assert not layer.backward(draw(2, 2))[0].any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gat_follows_the_larger_score_and_does_not_overflow_at_a_thousand(dtype: Any) -> None:
    layer = nn.GATConv(1, 1, add_self_loops=False, rng=RNG, dtype=dtype)
    layer.load_state_dict({"lin.weight": [[1]], "att_src": [[[1]]], "att_dst": [[[0]]], "bias": [0]})
    x = np.array([[1e3], [3e3], [-9e3]], dtype)
    assert layer(x, [[0, 1, 2, 2], [2, 2, 2, 0]]).ravel().tolist() == [-9e3, 0, 3e3]


def test_gat_gives_a_repeated_edge_twice_the_weight() -> None:
    layer = nn.GATConv(1, 1, add_self_loops=False, rng=RNG)
    layer.load_state_dict({"lin.weight": [[1]], "att_src": [[[0]]], "att_dst": [[[0]]], "bias": [0]})
    np.testing.assert_allclose(layer(np.array([[3.0], [6.0]]), [[0, 0, 1], [0, 0, 0]]), [[4], [0]], rtol=1e-15)


def test_the_softmax_of_segments_adds_up_to_one_in_each() -> None:
    index = np.array([2, 0, 2, 2, 0])
    y = segment_softmax(1e3 * draw(3, 5, 2), index, 4)
    np.testing.assert_allclose(segments(np.add, y, index, 4)[:, [0, 2]], 1)


def test_gat_averages_the_heads_it_does_not_concatenate() -> None:
    x, edge_index = draw(5, 3), np.array([[0, 1, 3], [1, 2, 1]])
    wide = nn.GATConv(3, 2, 4, rng=np.random.default_rng(74))
    narrow = nn.GATConv(3, 2, 4, False, rng=np.random.default_rng(74))
    y = wide(x, edge_index)
    assert y.shape == (5, 8)
    np.testing.assert_allclose(narrow(x, edge_index), y.reshape(5, 4, 2).mean(1), rtol=1e-13)


def test_layers_on_graphs_start_from_glorots_values_and_without_bias() -> None:
    gcn, rng = nn.GCNConv(3, 4, rng=np.random.default_rng(75)), np.random.default_rng(75)
    nn.Linear(3, 4, rng=rng)
    np.testing.assert_array_equal(gcn.lin.weight.data, xavier_uniform(rng, (4, 3), np.float64))
    gat, rng = nn.GATConv(3, 4, 2, rng=np.random.default_rng(75)), np.random.default_rng(75)
    nn.Linear(3, 8, rng=rng)
    np.testing.assert_array_equal(gat.lin.weight.data, xavier_uniform(rng, (8, 3), np.float64))
    np.testing.assert_array_equal(gat.att_src.data[0], xavier_uniform(rng, (2, 4), np.float64))
    np.testing.assert_array_equal(gat.att_dst.data[0], xavier_uniform(rng, (2, 4), np.float64))
    for layer in (gcn, gat):
        assert layer.bias is not None
        assert not layer.bias.data.any()


def run(layer: Any, x: Any, dy: Any, edge_index: Any = ((0, 1), (1, 2))) -> None:
    """Forward, then backward."""
    layer(x, edge_index)
    layer.backward(dy)


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.GATConv(2, 3, 0, rng=RNG), "GATConv: heads is 0 but at least one is needed; raise it"),
]
for name, kind in (("GCNConv", nn.GCNConv), ("GATConv", nn.GATConv)):

    def made(kind: Any = kind) -> Any:
        return kind(2, 3, rng=RNG)

    REFUSALS += [
        (lambda made=made: run(made(), draw(4, 3), draw(4, 3)), misfit(name, "x", "(4, 3)", "(..., *, 2)")),
        (lambda made=made: run(made(), draw(2), draw(3)), misfit(name, "x", "(2,)", "(..., *, 2)")),
        (lambda made=made: run(made(), draw(4, 2).astype(np.float32), draw(4, 3)), single("Linear", "x")),
        (lambda made=made: run(made(), draw(4, 2), draw(4, 2)), misfit(name, "dy", "(4, 2)", "(4, 3)")),
        (lambda made=made: run(made(), draw(4, 2), draw(4, 3).astype(np.float32)), single(name, "dy")),
        (
            lambda made=made: made()(draw(4, 2), [0, 1]),
            misfit(name, "edge_index", "(2,)", "(2, *)"),
        ),
        (
            lambda made=made: made()(draw(4, 2), [[0, 1], [3, 4]]),
            f"{name}: edge_index must lie in [0, 4) but spans [0, 4]; check the vocabulary or the number of classes",
        ),
        (
            lambda made=made: made()(draw(4, 2), [[0.0], [1.0]]),
            f"{name}: edge_index must be an integer array but has dtype float64; convert it with .astype(int)",
        ),
    ]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()


def test_entries_of_an_index_are_added_in_the_order_in_which_they_stand() -> None:
    rng = np.random.default_rng(0)
    index = rng.integers(3, size=300)
    x = rng.standard_normal((300, 1)) * 10.0 ** rng.integers(-8, 8, (300, 1))
    for i in range(3):
        assert segments(np.add, x, index, 3)[i] == np.add.reduceat(x[index == i], [0])[0]
