"""Faults of nnlab.nn.kan."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="kan-knots-counted-twice",
        title="KANLayer's splines count a knot to both of its intervals",
        why="Both comparisons admit equality, so that at a knot two splines of degree 0 are 1.",
        symptom="spikes at the knots; random inputs never hit them",
        pattern="tie-rule",
        source=review("the intervals are half open"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.kan:KANLayer._splines",
                correct="(u < g + 1)",
                faulty="(u <= g + 1)",
            )
        ],
    ),
    Fault(
        id="kan-recursion-off-by-one",
        title="KANLayer's recursion takes the wrong knot on the right",
        why="g + p instead of g + p + 1: the splines do not add up to 1.",
        symptom="it trains, as any basis does; the splines are no B-splines",
        pattern="off-by-one",
        source=review("p B_g = (u - g) B_g + (g + p + 1 - u) B_{g+1}"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.kan:KANLayer._splines",
                correct="(g + p + 1 - u) * right",
                faulty="(g + p - u) * right",
            )
        ],
    ),
    Fault(
        id="kan-slope-per-step",
        title="KANLayer's slopes are those by u, not by x",
        why="The inner derivative 1 / step is missing.",
        symptom="gradients too small by the width of a grid step",
        pattern="identity-derivative",
        source=review("du/dx = 1 / step"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.kan:KANLayer._splines",
                correct="(left - right) / self.step",
                faulty="left - right",
            )
        ],
    ),
    Fault(
        id="kan-grid-not-extended",
        title="KANLayer's knots begin at the range instead of k steps before it",
        why="Near the lower end fewer splines overlap; forward and backward agree.",
        symptom="no spline reaches the upper part of the range fully",
        pattern="off-by-one",
        source=review("k more knots on both sides"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.kan:KANLayer.__init__",
                correct="self.first_knot = low - k * self.step",
                faulty="self.first_knot = low",
            )
        ],
    ),
]
