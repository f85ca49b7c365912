"""refusal: its tables name what exists, and each kind of a wrong refusal is noticed."""

import inspect
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors.refusal import Bad, parameters, refused, words
from nnlab.detectors.refused_inputs import MAY, SHAPES, THEMSELVES
from nnlab.detectors.refused_settings import SETTINGS
from nnlab.detectors.subjects import layers
from nnlab.errors import InputError
from nnlab.lab import Detected

LAYERS = {layer.__name__: layer for layer in layers()}


@pytest.mark.parametrize("argument", sorted({*SHAPES, *MAY, *THEMSELVES}))
def test_a_stated_argument_exists(argument: str) -> None:
    layer, _, name = argument.partition(".")
    assert name in {*words(LAYERS[layer].forward), *words(LAYERS[layer].backward)}


@pytest.mark.parametrize("kind", sorted({setting.kind for setting in SETTINGS}))
def test_a_setting_is_one_of_the_constructor(kind: str) -> None:
    known = inspect.signature(getattr(nn, kind)).parameters
    assert {setting.name for setting in SETTINGS if setting.kind == kind} <= known.keys()


class Speaker(nn.Module):
    """A layer that says what it was given to say."""

    def __init__(self, said: Exception | None) -> None:
        self.said = said

    def forward(self, x: Any, y: Any = None) -> Any:
        if self.said:
            raise self.said
        return x


RIGHT = "Speaker: x has shape (2,) but must have (3,); reshape it"
BAD = Bad("last", np.zeros(2), of_itself=("(2,)", "(3,)"))


def tried(said: Exception | None, bad: Bad = BAD) -> None:
    layer = Speaker(said)
    refused(layer, layer.forward, "x", bad, (bad.value,))


def test_a_right_refusal_is_no_evidence() -> None:
    tried(InputError(RIGHT))
    tried(None, Bad("last", np.zeros(2), must=False))
    tried(InputError("Speaker: y has another shape; make it fit"), Bad("last", np.zeros(2), others=True))


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        (None, "got an answer"),
        (ValueError("operands could not be broadcast"), "got ValueError: operands could not be broadcast"),
        (InputError(RIGHT.replace("Speaker", "NoneType")), "of Speaker or a part of it, got: NoneType: x has"),
        (InputError(RIGHT.partition(";")[0]), "that says what to do next"),
        (InputError(RIGHT.replace(" x ", " XXxXX ")), "that names x"),
        (InputError(RIGHT.replace(" x ", " y ")), "that names x"),
        (InputError(RIGHT.replace("(2,)", "another shape")), r"that says \(2,\), got"),
        (InputError(RIGHT.replace("(3,)", "another one")), r"that says \(3,\), got"),
    ],
    ids=["answer", "crash", "layer", "next step", "name", "another name", "value", "rule"],
)
def test_a_wrong_refusal_is_evidence(said: Exception | None, evidence: str) -> None:
    with pytest.raises(Detected, match=evidence):
        tried(said)


def test_what_need_not_be_refused_is_refused_in_one_sentence_or_answered() -> None:
    with pytest.raises(Detected, match="got TypeError"):
        tried(TypeError("bad"), Bad("last", np.zeros(2), must=False))
    with pytest.raises(Detected, match="or a part of it"):
        tried(InputError("None"), Bad("last", np.zeros(2), must=False))


def test_the_parameters_of_a_method_are_the_same_with_and_without_its_layer() -> None:
    assert [p.name for p in parameters(Speaker.forward)] == [p.name for p in parameters(Speaker(None).forward)]
