"""Faults of nnlab.nn.feed_forward."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FEED = "nnlab.nn.feed_forward:FeedForward"

FAULTS = [
    Fault(
        id="feedforward-dropout-before-activation",
        title="FeedForward drops before its activation",
        why="relu and dropout commute, gelu and dropout do not: forward and backward are in the other order.",
        symptom="none with relu or without dropout",
        pattern="order-of-operations",
        source=review("linear2(dropout(activation(linear1(x))))"),
        killed_by="reference",
        edits=[
            Edit(
                f"{FEED}.forward",
                "self.dropout(self.activation(self.linear1(x)))",
                "self.activation(self.dropout(self.linear1(x)))",
            ),
            Edit(
                f"{FEED}.backward",
                "dhidden = self.dropout.backward(self.linear2.backward(dy))",
                "dhidden = self.activation.backward(self.linear2.backward(dy))",
            ),
            Edit(f"{FEED}.backward", "self.activation.backward(dhidden))", "self.dropout.backward(dhidden))"),
        ],
    ),
    Fault(
        id="feedforward-dropout-gradient-missing",
        title="FeedForward's backward passes its dropout by",
        why="Dropped entries get a gradient, and the kept ones lack the factor 1 / (1 - p).",
        symptom="noisy gradients in training, none without dropout",
        pattern="identity-derivative",
        source=review("what was dropped gets no gradient"),
        killed_by="gradient",
        edits=[
            Edit(f"{FEED}.backward", "self.dropout.backward(self.linear2.backward(dy))", "self.linear2.backward(dy)")
        ],
    ),
    Fault(
        id="feedforward-always-relu",
        title="The name of the activation is ignored",
        why="It is checked, and then a ReLU is built.",
        symptom="pretrained weights give slightly wrong outputs",
        pattern="wrong-operand",
        source=review('activation="gelu" is a GELU'),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.feed_forward:activation_named", "return activations[name]()", 'return activations["relu"]()')
        ],
    ),
]
