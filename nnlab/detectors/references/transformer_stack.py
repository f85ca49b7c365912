"""Transformer blocks one above the other; the blocks' own values are taken as they come."""

from collections.abc import Callable
from typing import Any

from nnlab.detectors.references.given import Given

Recipe = Callable[..., Any]


def transformer_encoder(given: Given, encoder_layer: Recipe, num_layers: int, norm: Recipe | None = None) -> Any:
    return stacked(given, encoder_layer, num_layers, norm)


def transformer_decoder(given: Given, decoder_layer: Recipe, num_layers: int, norm: Recipe | None = None) -> Any:
    return stacked(given, decoder_layer, num_layers, norm)


def stacked(given: Given, layer: Recipe, num_layers: int, norm: Recipe | None) -> Any:
    """Each block gets what the one below it gives, and all else as the first one got it."""
    y: Any = given.x
    for i in range(num_layers):
        y = given.layer(layer, f"layers.{i}.")(y, *given.inputs[1:])
    return y if norm is None else given.layer(norm, "norm.")(y)


REFERENCES = {"TransformerDecoder": transformer_decoder, "TransformerEncoder": transformer_encoder}
