"""jax-check-grads: JAX's gradient checker, with its own step and tolerances."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from nnlab.detectors.peers import Check, PureLayer, disagreement, peer


def check() -> Check:
    import jax
    from jax.test_util import check_grads

    # For the whole process: JAX runs callbacks in a thread of its own, where a `with` block would not hold.
    jax.config.update("jax_enable_x64", True)
    return partial(_check, jax, check_grads, _Callbacks())


def _check(jax: Any, check_grads: Any, callbacks: "_Callbacks", layer: PureLayer, seed: int) -> None:
    """The layer as a `custom_vjp` of callbacks. Its direction is the same for every seed: JAX's RandomState(0)."""
    callbacks.layer, callbacks.tracer = layer, sys.gettrace()
    inputs, outputs = (
        tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in arrays)
        for arrays in (layer.arrays, layer.forward(*layer.arrays))
    )

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def function(*x: Any) -> Any:
        return jax.pure_callback(callbacks.forward, outputs, x)

    function.defvjp(lambda *x: (function(*x), x), lambda x, dy: jax.pure_callback(callbacks.vjp, inputs, x, dy))
    try:
        check_grads(function, layer.arrays, order=1, modes=["rev"])
    except AssertionError as error:
        raise disagreement(error) from None


class _Callbacks:
    """What JAX calls, the same functions for every layer: they are compiled once for each set of shapes.

    JAX calls from a thread of its own, so they run under the trace function by which the lab notes what is executed.
    """

    layer: PureLayer
    tracer: Any

    def forward(self, x: Any) -> Any:
        with self._noted():
            return self.layer.forward(*_own(x))

    def vjp(self, x: Any, dy: Any) -> Any:
        with self._noted():
            return self.layer.vjp(_own(x), _own(dy))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self.tracer)
        try:
            yield
        finally:
            sys.settrace(before)


def _own(arrays: Sequence[Any]) -> list[Any]:
    """Private copies: JAX's own memory is read-only."""
    return [np.array(array) for array in arrays]


#: Where the truncation error of JAX's step of 1e-4 is larger than its tolerance.
ALARMS = frozenset(
    {
        "TransformerDecoderLayer(4, 1, dim_feedforward=3, dropout=0.0, activation='gelu', batch_first=True) "
        "on 2×3×4, 2×4×4",
    }
)

DETECTOR = peer("jax-check-grads", "jax.test_util.check_grads: one direction, rtol and atol 1e-5", "jax", check, ALARMS)
