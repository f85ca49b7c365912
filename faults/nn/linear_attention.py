"""Faults of nnlab.nn.linear_attention."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

LINEAR = "nnlab.nn.linear_attention:LinearAttention"

FAULTS = [
    Fault(
        id="linear-attention-normaliser-constant",
        title="The normaliser of LinearAttention gets no gradient",
        why="The sums in the denominator are computed outside of what is differentiated: only dk and dq notice.",
        symptom="training looks normal; keys never learn that they share their weight",
        pattern="simplified-backward",
        source=public("flash-linear-attention PR #875", "https://github.com/fla-org/flash-linear-attention/pull/875"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{LINEAR}.backward",
                "[dy, -(dy * y).sum(-1, keepdims=True)]",
                "[dy, np.zeros_like(dy[..., :1])]",
            )
        ],
    ),
    Fault(
        id="linear-attention-sums-over-heads",
        title="Causal sums run along the heads",
        why="The axis is counted from the wrong end, forward and backward; shapes are the same.",
        symptom="each head sees the heads before it, no position sees another",
        pattern="wrong-axis",
        source=public("flash-linear-attention PR #594", "https://github.com/fla-org/flash-linear-attention/pull/594"),
        killed_by="reference",
        edits=[
            Edit(f"{LINEAR}._through", "np.cumsum(_outer(b, c), -3)", "np.cumsum(_outer(b, c), 0)"),
            Edit(
                f"{LINEAR}._back_through",
                "np.cumsum(_outer(b, c)[..., ::-1, :, :], -3)[..., ::-1, :, :]",
                "np.cumsum(_outer(b, c)[::-1], 0)[::-1]",
            ),
        ],
    ),
    Fault(
        id="linear-attention-excludes-itself",
        title="A position of causal LinearAttention does not attend to itself",
        why="The running sums are read before the position's own key is added, forward and backward.",
        symptom="the first position gives 0; the loss is a little worse",
        pattern="off-by-one",
        source=review("the sums run over j ≤ i"),
        killed_by="reference",
        edits=[
            Edit(f"{LINEAR}._through", "_outer(b, c), -3))", "_outer(b, c), -3) - _outer(b, c))"),
            Edit(
                f"{LINEAR}._back_through",
                "-3)[..., ::-1, :, :])",
                "-3)[..., ::-1, :, :] - _outer(b, c))",
            ),
        ],
    ),
    Fault(
        id="linear-attention-gradient-runs-forward",
        title="The gradients of keys and values sum over earlier queries",
        why="What a key gives to later positions comes back from later positions: the sum must run from the end.",
        symptom="decoders learn slowly; encoders are not affected",
        pattern="order-of-operations",
        source=review("dkⱼ sums over i ≥ j"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{LINEAR}._back_through",
                "np.cumsum(_outer(b, c)[..., ::-1, :, :], -3)[..., ::-1, :, :]",
                "np.cumsum(_outer(b, c), -3)",
            )
        ],
    ),
    Fault(
        id="linear-attention-padding-in-normaliser",
        title="Padded keys count in the normaliser",
        why="The mask is put on the values alone, and the weights of padding still divide.",
        symptom="outputs shrink with the amount of padding",
        pattern="mask",
        source=review("masked keys take no part in either sum"),
        killed_by="reference",
        edits=[
            Edit(f"{LINEAR}.forward", "_elu_plus_1(key) * exists", "_elu_plus_1(key)"),
            Edit(f"{LINEAR}.forward", "np.concatenate([value, np", "np.concatenate([value * exists, np"),
        ],
    ),
]
