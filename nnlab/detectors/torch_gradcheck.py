"""torch-gradcheck: PyTorch's gradient checker in its default, slow mode, with its own step and tolerances."""

from functools import partial
from typing import Any

import numpy as np

from nnlab.detectors.peers import Check, PureLayer, disagreement, peer


def check(fast_mode: bool = False) -> Check:
    """The layer as an `autograd.Function` of its inputs and parameters, as a user of torch would wrap it."""
    import torch
    from torch.autograd.gradcheck import GradcheckError, gradcheck

    class Wrapped(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, layer: PureLayer, *tensors: Any) -> Any:
            ctx.layer = layer
            ctx.save_for_backward(*tensors)
            outputs = tuple(torch.from_numpy(y) for y in layer.forward(*_arrays(tensors)))
            return outputs if len(outputs) > 1 else outputs[0]

        @staticmethod
        def backward(ctx: Any, *dy: Any) -> Any:
            gradients = ctx.layer.vjp(_arrays(ctx.saved_tensors), _arrays(dy))
            return None, *(torch.from_numpy(np.array(g)) for g in gradients)

    def run(layer: PureLayer, seed: int) -> None:
        # The seed has no part: gradcheck draws from a generator of its own, which always starts the same.
        tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in layer.arrays]
        try:
            gradcheck(partial(Wrapped.apply, layer), tensors, fast_mode=fast_mode)
        except GradcheckError as error:
            raise disagreement(error) from None

    return run


def _arrays(tensors: Any) -> list[Any]:
    """The tensors' own memory, seen by NumPy."""
    return [tensor.detach().numpy() for tensor in tensors]


DETECTOR = peer("torch-gradcheck", "torch.autograd.gradcheck, slow mode: every entry, rtol 1e-3", "torch", check)
