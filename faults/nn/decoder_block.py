"""Faults of nnlab.nn.decoder_block."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

LLAMA = "nnlab.nn.decoder_block:LlamaDecoderLayer"

FAULTS = [
    Fault(
        id="llama-residual-gradient-through-norm",
        title="LlamaDecoderLayer's residual gradient goes through its second norm",
        why="dy is added before the norm's backward in place of after it.",
        symptom="deep stacks learn slowly",
        pattern="order-of-operations",
        source=pattern_of("quack PR #53", "https://github.com/Dao-AILab/quack/pull/53"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{LLAMA}.backward",
                "dy + self.norm2.backward(self.swiglu.backward(self.linear2.backward(dy)))",
                "self.norm2.backward(dy + self.swiglu.backward(self.linear2.backward(dy)))",
            )
        ],
    ),
    Fault(
        id="llama-not-causal",
        title="LlamaDecoderLayer attends to later positions",
        why="is_causal is not passed to its attention.",
        symptom="an excellent loss, and generated nonsense",
        pattern="mask",
        source=review("position i attends to the positions up to i"),
        killed_by="reference",
        edits=[Edit(f"{LLAMA}.__init__", "is_causal=True", "is_causal=False")],
    ),
    Fault(
        id="llama-feeds-the-input",
        title="LlamaDecoderLayer's network reads x in place of h",
        why="Attention and network stand side by side, as in other families of models, forward and backward.",
        symptom="it trains; pretrained weights give nonsense",
        pattern="wrong-operand",
        source=review("y = h + W swiglu(norm2(h))"),
        killed_by="reference",
        edits=[
            Edit(f"{LLAMA}.forward", "self.swiglu(self.norm2(h))", "self.swiglu(self.norm2(x))"),
            Edit(
                f"{LLAMA}.backward",
                """
                dh = dy + self.norm2.backward(self.swiglu.backward(self.linear2.backward(dy)))
                dx: Array = dh + self.norm1.backward(self.self_attn.backward(dh))
                """,
                """
                dx: Array = dy + self.norm2.backward(self.swiglu.backward(self.linear2.backward(dy)))
                dx += self.norm1.backward(self.self_attn.backward(dy))
                """,
            ),
        ],
    ),
]
