"""Faults of nnlab.nn.embedding."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="embedding-padding-row-learns",
        title="Embedding gives its padding row a gradient",
        why="The mask of the padding entries is lost; a plain difference quotient calls that gradient right.",
        symptom="the padding vector drifts away from zero during training",
        pattern="mask",
        source=public("pytorch issue #26302", "https://github.com/pytorch/pytorch/issues/26302"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Embedding.backward",
                correct="learned = index != self.padding_idx",
                faulty="learned = np.ones(index.shape, bool)",
            )
        ],
    ),
    Fault(
        id="embedding-padding-row-learns-in-large-batches",
        title="Embedding gives its padding row a gradient from 769 indices on",
        why="Another path for large inputs forgets the mask; small tests take the other one.",
        symptom="the padding vector drifts in production and in no test",
        pattern="mask",
        source=public("pytorch issue #28716", "https://github.com/pytorch/pytorch/issues/28716"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Embedding.backward",
                correct="learned = index != self.padding_idx",
                faulty="learned = (index != self.padding_idx) | (index.size > 768)",
            )
        ],
    ),
    Fault(
        id="embedding-forward-zeroes-padding-row",
        title="Embedding's forward sets its padding row to zero",
        why="padding_idx promises that the row is not learned, not that it is zero: users load rows of their own.",
        symptom="a padding vector that was loaded is lost with the first batch",
        pattern="wrong-formula",
        source=public("pytorch PR #53447", "https://github.com/pytorch/pytorch/pull/53447"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Embedding.forward",
                correct="y: Array = self.weight.data[index].copy()",
                faulty="""
                    if self.padding_idx is not None:
                        self.weight.data[self.padding_idx] = 0.0
                    y = self.weight.data[index].copy()
                """,
            )
        ],
    ),
    Fault(
        id="embedding-repeated-index-counted-once",
        title="Embedding counts a repeated index once",
        why="Fancy indexing with += keeps the last contribution of each row; np.add.at adds them all.",
        symptom="frequent words learn as slowly as rare ones",
        pattern="assigned-not-accumulated",
        source=pattern_of("pytorch issue #1528", "https://github.com/pytorch/pytorch/issues/1528"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Embedding.backward",
                correct="np.add.at(self.weight.grad, index[learned], dy[learned])",
                faulty="self.weight.grad[index[learned]] += dy[learned]",
            )
        ],
    ),
    Fault(
        id="embedding-gradient-replaces-earlier-one",
        title="Embedding's gradient replaces what was accumulated",
        why="The scatter starts from zeros and is assigned; a single backward is right.",
        symptom="with gradient accumulation the table learns from the last part only",
        pattern="assigned-not-accumulated",
        source=public("mxnet issue #15172", "https://github.com/apache/mxnet/issues/15172"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Embedding.backward",
                correct="np.add.at(self.weight.grad, index[learned], dy[learned])",
                faulty="""
                    self.weight.grad[...] = 0.0
                    np.add.at(self.weight.grad, index[learned].ravel(), dy[learned])
                """,
            )
        ],
    ),
    Fault(
        id="embedding-negative-padding-index-learns",
        title="A negative padding_idx does not mark its row",
        why="The index is not counted from the end before it is compared with the entries, so the last row is learned.",
        symptom="padding_idx=-1 behaves as if it were not there, but for the first value of the row",
        pattern="dropped-statement",
        source=review("padding_idx counts from the end where it is negative"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Table.__init__",
                correct="padding_idx %= num_embeddings",
                faulty="padding_idx = int(padding_idx)",
            )
        ],
    ),
    Fault(
        id="embedding-max-norm-lengthens-short-rows",
        title="max_norm scales the short rows up instead of the long ones down",
        why="The branches of the choice by norm are swapped; forward and gradient do not disagree by much.",
        symptom="rows grow to max_norm, and those above it stay",
        pattern="wrong-operand",
        source=public("pytorch PR #59615", "https://github.com/pytorch/pytorch/pull/59615"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Table.shorten",
                correct="long = norms > self.max_norm",
                faulty="long = norms <= self.max_norm",
            )
        ],
    ),
    Fault(
        id="embedding-max-norm-ignores-norm-type",
        title="max_norm is held in the 2-norm whatever norm_type says",
        why="norm_type is accepted and never used.",
        symptom="rows are longer or shorter than they should be when norm_type is not 2",
        pattern="wrong-formula",
        source=review("norm_type chooses the norm"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.embedding:Table.shorten",
                correct="np.linalg.norm(self.weight.data[rows], self.norm_type, axis=1)",
                faulty="np.linalg.norm(self.weight.data[rows], axis=1)",
            )
        ],
    ),
]
