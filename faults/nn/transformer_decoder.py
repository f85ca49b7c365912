"""Faults of nnlab.nn.transformer_decoder."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

DECODER = "nnlab.nn.transformer_decoder:TransformerDecoderLayer"

FAULTS = [
    Fault(
        id="decoder-memory-padding-ignored",
        title="The memory's padding mask does not reach the attention to it",
        why="The decoder knows the target's padding alone; the source's is dropped on the way.",
        symptom="translations attend to source padding",
        pattern="mask",
        source=public("keras-io PR #1046", "https://github.com/keras-team/keras-io/pull/1046"),
        killed_by="reference",
        edits=[
            Edit(
                f"{DECODER}.forward",
                "remembered = memory, memory_mask, memory_key_padding_mask",
                "remembered = memory, memory_mask, None",
            )
        ],
    ),
    Fault(
        id="decoder-memory-gradient-of-keys",
        title="The memory gets the gradient of its keys alone",
        why="memory is key and value; dvalue is dropped.",
        symptom="the encoder learns where to look at, not what to say",
        pattern="lost-residual-path",
        source=review("dmemory = dkey + dvalue"),
        killed_by="gradient",
        edits=[Edit(f"{DECODER}._recall_backward", "dquery, dkey + dvalue", "dquery, dkey")],
    ),
    Fault(
        id="decoder-recalls-itself",
        title="The decoder attends to itself a second time, in place of the memory",
        why="Keys and values are the queries' own; where memory has the target's shape all fits.",
        symptom="a language model that ignores its source, with a falling loss",
        pattern="wrong-operand",
        source=public(
            "Practical_NLP_in_PyTorch issue #1", "https://github.com/keitakurita/Practical_NLP_in_PyTorch/issues/1"
        ),
        killed_by="reference",
        edits=[
            Edit(
                f"{DECODER}._recall",
                "self.multihead_attn(x, memory, memory, key_padding_mask",
                "self.multihead_attn(x, *(2 * (x if np.shape(memory) == x.shape else memory,)), key_padding_mask",
            )
        ],
    ),
]
