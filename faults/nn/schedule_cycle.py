"""Faults of nnlab.nn.schedule_cycle."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="cyclic-momentum-follows-the-rate",
        title="CyclicLR lets momentum rise with the rate",
        why="They should move against each other.",
        symptom="unstable at the peak",
        pattern="sign",
        source=public("catalyst issue #215", "https://github.com/catalyst-team/catalyst/issues/215"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:CyclicLR.get_lr", "high - (high - low) * height", "low + (high - low) * height"
            )
        ],
    ),
    Fault(
        id="cyclic-cycle-counted-from-zero",
        title="CyclicLR counts its cycles from 0",
        why="triangular2 then starts with twice the amplitude.",
        symptom="the first peak is above max_lr",
        pattern="off-by-one",
        source=review("cycle 1, 2, …"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule_cycle:CyclicLR.get_lr", "self.scale(cycle + 1)", "self.scale(cycle)")],
    ),
    Fault(
        id="cyclic-down-phase-as-long-as-up",
        title="CyclicLR goes down in step_size_up epochs",
        why="step_size_down bounds the cycle but not the slope.",
        symptom="the rate falls below base_lr",
        pattern="wrong-operand",
        source=review("falls in step_size_down epochs"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.schedule_cycle:CyclicLR.get_lr", "(up + down - epoch) / down", "(up + down - epoch) / up")
        ],
    ),
    Fault(
        id="cyclic-range-not-scaled",
        title="CyclicLR scales the rate instead of its range",
        why="(low + range · h) · s falls below base_lr in later cycles.",
        symptom="rates below base_lr",
        pattern="order-of-operations",
        source=review("base_lr + (max_lr - base_lr) h s"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:CyclicLR.get_lr",
                "height = min(epoch / up, (up + down - epoch) / down) * self.scale(cycle + 1)",
                "height = min(epoch / up, (up + down - epoch) / down); s = self.scale(cycle + 1)",
            ),
            Edit(
                "nnlab.nn.schedule_cycle:CyclicLR.get_lr",
                "found.append(low + (high - low) * height)",
                "found.append((low + (high - low) * height) * s)",
            ),
        ],
    ),
    Fault(
        id="cyclic-betas-replaced",
        title="CyclicLR overwrites both betas",
        why="The whole pair is replaced by the momentum twice.",
        symptom="Adam's second moment forgets within ten steps",
        pattern="wrong-address",
        source=review("β₁ alone is cycled"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:Cycle.set_momentum", '(momentum, *group["betas"][1:])', "(momentum, momentum)"
            )
        ],
    ),
    Fault(
        id="one-cycle-last-step-turns-back",
        title="OneCycleLR divides a count by an index",
        why="The last phase ends at total_steps - 2, and its last step lies behind it.",
        symptom="the rate jumps up in the last step",
        pattern="off-by-one",
        source=public("pytorch issue #91765", "https://github.com/pytorch/pytorch/issues/91765"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:OneCycleLR.between",
                "else [0, up - 1, self.total_steps - 1]",
                "else [0, up - 1, self.total_steps - 2]",
            )
        ],
    ),
    Fault(
        id="one-cycle-never-three-phases",
        title="OneCycleLR has two phases only",
        why="The paper's third phase, in which the rate is annihilated, cannot be chosen.",
        symptom="three_phase has no effect",
        pattern="dropped-statement",
        source=public("pytorch issue #40362", "https://github.com/pytorch/pytorch/issues/40362"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:OneCycleLR.__init__",
                "self.three_phase = three_phase",
                "self.three_phase = False",
            )
        ],
    ),
    Fault(
        id="one-cycle-final-from-the-peak",
        title="OneCycleLR divides the peak by final_div_factor",
        why="The floor belongs to the start: max_lr / div_factor / final_div_factor.",
        symptom="the last rate is 25 times too large",
        pattern="wrong-operand",
        source=review("last = start / final_div_factor"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:OneCycleLR.get_lr",
                "last = start / self.final_div_factor",
                "last = top / self.final_div_factor",
            )
        ],
    ),
    Fault(
        id="one-cycle-momentum-stays-down",
        title="OneCycleLR leaves its momentum at the base",
        why="The second phase should bring it back to max_momentum.",
        symptom="too little momentum at the end",
        pattern="wrong-operand",
        source=review("and back"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:OneCycleLR.get_lr",
                "rates, momentums = [start, top, last], [high, low, high]",
                "rates, momentums = [start, top, last], [high, low, low]",
            )
        ],
    ),
    Fault(
        id="one-cycle-cosine-of-the-whole-circle",
        title="OneCycleLR anneals along a whole cosine",
        why="2π brings the rate back to where the phase began.",
        symptom="the rate never reaches its peak",
        pattern="scale",
        source=review("half a cosine"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.schedule_cycle:OneCycleLR.between", "cos(pi * part)", "cos(2 * pi * part)")],
    ),
    Fault(
        id="plateau-patience-one-early",
        title="ReduceLROnPlateau reduces one epoch too early",
        why=">= stands where > belongs: patience bad epochs should be allowed.",
        symptom="the rate falls too soon",
        pattern="off-by-one",
        source=public("aprender PR #2135", "https://github.com/paiml/aprender/pull/2135"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.step",
                "self.num_bad_epochs > self.patience",
                "self.num_bad_epochs >= self.patience",
            )
        ],
    ),
    Fault(
        id="plateau-does-not-start-over",
        title="ReduceLROnPlateau keeps its count after a reduction",
        why="Unless there is a cooldown the bad epochs go on counting, and each one reduces again.",
        symptom="the rate falls every epoch after the first reduction",
        pattern="state-not-restored",
        source=public("keras issue #3991", "https://github.com/keras-team/keras/issues/3991"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.step",
                "self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0",
                "self.cooldown_counter = self.cooldown",
            )
        ],
    ),
    Fault(
        id="plateau-patience-ignored",
        title="ReduceLROnPlateau ignores its patience",
        why="The argument is stored and never read.",
        symptom="the rate falls at the first bad epoch",
        pattern="dropped-statement",
        source=public("nitrain issue #23", "https://github.com/nitrain/nitrain/issues/23"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.step",
                "self.num_bad_epochs > self.patience",
                "self.num_bad_epochs > 0",
            )
        ],
    ),
    Fault(
        id="plateau-compares-with-the-last-epoch",
        title="ReduceLROnPlateau compares with the last epoch, not the best",
        why="best follows every metric; slow divergence with one good epoch in between never reduces.",
        symptom="the rate stays while the loss oscillates",
        pattern="state-not-advanced",
        source=review("no new best"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.step",
                """
                    if self.is_better(metrics):
                        self.best, self.num_bad_epochs = float(metrics), 0
                """,
                """
                    if self.is_better(metrics):
                        self.num_bad_epochs = 0
                    self.best = float(metrics)
                """,
            )
        ],
    ),
    Fault(
        id="plateau-relative-threshold-of-max",
        title="ReduceLROnPlateau lowers the bar in mode max",
        why="best (1 - threshold) is the bar of mode min.",
        symptom="small losses of accuracy count as progress",
        pattern="sign",
        source=review("above the best by more than threshold"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.is_better",
                "bar = self.best * (1 + sign * self.threshold)",
                "bar = self.best * (1 - self.threshold)",
            )
        ],
    ),
    Fault(
        id="plateau-floor-undershot",
        title="ReduceLROnPlateau goes below min_lr",
        why="The floor is checked against the old rate, not applied to the new one.",
        symptom="rates far below min_lr",
        pattern="range",
        source=review("max(lr factor, min_lr)"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.schedule_cycle:ReduceLROnPlateau.step",
                'lr = max(group["lr"] * self.factor, self.min_lrs[i])',
                'lr = group["lr"] * self.factor if group["lr"] > self.min_lrs[i] else group["lr"]',
            )
        ],
    ),
]
