"""autograd-check-grads: HIPS autograd's gradient checker, with its own step and tolerances."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from nnlab.detectors.peers import Check, PureLayer, disagreement, peer


def check() -> Check:
    from autograd import extend
    from autograd.test_util import check_grads

    return partial(_check, extend, check_grads)


def _check(extend: Any, check_grads: Any, layer: PureLayer, seed: int) -> None:
    """The layer as a `primitive` whose outputs are one vector, checked in all arguments at once."""
    shapes = [y.shape for y in layer.forward(*layer.arrays)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def cotangents(dy: Any) -> list[Any]:
        return [part.reshape(shape) for part, shape in zip(np.split(dy, ends), shapes, strict=True)]

    def vjps(arguments: Any, y: Any, x: Any, named: Any) -> Callable[[Any], Any]:
        """The gradients of all arguments by one backward."""

        def answer(dy: Any) -> list[Any]:
            gradients = layer.vjp(x, cotangents(dy))
            return [gradients[number] for number in arguments]

        return answer

    function = extend.primitive(lambda *x: np.concatenate([y.ravel() for y in layer.forward(*x)]))
    every = tuple(range(len(layer.arrays)))
    extend.defvjp_argnums(function, vjps)
    with _global_seed(seed):
        try:
            check_grads(function, every, modes=["rev"], order=1)(*layer.arrays)
        except AssertionError as error:
            raise disagreement(error) from None


@contextmanager
def _global_seed(seed: int) -> Iterator[None]:
    """NumPy's global generator, from which autograd draws its direction, seeded here and put back afterwards."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


DETECTOR = peer("autograd-check-grads", "autograd.test_util.check_grads: one direction, 1e-6", "autograd", check)
