"""Faults of nnlab.nn.embedding_bag."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="embedding-bag-max-gets-mean-gradient",
        title="EmbeddingBag's backward for max shares the gradient as for mean",
        why="Every entry of a bag gets its share, not the one that won; the backward knows sum and the rest.",
        symptom="mode='max' trains, more slowly, towards something else",
        pattern="wrong-formula",
        source=public("FlagGems issue #5220", "https://github.com/flagos-ai/FlagGems/issues/5220"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag.backward",
                correct="np.add.at(self.weight.grad, grid[real], share * dy)",
                faulty="""
                    if self.mode == "max":
                        share = 1 / np.bincount(bag)[bag, None]
                    np.add.at(self.weight.grad, grid[real], dy * share)
                """,
            )
        ],
    ),
    Fault(
        id="embedding-bag-empty-bag-nan",
        title="EmbeddingBag's mean of an empty bag is NaN",
        why="The sum is divided by the number of entries after the fact, which is 0 for an empty bag.",
        symptom="one example without words makes the loss NaN",
        pattern="domain",
        source=public("pytorch issue #4169", "https://github.com/pytorch/pytorch/issues/4169"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag.forward",
                correct="y = segments(np.add, share * entries, bag, len(begin))",
                faulty="""
                    y = segments(np.add, entries if self.mode == "mean" else share * entries, bag, len(begin))
                    if self.mode == "mean":
                        y /= np.bincount(bag, minlength=len(begin))[:, None]
                """,
            )
        ],
    ),
    Fault(
        id="embedding-bag-counts-padding",
        title="EmbeddingBag counts its padding entries",
        why="Padding entries take part in the sum, the mean and the maximum, and are learned.",
        symptom="a sentence's vector depends on how far it was padded",
        pattern="mask",
        source=pattern_of("pytorch issue #26302", "https://github.com/pytorch/pytorch/issues/26302"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag.forward",
                correct="real = grid != self.padding_idx",
                faulty="real = np.ones(grid.shape, bool)",
            )
        ],
    ),
    Fault(
        id="embedding-bag-repeated-index-counted-once",
        title="EmbeddingBag counts a repeated index once",
        why="+= with fancy indexing keeps the last contribution of each row.",
        symptom="words that occur twice in a batch learn half as fast",
        pattern="assigned-not-accumulated",
        source=pattern_of("pytorch issue #1528", "https://github.com/pytorch/pytorch/issues/1528"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag.backward",
                correct="np.add.at(self.weight.grad, grid[real], share * dy)",
                faulty="self.weight.grad[grid[real]] += share * dy",
            )
        ],
    ),
    Fault(
        id="embedding-bag-last-offset-begins-a-bag",
        title="EmbeddingBag with include_last_offset has one bag too many",
        why="The last of offsets is the end of the last bag, and is taken for the beginning of another.",
        symptom="the output has an extra row of zeros",
        pattern="off-by-one",
        source=review("the last of offsets begins no bag"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag._begin",
                correct="return bounds[:-1]",
                faulty="return begin",
            )
        ],
    ),
    Fault(
        id="embedding-bag-weight-gradients-ignore-padding",
        title="EmbeddingBag puts the gradients of per_sample_weights at the wrong entries",
        why="They are written to the first places of the flat input, as if no padding stood between them.",
        symptom="weights of padding entries move, others get a neighbour's gradient",
        pattern="wrong-address",
        source=review("the gradient of a weight belongs to its entry"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding_bag:EmbeddingBag.backward",
                correct="dper_sample_weights[real] = (entries * dy).sum(1)",
                faulty="dper_sample_weights.ravel()[: len(bag)] = (entries * dy).sum(1)",
            )
        ],
    ),
]
