"""Faults of nnlab.nn.hopfield."""

from faults.sources import review
from nnlab.lab import Edit, Fault

HOPFIELD = "nnlab.nn.hopfield:Hopfield"

FAULTS = [
    Fault(
        id="hopfield-stored-gradient-of-last-step",
        title="The stored patterns get the gradient of the first update alone",
        why="Each step overwrites what later steps gave; with one step it is the same.",
        symptom="none with update_steps = 1",
        pattern="assigned-not-accumulated",
        source=review("the gradient passes through every step"),
        killed_by="gradient",
        edits=[Edit(f"{HOPFIELD}.backward", "dstored += p", "dstored = p")],
    ),
    Fault(
        id="hopfield-stored-gradient-as-values",
        title="The stored patterns get the gradient of what they return, not of how they are found",
        why="stored is key and value; the part through the scores is missing.",
        symptom="memories blur in place of moving apart",
        pattern="simplified-backward",
        source=review("dstored = pᵀ dstate + dscoresᵀ state"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{HOPFIELD}.backward",
                "p.swapaxes(-1, -2) @ dstate + dscores.swapaxes(-1, -2) @ state",
                "p.swapaxes(-1, -2) @ dstate",
            )
        ],
    ),
    Fault(
        id="hopfield-one-update",
        title="Hopfield updates its state once, whatever update_steps is",
        why="The number of steps is limited to the one that the paper uses.",
        symptom="update_steps changes nothing",
        pattern="state-not-advanced",
        source=review("state ← softmax(beta state storedᵀ) stored, update_steps times"),
        killed_by="reference",
        edits=[
            Edit(
                f"{HOPFIELD}.forward",
                "for _ in range(self.update_steps):",
                "for _ in range(min(self.update_steps, 1)):",
            )
        ],
    ),
]
