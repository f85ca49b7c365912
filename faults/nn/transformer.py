"""Faults of nnlab.nn.transformer."""

from faults.sources import pattern_of, post, public, review
from nnlab.lab import Edit, Fault

ENCODER = "nnlab.nn.transformer:TransformerEncoderLayer"

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
    Fault(
        id="encoder-residual-gradient-through-norm",
        title="norm_first: the gradient of the residual path goes through the norm",
        why="(dresidual + dout) · dnorm in place of dresidual + dout · dnorm: the sum is taken one line too early.",
        symptom="deep pre-norm stacks learn as badly as post-norm ones",
        pattern="order-of-operations",
        source=public("quack PR #53", "https://github.com/Dao-AILab/quack/pull/53"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{ENCODER}.backward",
                "dy + self.norm2.backward(self._feed_backward(dy))",
                "self.norm2.backward(dy + self._feed_backward(dy))",
            )
        ],
    ),
    Fault(
        id="encoder-residual-of-normed",
        title="norm_first: the residual path starts after the norm",
        why="x is overwritten by norm1(x), and that is what is added, forward and backward.",
        symptom="training is less stable in deep stacks",
        pattern="wrong-operand",
        source=review("h = x + attend(norm1(x))"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ENCODER}.forward",
                "h = x + self._attend(self.norm1(x), *masks)",
                """
                x = self.norm1(x)
                h = x + self._attend(x, *masks)
                """,
            ),
            Edit(
                f"{ENCODER}.backward",
                "dh + self.norm1.backward(self._attend_backward(dh))",
                "self.norm1.backward(dh + self._attend_backward(dh))",
            ),
        ],
    ),
    Fault(
        id="encoder-key-gradient-lost",
        title="Self-attention's input gradient leaves the keys out",
        why="x is query, key and value; two of three gradients are added up.",
        symptom="the loss falls, somewhat slower",
        pattern="lost-residual-path",
        source=review("dx = dquery + dkey + dvalue"),
        killed_by="gradient",
        edits=[Edit(f"{ENCODER}._attend_backward", "dquery + dkey + dvalue", "dquery + dvalue")],
    ),
    Fault(
        id="encoder-one-dropout-for-both-paths",
        title="Both residual paths share one dropout",
        why="The second forward overwrites the mask that the first needs in backward.",
        symptom="none without dropout; slightly wrong gradients with it",
        pattern="stale-cache",
        source=review("each use of a layer that keeps state needs its own"),
        killed_by="gradient",
        edits=[
            Edit(f"{ENCODER}._feed", "self.dropout2(", "self.dropout1("),
            Edit(f"{ENCODER}._feed_backward", "self.dropout2.backward(dy)", "self.dropout1.backward(dy)"),
        ],
    ),
    Fault(
        id="encoder-padding-mask-dropped",
        title="The padding mask does not reach the attention",
        why="One argument of the inner call is None; the causal mask is passed on.",
        symptom="results depend on what a sequence is batched with",
        pattern="mask",
        source=pattern_of("keras-io PR #1046", "https://github.com/keras-team/keras-io/pull/1046"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ENCODER}._attend",
                "self.self_attn(x, x, x, key_padding_mask, need_weights",
                "self.self_attn(x, x, x, None, need_weights",
            )
        ],
    ),
    Fault(
        id="encoder-norm-eps-ignored",
        title="layer_norm_eps does not reach the norms",
        why="The constructor takes it, and the norms are built with their default.",
        symptom="weights of models with another eps give slightly wrong outputs",
        pattern="epsilon",
        source=review("both norms have layer_norm_eps"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ENCODER}.__init__",
                "self.norm1 = LayerNorm(d_model, layer_norm_eps,",
                "self.norm1 = LayerNorm(d_model,",
            ),
            Edit(
                f"{ENCODER}.__init__",
                "self.norm2 = LayerNorm(d_model, layer_norm_eps,",
                "self.norm2 = LayerNorm(d_model,",
            ),
        ],
    ),
]
