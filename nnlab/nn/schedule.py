"""Schedules of the learning rate: step() once an epoch, after the optimizer's steps of that epoch."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from math import cos, pi
from typing import Any

from nnlab.errors import InputError
from nnlab.nn.optim import Group, Optimizer

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LinearLR",
    "MultiStepLR",
    "PerGroup",
    "PolynomialLR",
    "Schedule",
    "StepLR",
    "WarmupCosine",
]

PerGroup = float | Sequence[float]


class Schedule:
    """Base of all that changes an optimizer's learning rates: what it keeps, and how that is saved and loaded.

    To resume, build optimizer and schedule anew and load the states of both; the rates are in the optimizer's.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise InputError(f"{type(self).__name__}: {optimizer!r} is no optimizer; pass one of nnlab.nn")
        self.optimizer = optimizer
        self.groups = len(optimizer.param_groups)
        self.last_epoch = 0

    def param_groups(self) -> list[Group]:
        """The optimizer's groups; there must be as many as at the start."""
        found = self.optimizer.param_groups
        if len(found) != self.groups:
            raise InputError(
                f"{type(self).__name__}: the optimizer has {len(found)} groups but had {self.groups}; "
                f"build the schedule after the last group"
            )
        return found

    def get_last_lr(self) -> list[float]:
        """The rate that every group has now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """All settings and counters, but for the optimizer and functions; `nnlab.nn.save` can write it."""
        own = {name: copy(value) for name, value in vars(self).items() if name != "optimizer" and not callable(value)}
        return own | {"kind": type(self).__name__}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; nothing is changed if it misfits."""
        own = self.state_dict()
        kind = own["kind"]
        if wrong := own.keys() ^ state.keys():
            raise InputError(f"{kind}: state lacks or adds {sorted(wrong)}; save what state_dict() of a {kind} returns")
        for name in ("kind", "groups"):
            if state[name] != own[name]:
                raise InputError(f"{kind}: state has {name} {state[name]} but needs {own[name]}; load another")
        for name in vars(self).keys() & state.keys():
            setattr(self, name, copy(state[name]))

    def demand(self, fits: bool, name: str, value: object, rule: str) -> None:
        if not fits:
            raise InputError(f"{type(self).__name__}: {name} is {value} but must {rule}; choose another value")

    def per_group(self, name: str, value: PerGroup) -> list[float]:
        """`value` for each group of the optimizer."""
        values = [float(v) for v in value] if isinstance(value, Sequence) else [float(value)] * self.groups
        self.demand(len(values) == self.groups, name, values, f"hold one number for each of {self.groups} groups")
        return values


class LRScheduler(Schedule):
    """Base of the schedules by epoch: `rate` says the learning rate of a group in epoch `last_epoch` = 0, 1, …

    Most work out the next rate from the present one, so that several schedules of one optimizer multiply. The rates
    before any schedule are `base_lrs`, which the groups keep as "initial_lr".
    """

    def begin(self) -> None:
        """Enter epoch 0; constructors end with it."""
        for group in self.optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs: list[float] = [group["initial_lr"] for group in self.optimizer.param_groups]
        self.set_lr(self.get_lr())

    def step(self) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        self.set_lr(self.get_lr())

    def get_lr(self) -> list[float]:
        """The rate of every group in epoch `last_epoch`, from its rate in the epoch before."""
        return [self.rate(group["lr"], self.base_lrs[i]) for i, group in enumerate(self.param_groups())]

    def rate(self, lr: float, base_lr: float) -> float:
        """The rate in epoch `last_epoch` of a group that now has `lr` and began with `base_lr`."""
        raise NotImplementedError(f"{type(self).__name__} defines no rate")

    def set_lr(self, rates: list[float]) -> None:
        for i, group in enumerate(self.param_groups()):
            group["lr"] = rates[i]


