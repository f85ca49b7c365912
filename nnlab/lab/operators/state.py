"""What goes wrong with state: left over, never set, not put back."""

import re
from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, assigned, called, code, integer, is_numpy, last_name

_STARTS = {"zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like"}


def _is_own(node: cst.CSTNode) -> bool:
    """Whether the node is an attribute of self."""
    return isinstance(node, cst.Attribute) and code(node.value) == "self"


def _stale(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    given = assigned(node)
    if given and _is_own(given[0]) and scope.name in ("forward", "__call__"):
        value = f"({code(given[1])})"
        yield Rewrite(node, f"{code(given[0])}, self.previous = getattr(self, 'previous', {value}), {value}")


def _zero_grad(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Expr) and called(node.value) == "zero_grad":
        yield Rewrite(node, "pass")
    given = assigned(node)
    if given and re.fullmatch(r".*\.grad\[.*\]", code(given[0])) and code(given[1]) in ("0", "0.0"):
        yield Rewrite(node, "pass")


def _unset(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    given = assigned(node)
    starts = scope.name in ("__init__", "__post_init__", "reset", "reset_parameters")
    if starts and given and _is_own(given[0]) and _is_read(last_name(given[0]), scope):
        yield Rewrite(node, "pass")


def _is_read(name: str, scope: Scope) -> bool:
    """Whether anything in the file reads the attribute; one that is only told to people computes nothing."""
    return re.search(rf"\.{name}\b(?!\s*(:[^=\n]*)?=[^=])", scope.text) is not None


def _start(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Call) and is_numpy(node.func) and called(node) in _STARTS:
        yield Rewrite(node.func, f"np.{_STARTS[called(node)]}")
    given = assigned(node)
    if given and integer(given[1]) is not None:
        yield Rewrite(given[1], str((integer(given[1]) or 0) + 1))


def _not_restored(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    given = assigned(node)
    if given and isinstance(given[0], cst.Attribute) and isinstance(given[1], cst.Name):
        kept = (assigned(other) for other in scope.parents)
        if any(pair and code(pair[0]) == code(given[1]) and code(pair[1]) == code(given[0]) for pair in kept):
            yield Rewrite(node, "pass")
    if isinstance(node, cst.Expr) and (_pops(node.value) or _is_cleanup(node, scope)):
        yield Rewrite(node, "pass")


def _pops(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and called(node) == "pop" and not node.args


def _is_cleanup(node: cst.CSTNode, scope: Scope) -> bool:
    return any(isinstance(outer, cst.Finally) for outer in scope.around(node))


OPERATORS = [
    Operator(
        name="stale-cache",
        pattern="stale-cache",
        title="keeps what the previous call left",
        rewrites=_stale,
        examples={
            "def forward(self, x):\n    self.cache = x, h": [
                "def forward(self, x):\n    self.cache, self.previous = getattr(self, 'previous', (x, h)), (x, h)"
            ],
            "def forward(self, x):\n    state.cache = x": [],
            "def backward(self, dy):\n    self.cache = dy": [],
        },
    ),
    Operator(
        name="drop-zero-grad",
        pattern="stale-cache",
        title="does not set gradients back to zero",
        rewrites=_zero_grad,
        examples={
            "self.model.zero_grad()": ["pass"],
            "self.grad[...] = 0.0": ["pass"],
            "self.grad[...] = 1.0": [],
            "self.model.step()": [],
        },
    ),
    Operator(
        name="unset-state",
        pattern="unset-state",
        title="leaves an attribute unset",
        rewrites=_unset,
        examples={
            "def __init__(self):\n    self.t: int = 0\n    self.n = f(self.t)": [
                "def __init__(self):\n    pass\n    self.n = f(self.t)"
            ],
            "def __init__(self):\n    self.told = 0": [],
            "def step(self):\n    self.t = 0": [],
            "def __init__(self):\n    t = 0": [],
        },
    ),
    Operator(
        name="wrong-start",
        pattern="unset-state",
        title="starts from another value",
        rewrites=_start,
        examples={
            "m = np.zeros(3)": ["m = np.ones(3)"],
            "m = np.ones_like(x)": ["m = np.zeros_like(x)"],
            "t = 0": ["t = 1"],
            "m = zeros(3)": [],
        },
    ),
    Operator(
        name="keep-nested-state",
        pattern="state-not-restored",
        title="does not put back what a nested scope changed",
        rewrites=_not_restored,
        examples={
            "def nest(self):\n    outer = self.scope\n    self.scope = Scope()\n    self.scope = outer": [
                "def nest(self):\n    outer = self.scope\n    self.scope = Scope()\n    pass"
            ],
            "self.scopes.pop()": ["pass"],
            "try:\n    run()\nfinally:\n    close()": ["try:\n    run()\nfinally:\n    pass"],
            "self.scopes.pop(0)": [],
            "self.scope = inner": [],
        },
    ),
]
