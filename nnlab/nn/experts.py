"""Experts: networks of which each input position sees only a few."""

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.container import ModuleList
from nnlab.nn.feed_forward import FeedForward
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["MixtureOfExperts"]


class MixtureOfExperts(Module):
    """y = Σ wₑ expertₑ(x) over the top_k experts with the largest p = softmax(router x), where w = p / Σ p over them.

    x and y have shape (..., d_model). Experts are FeedForward unless `experts` are given. With renormalize=False w = p,
    which a single expert needs for y to teach the router. Equal p are taken in the order of the experts; no position is
    dropped, however many choose the same expert. The second output is the load-balancing loss num_experts Σ fₑ Pₑ, with
    fₑ the part of all choices that fell on expert e, which gets no gradient, and Pₑ the mean of pₑ; it is 1 in balance.
    Its weight is its cotangent. Source: Shazeer et al., "Outrageously Large Neural Networks", 2017, section 2;
    Fedus et al., "Switch Transformers", 2021, equations 4 to 6, for the loss.
    """

    in_torch = False
    cases = (
        Case(4, 5, dim_feedforward=3, dropout=0.0, x=Normal((2, 3, 4))),
        Case(
            3, 4, 1, dim_feedforward=5, dropout=0.3, activation="gelu", bias=False, renormalize=False, x=Normal((5, 3))
        ),
        Case(3, 2, 2, 4, 0.3, x=Normal((7, 3)), train=False),
        Case(5, 3, experts=lambda rng: [Linear(5, 5, bias=i > 0, rng=rng) for i in range(3)], x=Normal((2, 4, 5))),
    )

    def __init__(
        self,
        d_model: int,
        num_experts: int,
        top_k: int = 2,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Literal["relu", "gelu"] = "relu",
        bias: bool = True,
        renormalize: bool = True,
        experts: Iterable[Module] | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if not 1 <= top_k <= num_experts:
            raise InputError(
                f"MixtureOfExperts: top_k is {top_k} but must be at least 1 and at most num_experts={num_experts}; "
                f"choose it in between"
            )
        self.d_model = d_model
        self.top_k = top_k
        self.renormalize = renormalize
        self.router = Parameter(fan_in_uniform(rng, (num_experts, d_model), d_model, dtype))
        if experts is None:
            sizes = d_model, dim_feedforward, dropout, activation, bias
            experts = (FeedForward(*sizes, rng=rng, dtype=dtype) for _ in range(num_experts))
        self.experts = ModuleList(experts)
        if len(self.experts) != num_experts:
            raise InputError(
                f"MixtureOfExperts: num_experts is {num_experts} but experts holds {len(self.experts)} layers; "
                f"make the two agree"
            )

    def forward(self, x: ArrayLike) -> tuple[Array, Array]:
        x = own(self, x, (..., self.d_model), self.router.data.dtype)
        rows = x.reshape(x.size // self.d_model, self.d_model)
        logits = rows @ self.router.data.T
        each, chosen = np.arange(len(rows))[:, None], np.lexsort([-logits])[:, : self.top_k]
        p = softmax(logits, 1)
        total = p[each, chosen].sum(1, keepdims=True) if self.renormalize else 1.0
        w = p[each, chosen] / total
        y = np.zeros_like(rows)
        routes = []
        for e, expert in enumerate(self.experts):
            at, slot = np.nonzero(chosen == e)
            out = borrow(self, expert(rows[at]), (len(at), self.d_model), p.dtype, f"experts[{e}](x)")
            y[at] += w[at, slot, None] * out
            routes.append((expert, at, slot, out))
        f = np.bincount(chosen.ravel(), minlength=len(self.experts)) / chosen.size
        loss = np.asarray(len(f) * (f @ p.mean(0)), p.dtype)
        self.cache = x.shape, rows, each, chosen, p, w, total, f, routes
        return y.reshape(x.shape), loss

    def backward(self, dy: ArrayLike, dloss: ArrayLike | None = None) -> Array:
        shape, rows, each, chosen, p, w, total, f, routes = self.cache
        dy = borrow(self, dy, shape, p.dtype, "dy").reshape(rows.shape)
        dx: Array = np.zeros_like(rows)
        dw = np.zeros_like(w)
        for expert, at, slot, out in routes:
            dx[at] += expert.backward(w[at, slot, None] * dy[at])
            dw[at, slot] = (dy[at] * out).sum(1)
        dp = np.zeros_like(p)
        dp[each, chosen] = (dw - (dw * w).sum(1, keepdims=True) * self.renormalize) / total
        if dloss is not None:
            dp += borrow(self, dloss, (), p.dtype, "dloss") * len(f) * f / len(rows)
        dlogits = softmax_backward(dp, p, 1)
        self.router.grad += dlogits.T @ rows
        dx += dlogits @ self.router.data
        return dx.reshape(shape)
