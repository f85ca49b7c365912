"""Faults of nnlab.nn.quantizer."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="quantizer-cost-on-the-wrong-loss",
        title="VectorQuantizer weighs its codebook loss instead of its commitment loss",
        why="The names of the two terms are exchanged; forward and backward agree.",
        symptom="the codebook learns slowly and the encoder commits at four times the weight",
        pattern="wrong-operand",
        source=public("taming-transformers issue #57", "https://github.com/CompVis/taming-transformers/issues/57"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.forward",
                correct="np.asarray(((held_z - q) ** 2).mean())",
                faulty="np.asarray(self.commitment_cost * ((held_z - q) ** 2).mean())",
            ),
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.forward",
                correct="np.asarray(self.commitment_cost * ((z - held_q) ** 2).mean())",
                faulty="np.asarray(((z - held_q) ** 2).mean())",
            ),
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.backward",
                correct="self.commitment_cost * borrow(self, dcommitment_loss,",
                faulty="borrow(self, dcommitment_loss,",
            ),
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.backward",
                correct="borrow(self, dcodebook_loss,",
                faulty="self.commitment_cost * borrow(self, dcodebook_loss,",
            ),
        ],
    ),
    Fault(
        id="quantizer-codebook-loss-moves-encoder",
        title="VectorQuantizer's codebook loss moves the encoder instead of the codebook",
        why="The stop-gradients of the two losses are exchanged.",
        symptom="the codebook never learns; reconstructions come from its initial vectors",
        pattern="wrong-operand",
        source=public("vqvae PR #20", "https://github.com/MishaLaskin/vqvae/pull/20"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.backward",
                correct="np.add.at(self.weight.grad, k, 2 * share * (q - held_z))",
                faulty="dz -= 2 * share * (q - held_z)",
            )
        ],
    ),
    Fault(
        id="quantizer-repeated-code-counted-once",
        title="VectorQuantizer counts a code that is used twice once",
        why="+= with an index keeps the last contribution of each code.",
        symptom="popular codes learn too slowly",
        pattern="assigned-not-accumulated",
        source=pattern_of("pytorch issue #1528", "https://github.com/pytorch/pytorch/issues/1528"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.backward",
                correct="np.add.at(self.weight.grad, k, 2 * share * (q - held_z))",
                faulty="self.weight.grad[k] += 2 * share * (q - held_z)",
            )
        ],
    ),
    Fault(
        id="quantizer-no-straight-through",
        title="VectorQuantizer passes no gradient from its output to its input",
        why="The exact derivative of a nearest neighbour is 0; the layer promises to pass it straight through.",
        symptom="the encoder learns from the commitment loss alone",
        pattern="simplified-backward",
        source=review("dz = dy"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.backward",
                correct='dz: Array = borrow(self, dy, z.shape, z.dtype, "dy").copy()',
                faulty='dz: Array = np.zeros_like(borrow(self, dy, z.shape, z.dtype, "dy"))',
            )
        ],
    ),
    Fault(
        id="quantizer-nearest-without-norms",
        title="VectorQuantizer takes the entry with the largest product for the nearest",
        why="|e|² is left out of the distance, which is right for entries of equal length only.",
        symptom="long codes win everything",
        pattern="dropped-statement",
        source=review("|z - e|² = |z|² - 2 z·e + |e|²"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.quantizer:VectorQuantizer.forward",
                correct="((weight**2).sum(1) - 2 * held_z @ weight.T).argmin(-1)",
                faulty="(-2 * held_z @ weight.T).argmin(-1)",
            )
        ],
    ),
]
