"""Paths through parameters that backward leaves out of a tensor's gradient.

What comes back through h = x Wᵀ is dx = dh W beside dW = dhᵀ x, so that x · dx, summed over the rows, is W · dW, summed
over the outputs: the gradient of W tells how much of the gradient of x comes through it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.gradcheck.layers import Tensor
from nnlab.gradcheck.wrong import Wrong


def lost(wrong: Wrong, own: Any) -> Iterator[tuple[str, Any]]:
    """The matrices through which the tensor's own derivatives, (entries, outputs), say that nothing comes back."""
    tensors = [tensor for tensor in wrong.draw.evaluation.tensors if tensor is not wrong.tensor]
    x = np.atleast_1d(wrong.tensor.point)
    for tensor in tensors:
        if tensor.point.shape == x.shape:
            gradient = wrong.draw.gradient[tensor.at].reshape(x.shape)
            yield f"a path missing, not added: that of {tensor.name}", wrong.expected - gradient
    matrices = [tensor for tensor in tensors if tensor.point.ndim == 2 and tensor.point.shape[1] == x.shape[-1]]
    flows = [(tensor.name, flow) for tensor in matrices for flow in _flows(tensor, wrong.draw.answers[tensor.at])]
    products = x[..., None] * (wrong.jacobian - own).reshape(*x.shape, own.shape[1])
    missing = products.sum(tuple(range(x.ndim - 1))).ravel()
    if flows:
        columns = np.stack([flow for _, flow in flows], 1)
        gone: Any = np.isclose(np.linalg.lstsq(columns, missing)[0], 1)
        if np.allclose(columns @ gone, missing):
            names = dict.fromkeys(flows[n][0] for n in np.flatnonzero(gone))
            yield f"a path missing, not added: through {', '.join(names)}", wrong.got


def _flows(tensor: Tensor, answers: Any) -> Iterator[Any]:
    """W · dW for each entry of x and each output, of W and of the square matrices that W holds one after the other."""
    rows, n = tensor.point.shape
    products = tensor.point[..., None] * answers.reshape(rows, n, answers.shape[1])
    for part in np.add.reduceat(products, range(0, rows, n)):
        yield part.ravel()
