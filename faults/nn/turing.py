"""Faults of nnlab.nn.turing."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

HEAD = "nnlab.nn.turing:NTMHead"
ADDRESS = "nnlab.nn.turing:_Address"

FAULTS = [
    Fault(
        id="ntm-shift-not-circular",
        title="Turned weights fall off at the ends of the memory",
        why="A plain convolution in place of a circular one, forward and backward.",
        symptom="none on the algorithmic tasks, says its author",
        pattern="range",
        source=public("ntm-lasagne issue #27", "https://github.com/snipsco/ntm-lasagne/issues/27"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ADDRESS}.forward",
                """
                came_from = (np.arange(gated.shape[-1])[:, None] - self.turns) % gated.shape[-1]
                turned = gated[..., came_from]
                """,
                """
                came_from = np.arange(gated.shape[-1])[:, None] - self.turns
                inside = (came_from >= 0) & (came_from < gated.shape[-1])
                turned = gated[..., came_from % gated.shape[-1]] * inside
                """,
            )
        ],
    ),
    Fault(
        id="ntm-shift-reversed",
        title="The head turns the other way",
        why="A correlation in place of a convolution, forward and backward: the shift's entries change their meaning.",
        symptom="none in training",
        pattern="sign",
        source=review("equation 8: w̃(i) = Σ w(j) s(i - j)"),
        killed_by="reference",
        edits=[
            Edit(f"{ADDRESS}.forward", "[:, None] - self.turns)", "[:, None] + self.turns)"),
            Edit(f"{ADDRESS}.backward", "[:, None] + self.turns)", "[:, None] - self.turns)"),
        ],
    ),
    Fault(
        id="ntm-reads-what-it-wrote",
        title="The head reads the memory after it has written",
        why="The two lines stand in the other order.",
        symptom="copy tasks work; what was erased is gone",
        pattern="order-of-operations",
        source=review("read is from M as it was"),
        killed_by="reference",
        edits=[
            Edit(
                f"{HEAD}.forward",
                """
                read = (w[..., None] * memory).sum(-2)
                written = memory * (1 - w[..., None] * e[..., None, :]) + w[..., None] * a[..., None, :]
                """,
                """
                written = memory * (1 - w[..., None] * e[..., None, :]) + w[..., None] * a[..., None, :]
                read = (w[..., None] * written).sum(-2)
                """,
            )
        ],
    ),
    Fault(
        id="ntm-memory-gradient-not-erased",
        title="The memory's gradient ignores that some of it was erased",
        why="M' = M (1 - w e) + w a is differentiated as if M' = M + w a.",
        symptom="long tasks learn slowly",
        pattern="identity-derivative",
        source=review("dM = dM' (1 - w e)"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{HEAD}.backward",
                "dwritten * (1 - w[..., None] * e[..., None, :])",
                "dwritten",
            )
        ],
    ),
]
