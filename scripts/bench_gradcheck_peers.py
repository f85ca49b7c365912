"""The checkers of scripts/bench_gradcheck.py: each says whether it finds fault with a function and its vjp."""

import importlib.util
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from bench_gradcheck_layers import Functional, Layer

from nnlab.gradcheck import check

Checker = Callable[[Functional, np.random.Generator], bool]


def ours(function: Functional, rng: np.random.Generator, mode: Any = "screen") -> bool:
    return check(function, *function.arrays, vjp=function.vjp, rng=rng, mode=mode).outcome == "disagrees"


def ours_exact(function: Functional, rng: np.random.Generator) -> bool:
    return ours(function, rng, "exact")


def torch_finds(function: Functional, rng: np.random.Generator, fast: bool) -> bool:
    """torch.autograd.gradcheck with its defaults, of an autograd.Function."""
    import torch

    torch.set_num_threads(1)

    class Wrapped(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.arrays = [t.detach().numpy() for t in tensors]
            y = function(*ctx.arrays)
            return tuple(map(torch.tensor, y)) if isinstance(y, tuple) else torch.tensor(y)

        @staticmethod
        def backward(ctx: Any, *dy: Any) -> Any:
            return tuple(map(torch.tensor, function.vjp([d.numpy() for d in dy], *ctx.arrays)))

    torch.manual_seed(int(rng.integers(2**31)))
    tensors = [torch.tensor(array, requires_grad=True) for array in function.arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not torch.autograd.gradcheck(Wrapped.apply, tensors, fast_mode=fast, raise_exception=False)


def jax_finds(function: Functional, rng: np.random.Generator) -> bool:
    """jax.test_util.check_grads in reverse mode with its defaults, of a custom_vjp around callbacks."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from jax.test_util import check_grads

    outputs = function(*function.arrays)
    shapes = jax.tree.map(lambda y: jax.ShapeDtypeStruct(y.shape, y.dtype), outputs)
    arrays = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in function.arrays)

    def called(*xs: Any) -> Any:
        return jax.pure_callback(lambda *a: function(*map(np.asarray, a)), shapes, *xs)

    wrapped = jax.custom_vjp(called)

    def forward(*xs: Any) -> Any:
        return wrapped(*xs), xs

    def backward(xs: Any, dy: Any) -> Any:
        return jax.pure_callback(lambda d, *a: function.vjp(d, *map(np.asarray, a)), arrays, dy, *xs)

    wrapped.defvjp(forward, backward)
    return _raises(lambda: check_grads(wrapped, tuple(function.arrays), order=1, modes=["rev"]))


def autograd_finds(function: Functional, rng: np.random.Generator) -> bool:
    """autograd.test_util.check_grads in reverse mode with its defaults, of a primitive that gives one vector."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def vector(*arrays: Any) -> Any:
        y = function(*arrays)
        return np.concatenate([np.ravel(each) for each in (y if isinstance(y, tuple) else (y,))])

    def of_argument(number: int) -> Callable[..., Any]:
        def maker(answer: Any, *arrays: Any) -> Callable[[Any], Any]:
            plain = [np.array(a) for a in arrays]
            y = function(*plain)
            outputs = y if isinstance(y, tuple) else (y,)
            ends = np.cumsum([each.size for each in outputs])[:-1]

            def vjp(dy: Any) -> Any:
                parts = [d.reshape(e.shape) for d, e in zip(np.split(dy, ends), outputs, strict=True)]
                return function.vjp(parts, *plain)[number]

            return vjp

        return maker

    wrapped, arguments = primitive(vector), tuple(range(len(function.arrays)))
    defvjp(wrapped, *map(of_argument, arguments))
    np.random.seed(int(rng.integers(2**31)))  # noqa: NPY002 - autograd draws from it
    return _raises(lambda: check_grads(wrapped, arguments, modes=["rev"], order=1)(*function.arrays))


def _raises(run: Callable[[], Any]) -> bool:
    try:
        run()
    except AssertionError:
        return True
    return False


TORCH: dict[str, Checker] = {
    "torch fast": partial(torch_finds, fast=True),
    "torch slow": partial(torch_finds, fast=False),
}
JAX: dict[str, Checker] = {"jax": jax_finds}
AUTOGRAD: dict[str, Checker] = {"autograd": autograd_finds}


def timed_runs(layer: Layer) -> dict[str, Callable[[], Any]]:
    """What is timed: each checker on a layer of its own kind, or around ours."""
    rng = np.random.default_rng(0)
    module, inputs = layer.ours(rng), layer.inputs(rng)
    function = Functional(layer, rng, 0.0)
    runs: dict[str, Callable[[], Any]] = {
        "nnlab": lambda: check(module, *inputs),
        "nnlab exact": lambda: check(module, *inputs, mode="exact"),
    }
    if importlib.util.find_spec("torch"):
        native = partial(_native, layer, inputs)
        runs |= {"torch fast": native(fast=True), "torch slow": native(fast=False)}
    if importlib.util.find_spec("jax"):
        runs["jax"] = lambda: jax_finds(function, rng)
    if importlib.util.find_spec("autograd"):
        runs["autograd"] = lambda: autograd_finds(function, rng)
    return runs


def _native(layer: Layer, inputs: tuple[Any, ...], fast: bool) -> Callable[[], Any]:
    """torch's checker on torch's own module: all outputs, inputs and parameters."""
    import torch

    torch.set_num_threads(1)
    options = {"batch_first": True} if layer.batch_first else {}
    module = getattr(torch.nn, layer.torch)(*layer.args, **options).double()
    names = [name for name, _ in module.named_parameters()]
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs] + list(module.parameters())

    def function(*given: Any) -> Any:
        state = dict(zip(names, given[len(inputs) :], strict=True))
        y = torch.func.functional_call(module, state, given[: len(inputs)])
        return tuple(torch.utils._pytree.tree_leaves(y))

    return lambda: torch.autograd.gradcheck(function, tensors, fast_mode=fast)
