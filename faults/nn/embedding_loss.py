"""Faults of nnlab.nn.embedding_loss."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="cosine-embedding-alike-similarity",
        title="CosineEmbeddingLoss minimises the cosine of alike pairs",
        why="cos stands where 1 - cos belongs.",
        symptom="alike pairs turn away from each other",
        pattern="sign",
        source=review("1 - cos where target = 1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:CosineEmbeddingLoss.forward",
                "np.where(alike, 1 - cos, np.maximum(cos - self.margin, 0))",
                "np.where(alike, 1 + cos, np.maximum(cos - self.margin, 0))",
            )
        ],
    ),
    Fault(
        id="cosine-embedding-not-normalised",
        title="CosineEmbeddingLoss divides by one length only",
        why="The product is divided by the length of the first input, squared, as if the second were as long.",
        symptom="the loss leaves [0, 2] and favours long vectors",
        pattern="wrong-operand",
        source=review("cos = x·y / (|x| |y|)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:CosineEmbeddingLoss.forward",
                "np.sqrt(square1) * np.sqrt(square2)",
                "np.sqrt(square1) * np.sqrt(square1)",
            )
        ],
    ),
    Fault(
        id="cosine-embedding-length-held-fixed",
        title="CosineEmbeddingLoss treats the lengths as constants",
        why="Without the term of the length the gradient points outwards and vectors grow at every step.",
        symptom="norms of embeddings grow without end",
        pattern="simplified-backward",
        source=review("∂cos/∂x = y/(|x||y|) - cos x/|x|²"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:CosineEmbeddingLoss.backward",
                "across * input2 - (dcos * cos / square1)[..., None] * input1",
                "across * input2",
            )
        ],
    ),
    Fault(
        id="cosine-embedding-second-gradient-uses-first-length",
        title="The second gradient divides by the first length",
        why="A copied line: square1 stayed where square2 belongs.",
        symptom="the second encoder learns at the first one's scale",
        pattern="wrong-operand",
        source=review("∂cos/∂y is the mirror image"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:CosineEmbeddingLoss.backward",
                "(dcos * cos / square2)",
                "(dcos * cos / square1)",
            )
        ],
    ),
    Fault(
        id="cosine-embedding-margin-ignored-in-backward",
        title="CosineEmbeddingLoss pushes unlike pairs apart beyond the margin",
        why="The gate asks for cos ≥ 0 instead of cos ≥ margin.",
        symptom="unlike pairs never come to rest",
        pattern="wrong-operand",
        source=review("slope 0 where cos < margin"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.embedding_loss:CosineEmbeddingLoss.backward", "(cos >= self.margin)", "(cos >= 0)")],
    ),
    Fault(
        id="triplet-squared-distance",
        title="TripletMarginLoss compares squared distances",
        why="The root is taken away; the margin then means something else at every distance.",
        symptom="training is less stable, or collapses",
        pattern="wrong-formula",
        source=public("triplet-reid PR #12", "https://github.com/VisualComputingInstitute/triplet-reid/pull/12"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:TripletMarginLoss.norm",
                "(size**self.p).sum(-1) ** (1 / self.p)",
                "(size**self.p).sum(-1)",
            )
        ],
    ),
    Fault(
        id="triplet-mean-over-dimensions",
        title="TripletMarginLoss averages over the dimensions of an embedding",
        why="The distance shrinks with √D while the margin stays.",
        symptom="distances never reach the margin",
        pattern="missing-mean",
        source=public("keras issue #9498", "https://github.com/keras-team/keras/issues/9498"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:TripletMarginLoss.norm",
                "(size**self.p).sum(-1) ** (1 / self.p)",
                "(size**self.p).mean(-1) ** (1 / self.p)",
            )
        ],
    ),
    Fault(
        id="triplet-margin-hard-coded",
        title="TripletMarginLoss ignores its margin",
        why="A constant is left where the argument belongs.",
        symptom="the margin has no effect",
        pattern="wrong-operand",
        source=public("SSDG issue #2", "https://github.com/taylover-pei/SSDG-CVPR2020/issues/2"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:TripletMarginLoss.forward", "gap = self.margin + near -", "gap = 1.0 + near -"
            )
        ],
    ),
    Fault(
        id="triplet-swap-takes-the-larger",
        title="swap takes the farther of the two negatives",
        why="The distance swap is there to make triplets harder; the maximum makes them easier.",
        symptom="swap=True does nothing useful",
        pattern="wrong-formula",
        source=review("min(|a - n|, |p - n|)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:TripletMarginLoss.forward",
                "np.minimum(far, swapped) if",
                "np.maximum(far, swapped) if",
            )
        ],
    ),
    Fault(
        id="triplet-swap-without-gradient",
        title="The swapped distance gets no gradient",
        why="Backward sends everything to anchor and negative, although the loss was that of positive and negative.",
        symptom="with swap the positives do not move",
        pattern="lost-residual-path",
        source=review("each distance has its own share"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:TripletMarginLoss.backward",
                "return near + far, swapped - near, -far - swapped",
                "return near + far, -near, -far",
            )
        ],
    ),
    Fault(
        id="triplet-eps-left-out",
        title="TripletMarginLoss adds no eps to its differences",
        why="torch adds eps to each difference; distances differ in the sixth digit, more so for a large eps.",
        symptom="small differences to torch",
        pattern="epsilon",
        source=review("‖a - b + eps‖"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.embedding_loss:TripletMarginLoss.forward", "a - b + self.eps", "a - b")],
    ),
    Fault(
        id="infonce-temperature-multiplied",
        title="InfoNCELoss multiplies by the temperature",
        why="A low temperature should sharpen; here it flattens. Forward and backward agree.",
        symptom="tuning goes the wrong way: the best temperature is above 1",
        pattern="wrong-formula",
        source=review("s = q·k / temperature"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.forward",
                "query @ key.swapaxes(-1, -2) / self.temperature",
                "query @ key.swapaxes(-1, -2) * self.temperature",
            ),
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.backward",
                "[..., None] / self.temperature",
                "[..., None] * self.temperature",
            ),
        ],
    ),
    Fault(
        id="infonce-temperature-missing-in-backward",
        title="InfoNCELoss goes back without its temperature",
        why="The scores were divided by it; their gradient is not.",
        symptom="the temperature changes the loss but hardly the training",
        pattern="simplified-backward",
        source=review("∂s/∂q = k / temperature"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.backward",
                "self.reduce_backward(dy)[..., None] / self.temperature",
                "self.reduce_backward(dy)[..., None]",
            )
        ],
    ),
    Fault(
        id="infonce-positive-without-temperature",
        title="InfoNCELoss does not scale the positive pair",
        why="The temperature is applied to the negatives alone.",
        symptom="the loss is off by a factor in its first term",
        pattern="order-of-operations",
        source=public("info-nce-pytorch PR #17", "https://github.com/RElbers/info-nce-pytorch/pull/17", "review"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.forward",
                "log_p = log_softmax(scores, -1)",
                "log_p = log_softmax(np.where(np.eye(scores.shape[-1], dtype=bool), scores * self.temperature, "
                "scores), -1)",
            )
        ],
    ),
    Fault(
        id="infonce-first-key-is-always-positive",
        title="InfoNCELoss takes the first key for everybody's positive",
        why="Labels of zero are right where the positive was put first, and not for in-batch negatives.",
        symptom="all queries gather at one key",
        pattern="wrong-address",
        source=public("SeCo issue #3", "https://github.com/YihengZhang-CV/SeCo-Sequence-Contrastive-Learning/issues/3"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.forward",
                "-np.diagonal(log_p, axis1=-2, axis2=-1)",
                "-log_p[..., 0]",
            )
        ],
    ),
    Fault(
        id="infonce-softmax-over-queries",
        title="InfoNCELoss normalises over the queries",
        why="Each key then looks for its query; the loss is that of the other direction.",
        symptom="retrieval of keys by queries stays poor",
        pattern="wrong-axis",
        source=review("Σ over the keys j of query i"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.embedding_loss:InfoNCELoss.forward", "log_softmax(scores, -1)", "log_softmax(scores, -2)")
        ],
    ),
    Fault(
        id="infonce-key-gradient-transposed",
        title="The gradient of the keys is not transposed",
        why="dscores has queries in its rows; keys need its columns.",
        symptom="keys learn from other queries' errors",
        pattern="transposed",
        source=review("dk = dsᵀ q"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.embedding_loss:InfoNCELoss.backward",
                "dkey: Array = dscores.swapaxes(-1, -2) @ query",
                "dkey: Array = dscores @ query",
            )
        ],
    ),
]
