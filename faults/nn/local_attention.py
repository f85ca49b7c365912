"""Faults of nnlab.nn.local_attention."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

LOCAL = "nnlab.nn.local_attention:SlidingWindowAttention"

FAULTS = [
    Fault(
        id="window-attention-one-too-many",
        title="The window reaches one position further back",
        why="Whether a window of w counts the query itself is decided differently in two places.",
        symptom="none in training; a cache of w entries drops one that is needed",
        pattern="off-by-one",
        source=public("transformers issue #39408", "https://github.com/huggingface/transformers/issues/39408"),
        killed_by="reference",
        edits=[
            Edit(
                f"{LOCAL}.__init__",
                """
                self.before = window
                self.after = 0 if causal else window
                """,
                """
                self.before = window + 1
                self.after = 0 if causal else window
                """,
            )
        ],
    ),
    Fault(
        id="window-attention-attends-to-the-margin",
        title="Positions at the edge attend to the zeros around the sequence",
        why="Outside of the sequence scores are 0, not -∞: padding takes weight from the real neighbours.",
        symptom="outputs near both ends are too small",
        pattern="mask",
        source=public("halonet-pytorch PR #6", "https://github.com/lucidrains/halonet-pytorch/pull/6"),
        killed_by="reference",
        edits=[Edit(f"{LOCAL}.forward", "np.where(in_reach, scores, -np.inf)", "scores")],
    ),
    Fault(
        id="window-attention-never-causal",
        title="causal is not carried to the band",
        why="The window looks ahead as far as back.",
        symptom="a language model with an excellent loss that generates nonsense",
        pattern="mask",
        source=public("unsloth PR #8253", "https://github.com/unslothai/unsloth/pull/8253"),
        killed_by="reference",
        edits=[Edit(f"{LOCAL}.__init__", "0 if causal else window", "window")],
    ),
    Fault(
        id="window-attention-gradient-looks-back",
        title="The key gradient collects from the queries before it",
        why="A key is seen by queries `before` ahead and `after` back: the two change places in backward.",
        symptom="none with a symmetric window; wrong gradients with a causal one",
        pattern="transposed",
        source=review("dkⱼ sums over the queries from j - after to j + before"),
        killed_by="gradient",
        edits=[Edit(f"{LOCAL}.backward", "near(q, self.after, self.before)", "near(q, self.before, self.after)")],
    ),
]
