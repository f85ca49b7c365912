"""Faults of nnlab.nn.ode."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="ode-time-stands-still-within-a-step",
        title="NeuralODE evaluates every stage of a step at the time of its beginning",
        why="The order drops to 1 for equations that depend on time; forward and backward agree.",
        symptom="right for autonomous equations, inexact for others",
        pattern="state-not-advanced",
        source=public("probnum issue #252", "https://github.com/probabilistic-numerics/probnum/issues/252"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.ode:NeuralODE._step",
                correct="k2 = self._slope(f2, t + h / 2, y + h / 2 * k1)",
                faulty="k2 = self._slope(f2, t, y + h / 2 * k1)",
            ),
            Edit(
                target="nnlab.nn.ode:NeuralODE._step",
                correct="k3 = self._slope(f3, t + h / 2, y + h / 2 * k2)",
                faulty="k3 = self._slope(f3, t, y + h / 2 * k2)",
            ),
            Edit(
                target="nnlab.nn.ode:NeuralODE._step",
                correct="k4 = self._slope(f4, t + h, y + h * k3)",
                faulty="k4 = self._slope(f4, t, y + h * k3)",
            ),
        ],
    ),
    Fault(
        id="ode-half-a-unit-instead-of-half-a-step",
        title="NeuralODE's third stage lies half a unit of time ahead instead of half a step",
        why="t + 0.5 for t + 0.5 h; right for h = 1.",
        symptom="solutions of equations in time are off, the more so the smaller the step",
        pattern="wrong-operand",
        source=public(
            "intro-numerical-methods issue #36", "https://github.com/mandli/intro-numerical-methods/issues/36"
        ),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.ode:NeuralODE._step",
                correct="k3 = self._slope(f3, t + h / 2, y + h / 2 * k2)",
                faulty="k3 = self._slope(f3, t + 0.5, y + h / 2 * k2)",
            )
        ],
    ),
    Fault(
        id="ode-last-stage-from-second-slope",
        title="NeuralODE's last stage starts from the second slope",
        why="k2 where the newly computed k3 belongs.",
        symptom="the error shrinks more slowly with the step than it should",
        pattern="wrong-operand",
        source=public("f1tenth_gym PR #52", "https://github.com/f1tenth/f1tenth_gym/pull/52"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.ode:NeuralODE._step",
                correct="y + h * k3)",
                faulty="y + h * k2)",
            )
        ],
    ),
    Fault(
        id="ode-backward-without-stage-path",
        title="NeuralODE's backward forgets that the last stage starts from the third",
        why="Each slope reaches y directly and through the next stage; for k3 the second way is missing.",
        symptom="gradients off by a fraction of h",
        pattern="simplified-backward",
        source=review("dk3 = h / 3 dy + h du4"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.ode:NeuralODE._step_backward",
                correct="self._slope_backward(f3, h / 3 * dy + h * du4)",
                faulty="self._slope_backward(f3, h / 3 * dy)",
            )
        ],
    ),
    Fault(
        id="ode-stages-share-one-cache",
        title="NeuralODE evaluates all stages with the same layer",
        why="Each evaluation overwrites what the one before left for backward.",
        symptom="the gradients are those of the last stage, four times",
        pattern="stale-cache",
        source=review("each stage keeps what its own evaluation leaves"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.ode:NeuralODE.forward",
                correct="stages = [_replica(self.func) for _ in range(4)]",
                faulty="stages = [_replica(self.func)] * 4",
            )
        ],
    ),
]
