"""Two detectors; what the probes of one take is in a file beside it."""

from functools import partial
from pathlib import Path

from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from small import layers

HERE = Path(__file__).parent


def note(name: str) -> None:
    with (HERE.parent / "made.txt").open("a") as file:
        file.write(name + " ")


def agrees(layer: type, x: int, y: int, seed: int) -> None:
    if (got := layer().forward(x)) != y:
        raise Detected(f"expected {y}, got {got}")


def is_positive(layer: type, seed: int) -> None:
    if layer().forward(1) <= 0:
        raise Detected("not positive")


def values() -> list[Probe]:
    note("values")
    x = int((HERE / "input.txt").read_text())
    return [
        Probe("Double", partial(agrees, layers.Double, x, 2 * x)),
        Probe("Square", partial(agrees, layers.Square, x, x * x)),
    ]


def signs() -> list[Probe]:
    note("signs")
    return [Probe(layer.__name__, partial(is_positive, layer)) for layer in (layers.Double, layers.Square)]


BLATANT = Fault("blatant", "", "toy", Cited("here"), [Edit("small.layers:Square.forward", "x * x", "-1")])
DETECTORS = [Detector("values", "", values, BLATANT), Detector("signs", "", signs, BLATANT)]
