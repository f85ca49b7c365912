"""Faults of nnlab.nn.norm."""

from faults.sources import pattern_of, post, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="layernorm-simplified-backward",
        title="LayerNorm backward drops the mean and variance terms",
        why="Mean and variance are treated as constants; gradients are 50 to 80 % off and the loss still falls.",
        symptom="the loss still falls, more slowly, to a higher value",
        pattern="simplified-backward",
        source=post("bug 2"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="(g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_std",
                faulty="g * inv_std",
            )
        ],
    ),
    Fault(
        id="layernorm-weight-gradient-assigned",
        title="LayerNorm assigns its weight gradient instead of adding it",
        why="Fused kernels write into the buffer; with one backward for each step nothing is wrong.",
        symptom="gradient accumulation trains γ on the last part of each batch",
        pattern="assigned-not-accumulated",
        source=public("llm.c PR #408", "https://github.com/karpathy/llm.c/pull/408"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="self.weight.grad += (dy * x_hat).sum(batch)",
                faulty="self.weight.grad[...] = (dy * x_hat).sum(batch)",
            )
        ],
    ),
    Fault(
        id="layernorm-scales-cotangent-in-place",
        title="LayerNorm multiplies the gradient from above by γ in place",
        why="g = dy is the caller's array; all gradients that this layer returns are right.",
        symptom="whoever else reads the same gradient, such as a residual path, sees it scaled",
        pattern="mutated-input",
        source=public("pytorch issue #81417", "https://github.com/pytorch/pytorch/issues/81417"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="g = dy * self.weight.data",
                faulty="g *= self.weight.data",
            )
        ],
    ),
    Fault(
        id="layernorm-backward-over-all-but-batch",
        title="LayerNorm's backward takes its means over everything but the batch",
        why="The forward knows normalized_shape, the backward takes rows = shape[0]; right for inputs of rank 2.",
        symptom="transformers train worse than they should, perceptrons do not",
        pattern="wrong-axis",
        source=public("FlagGems issue #5392", "https://github.com/flagos-ai/FlagGems/issues/5392"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="batch = tuple(range(dy.ndim - len(axes)))",
                faulty="batch, axes = tuple(range(dy.ndim - len(axes))), tuple(range(1, dy.ndim))",
            )
        ],
    ),
    Fault(
        id="layernorm-bias-gradient-keeps-dims",
        title="LayerNorm replaces its bias gradient by one of another shape",
        why="keepdims and = where += belongs: the gradient has the rank of x, not that of the parameter.",
        symptom="the optimizer raises, or broadcasts the parameter to the wrong shape",
        pattern="shape",
        source=pattern_of("mlx issue #3220", "https://github.com/ml-explore/mlx/issues/3220"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="self.bias.grad += dy.sum(batch)",
                faulty="self.bias.grad = self.bias.grad + dy.sum(batch, keepdims=True)",
            )
        ],
    ),
    Fault(
        id="layernorm-returns-no-gradient",
        title="LayerNorm gives no gradient to what lies below",
        why="A fused forward without a backward; its own parameters learn.",
        symptom="all layers below stay as they were initialised, without a word",
        pattern="simplified-backward",
        source=public("candle issue #3011", "https://github.com/huggingface/candle/issues/3011"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.backward",
                correct="""
                    dx: Array = (
                        g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)
                    ) * inv_std
                """,
                faulty="dx: Array = np.zeros_like(dy)",
            )
        ],
    ),
    Fault(
        id="layernorm-eps-outside-root",
        title="LayerNorm adds eps to the standard deviation instead of the variance",
        why="The root's derivative at 0 is infinite, which eps was to prevent.",
        symptom="NaN gradients for constant rows; other values for small ones",
        pattern="epsilon",
        source=public("pytorch_geometric PR #2917", "https://github.com/pyg-team/pytorch_geometric/pull/2917"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:LayerNorm.forward",
                correct="1 / np.sqrt((centred**2).mean(axes, keepdims=True) + self.eps)",
                faulty="1 / (np.sqrt((centred**2).mean(axes, keepdims=True)) + self.eps)",
            )
        ],
    ),
    Fault(
        id="batchnorm-variance-cancels",
        title="BatchNorm computes the variance as E[x²] - E[x]²",
        why="The two cancel where the mean is large against the spread: no digit is right, or the variance negative.",
        symptom="wrong outputs or NaN for inputs that are not centred",
        pattern="precision",
        source=public("tt-metal issue #45968", "https://github.com/tenstorrent/tt-metal/issues/45968"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm._own_statistics",
                correct="mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)",
                faulty="""
                    mean = x.mean(axes, keepdims=True)
                    var = (x**2).mean(axes, keepdims=True) - mean**2
                """,
            )
        ],
    ),
    Fault(
        id="batchnorm-divides-by-squared-variance",
        title="BatchNorm divides by the square of the variance instead of its root",
        why="** 2 for ** 0.5; on inputs of variance 1, as in a test, nearly the same.",
        symptom="activations explode or vanish with the scale of the input",
        pattern="wrong-formula",
        source=public("jax issue #442", "https://github.com/jax-ml/jax/issues/442"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.forward",
                correct="inv_std = 1 / np.sqrt(var + self.eps)",
                faulty="inv_std = 1 / (var + self.eps) ** 2",
            )
        ],
    ),
    Fault(
        id="batchnorm-input-gradient-as-in-eval",
        title="BatchNorm's input gradient treats the batch statistics as constants",
        why="A check of parameter gradients alone does not see it: those of the layer itself are right.",
        symptom="layers below train with gradients that are far off, and the loss still falls",
        pattern="simplified-backward",
        source=public("mlpack issue #1923", "https://github.com/mlpack/mlpack/issues/1923"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.backward",
                correct="""
                    dx = (
                        g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)
                    ) * inv_std
                """,
                faulty="dx = g * inv_std",
            )
        ],
    ),
    Fault(
        id="batchnorm-backward-mean-over-batch-only",
        title="BatchNorm's backward takes its means over the batch and not over space",
        why="Right for inputs of shape (N, C); the extra axes of pictures and sequences are forgotten.",
        symptom="convolutional networks train worse than perceptrons",
        pattern="wrong-axis",
        source=public("functorch issue #534", "https://github.com/pytorch/functorch/issues/534"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.backward",
                correct="""
                    dx = (
                        g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)
                    ) * inv_std
                """,
                faulty="dx = (g - g.mean(0, keepdims=True) - x_hat * (g * x_hat).mean(0, keepdims=True)) * inv_std",
            )
        ],
    ),
    Fault(
        id="batchnorm-gamma-gradient-written-once",
        title="BatchNorm writes its γ gradient only into an empty buffer",
        why="When gradients accumulate, what the second backward brings is dropped.",
        symptom="γ learns from the first part of each accumulated batch",
        pattern="assigned-not-accumulated",
        source=public("mxnet issue #18499", "https://github.com/apache/mxnet/issues/18499"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.backward",
                correct="self.weight.grad += (dy * x_hat).sum(others)",
                faulty="""
                    if not self.weight.grad.any():
                        self.weight.grad[...] = (dy * x_hat).sum(others)
                """,
            )
        ],
    ),
    Fault(
        id="batchnorm-gamma-gradient-not-linear",
        title="BatchNorm's γ gradient loses small gradients from above",
        why="They are flushed to zero before the sum, so twice the gradient gives more than twice the result.",
        symptom="γ stops learning towards the end of training",
        pattern="precision",
        source=public("tensorflow issue #107705", "https://github.com/tensorflow/tensorflow/issues/107705"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.backward",
                correct="(dy * x_hat).sum(others)",
                faulty="(np.where(np.abs(dy) < 0.05, 0.0, dy) * x_hat).sum(others)",
            )
        ],
    ),
    Fault(
        id="batchnorm-eval-backward-of-last-training",
        title="BatchNorm's backward in evaluation reads what training left",
        why="The cache is set in training only; after it, the gradients of an evaluation are those of another batch.",
        symptom="saliency maps and adversarial examples computed in evaluation are wrong",
        pattern="stale-cache",
        source=public("nn PR #768", "https://github.com/torch/nn/pull/768"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.forward",
                correct="self.cache = x_hat, inv_std, per_channel, axes, use_own",
                faulty="""
                    if self.training or self._cache is None:
                        self.cache = (x_hat, inv_std, per_channel, axes, use_own)
                """,
            )
        ],
    ),
    Fault(
        id="batchnorm-eval-backward-changes-its-cache",
        title="BatchNorm's backward in evaluation overwrites its cache",
        why="The product is written into the saved x_hat; the second backward of one forward reads it.",
        symptom="each backward gives another gradient for γ",
        pattern="stale-cache",
        source=public("pytorch issue #586", "https://github.com/pytorch/pytorch/issues/586"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.backward",
                correct="dx: Array = g * inv_std",
                faulty="dx = g * inv_std if use_own else np.multiply(g, inv_std, out=x_hat)",
            )
        ],
    ),
    Fault(
        id="batchnorm-running-variance-biased",
        title="BatchNorm's running variance is the biased one",
        why="The factor n / (n - 1) is missing, which large batches hide.",
        symptom="evaluation differs from torch's, the more the smaller the batch",
        pattern="scale",
        source=public("mlx PR #3817", "https://github.com/ml-explore/mlx/pull/3817", "also tt-metal issue #55438"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm._own_statistics",
                correct="self._note(mean, var * count / (count - 1))",
                faulty="self._note(mean, var)",
            )
        ],
    ),
    Fault(
        id="batchnorm-momentum-reversed",
        title="BatchNorm's running statistics keep `momentum` of the old value",
        why="Other frameworks define it so: 0.1 means 0.9 there.",
        symptom="evaluation depends on the last batch alone, and is noisy",
        pattern="wrong-formula",
        source=public(
            "pytorch-quantization-demo issue #17", "https://github.com/Jermmy/pytorch-quantization-demo/issues/17"
        ),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_BatchNorm._note",
                correct="1 / self.num_batches_tracked if self.momentum is None else self.momentum",
                faulty="1 / self.num_batches_tracked if self.momentum is None else 1 - self.momentum",
            )
        ],
    ),
    Fault(
        id="batchnorm-statistics-never-move",
        title="BatchNorm never moves its running statistics",
        why="Training uses those of the batch, so that nothing shows before evaluation.",
        symptom="training is perfect and evaluation useless",
        pattern="state-not-advanced",
        source=public("aprender PR #2166", "https://github.com/paiml/aprender/pull/2166"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm._own_statistics",
                correct="if self.training and self.track_running_stats:",
                faulty="if not self.training and self.track_running_stats:",
            )
        ],
    ),
    Fault(
        id="batchnorm-eval-uses-batch-statistics",
        title="BatchNorm uses the batch's statistics in evaluation",
        why="training=True is handed on whatever the mode.",
        symptom="a prediction depends on what else is in its batch",
        pattern="train-eval-confusion",
        source=public("pytorch PR #4444", "https://github.com/pytorch/pytorch/pull/4444"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:_ChannelNorm.forward",
                correct="use_own = self.training or not self.track_running_stats",
                faulty="use_own = True",
            )
        ],
    ),
    Fault(
        id="rmsnorm-backward-without-weight",
        title="RMSNorm's backward does not multiply the gradient by γ",
        why="The input gradient is right as long as γ = 1, as at the start.",
        symptom="training is fine at first and gets worse as γ moves",
        pattern="identity-derivative",
        source=public("llm.c PR #763", "https://github.com/karpathy/llm.c/pull/763"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:RMSNorm.backward",
                correct="g = dy * self.weight.data",
                faulty="g = dy",
            )
        ],
    ),
    Fault(
        id="rmsnorm-eps-outside-root",
        title="RMSNorm adds eps after the root",
        why="eps is an offset to the norm instead of to its square.",
        symptom="small inputs are scaled differently from other implementations",
        pattern="epsilon",
        source=public("OLMo issue #281", "https://github.com/allenai/OLMo/issues/281"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:RMSNorm.forward",
                correct="1 / np.sqrt((x**2).mean(axes, keepdims=True) + eps)",
                faulty="1 / (np.sqrt((x**2).mean(axes, keepdims=True)) + eps)",
            )
        ],
    ),
    Fault(
        id="lrn-alpha-not-divided",
        title="LocalResponseNorm sums over the window instead of averaging",
        why="alpha is not divided by size; forward and backward agree.",
        symptom="channels suppress each other `size` times as strongly",
        pattern="missing-mean",
        source=public("keras PR #4", "https://github.com/MarcBS/keras/pull/4"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.norm:LocalResponseNorm._mean",
                correct="sliding_window_view(np.pad(x, margin), self.size, 1).mean(-1)",
                faulty="sliding_window_view(np.pad(x, margin), self.size, 1).sum(-1)",
            )
        ],
    ),
    Fault(
        id="lrn-backward-window-not-mirrored",
        title="LocalResponseNorm's backward looks at the same neighbours as its forward",
        why="The transpose of a window is its mirror image; for odd sizes the two are the same.",
        symptom="slightly wrong gradients for even sizes",
        pattern="transposed",
        source=review("channel c is seen by c - ⌊(size - 1) / 2⌋ to c + ⌊size / 2⌋"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.norm:LocalResponseNorm.backward",
                correct="self._mean(dbase, (self.size - 1) // 2)",
                faulty="self._mean(dbase, self.size // 2)",
            )
        ],
    ),
]
