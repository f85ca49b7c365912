"""Faults of nnlab.nn.position."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

SINUSOIDAL = "nnlab.nn.position:SinusoidalPositionalEncoding.__init__"
ALIBI = "nnlab.nn.position:ALiBi"

FAULTS = [
    Fault(
        id="sinusoidal-exponent-doubled",
        title="The sinusoidal code's frequencies fall twice as fast",
        why="The loop variable runs over 0, 2, 4, … and stands for 2i already.",
        symptom="none in training; half of the code is nearly constant",
        pattern="scale",
        source=public("SamLynnEvans/Transformer issue #25", "https://github.com/SamLynnEvans/Transformer/issues/25"),
        killed_by="reference",
        edits=[Edit(SINUSOIDAL, "(even / embed_dim)", "(2 * even / embed_dim)")],
    ),
    Fault(
        id="sinusoidal-integer-exponent",
        title="The sinusoidal code's exponents are integers",
        why="The division of integers gives 0: every pair has the same frequency.",
        symptom="none in training; positions a period apart look alike",
        pattern="precision",
        source=public("BERT-pytorch issue #18", "https://github.com/codertimo/BERT-pytorch/issues/18"),
        killed_by="reference",
        edits=[Edit(SINUSOIDAL, "even / embed_dim", "even // embed_dim")],
    ),
    Fault(
        id="sinusoidal-cosine-of-next-frequency",
        title="Sine and cosine of a pair have different frequencies",
        why="Every entry has the exponent of its own index; pairs share that of the even one.",
        symptom="none in training; a shift is no longer a rotation",
        pattern="off-by-one",
        source=public("Kyubyong/transformer issue #38", "https://github.com/Kyubyong/transformer/issues/38"),
        killed_by="reference",
        edits=[
            Edit(
                SINUSOIDAL,
                "np.cos(angles[:, : embed_dim // 2])",
                "np.cos((angles / 10000 ** (1 / embed_dim))[:, : embed_dim // 2])",
            )
        ],
    ),
    Fault(
        id="sinusoidal-base-1000",
        title="The sinusoidal code's base is 1000",
        why="A zero is missing.",
        symptom="none in training",
        pattern="wrong-formula",
        source=public("maxjcohen/transformer issue #62", "https://github.com/maxjcohen/transformer/issues/62"),
        killed_by="reference",
        edits=[Edit(SINUSOIDAL, "10000 **", "1000 **")],
    ),
    Fault(
        id="sinusoidal-power-reversed",
        title="Exponent and base of the frequencies change places",
        why="exponent ** 1e-4 in place of 1e-4 ** exponent: all frequencies are nearly 1.",
        symptom="the model sounds okay all the same",
        pattern="order-of-operations",
        source=public("WaveGrad issue #12", "https://github.com/ivanvovk/WaveGrad/issues/12"),
        killed_by="reference",
        edits=[
            Edit(
                SINUSOIDAL,
                "np.arange(max_len)[:, None] / 10000 ** (even / embed_dim)",
                "np.arange(max_len)[:, None] * (even / embed_dim) ** 1e-4",
            )
        ],
    ),
    Fault(
        id="learned-position-gradient-mean",
        title="Learned positions get the mean of their gradients over the batch",
        why="Every sample adds the same row, so that its gradient is a sum.",
        symptom="positions are learned more slowly with larger batches",
        pattern="missing-mean",
        source=review("dweight[t] = Σ dy[..., t, :]"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.position:LearnedPositionalEmbedding.backward",
                "dy.sum(tuple(range(dy.ndim - 2)))",
                "dy.mean(tuple(range(dy.ndim - 2)))",
            )
        ],
    ),
    Fault(
        id="learned-position-gradient-assigned",
        title="Learned positions' gradients are assigned, not added",
        why="A shorter batch after a longer one leaves the rest of the table with the gradient of the former.",
        symptom="gradient accumulation learns from the last micro-batch",
        pattern="assigned-not-accumulated",
        source=pattern_of("mxnet issue #9497", "https://github.com/apache/mxnet/issues/9497"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.position:LearnedPositionalEmbedding.backward",
                "self.weight.grad[: shape[-2]] +=",
                "self.weight.grad[: shape[-2]] =",
            )
        ],
    ),
    Fault(
        id="learned-position-from-the-end",
        title="A short sequence gets the last rows of the table",
        why="weight[-T:] in place of weight[:T], forward and backward; at full length they are the same.",
        symptom="none at full length",
        pattern="wrong-address",
        source=review("position t has row t"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.position:LearnedPositionalEmbedding.forward",
                "_rows(self, weight, x.shape[-2])",
                "_rows(self, weight[::-1], x.shape[-2])[::-1]",
            ),
            Edit(
                "nnlab.nn.position:LearnedPositionalEmbedding.backward",
                "self.weight.grad[: shape[-2]] +=",
                "self.weight.grad[-shape[-2] :] +=",
            ),
        ],
    ),
    Fault(
        id="alibi-slopes-geometric",
        title="ALiBi's slopes are one geometric sequence for any number of heads",
        why="Right for powers of 2; other numbers interleave the slopes of two powers.",
        symptom="none with a power of 2; pretrained weights of 12 heads give slightly wrong outputs",
        pattern="wrong-formula",
        source=public("mlx PR #3071", "https://github.com/ml-explore/mlx/pull/3071"),
        killed_by="reference",
        edits=[
            Edit(
                f"{ALIBI}.__init__",
                "np.concatenate([_slopes(power), _slopes(2 * power)[::2]])",
                "_slopes(num_heads)",
            )
        ],
    ),
    Fault(
        id="alibi-slopes-from-one",
        title="ALiBi's first slope is 1",
        why="The exponent counts heads from 0 in place of 1: one factor too few for every head.",
        symptom="attention is more local than in the paper",
        pattern="off-by-one",
        source=public("aprender PR #2143", "https://github.com/paiml/aprender/pull/2143"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.position:_slopes", "np.arange(1, power + 1)", "np.arange(power)")],
    ),
    Fault(
        id="alibi-distance-from-first-key",
        title="ALiBi counts queries from the first key",
        why="With a cache the queries are the last of the sequence, and stand S - L positions later.",
        symptom="none in training; generation gets worse with length",
        pattern="off-by-one",
        source=review("the last query stands at the last key"),
        killed_by="reference",
        edits=[Edit(f"{ALIBI}.forward", "np.arange(keys - queries, keys)", "np.arange(queries)")],
    ),
]
