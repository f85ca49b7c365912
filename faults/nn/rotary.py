"""Faults of nnlab.nn.rotary."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

ROTARY = "nnlab.nn.rotary:RotaryEmbedding"

FAULTS = [
    Fault(
        id="rotary-layouts-mixed",
        title="Frequencies are laid out for neighbours, pairs taken from the halves",
        why="One function repeats each frequency twice in a row, the other splits in the middle.",
        symptom="it trains; scores no longer depend on relative positions alone",
        pattern="wrong-operand",
        source=public(
            "how-to-train-your-gpt issue #6", "https://github.com/raiyanyahya/how-to-train-your-gpt/issues/6"
        ),
        killed_by="reference",
        edits=[
            Edit(
                f"{ROTARY}._rotated",
                """
                first[...] = a * cos - b * sin
                second[...] = a * sin + b * cos
                """,
                """
                half = self.dim // 2
                cos, sin = cos.repeat(2, -1), sin.repeat(2, -1)
                first[...] = a * cos[..., :half] - b * sin[..., :half]
                second[...] = a * sin[..., half:] + b * cos[..., half:]
                """,
            )
        ],
    ),
    Fault(
        id="rotary-tiled-frequencies",
        title="Neighbours of a pair turn by different angles",
        why="Frequencies are tiled where each should be repeated: [θ0 θ1 θ0 θ1] in place of [θ0 θ0 θ1 θ1].",
        symptom="it trains; lengths are not preserved",
        pattern="transposed",
        source=public("vjepa2 PR #15", "https://github.com/facebookresearch/vjepa2/pull/15"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ROTARY}._rotated",
                """
                first[...] = a * cos - b * sin
                second[...] = a * sin + b * cos
                """,
                """
                cos, sin = np.tile(cos, 2), np.tile(sin, 2)
                first[...] = a * cos[..., ::2] - b * sin[..., ::2]
                second[...] = a * sin[..., 1::2] + b * cos[..., 1::2]
                """,
            )
        ],
    ),
    Fault(
        id="rotary-gradient-turns-forward",
        title="The gradient is rotated the same way as the input",
        why="The transposed rotation turns back; sin keeps its sign.",
        symptom="first positions learn, later ones are turned astray",
        pattern="sign",
        source=review("the gradient is turned by -φ"),
        killed_by="gradient",
        edits=[Edit(f"{ROTARY}.backward", "cos, -sin", "cos, sin")],
    ),
    Fault(
        id="rotary-ignores-offset",
        title="Positions are counted from 0, whatever the offset",
        why="Decoding with a cache hands over one token at a time, and each is told that it is the first.",
        symptom="none in training; generated text degenerates",
        pattern="state-not-advanced",
        source=review("positions run from `offset` on"),
        killed_by="reference",
        edits=[Edit(f"{ROTARY}.forward", "offset + np.arange(x.shape[-2])", "np.arange(x.shape[-2])")],
    ),
    Fault(
        id="rotary-angles-in-half-precision",
        title="Angles are computed in half precision",
        why="Positions and frequencies are cast before they are multiplied: 2049 and 2048 are one position.",
        symptom="long contexts get worse, short ones do not",
        pattern="precision",
        source=public("Megatron-LM issue #535", "https://github.com/NVIDIA/Megatron-LM/issues/535"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ROTARY}.forward",
                "position = offset + np.arange(x.shape[-2])",
                "position = (offset + np.arange(x.shape[-2])).astype(np.float16)",
            ),
            Edit(
                f"{ROTARY}.forward",
                "self.base ** (-np.arange(0, self.dim, 2) / self.dim))",
                "(self.base ** (-np.arange(0, self.dim, 2) / self.dim)).astype(np.float16))",
            ),
        ],
    ),
]
