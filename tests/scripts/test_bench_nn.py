"""The bench times every module, and its exit code tells whether one is far slower than torch."""

import json
from pathlib import Path

import pytest

from nnlab.detectors.subjects import layers


def test_every_layer_has_a_size() -> None:
    from bench_sizes import SIZES

    assert SIZES.keys() == {layer.__name__ for layer in layers()}


@pytest.mark.slow
def test_the_bench_gives_the_ratio_as_a_table_and_as_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    import bench_nn

    report = tmp_path / "ratios.json"
    arguments = ["Linear", "MSELoss", "--seconds", "0", "--json", str(report)]
    monkeypatch.setattr(bench_nn, "LIMIT", 1e9)
    assert bench_nn.main(arguments) == 0
    monkeypatch.setattr(bench_nn, "LIMIT", 0.0)
    assert bench_nn.main(arguments) == 1
    monkeypatch.setattr(bench_nn, "REASONS", {"Linear": "a reason", "MSELoss": "another"})
    assert bench_nn.main(arguments) == 0
    assert "a reason" in capsys.readouterr().out
    rows = json.loads(report.read_text("utf-8"))["modules"]
    assert [row["module"] for row in rows] == ["Linear", "MSELoss"]
    for row in rows:
        assert row["ratio"] == pytest.approx(row["ours_ms"] / row["torch_ms"])


def test_a_module_without_a_size_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    import bench_nn

    with pytest.raises(SystemExit):
        bench_nn.main(["Linera"])
    assert "no size is known for Linera" in capsys.readouterr().err
