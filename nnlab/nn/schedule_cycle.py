"""Schedules that go up and down, and one that waits for progress: CyclicLR, OneCycleLR, ReduceLROnPlateau."""

from collections.abc import Callable
from math import cos, inf, pi
from typing import Any, Literal

from nnlab.errors import InputError
from nnlab.nn.optim import Optimizer
from nnlab.nn.schedule import LRScheduler, PerGroup, Schedule

__all__ = ["CyclicLR", "OneCycleLR", "ReduceLROnPlateau"]


class Cycle(LRScheduler):
    """Base of the schedules that may also cycle the momentum, or β₁, against the learning rate."""

    def set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        elif "momentum" in group:
            group["momentum"] = momentum
        else:
            raise InputError(
                f"{type(self).__name__}: {type(self.optimizer).__name__} has neither momentum nor betas; "
                f"pass cycle_momentum=False"
            )


class CyclicLR(Cycle):
    """lr = base_lr + (max_lr - base_lr) · h · s: h rises from 0 to 1 in step_size_up epochs, falls in step_size_down.

    s = 1 for mode "triangular", 1 / 2^(cycle - 1) for "triangular2", gamma^epoch for "exp_range"; or scale_fn of the
    cycle 1, 2, … or, for scale_mode "iterations", of the epoch. With cycle_momentum the momentum, or β₁, falls from
    max_momentum to base_momentum while lr rises. Source: Smith, WACV 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: PerGroup,
        max_lr: PerGroup,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[int], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.8,
        max_momentum: PerGroup = 0.9,
    ) -> None:
        super().__init__(optimizer)
        modes = ("triangular", "triangular2", "exp_range")
        self.demand(mode in modes, "mode", repr(mode), f"be one of {', '.join(modes)}")
        self.demand(scale_mode in ("cycle", "iterations"), "scale_mode", repr(scale_mode), "be cycle or iterations")
        self.low_lrs = self.per_group("base_lr", base_lr)
        self.max_lrs = self.per_group("max_lr", max_lr)
        self.base_momentums = self.per_group("base_momentum", base_momentum)
        self.max_momentums = self.per_group("max_momentum", max_momentum)
        self.step_size_up = step_size_up
        self.step_size_down = step_size_up if step_size_down is None else step_size_down
        self.mode = mode
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        self.set_lr(self.low_lrs)
        self.begin()

    def get_lr(self) -> list[float]:
        up, down = self.step_size_up, self.step_size_down
        cycle, epoch = divmod(self.last_epoch, up + down)
        height = min(epoch / up, (up + down - epoch) / down) * self.scale(cycle + 1)
        found = []
        for i, group in enumerate(self.param_groups()):
            low, high = self.low_lrs[i], self.max_lrs[i]
            found.append(low + (high - low) * height)
            if self.cycle_momentum:
                low, high = self.base_momentums[i], self.max_momentums[i]
                self.set_momentum(group, high - (high - low) * height)
        return found

    def scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 0.5 ** (cycle - 1)
        return float(self.gamma**self.last_epoch) if self.mode == "exp_range" else 1.0


class OneCycleLR(Cycle):
    """lr goes from max_lr / div_factor up to max_lr in pct_start of all steps, then to the start / final_div_factor.

    On the way it follows half a cosine, or a line; with three_phase it first goes back to the start, in as many steps
    as it went up. With cycle_momentum the momentum, or β₁, falls from max_momentum to base_momentum while lr rises,
    and back. There are total_steps, or epochs · steps_per_epoch. Source: Smith and Topin, 2018, in torch's form.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: PerGroup,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.85,
        max_momentum: PerGroup = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        super().__init__(optimizer)
        if total_steps is None and epochs is not None and steps_per_epoch is not None:
            total_steps = epochs * steps_per_epoch
        if total_steps is None:
            raise InputError(
                "OneCycleLR: the number of steps is unknown; pass total_steps, or epochs and steps_per_epoch"
            )
        self.demand(total_steps >= 1, "total_steps", total_steps, "be at least 1")
        self.demand(0 <= pct_start <= 1, "pct_start", pct_start, "lie in [0, 1]")
        self.demand(anneal_strategy in ("cos", "linear"), "anneal_strategy", repr(anneal_strategy), "be cos or linear")
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self.max_lrs = self.per_group("max_lr", max_lr)
        self.base_momentums = self.per_group("base_momentum", base_momentum)
        self.max_momentums = self.per_group("max_momentum", max_momentum)
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor
        self.three_phase = three_phase
        for i, group in enumerate(optimizer.param_groups):
            group["initial_lr"] = self.max_lrs[i] / div_factor
        self.begin()

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise InputError(
                f"OneCycleLR: step {self.last_epoch} comes after the last of {self.total_steps}; raise total_steps"
            )
        found = []
        for i, group in enumerate(self.param_groups()):
            top, low, high = self.max_lrs[i], self.base_momentums[i], self.max_momentums[i]
            start = top / self.div_factor
            last = start / self.final_div_factor
            rates, momentums = [start, top, last], [high, low, high]
            if self.three_phase:
                rates, momentums = [start, top, start, last], [high, low, high, high]
            found.append(self.between(rates))
            if self.cycle_momentum:
                self.set_momentum(group, self.between(momentums))
        return found

    def between(self, values: list[float]) -> float:
        """Where `last_epoch` is on the way through `values`."""
        up = self.pct_start * self.total_steps
        times = [0, up - 1, 2 * up - 2, self.total_steps - 1] if self.three_phase else [0, up - 1, self.total_steps - 1]
        phase = next((i for i, end in enumerate(times[1:-1]) if self.last_epoch <= end), len(times) - 2)
        begin, end = times[phase], times[phase + 1]
        part = (self.last_epoch - begin) / (end - begin) if end > begin else 1.0
        if self.anneal_strategy == "cos":
            part = (1 - cos(pi * part)) / 2
        return values[phase] + (values[phase + 1] - values[phase]) * part


class ReduceLROnPlateau(Schedule):
    """lr ← max(lr · factor, min_lr) when step(metric) has seen no new best for more than `patience` epochs.

    A metric is a new best where it is below (mode "min") or above ("max") the best so far by more than threshold,
    taken relative to the best ("rel") or as it is ("abs"). After a reduction `cooldown` epochs do not count. A
    reduction by eps or less is left out.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: PerGroup = 0.0,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(optimizer)
        self.demand(factor < 1, "factor", factor, "be below 1")
        self.demand(mode in ("min", "max"), "mode", repr(mode), "be min or max")
        self.demand(threshold_mode in ("rel", "abs"), "threshold_mode", repr(threshold_mode), "be rel or abs")
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.min_lrs = self.per_group("min_lr", min_lr)

    def step(self, metrics: float) -> None:
        """Go on to the next epoch after one that ended with this metric."""
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self.is_better(metrics):
            self.best, self.num_bad_epochs = float(metrics), 0
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            for i, group in enumerate(self.param_groups()):
                lr = max(group["lr"] * self.factor, self.min_lrs[i])
                if group["lr"] - lr > self.eps:
                    group["lr"] = lr

    def is_better(self, metric: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        bar = self.best + sign * self.threshold
        if self.threshold_mode == "rel":
            bar = self.best * (1 + sign * self.threshold)
        return metric < bar if self.mode == "min" else metric > bar
