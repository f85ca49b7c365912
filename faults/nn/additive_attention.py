"""Faults of nnlab.nn.additive_attention."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

ADDITIVE = "nnlab.nn.additive_attention:AdditiveAttention"

FAULTS = [
    Fault(
        id="additive-attention-softmax-over-queries",
        title="AdditiveAttention's weights sum to 1 over the queries",
        why="The softmax runs along another axis than the keys', forward and backward.",
        symptom="with a single query every weight is 1",
        pattern="wrong-axis",
        source=public("PyTorch-NLP issue #2", "https://github.com/PetrochukM/PyTorch-NLP/issues/2"),
        killed_by="reference",
        edits=[
            Edit(f"{ADDITIVE}.forward", "softmax(scores, -1)", "softmax(scores, -2)"),
            Edit(f"{ADDITIVE}.backward", "weights, -1)", "weights, -2)"),
        ],
    ),
    Fault(
        id="additive-attention-tanh-ignored",
        title="AdditiveAttention's gradient passes its tanh unchanged",
        why="The derivative 1 - tanh² is left out; with small activations it is nearly 1.",
        symptom="training looks normal",
        pattern="identity-derivative",
        source=review("dsum = dscores score (1 - hidden²)"),
        killed_by="gradient",
        edits=[Edit(f"{ADDITIVE}.backward", "self.score.data * (1 - hidden**2)", "self.score.data")],
    ),
    Fault(
        id="additive-attention-score-assigned",
        title="AdditiveAttention's score gradient is assigned, not added",
        why="The only parameter that is not in a Linear, and the only one that does not accumulate.",
        symptom="a decoder loop teaches the score by its last step alone",
        pattern="assigned-not-accumulated",
        source=review("backward adds to every gradient"),
        killed_by="contract",
        edits=[Edit(f"{ADDITIVE}.backward", "self.score.grad +=", "self.score.grad[...] =")],
    ),
]
