"""What torch computes for a subject: its own module where it has one, else the same formula in torch operations."""

import copy
import inspect
import warnings
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nnlab import nn
from nnlab.nn.loss import Loss
from nnlab.nn.module import Module
from tests.nn.subjects import Subject, leaves, mapped

#: Every file `*_twins.py` beside this one holds the twins of a family, each under the name of its layer.
FAMILIES = [import_module(f"tests.nn.{path.stem}") for path in sorted(Path(__file__).parent.glob("*_twins.py"))]
OWN = {
    name: kind
    for family in FAMILIES
    for name, kind in vars(family).items()
    if isinstance(kind, type) and issubclass(kind, torch.nn.Module) and kind.__module__ == family.__name__
}


def twin_class(name: str) -> type[torch.nn.Module] | None:
    """Torch's class for a layer of this name, or the one of its family."""
    found: type[torch.nn.Module] | None = OWN.get(name) or getattr(torch.nn, name, None)
    return found


def twin(subject: Subject, module: Module) -> torch.nn.Module:
    """The torch module with the parameters and buffers of `module`."""
    kind = twin_class(subject.layer.__name__)
    assert kind is not None
    args = [inner_twin(arg(np.random.default_rng(0))) if callable(arg) else arg for arg in subject.case.args]
    kwargs = dict(subject.case.kwargs)
    if issubclass(subject.layer, Loss):  # torch's losses also take arguments that are long deprecated
        kwargs |= dict(zip(inspect.signature(subject.layer).parameters, args, strict=False))
        args, kwargs = [], {k: torch.tensor(v) if k.endswith("weight") else v for k, v in kwargs.items()}
    made = kind(*args, **kwargs).double().train(subject.case.train)
    made.load_state_dict({name: torch.tensor(array) for name, array in module.state_dict().items()})
    return made


def inner_twin(module: Module) -> torch.nn.Module:
    """The torch module for a layer inside a container."""
    if isinstance(module, nn.Sequential):
        return torch.nn.Sequential(*(inner_twin(child) for _, child in module.children()))
    if isinstance(module, nn.Linear):
        return torch.nn.Linear(module.in_features, module.out_features, module.bias is not None)
    return getattr(torch.nn, type(module).__name__)()


def expected(subject: Subject) -> dict[str, Any]:
    """What `subjects.results` should give, in float64."""
    module, inputs = subject.build(), subject.draw()
    made = twin(subject, module)
    tensors = mapped(tensor, inputs)
    with same_conventions(module):
        outputs = made(*tensors)
    flat = [y for y in leaves(outputs) if y is not None]
    smooth = [y for y in flat if y.is_floating_point()]
    cotangents = subject.cotangents(mapped(lambda y: None if y is None else y.detach().numpy(), outputs))
    torch.autograd.backward(smooth, [torch.tensor(dy) for dy in leaves(cotangents) if dy is not None])
    found: dict[str, Any] = {f"output {i}": y.detach().numpy() for i, y in enumerate(flat)}
    moved = [x for x in leaves(tensors) if isinstance(x, Tensor) and x.requires_grad]
    found |= {f"dinput {i}": (torch.zeros_like(x) if x.grad is None else x.grad).numpy() for i, x in enumerate(moved)}
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None
        found[f"d{name}"] = parameter.grad.numpy()
    found |= {f"buffer {name}": buffer.numpy() for name, buffer in made.named_buffers()}
    return found


def tensor(x: Any) -> Any:
    if not isinstance(x, np.ndarray | np.generic):
        return x
    t = torch.tensor(x)
    is_mask = bool(np.isinf(x).any()) if t.is_floating_point() else True
    return t if is_mask else t.requires_grad_()


def same_conventions(module: Module) -> AbstractContextManager[Any]:
    """Torch's functions, but dropping what the layer's Generator is about to drop, with a softmax that is 0 where
    everything is masked, which torch makes NaN, and without advice on the mean of KLDivLoss and on even kernels."""
    generators = [m.rng for m in module.modules() if hasattr(m, "rng")]
    rng = copy.deepcopy(generators[0]) if generators else np.random.default_rng()

    def dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        if not training:
            return x.clone()
        kept = torch.from_numpy(rng.random(tuple(x.shape)) >= p)
        return torch.where(kept, x / (1 - p), 0.0) if p < 1 else x * 0

    def dropout2d(x: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
        return x * dropout(torch.ones_like(x[:, :, :1, :1]), p, training)

    def alpha_dropout(x: Tensor, p: float, training: bool) -> Tensor:
        limit = -1.7580993408473766
        if not training or p == 1:
            return x * (not training)
        kept = dropout(torch.ones_like(x), p) != 0
        a = ((1 - p) * (1 + p * limit**2)) ** -0.5
        return a * torch.where(kept, x, limit) - a * limit * p

    def softmax(x: Tensor, dim: int, **_: Any) -> Tensor:
        masked = torch.isneginf(x).all(dim, keepdim=True)
        return torch.softmax(x.masked_fill(masked, 0.0), dim).masked_fill(masked, 0.0)

    def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, p: float = 0.0, *_: Any) -> Tensor:
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        return dropout(softmax(scores if mask is None else scores + mask, -1), p, p > 0) @ v

    stack = ExitStack()
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", "reduction: 'mean' divides|Using padding='same' with even kernel")
    stack.enter_context(mock.patch.object(functional, "dropout", dropout))
    stack.enter_context(mock.patch.object(functional, "dropout2d", dropout2d))
    stack.enter_context(mock.patch.object(functional, "alpha_dropout", alpha_dropout))
    stack.enter_context(mock.patch.object(functional, "softmax", softmax))
    stack.enter_context(mock.patch.object(functional, "scaled_dot_product_attention", attention))
    return stack
