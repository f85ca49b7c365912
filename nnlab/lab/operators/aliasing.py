"""What goes wrong between a function and its caller: arrays are written to, or kept without a copy."""

import re
from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, assigned, called, code, is_numpy, tight

_IN_PLACE = {cst.Add: "+=", cst.Subtract: "-=", cst.Multiply: "*=", cst.Divide: "/="}


def _write_argument(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    match assigned(node):
        case cst.Name() as target, cst.BinaryOperation(left=cst.Name() as left) as value:
            sign = _IN_PLACE.get(type(value.operator))
            if sign and left.value in scope.parameters - _numbers(scope) and _is_shared(left.value, node, scope):
                rest = "" if target.value == left.value else f"; {target.value} = {left.value}"
                yield Rewrite(node, f"{left.value} {sign} {code(value.right)}{rest}")


def _numbers(scope: Scope) -> set[str]:
    """The arguments that are numbers, which nothing can write to."""
    given = scope.function.params
    every = (*given.posonly_params, *given.params, *given.kwonly_params)
    return {p.name.value for p in every if p.annotation and code(p.annotation.annotation) in ("int", "float", "bool")}


def _is_shared(name: str, node: cst.CSTNode, scope: Scope) -> bool:
    """Whether an argument is still the caller's at a statement, or is looked at again after it."""
    nodes = list(scope.parents)  # in the order of the source
    here = nodes.index(node)
    inside = sum(1 for other in nodes if node in scope.around(other))
    behind = nodes[here + inside + 1 :]
    is_own = any(isinstance(other, cst.Assign) and _is_own(other, name) for other in nodes[:here])
    return not is_own or any(isinstance(other, cst.Name) and other.value == name for other in behind)


def _is_own(node: cst.Assign, name: str) -> bool:
    return called(node.value) == "own" and any(code(target.target) == name for target in node.targets)


def _keep_alias(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if called(node) == "own" and isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        given = assigned(scope.parents[node])
        if given and (isinstance(given[0], cst.Attribute) or _outlives(code(given[0]), scope)):
            yield Rewrite(node.func, "borrow")


def _outlives(name: str, scope: Scope) -> bool:
    """Whether an array of this name is kept, written to or returned; else a copy of it makes no difference."""
    for node in scope.parents:
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute())], value=kept) if _mentions(kept, name):
                return True
            case cst.Assign(value=cst.Name() as same) | cst.Return(value=cst.Name() as same) if same.value == name:
                return True
            case cst.AugAssign(target=written) if _mentions(written, name):
                return True
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript() as written)]) if _mentions(written, name):
                return True
            case cst.Call() if any(_mentions(given, name) for given in node.args) and _may_keep(node):
                return True
    return False


def _may_keep(call: cst.Call) -> bool:
    """Whether what is called is a part of the layer, or gives a view of the array or what it was called with."""
    views = ("reshape", "transpose", "swapaxes", "moveaxis", "broadcast_to", "ravel", "asarray", "sliding_window_view")
    return code(call.func).startswith("self.") or called(call) in views


def _mentions(node: cst.CSTNode, name: str) -> bool:
    """Whether the values of an array of this name are used, and not only its form."""
    return re.search(rf"\b{re.escape(name)}\b(?!\.(shape|dtype|ndim|size)\b)", code(node)) is not None


def _drop_copy(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return
    if called(node) == "copy" and not node.args:
        yield Rewrite(node, tight(node.func.value))
    elif called(node) in ("array", "copy") and is_numpy(node.func):
        yield Rewrite(node.func, f"{code(node.func.value)}.asarray")
    elif called(node) == "deepcopy" and len(node.args) == 1:
        yield Rewrite(node, tight(node.args[0].value))


OPERATORS = [
    Operator(
        name="write-argument",
        pattern="mutated-input",
        title="writes a result into an argument",
        rewrites=_write_argument,
        examples={
            "def forward(self, x):\n    centred = x - x.mean()": [
                "def forward(self, x):\n    x -= x.mean(); centred = x"
            ],
            "def forward(self, x):\n    x = x / (a + 1)": ["def forward(self, x):\n    x /= a + 1"],
            "def forward(self, x):\n    x = own(self, x, (2,))\n    y = x - 1\n    return x * y": [
                "def forward(self, x):\n    x = own(self, x, (2,))\n    x -= 1; y = x\n    return x * y"
            ],
            "def forward(self, x):\n    x = own(self, x, (2,))\n    y = x - 1\n    return y": [],
            "def grow(n: int):\n    m = n + 1": [],
            "def forward(self, x):\n    y = h - x": [],
            "def forward(self, x):\n    y = x @ w": [],
        },
    ),
    Operator(
        name="keep-alias",
        pattern="aliasing",
        title="works on the caller's own array",
        rewrites=_keep_alias,
        examples={
            "def forward(self, x):\n    x = own(self, x, (2,))\n    self.cache = x, 1": [
                "def forward(self, x):\n    x = borrow(self, x, (2,))\n    self.cache = x, 1"
            ],
            "def forward(self, x):\n    x = own(self, x, (2,))\n    x += 1": [
                "def forward(self, x):\n    x = borrow(self, x, (2,))\n    x += 1"
            ],
            "def forward(self, x):\n    x = own(self, x, (2,))\n    self.cache = x.shape\n    return np.tanh(x)": [],
            "def forward(self, x):\n    return np.tanh(own(self, x, (2,)))": [],
            "def forward(self, x):\n    x = self.own(x)": [],
        },
    ),
    Operator(
        name="drop-copy",
        pattern="aliasing",
        title="shares an array in place of copying it",
        rewrites=_drop_copy,
        examples={
            "y = (a + b).copy()": ["y = (a + b)"],
            "y = np.array(x, dtype)": ["y = np.asarray(x, dtype)"],
            "y = copy.deepcopy(layer)": ["y = layer"],
            "y = array(x)": [],
            "y = table.copy(deep)": [],
        },
    ),
]
