"""Mixtures of experts: which sees what, one position after the other."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.feed_forward import feed_forward
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def mixture_of_experts(
    given: Given,
    d_model: int,
    num_experts: int,
    top_k: int = 2,
    dim_feedforward: int = 2048,
    dropout: float = 0.1,
    activation: str = "relu",
    bias: bool = True,
    renormalize: bool = True,
    experts: Callable[..., Any] | None = None,
) -> tuple[Array, Array]:
    """Experts work in order, each on its positions in order, as dropout must be drawn; given ones as they come."""
    rows = given.x.reshape(-1, d_model)
    logits = np.array([[row @ weight for weight in given["router"]] for row in rows])
    p = np.array([softmax_of(row) for row in logits])
    chosen = [sorted(range(num_experts), key=lambda e: -row[e])[:top_k] for row in logits]  # two p may both round to 0

    def expert(e: int, x: Array) -> Any:
        if experts is not None:
            return given.layer(lambda rng: experts(rng)[e], f"experts.{e}.")(x)
        return feed_forward(given.part(f"experts.{e}.", x), d_model, dim_feedforward, dropout, activation, bias)

    y = np.zeros_like(rows)
    loss = 0.0
    for e in range(num_experts):
        mine = [n for n in range(len(rows)) if e in chosen[n]]
        for n, out in zip(mine, expert(e, rows[mine]), strict=True):
            y[n] += p[n, e] / (sum(p[n, chosen[n]]) if renormalize else 1) * out
        loss += num_experts * len(mine) / (top_k * len(rows)) * sum(p[:, e]) / len(rows)
    return y.reshape(given.x.shape), np.array(loss)


REFERENCES = {"MixtureOfExperts": mixture_of_experts}
