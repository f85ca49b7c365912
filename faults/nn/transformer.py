"""Faults of nnlab.nn.transformer."""

from faults.sources import post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="transformer-ff-gradients-lost",
        title="Feed-forward weight gradients are assigned, not accumulated, over positions",
        why="backward goes position by position and each overwrites the weight gradients of the one before; "
        "input gradients stay right, so a check of inputs alone sees nothing.",
        symptom="the feed-forward part learns from the last position only, and the loss still falls",
        pattern="assigned-not-accumulated",
        source=post("bug 3"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.transformer:TransformerEncoderLayer._feed_backward",
                correct="dhidden = self.linear2.backward(self.dropout2.backward(dy))",
                faulty="""
                    dfed = self.dropout2.backward(dy)
                    at = np.indices(dfed.shape)[int(self.self_attn.batch_first)]  # the position of each entry
                    dhidden = 0.0
                    for t in range(at.max() + 1):
                        self.linear2.zero_grad()
                        dhidden = dhidden + self.linear2.backward(np.where(at == t, dfed, 0.0))
                """,
            ),
            Edit(
                target="nnlab.nn.transformer:TransformerEncoderLayer._feed_backward",
                correct="return self.linear1.backward(dz)",
                faulty="""
                    at = np.indices(dz.shape)[int(self.self_attn.batch_first)]
                    dx = 0.0
                    for t in range(at.max() + 1):
                        self.linear1.zero_grad()
                        dx = dx + self.linear1.backward(np.where(at == t, dz, 0.0))
                    return dx
                """,
            ),
        ],
    ),
    Fault(
        id="residual-gradient-split",
        title="The second residual junction passes its gradient through the feed-forward path alone",
        why="The gradient of the skip path is lost at the junction; everything below still gets some gradient.",
        symptom="deep stacks learn slowly, shallow ones as before",
        pattern="lost-residual-path",
        source=post("bug 7"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.transformer:TransformerEncoderLayer.backward",
                correct="dh = self.norm1.backward(dsum + self._feed_backward(dsum))",
                faulty="dh = self.norm1.backward(self._feed_backward(dsum))",
            )
        ],
    ),
]
