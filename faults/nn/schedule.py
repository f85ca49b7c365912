"""Faults of nnlab.nn.schedule."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="schedule-first-group-only",
        title="A schedule sets the rate of the first group alone",
        why="The loop returns after the first group.",
        symptom="the head keeps its first rate for ever",
        pattern="wrong-address",
        source=review("every group has its rate"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:LRScheduler.set_lr",
                "for i, group in enumerate(self.param_groups()):",
                "for i, group in enumerate(self.param_groups()[:1]):",
            )
        ],
    ),
    Fault(
        id="schedule-one-base-for-all-groups",
        title="Every group falls from the first group's rate",
        why="base_lrs holds the first rate for all.",
        symptom="layer-wise rates are lost after the first epoch",
        pattern="wrong-operand",
        source=review("each group has its own base_lr"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:LRScheduler.begin",
                'self.base_lrs: list[float] = [group["initial_lr"] for group in self.optimizer.param_groups]',
                'self.base_lrs: list[float] = [self.optimizer.param_groups[0]["initial_lr"] for group in '
                "self.optimizer.param_groups]",
            )
        ],
    ),
    Fault(
        id="schedule-starts-at-epoch-one",
        title="A schedule begins in epoch 1",
        why="The first step happens in the constructor, as in early torch: every rate is one epoch ahead.",
        symptom="the first epoch already runs at the second rate",
        pattern="off-by-one",
        source=review("constructors enter epoch 0"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule:LRScheduler.begin", "self.set_lr(self.get_lr())", "self.step()")],
    ),
    Fault(
        id="schedule-state-without-epoch",
        title="A schedule's state lacks its epoch",
        why="The counter is left out of what is restored; a resumed schedule starts from epoch 0 at the present rate.",
        symptom="rates decay a second time after a restart",
        pattern="state-not-restored",
        source=pattern_of("Automodel issue #763", "https://github.com/NVIDIA-NeMo/Automodel/issues/763"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:Schedule.load_state_dict",
                "for name in vars(self).keys() & state.keys():",
                'for name in (vars(self).keys() & state.keys()) - {"last_epoch"}:',
            )
        ],
    ),
    Fault(
        id="step-lr-power-of-the-epoch",
        title="StepLR multiplies the present rate by a power of gamma",
        why="gamma^(epoch // step_size) belongs to the base rate; applied to the present one the decay piles up.",
        symptom="rates fall off a cliff",
        pattern="order-of-operations",
        source=pattern_of("pytorch issue #20086", "https://github.com/pytorch/pytorch/issues/20086"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:StepLR.rate",
                "lr * self.gamma if due else lr",
                "lr * self.gamma ** (self.last_epoch // self.step_size) if due else lr",
            )
        ],
    ),
    Fault(
        id="step-lr-one-epoch-late",
        title="StepLR waits one epoch longer",
        why="(epoch - 1) % step_size counts the steps that were taken, not those to come.",
        symptom="rates drop one epoch late",
        pattern="off-by-one",
        source=review("after every step_size epochs"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:StepLR.rate",
                "self.last_epoch % self.step_size == 0",
                "(self.last_epoch - 1) % self.step_size == 0",
            )
        ],
    ),
    Fault(
        id="multi-step-milestone-counts-once",
        title="MultiStepLR takes a milestone that is listed twice for one",
        why="in stands where count belongs.",
        symptom="a milestone that is doubled on purpose halves once",
        pattern="wrong-formula",
        source=review("once for each time that it is listed"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:MultiStepLR.rate",
                "due = self.milestones.count(self.last_epoch)",
                "due = self.last_epoch in self.milestones",
            )
        ],
    ),
    Fault(
        id="multi-step-decays-ever-after",
        title="MultiStepLR decays in every epoch behind a milestone",
        why="It counts the milestones that were passed and multiplies the present rate by all of them again.",
        symptom="rates vanish after the first milestone",
        pattern="order-of-operations",
        source=review("in each epoch of milestones"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:MultiStepLR.rate",
                "due = self.milestones.count(self.last_epoch)",
                "due = sum(milestone <= self.last_epoch for milestone in self.milestones)",
            )
        ],
    ),
    Fault(
        id="exponential-lr-decays-in-epoch-zero",
        title="ExponentialLR decays before the first epoch",
        why="The base rate is never used.",
        symptom="the first epoch runs at gamma · lr",
        pattern="off-by-one",
        source=review("lr ← lr gamma after every epoch"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:ExponentialLR.rate",
                "lr * self.gamma if self.last_epoch > 0 else lr",
                "lr * self.gamma",
            )
        ],
    ),
    Fault(
        id="exponential-lr-subtracts",
        title="ExponentialLR decays linearly",
        why="lr - (1 - gamma) base_lr falls by the same amount each epoch, and below zero.",
        symptom="negative rates after 1 / (1 - gamma) epochs",
        pattern="wrong-formula",
        source=review("lr gamma^epoch"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:ExponentialLR.rate",
                "return lr * self.gamma if",
                "return lr - (1 - self.gamma) * base_lr if",
            )
        ],
    ),
    Fault(
        id="linear-lr-never-arrives",
        title="LinearLR stops one epoch short",
        why="The last step of the line is not taken.",
        symptom="the rate stays below its target for ever",
        pattern="off-by-one",
        source=review("end_factor in epoch total_iters"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:LinearLR.rate",
                "if self.last_epoch > self.total_iters:",
                "if self.last_epoch >= self.total_iters:",
            )
        ],
    ),
    Fault(
        id="linear-lr-goes-on-rising",
        title="LinearLR does not stop at its end",
        why="The line goes on past total_iters.",
        symptom="rates above the base rate, without bound",
        pattern="range",
        source=public("ParlAI PR #4384", "https://github.com/facebookresearch/ParlAI/pull/4384"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule:LinearLR.rate", "if self.last_epoch > self.total_iters:", "if lr > 1:")],
    ),
    Fault(
        id="polynomial-lr-of-the-wrong-ratio",
        title="PolynomialLR takes the whole polynomial as its ratio",
        why="(left / total)^power belongs to the base rate; the step from epoch to epoch is left / (left + 1).",
        symptom="rates vanish long before the end",
        pattern="wrong-formula",
        source=pattern_of("pytorch issue #20086", "https://github.com/pytorch/pytorch/issues/20086"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule:PolynomialLR.rate", "left / (left + 1)", "left / self.total_iters")],
    ),
    Fault(
        id="polynomial-lr-power-left-out",
        title="PolynomialLR ignores its power",
        why="The decay is linear whatever power is.",
        symptom="poly decay looks like a line",
        pattern="dropped-statement",
        source=review("(…)^power"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule:PolynomialLR.rate", "(left / (left + 1)) ** self.power", "(left / (left + 1))")],
    ),
    Fault(
        id="cosine-lr-chained-twice",
        title="CosineAnnealingLR multiplies the closed form onto the present rate",
        why="The cosine is applied to a rate that holds it already.",
        symptom="rates fall much too fast, then exceed the base",
        pattern="order-of-operations",
        source=public("pytorch issue #20086", "https://github.com/pytorch/pytorch/issues/20086"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:CosineAnnealingLR.rate",
                "ratio = self.height(self.last_epoch) / self.height(self.last_epoch - 1)",
                "ratio = self.height(self.last_epoch)",
            )
        ],
    ),
    Fault(
        id="cosine-lr-stays-at-the-bottom",
        title="CosineAnnealingLR cannot leave its lowest point",
        why="Where cos is -1 no ratio is defined; without the case of its own the rate stays at eta_min.",
        symptom="no second half of the cosine",
        pattern="domain",
        source=public("pytorch issue #17913", "https://github.com/pytorch/pytorch/issues/17913"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:CosineAnnealingLR.rate",
                "return lr + (base_lr - self.eta_min) * self.height(self.last_epoch)",
                "return lr",
            )
        ],
    ),
    Fault(
        id="cosine-lr-anneals-to-the-wrong-end",
        title="CosineAnnealingLR takes eta_min off only once",
        why="lr · ratio ends at eta_min · 0: the floor is ignored on the way.",
        symptom="rates fall below eta_min",
        pattern="wrong-operand",
        source=public("fairseq PR #2916", "https://github.com/facebookresearch/fairseq/pull/2916"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:CosineAnnealingLR.rate",
                "return self.eta_min + (lr - self.eta_min) * ratio",
                "return lr * ratio",
            )
        ],
    ),
    Fault(
        id="warmup-cosine-starts-at-zero",
        title="WarmupCosine begins with a rate of zero",
        why="epoch / warmup is 0 in epoch 0: the first step moves nothing.",
        symptom="the first step has no effect",
        pattern="off-by-one",
        source=public("nanoGPT PR #578", "https://github.com/karpathy/nanoGPT/pull/578"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:WarmupCosine.rate",
                "(self.last_epoch + 1) / (self.warmup + 1)",
                "self.last_epoch / max(self.warmup, 1)",
            )
        ],
    ),
    Fault(
        id="warmup-cosine-decays-while-rising",
        title="WarmupCosine's cosine runs during the warm-up",
        why="p counts from epoch 0, so that the peak is below the base rate and the rate drops at its end.",
        symptom="the base rate is never reached",
        pattern="order-of-operations",
        source=public("fairchem PR #1967", "https://github.com/facebookresearch/fairchem/pull/1967"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:WarmupCosine.rate",
                "(self.last_epoch - self.warmup) / (self.total - self.warmup)",
                "self.last_epoch / self.total",
            )
        ],
    ),
    Fault(
        id="warmup-cosine-rises-again",
        title="WarmupCosine does not stay at its floor",
        why="p is not bounded by 1; behind `total` the cosine climbs.",
        symptom="a run that is prolonged diverges",
        pattern="range",
        source=review("p up to 1"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:WarmupCosine.rate",
                "min(1.0, max(0.0, (self.last_epoch - self.warmup) / (self.total - self.warmup)))",
                "max(0.0, (self.last_epoch - self.warmup) / (self.total - self.warmup))",
            )
        ],
    ),
    Fault(
        id="warmup-never-ends",
        title="WarmupCosine warms up while the rate is below 1",
        why="The condition looks at the rate in place of the epoch.",
        symptom="the rate stays at its peak for ever",
        pattern="wrong-operand",
        source=pattern_of("ParlAI PR #4384", "https://github.com/facebookresearch/ParlAI/pull/4384"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule:WarmupCosine.rate",
                "p = min(1.0, max(0.0, (self.last_epoch - self.warmup) / (self.total - self.warmup)))",
                "p = max(0.0, min(1.0, (self.last_epoch - self.warmup) / (self.total - self.warmup))) if lr >= 1 "
                "else 0.0",
            )
        ],
    ),
]