class StepLR(LRScheduler):
    """lr ← lr · gamma after every step_size epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        self.demand(step_size >= 1, "step_size", step_size, "be at least 1")
        self.step_size = step_size
        self.gamma = gamma
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return lr * self.gamma if due else lr


class MultiStepLR(LRScheduler):
    """lr ← lr · gamma in each epoch of milestones, once for each time that it is listed."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        self.milestones = list(milestones)
        self.gamma = gamma
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        due = self.milestones.count(self.last_epoch)
        return float(lr * self.gamma**due)


class ExponentialLR(LRScheduler):
    """lr ← lr · gamma after every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer)
        self.gamma = gamma
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        return lr * self.gamma if self.last_epoch > 0 else lr


class LinearLR(LRScheduler):
    """lr = base_lr · f, with f going from start_factor in epoch 0 to end_factor in epoch total_iters on a line."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        super().__init__(optimizer)
        self.demand(0 < start_factor <= 1, "start_factor", start_factor, "lie in (0, 1]")
        self.demand(0 <= end_factor <= 1, "end_factor", end_factor, "lie in [0, 1]")
        self.demand(total_iters >= 1, "total_iters", total_iters, "be at least 1")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        if self.last_epoch == 0:
            return lr * self.start_factor
        if self.last_epoch > self.total_iters:
            return lr
        return lr * self.factor(self.last_epoch) / self.factor(self.last_epoch - 1)

    def factor(self, epoch: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * epoch / self.total_iters


class PolynomialLR(LRScheduler):
    """lr = base_lr · (1 - epoch / total_iters)^power, and 0 from epoch total_iters on."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        super().__init__(optimizer)
        self.demand(total_iters >= 1, "total_iters", total_iters, "be at least 1")
        self.total_iters = total_iters
        self.power = power
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        if not 0 < self.last_epoch <= self.total_iters:
            return lr
        left = self.total_iters - self.last_epoch
        return float(lr * (left / (left + 1)) ** self.power)


class CosineAnnealingLR(LRScheduler):
    """lr = eta_min + (base_lr - eta_min) (1 + cos(π · epoch / T_max)) / 2, down for T_max epochs, up for as many, …

    The step is that from one epoch's value to the next one's. Source: Loshchilov and Hutter, ICLR 2017, equation 5,
    without restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        self.demand(T_max >= 1, "T_max", T_max, "be at least 1")
        self.T_max = T_max
        self.eta_min = eta_min
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        if self.last_epoch == 0:
            return lr
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # from the lowest point, where no ratio is defined
            return lr + (base_lr - self.eta_min) * self.height(self.last_epoch)
        ratio = self.height(self.last_epoch) / self.height(self.last_epoch - 1)
        return self.eta_min + (lr - self.eta_min) * ratio

    def height(self, epoch: int) -> float:
        return (1 + cos(pi * epoch / self.T_max)) / 2


class WarmupCosine(LRScheduler):
    """lr rises to base_lr in epoch `warmup` on a line, then falls to eta_min in epoch `total` along half a cosine.

    lr = base_lr (epoch + 1) / (warmup + 1) before epoch `warmup`, and from there on, with p = (epoch - warmup) /
    (total - warmup) up to 1, eta_min + (base_lr - eta_min) (1 + cos(π p)) / 2. Ours: torch has no such schedule.
    """

    def __init__(self, optimizer: Optimizer, warmup: int, total: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        self.demand(warmup >= 0, "warmup", warmup, "be at least 0")
        self.demand(total > warmup, "total", total, f"be above warmup, {warmup}")
        self.warmup = warmup
        self.total = total
        self.eta_min = eta_min
        self.begin()

    def rate(self, lr: float, base_lr: float) -> float:
        rise = min(1.0, (self.last_epoch + 1) / (self.warmup + 1))
        p = min(1.0, max(0.0, (self.last_epoch - self.warmup) / (self.total - self.warmup)))
        return rise * (self.eta_min + (base_lr - self.eta_min) * (1 + cos(pi * p)) / 2)
