"""Faults of nnlab.nn.coupling."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="coupling-log-det-negative",
        title="AffineCoupling returns the log-determinant of its inverse",
        why="The sign belongs to the other direction; forward and backward agree.",
        symptom="the likelihood rises where it should fall, and densities come out wrong",
        pattern="sign",
        source=public("normalizing-flows PR #28", "https://github.com/VincentStimper/normalizing-flows/pull/28"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.forward",
                correct="np.asarray(s.sum(-1))",
                faulty="np.asarray(-s.sum(-1))",
            ),
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.backward",
                correct="ds += borrow(",
                faulty="ds -= borrow(",
            ),
        ],
    ),
    Fault(
        id="coupling-inverse-shifts-after-scaling",
        title="AffineCoupling's inverse subtracts the shift after the scaling",
        why="y exp(-s) - t instead of (y - t) exp(-s).",
        symptom="samples are wrong; training does not use the inverse",
        pattern="order-of-operations",
        source=public("real-nvp issue #15", "https://github.com/chrischute/real-nvp/issues/15"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.inverse",
                correct="(y2 - t) * np.exp(-s)",
                faulty="y2 * np.exp(-s) - t",
            )
        ],
    ),
    Fault(
        id="coupling-inverse-with-the-layer-in-use",
        title="AffineCoupling's inverse overwrites what backward needs",
        why="It calls the module itself instead of a copy, and so replaces its cache.",
        symptom="gradients are wrong when samples are drawn between forward and backward",
        pattern="stale-cache",
        source=review("backward still sees the latest forward"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.inverse",
                correct="copy.deepcopy(self.module)",
                faulty="self.module",
            )
        ],
    ),
    Fault(
        id="coupling-scale-gradient-without-scale",
        title="AffineCoupling's gradient of s lacks the factor exp(s)",
        why="d(x exp(s)) / ds is x exp(s), not x; right at the start, where s = 0.",
        symptom="fine at first, the worse the more the scales move",
        pattern="identity-derivative",
        source=review("ds = dy x₂ exp(s)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.backward",
                correct="ds = dx2 * x2",
                faulty="ds = dt * x2",
            )
        ],
    ),
    Fault(
        id="coupling-passed-half-gets-no-gradient",
        title="AffineCoupling's first half gets only the gradient of its own output",
        why="What it does through s and t is left out; the module inside still learns.",
        symptom="layers below learn with part of their gradient",
        pattern="lost-residual-path",
        source=review("dx₁ = dy₁ + module.backward(ds, dt)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.coupling:AffineCoupling.backward",
                correct="dx1 = dy1 + self.module.backward(np.concatenate([ds, dt], -1))",
                faulty="""
                    dx1 = dy1
                    self.module.backward(np.concatenate([ds, dt], -1))
                """,
            )
        ],
    ),
]
