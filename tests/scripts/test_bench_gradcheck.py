"""The bench of gradient checkers times what is installed, counts what it finds, and writes both as data."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from nnlab.gradcheck import check


@pytest.mark.parametrize(
    "name", ["Linear", "LayerNorm", "Conv2d", "MultiheadAttention", "LSTM", "TransformerEncoderLayer"]
)
def test_a_layer_is_a_function_with_a_right_vjp_until_an_error_is_planted(name: str) -> None:
    from bench_gradcheck_layers import LAYERS, Planted

    for delta, outcome in ((0.0, "agrees"), (1e-3, "disagrees")):
        layer = Planted(LAYERS[name], 0, delta)
        report = check(layer.forward, *layer.arrays, vjp=lambda dy, *x, layer=layer: layer.vjp(x, dy))
        assert report.outcome == outcome
    (wrong,) = report.disagreements
    assert wrong.tensor == f"input {layer.which}"
    assert np.ravel_multi_index(wrong.index, layer.arrays[layer.which].shape) == layer.entry


@pytest.mark.parametrize("package", ["jax", "autograd", "torch"])
@pytest.mark.slow
def test_a_peer_finds_a_gross_error_and_raises_no_alarm(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    from bench_gradcheck_layers import LAYERS, Planted
    from bench_gradcheck_peers import PEERS, finds

    checker = next(iter(PEERS[package].values()))()
    for name in ("LayerNorm", "LSTM"):  # one output, and three
        assert not finds(checker, Planted(LAYERS[name], 1, 0.0), 1)
        assert finds(checker, Planted(LAYERS[name], 1, 1e3), 1)


@pytest.mark.slow
def test_the_bench_gives_a_table_and_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import bench_gradcheck

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # as where no peer is installed
    report = tmp_path / "times.json"
    assert bench_gradcheck.main(["LayerNorm", "--trials", "2", "--rounds", "1", "--json", str(report)]) == 0
    told = capsys.readouterr()
    assert "torch is not installed and left out" in told.err
    assert "nnlab exact" in told.out
    (row,) = json.loads(report.read_text("utf-8"))["layers"]
    assert row["layer"] == "LayerNorm"
    assert row["found"]["nnlab"] == [1.0, 1.0, 1.0, 0.0]
    assert row["ms"]["nnlab"] > 0


def test_an_unknown_layer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    import bench_gradcheck

    with pytest.raises(SystemExit):
        bench_gradcheck.main(["Linera"])
    assert "there is no layer Linera; choose from Linear, LayerNorm" in capsys.readouterr().err
