"""Faults of nnlab.nn.mixture."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="mixture-loss-sums-components-first",
        title="MixtureDensityLoss adds up the log-densities of all components before it weighs them",
        why="Each component gets the sum over all; the mixture is a product.",
        symptom="the loss is far too large, and no mixture is found",
        pattern="wrong-axis",
        source=public("wavenet_vocoder issue #34", "https://github.com/r9y9/wavenet_vocoder/issues/34"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.mixture:MixtureDensityLoss.forward",
                correct="log_joint = log_pi + log_normal",
                faulty="log_joint = log_normal.sum(-1, keepdims=True) + log_pi",
            )
        ],
    ),
    Fault(
        id="mixture-loss-normalises-one-dimension",
        title="MixtureDensityLoss normalises as in one dimension",
        why="log σ counts once for each dimension of the target.",
        symptom="σ too small for targets of more than one dimension",
        pattern="scale",
        source=review("σ to the power of the number of dimensions"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.mixture:MixtureDensityLoss.forward",
                correct="size * (log_sigma + math.log(2 * math.pi) / 2)",
                faulty="(log_sigma + size * math.log(2 * math.pi) / 2)",
            )
        ],
    ),
    Fault(
        id="mixture-loss-underflows",
        title="MixtureDensityLoss takes the logarithm of a sum of densities",
        why="For far targets every density is 0, and its logarithm -∞.",
        symptom="an infinite loss for the first outlier",
        pattern="range",
        source=review("it is computed from logarithms"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.mixture:MixtureDensityLoss.forward",
                correct="self.reduce(-np.logaddexp.reduce(log_joint, -1))",
                faulty="self.reduce(-np.log(np.exp(log_joint).sum(-1)))",
            )
        ],
    ),
    Fault(
        id="mixture-weights-not-normalised",
        title="MixtureDensity returns its logits as log-weights",
        why="The log-softmax is missing; forward and backward agree.",
        symptom="the loss falls without bound: the weights grow",
        pattern="dropped-statement",
        source=review("log_pi = log softmax(a)"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.mixture:MixtureDensity.forward",
                correct="return self.log_softmax(a), mu",
                faulty="return a.copy(), mu",
            ),
            Edit(
                target="nnlab.nn.mixture:MixtureDensity.backward",
                correct='da = self.log_softmax.backward(borrow(self, dlog_pi, shape, dtype, "dlog_pi"))',
                faulty='da = borrow(self, dlog_pi, shape, dtype, "dlog_pi")',
            ),
        ],
    ),
    Fault(
        id="mixture-means-transposed",
        title="MixtureDensity's backward reads the gradient of the means by dimension",
        why="(K, D) is flattened as (D, K); with one dimension or one component they are the same.",
        symptom="means learn from each other's gradients",
        pattern="transposed",
        source=review("mu has shape (num_mixtures, out_features)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.mixture:MixtureDensity.backward",
                correct="dmu.reshape(*shape[:-1], self.num_mixtures * self.out_features)",
                faulty="dmu.swapaxes(-1, -2).reshape(*shape[:-1], self.num_mixtures * self.out_features)",
            )
        ],
    ),
]
