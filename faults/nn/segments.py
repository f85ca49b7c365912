"""Faults of nnlab.nn.segments."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="segments-empty-segment-reads-neighbour",
        title="An empty segment gets the first entry of the next one",
        why="np.add.reduceat gives x[start] for a segment whose start and end are equal, not 0.",
        symptom="isolated nodes and empty bags have values of their neighbours",
        pattern="domain",
        source=review("a segment without entries is 0"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.segments:segments",
                correct="found, starts = np.unique(index[order], return_index=True)",
                faulty="""
                    found = np.arange(size)
                    starts = np.minimum(np.searchsorted(index[order], found), len(index) - 1)
                """,
            )
        ],
    ),
    Fault(
        id="segments-unsorted",
        title="The entries are summed in segments without having been sorted",
        why="reduceat sums runs; the indices need not come in runs.",
        symptom="right for sorted edges, wrong for others",
        pattern="dropped-statement",
        source=review("entries of one index need not be neighbours"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.segments:segments",
                correct="ufunc.reduceat(x[..., order, :], starts, -2)",
                faulty="ufunc.reduceat(x, starts, -2)",
            )
        ],
    ),
    Fault(
        id="segment-softmax-overflows",
        title="The softmax over segments does not subtract the maximum",
        why="exp(1000) is infinite, and infinity over infinity NaN.",
        symptom="graph attention becomes NaN once the scores grow",
        pattern="range",
        source=pattern_of("crysx_nn issue #7", "https://github.com/manassharma07/crysx_nn/issues/7"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.segments:segment_softmax",
                correct="e = np.exp(x - segments(np.maximum, x, index, size)[..., index, :])",
                faulty="e = np.exp(x)",
            )
        ],
    ),
    Fault(
        id="segment-softmax-backward-without-sum",
        title="The softmax over segments is differentiated without its normalisation",
        why="dx = y dy keeps the direct term and drops the one through the sum.",
        symptom="attention weights are pushed up together instead of against each other",
        pattern="simplified-backward",
        source=review("dx = y (dy - Σ dy y)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.segments:segment_softmax_backward",
                correct="y * (dy - segments(np.add, dy * y, index, size)[..., index, :])",
                faulty="y * dy",
            )
        ],
    ),
]
