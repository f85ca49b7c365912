"""nnlab sensitivity, and what the peers and pictures that are not installed make of a command line."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Nnlab = Callable[..., Any]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any optional package."""

    def find_spec(name: str, package: str | None = None) -> Any:
        missing = name.partition(".")[0] in ("torch", "jax", "autograd", "matplotlib")
        return None if missing else importlib.util.find_spec(name, package)

    for module in ("nnlab.lab.detector", "nnlab.report.plot"):
        monkeypatch.setattr(f"{module}.find_spec", find_spec)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("score", "-d", "torch-gradcheck"), "detector 'torch-gradcheck' needs torch, which is not installed"),
        (("check", "jax-check-grads"), "run `pip install 'nnlab[peers]'`, or scripts/nnlab with NNLAB_EXTRAS=peers"),
        (("inject", "adam-nan-first-step", "-d", "autograd-check-grads"), "needs autograd, which is not installed"),
        (("sensitivity", "-d", "torch-gradcheck-fast"), "needs torch, which is not installed"),
        (("sensitivity", "--plot", "x.png"), "--plot needs matplotlib, which is not installed; run `pip install"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_is_not_installed_is_named_with_what_to_install(
    nnlab: Nnlab, arguments: tuple[str, ...], said: str
) -> None:
    ended = nnlab(*arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""


@pytest.mark.usefixtures("bare")
def test_list_tells_which_peers_are_missing(nnlab: Nnlab) -> None:
    text = nnlab("list", "detectors").out
    assert "torch-gradcheck-fast  peer, needs torch" in text
    detectors = json.loads(nnlab("list", "detectors", "--json").out)["detectors"]
    assert {d["name"]: d["kind"] for d in detectors if "peer" in d["kind"]} == {
        "autograd-check-grads": "peer, needs autograd",
        "jax-check-grads": "peer, needs jax",
        "torch-gradcheck": "peer, needs torch",
        "torch-gradcheck-fast": "peer, needs torch",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("LayerNrom",), "no layer is called 'LayerNrom'; did you mean LayerNorm"),
        (("Identity*",), "no layer is called 'Identity*'"),
        (("Softmax2d",), "no layer is called 'Softmax2d'; did you mean Softmax"),
        (("--deltas", "1,big"), "--deltas is '1,big' but must be positive numbers"),
        (("--deltas", "0"), "--deltas is '0' but must be positive numbers"),
        (("--deltas", "nan"), "--deltas is 'nan' but must be positive numbers"),
        (("-d", "gradeint"), "there is no detector 'gradeint'; did you mean gradient"),
        (("--sample", "-1"), "Invalid value for '--sample'"),
        (("--plot", "curves.jpg"), "cannot draw 'curves.jpg': a picture ends in .png or .svg; rename it"),
        (("--json", "/no/such/folder/x.json"), "cannot write '/no/such/folder/x.json'"),
    ],
)
def test_wrong_usage_gets_one_clear_error_and_status_2(nnlab: Nnlab, arguments: tuple[str, ...], said: str) -> None:
    ended = nnlab("sensitivity", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""


@pytest.mark.slow
def test_sensitivity_prints_tables_and_writes_json(nnlab: Nnlab, tmp_path: Path) -> None:
    place = tmp_path / "sensitivity.json"
    ended = nnlab("sensitivity", "Tanh", "-d", "gradient,shapes", "--deltas", "1,1e-4", "--json", str(place))
    assert ended.status == 0
    for part in ("2 terms, scaled by 1 + delta", "Smallest delta noticed with 95 % power", "100 (34-100)", "0 (0-66)"):
        assert part in ended.out
    data = json.loads(place.read_text())
    assert list(data) == ["schema", "seed", "deltas", "detectors", "terms", "seconds"]
    assert (data["schema"], data["seed"], data["deltas"]) == ("nnlab.sensitivity/1", 0, [1.0, 1e-4])
    shapes, gradient = data["detectors"]
    assert (shapes["name"], shapes["smallest95"]) == ("shapes", None)
    assert gradient["shares"][1] == {
        "delta": 1e-4,
        "detected": 2,
        "total": 2,
        "rate": 1.0,
        "ci95": [pytest.approx(0.3424, abs=1e-4), 1.0],
    }
    assert gradient["smallest95"] == gradient["smallest95_possible"] == 1e-4
    assert gradient["smallest95_certain"] is None
    assert [term["term"] for term in data["terms"]] == ["1", "(y**2)"]
    assert data["terms"][0]["id"] == "graded:nnlab.nn.activation:Tanh.backward:1"
    assert data["terms"][0]["verdicts"] == {"gradient": ["killed"] * 2, "shapes": ["survived"] * 2}


@pytest.mark.slow
def test_a_sample_is_drawn_by_its_seed_from_what_the_layers_execute(nnlab: Nnlab) -> None:
    def drawn(*arguments: str) -> list[str]:
        common = ("sensitivity", "LSTM", "GRU", "-d", "shapes", "--deltas", "1", "--json", "-")
        return [term["id"] for term in json.loads(nnlab(*common, *arguments).out)["terms"]]

    first = drawn("-n", "5", "-s", "1")
    assert len(first) == 5
    assert drawn("-n", "5", "-s", "1") == first
    assert drawn("-n", "5", "-s", "2") != first
    every = drawn("-n", "0")
    assert set(first) < set(every)
    assert {id.split(":")[1] for id in every} == {"nnlab.nn.cell", "nnlab.nn.dropout", "nnlab.nn.recurrent"}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_picture_names_every_detector(nnlab: Nnlab, tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    place = tmp_path / f"curves.{suffix}"
    ended = nnlab("sensitivity", "Tanh", "-d", "gradient,shapes,blog", "--deltas", "1,1e-4", "--plot", str(place))
    assert ended.status == 0
    drawn = place.read_bytes()
    if suffix == "png":
        assert drawn.startswith(b"\x89PNG")
    else:
        assert all(f"<!-- {name} -->".encode() in drawn for name in ("gradient", "shapes", "blog", "95%"))
