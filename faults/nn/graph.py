"""Faults of nnlab.nn.graph."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="gcn-doubles-self-loops",
        title="GCNConv adds loops to nodes that have them",
        why="The loops that are there stay, so that such nodes count themselves twice.",
        symptom="other outputs than the reference for graphs with loops",
        pattern="dropped-statement",
        source=public("pytorch_geometric issue #129", "https://github.com/pyg-team/pytorch_geometric/issues/129"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.graph:edges",
                correct="others, every = source != target, np.arange(nodes)",
                faulty="others, every = source >= 0, np.arange(nodes)",
            )
        ],
    ),
    Fault(
        id="gcn-normalises-by-target-degree-alone",
        title="GCNConv normalises by the degree of the target alone",
        why="1 / dᵢ where 1 / √(dᵢ dⱼ) belongs; forward and backward agree, and regular graphs hide it.",
        symptom="hubs speak too loudly",
        pattern="wrong-operand",
        source=public("dgl issue #4969", "https://github.com/dmlc/dgl/issues/4969"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.graph:GCNConv.forward",
                correct="weight = inv_root[source] * inv_root[target]",
                faulty="weight = inv_root[target] ** 2",
            )
        ],
    ),
    Fault(
        id="gcn-isolated-nodes-infinite",
        title="GCNConv divides by the degree of nodes that receive nothing",
        why="1 / √0 is infinite; with self-loops there are no such nodes.",
        symptom="infinities without add_self_loops, NaN in the next layer",
        pattern="domain",
        source=review("a node that receives nothing has weight 0"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.graph:GCNConv.forward",
                correct="(degree > 0) / np.sqrt(np.maximum(degree, 1))",
                faulty="1 / np.sqrt(degree)",
            )
        ],
    ),
    Fault(
        id="gcn-gradient-flows-along-edges",
        title="GCNConv's gradient flows along the edges instead of against them",
        why="Source and target are not exchanged; for undirected graphs the two are the same.",
        symptom="right on citation graphs, wrong on directed ones",
        pattern="transposed",
        source=review("dh_j = Σ w dyᵢ over the edges from j to i"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.graph:GCNConv.backward",
                correct="segments(np.add, weight * dy[..., target, :], source, shape[-2])",
                faulty="segments(np.add, weight * dy[..., source, :], target, shape[-2])",
            )
        ],
    ),
    Fault(
        id="gat-softmax-over-outgoing-edges",
        title="GATConv's softmax runs over the edges that leave a node",
        why="The weights of the messages that arrive at a node must sum to 1; forward and backward agree.",
        symptom="right for undirected graphs of equal degrees; it trains",
        pattern="wrong-axis",
        source=public("pytorch_geometric issue #224", "https://github.com/pyg-team/pytorch_geometric/issues/224"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.graph:GATConv.forward",
                correct="a = segment_softmax(scores, target, nodes)",
                faulty="a = segment_softmax(scores, source, nodes)",
            ),
            Edit(
                target="nnlab.nn.graph:GATConv.backward",
                correct="segment_softmax_backward(da, a, target, nodes)",
                faulty="segment_softmax_backward(da, a, source, nodes)",
            ),
        ],
    ),
    Fault(
        id="gat-attention-is-constant",
        title="GATConv's gradient of h leaves out the way through the attention",
        why="Only the messages themselves are differentiated; the attention vectors still learn.",
        symptom="the layers below learn with part of their gradient",
        pattern="simplified-backward",
        source=review("h enters the messages and the scores"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.graph:GATConv.backward",
                correct="dh += self._join(dto_all * self.att_src.data + dfrom_all * self.att_dst.data)",
                faulty="pass",
            )
        ],
    ),
    Fault(
        id="gat-mean-of-heads-not-divided",
        title="GATConv with concat=False sums the heads' gradients instead of averaging",
        why="The forward takes the mean of the heads.",
        symptom="gradients too large by the number of heads, only without concat",
        pattern="missing-mean",
        source=review("concat=False averages the heads"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.graph:GATConv.backward",
                correct="np.broadcast_to(dy[..., None, :] / self.heads, h.shape)",
                faulty="np.broadcast_to(dy[..., None, :], h.shape)",
            )
        ],
    ),
]
