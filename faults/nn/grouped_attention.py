"""Faults of nnlab.nn.grouped_attention."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

GROUPED = "nnlab.nn.grouped_attention:GroupedQueryAttention"

FAULTS = [
    Fault(
        id="gqa-keys-not-rotated",
        title="GroupedQueryAttention rotates its queries and not its keys",
        why="Positions are then absolute, not relative, forward and backward.",
        symptom="it trains; longer contexts do not work",
        pattern="dropped-statement",
        source=review("RoFormer rotates both, so that scores depend on differences of positions"),
        killed_by="reference",
        edits=[
            Edit(
                f"{GROUPED}.forward",
                "q, k = np.split(self.rotary(np.concatenate([q, k], 1)), [self.num_heads], 1)",
                "q = self.rotary(q)",
            ),
            Edit(
                f"{GROUPED}.backward",
                "dq, dk = np.split(self.rotary.backward(np.concatenate([dq, dk], 1)), [self.num_heads], 1)",
                "dq = self.rotary.backward(dq)",
            ),
        ],
    ),
    Fault(
        id="gqa-rotation-not-undone",
        title="GroupedQueryAttention's backward leaves the rotation out",
        why="The projections get the gradients of the rotated queries and keys.",
        symptom="it learns, worse for later positions",
        pattern="identity-derivative",
        source=review("the gradient is turned back by the same angles"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{GROUPED}.backward",
                """
                if self.rotary is not None:
                    dq, dk = np.split(self.rotary.backward(np.concatenate([dq, dk], 1)), [self.num_heads], 1)
                """,
                "",
            )
        ],
    ),
    Fault(
        id="gqa-input-gradient-of-queries",
        title="GroupedQueryAttention's input gradient comes through the queries alone",
        why="The projections of keys and values get their weights' gradients, and what they return is dropped.",
        symptom="the layers below learn from a third of the signal",
        pattern="lost-residual-path",
        source=review("dx is the sum over three projections"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{GROUPED}.backward",
                "dx += self.k_proj.backward(self._join_heads(dk)) + self.v_proj.backward(self._join_heads(dv))",
                """
                self.k_proj.backward(self._join_heads(dk))
                self.v_proj.backward(self._join_heads(dv))
                """,
            )
        ],
    ),
    Fault(
        id="gqa-heads-split-without-transpose",
        title="GroupedQueryAttention splits its heads by a reshape alone",
        why="Without the swap of axes a head holds whole tokens in place of a part of each token.",
        symptom="it trains; is_causal no longer is",
        pattern="transposed",
        source=pattern_of("FuxiCTR issue #30", "https://github.com/reczoo/FuxiCTR/issues/30"),
        killed_by="reference",
        edits=[
            Edit(
                f"{GROUPED}._split_heads",
                "x.reshape(n, t, features // self.head_dim, self.head_dim).swapaxes(1, 2)",
                "x.reshape(n, features // self.head_dim, t, self.head_dim)",
            )
        ],
    ),
]
