"""What goes wrong with conditions: ties, and training taken for evaluation."""

from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, code

_TIES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def _tie(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Comparison):
        for part in node.comparisons:
            sign = code(part.operator).strip()
            if sign in _TIES:
                yield Rewrite(part.operator, _TIES[sign])


def _confuse_modes(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Attribute) and node.attr.value == "training" and not _is_written(node, scope):
        yield Rewrite(node, "True")
        yield Rewrite(node, "False")


def _is_written(node: cst.CSTNode, scope: Scope) -> bool:
    return isinstance(scope.parents[node], cst.AssignTarget | cst.AnnAssign)


OPERATORS = [
    Operator(
        name="tie",
        pattern="tie-rule",
        title="treats equal values the other way",
        rewrites=_tie,
        examples={
            "m = x > 0": ["m = x >= 0"],
            "m = 0 <= x < n": ["m = 0 < x < n", "m = 0 <= x <= n"],
            "m = x == 0": [],
        },
    ),
    Operator(
        name="confuse-modes",
        pattern="train-eval-confusion",
        title="takes training for evaluation, or the reverse",
        rewrites=_confuse_modes,
        examples={
            "use = self.training or not self.track": ["use = True or not self.track", "use = False or not self.track"],
            "self.training = mode": [],
        },
    ),
]
