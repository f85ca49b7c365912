"""Faults of nnlab.nn.likelihood_loss."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="kl-div-without-entropy",
        title="KLDivLoss gives the cross-entropy",
        why="target · log target is missing; the gradient of the input is right.",
        symptom="the loss of two equal distributions is not 0",
        pattern="wrong-formula",
        source=public("Liger-Kernel PR #262", "https://github.com/linkedin/Liger-Kernel/pull/262"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.likelihood_loss:KLDivLoss.forward", "p * (log_p - input)", "-p * input")],
    ),
    Fault(
        id="kl-div-arguments-swapped",
        title="KLDivLoss computes KL(input ‖ target)",
        why="The divergence is not symmetric; exp(input) is the weight in place of the target.",
        symptom="a student covers one mode instead of all",
        pattern="wrong-operand",
        source=review("Σ target (log target - input)"),
        killed_by="gradient",
        edits=[
            Edit("nnlab.nn.likelihood_loss:KLDivLoss.forward", "p * (log_p - input)", "np.exp(input) * (input - log_p)")
        ],
    ),
    Fault(
        id="kl-div-batchmean-over-all-but-last",
        title="batchmean divides by all positions instead of the batch",
        why="For (N, T, C) the sum is divided by N T; for (N, C) it is the same.",
        symptom="distilling sequences needs another weight than distilling classes",
        pattern="missing-mean",
        source=review("batchmean = Σ / N"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:KLDivLoss.forward",
                "rows = np.atleast_1d(input).shape[0]",
                "rows = max(input.size // (input.shape[-1] if input.ndim else 1), 1)",
            )
        ],
    ),
    Fault(
        id="kl-div-log-of-zero",
        title="KLDivLoss takes log 0 of a hard target",
        why="0 log 0 is NaN unless zeros are replaced first.",
        symptom="NaN for one-hot targets",
        pattern="domain",
        source=review("0 log 0 = 0"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:KLDivLoss.forward",
                "np.log(np.where(target > 0, target, 1))",
                "np.log(target)",
            )
        ],
    ),
    Fault(
        id="kl-div-log-target-gradient-of-target",
        title="The gradient of a log-target forgets to multiply by p",
        why="With log_target the derivative runs through exp as well.",
        symptom="the teacher's logits get gradients that are far too large",
        pattern="simplified-backward",
        source=review("∂p/∂ log p = p"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:KLDivLoss.backward", "dtarget * p if self.log_target else dtarget", "dtarget"
            )
        ],
    ),
    Fault(
        id="poisson-nll-rate-not-exponentiated",
        title="PoissonNLLLoss takes the log-rate for the rate",
        why="exp is left out of the first term; the gradient remembers it.",
        symptom="the loss can fall without bound",
        pattern="wrong-formula",
        source=review("exp(input) - target · input"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:PoissonNLLLoss.forward",
                "losses = rate - target * log_rate",
                "losses = input - target * log_rate",
            )
        ],
    ),
    Fault(
        id="poisson-nll-eps-outside-the-log",
        title="PoissonNLLLoss adds eps to the logarithm",
        why="log(input) + eps guards nothing: at rate 0 the logarithm is still infinite.",
        symptom="NaN for a rate of 0",
        pattern="epsilon",
        source=review("log(input + eps)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:PoissonNLLLoss.forward",
                "rate, log_rate = input, np.log(input + self.eps)",
                "rate, log_rate = input, np.log(input) + self.eps",
            )
        ],
    ),
    Fault(
        id="poisson-nll-stirling-below-one",
        title="PoissonNLLLoss adds Stirling's term at every target",
        why="The approximation holds for large counts; torch leaves it out up to 1.",
        symptom="counts of 0 and 1 get a loss that is not theirs",
        pattern="range",
        source=review("Stirling's term where target > 1"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:PoissonNLLLoss.forward",
                "np.where(target > 1, many",
                "np.where(target >= 0.25, many",
            )
        ],
    ),
    Fault(
        id="poisson-nll-stirling-without-two-pi",
        title="Stirling's term forgets 2π",
        why="The constant log(2π)/2 does not move any parameter.",
        symptom="likelihoods do not compare between models",
        pattern="wrong-formula",
        source=review("n log n - n + log(2πn)/2"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:PoissonNLLLoss.forward", "np.log(2 * math.pi * many) / 2", "np.log(many) / 2"
            )
        ],
    ),
    Fault(
        id="gaussian-nll-standard-deviation-for-variance",
        title="GaussianNLLLoss takes the variance for a deviation",
        why="var is squared once more in the exponent, as in the formula that is written with σ.",
        symptom="predicted variances settle at their own roots",
        pattern="wrong-operand",
        source=review("(x - μ)² / v"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.likelihood_loss:GaussianNLLLoss.forward", "difference**2 / v", "(difference / v) ** 2")],
    ),
    Fault(
        id="gaussian-nll-log-variance-not-halved",
        title="GaussianNLLLoss halves only the squared error",
        why="log v keeps the factor 2: log σ² where log σ belongs.",
        symptom="predicted variances are half as large as they should be",
        pattern="order-of-operations",
        source=review("(log v + d² / v) / 2"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:GaussianNLLLoss.forward",
                "(np.log(v) + difference**2 / v + (math.log(2 * math.pi) if self.full else 0)) / 2",
                "np.log(v) + (difference**2 / v + (math.log(2 * math.pi) if self.full else 0)) / 2",
            )
        ],
    ),
    Fault(
        id="gaussian-nll-eps-added",
        title="GaussianNLLLoss adds eps to the variance",
        why="torch takes the larger of the two; adding changes every variance.",
        symptom="losses are a little smaller than torch's, more so for a large eps",
        pattern="epsilon",
        source=review("v = max(var, eps)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:GaussianNLLLoss.forward",
                "v = np.maximum(var, self.eps)",
                "v = var + self.eps",
            )
        ],
    ),
    Fault(
        id="gaussian-nll-shared-variance-unsummed",
        title="A variance that is shared gets the gradient of one entry",
        why="Where var has a dimension of size 1 its gradient is the sum along it; here it is the mean.",
        symptom="shared noise levels learn too slowly",
        pattern="missing-batch-sum",
        source=pattern_of("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.likelihood_loss:GaussianNLLLoss.backward", "dv.sum(narrow)", "dv.mean(narrow)")],
    ),
    Fault(
        id="gaussian-nll-clamped-variance-without-gradient",
        title="A variance below eps gets no gradient",
        why="torch lets the gradient of max(var, eps) pass, so that a collapsed variance can recover.",
        symptom="variances that fall below eps stay there",
        pattern="tie-rule",
        source=review("the gradient of var is that of v, as in torch"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.likelihood_loss:GaussianNLLLoss.backward",
                "(1 / v - (difference / v) ** 2) / 2 * dlosses",
                "(1 / v - (difference / v) ** 2) / 2 * (v > self.eps) * dlosses",
            )
        ],
    ),
]
