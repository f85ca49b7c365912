"""The network at every position of a transformer, from the references of its parts."""

from nnlab.detectors.references.activation import gelu_of
from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear


def feed_forward(
    given: Given,
    d_model: int,
    dim_feedforward: int = 2048,
    dropout: float = 0.1,
    activation: str = "relu",
    bias: bool = True,
) -> Array:
    """Equation 2, with dropout where torch's layers have it."""
    hidden = linear(given.part("linear1.", given.x), d_model, dim_feedforward, bias)
    hidden = gelu_of(hidden) if activation == "gelu" else hidden * (hidden > 0)
    hidden = dropped(given, hidden, dropout)
    return linear(given.part("linear2.", hidden), dim_feedforward, d_model, bias)


REFERENCES = {"FeedForward": feed_forward}
