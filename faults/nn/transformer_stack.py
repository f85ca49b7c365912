"""Faults of nnlab.nn.transformer_stack."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

ENCODER = "nnlab.nn.transformer_stack:TransformerEncoder"
DECODER = "nnlab.nn.transformer_stack:TransformerDecoder"

FAULTS = [
    Fault(
        id="encoder-layers-are-one",
        title="The layers of a stack are one and the same",
        why="The layer is repeated in the list, not copied: all learn the same weights, and share one cache.",
        symptom="much worse results than the number of layers promises",
        pattern="aliasing",
        source=public("espnet issue #1278", "https://github.com/espnet/espnet/issues/1278"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.transformer_stack:_copy", "return twin", "return layer")],
    ),
    Fault(
        id="encoder-layers-drop-alike",
        title="All layers of a stack drop the same entries",
        why="The Generator is copied with the layer, and every copy starts from the same state.",
        symptom="a little more overfitting",
        pattern="seed",
        source=review("all copies draw from the one Generator, in turn"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.transformer_stack:_copy",
                "copy.deepcopy(layer, {id(generator): generator for generator in generators})",
                "copy.deepcopy(layer)",
            )
        ],
    ),
    Fault(
        id="encoder-every-layer-reads-the-input",
        title="Every layer reads the stack's input",
        why="The loop variable is not fed back: only the last layer counts.",
        symptom="right with one layer; no better with more",
        pattern="wrong-operand",
        source=public("coot-videotext issue #5", "https://github.com/simon-ging/coot-videotext/issues/5"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ENCODER}.forward",
                "y = layer(y, mask, src_key_padding_mask, is_causal)",
                "y = layer(x, mask, src_key_padding_mask, is_causal)",
            )
        ],
    ),
    Fault(
        id="encoder-gradient-in-forward-order",
        title="The stack's gradient passes the layers from the first to the last",
        why="reversed() is missing; the layers have one shape, and nothing fails.",
        symptom="two layers learn badly, six not at all",
        pattern="order-of-operations",
        source=review("backward visits the layers in reverse"),
        killed_by="gradient",
        edits=[Edit(f"{ENCODER}.backward", "reversed(self.layers)", "self.layers")],
    ),
    Fault(
        id="decoder-memory-gradient-of-first-layer",
        title="The memory gets the gradient of the first layer alone",
        why="Every layer reads the memory; the loop keeps the last dmemory in place of the sum.",
        symptom="the encoder learns slowly",
        pattern="assigned-not-accumulated",
        source=review("dmemory is the sum over the layers"),
        killed_by="gradient",
        edits=[Edit(f"{DECODER}.backward", "np.sum(dmemories, 0)", "dmemories[-1]")],
    ),
    Fault(
        id="decoder-stack-one-layer-less",
        title="A decoder of three or more layers skips one",
        why="First and last are treated apart, and the range between them ends too early.",
        symptom="slightly worse results than the number of layers promises",
        pattern="off-by-one",
        source=public("continual-inference PR #70", "https://github.com/LukasHedegaard/continual-inference/pull/70"),
        killed_by="reference",
        edits=[
            Edit(
                f"{DECODER}.forward",
                "for layer in self.layers:",
                "for layer in [*self.layers][: len(self.layers) - (len(self.layers) >= 3)]:",
            )
        ],
    ),
]
