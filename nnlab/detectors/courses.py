"""What the detector `optimizer` expects of schedules: the learning rates of all of them, written out.

Computed with 50 decimal digits from the formulas in torch's documentation, WarmupCosine's from its own, not by nnlab;
where torch 2.13.0 has the schedule, a test compares the two.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nnlab import nn

METRICS = (3.0, 2.0, 2.5, 2.0, 1.0, 1.5, 1.25, 1.5, 1.0)


class Course(NamedTuple):
    """The learning rate, and the momentum, of SGD(lr=0.1, momentum=0.9) in the epochs 0, 1, …

    ReduceLROnPlateau sees METRICS[i] at the end of epoch i.
    """

    make: Callable[[nn.Optimizer], nn.Schedule]
    rates: tuple[float, ...]
    momenta: tuple[float, ...] | None = None


#: max_lr=0.5 in nine steps.
_ONE_CYCLE = (
    0.02,
    0.3256791176172999,
    0.4972077177254559,
    0.4492833296732234,
    0.35282236449554977,
    0.23131855133348753,
    0.11436497657982402,
    0.030446484879016238,
    2e-06,
)


def _hyperbola(epoch: int) -> float:
    return 1 / (1 + epoch)


COURSES: dict[str, Course] = {
    "StepLR(step_size=3)": Course(
        partial(nn.StepLR, step_size=3), (0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001)
    ),
    "StepLR(step_size=1, gamma=0.5)": Course(
        partial(nn.StepLR, step_size=1, gamma=0.5),
        (0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125, 0.0015625, 0.00078125, 0.000390625),
    ),
    "MultiStepLR([2, 5, 5], gamma=0.5)": Course(
        partial(nn.MultiStepLR, milestones=[2, 5, 5], gamma=0.5),
        (0.1, 0.1, 0.05, 0.05, 0.05, 0.0125, 0.0125, 0.0125, 0.0125),
    ),
    "ExponentialLR(gamma=0.8)": Course(
        partial(nn.ExponentialLR, gamma=0.8),
        (0.1, 0.08, 0.064, 0.0512, 0.04096, 0.032768, 0.0262144, 0.02097152, 0.016777216),
    ),
    "CosineAnnealingLR(T_max=4, eta_min=0.01)": Course(
        partial(nn.CosineAnnealingLR, T_max=4, eta_min=0.01),
        (
            0.1,
            0.08681980515339464,
            0.055,
            0.02318019484660536,
            0.01,
            0.02318019484660536,
            0.055,
            0.08681980515339464,
            0.1,
        ),
    ),
    "CosineAnnealingLR(T_max=3)": Course(
        partial(nn.CosineAnnealingLR, T_max=3), (0.1, 0.075, 0.025, 0.0, 0.025, 0.075, 0.1, 0.075, 0.025)
    ),
    "CosineAnnealingLR(T_max=1)": Course(
        partial(nn.CosineAnnealingLR, T_max=1), (0.1, 0.0, 0.1, 0.0, 0.1, 0.0, 0.1, 0.0, 0.1)
    ),
    "LinearLR()": Course(
        nn.LinearLR,
        (0.03333333333333333, 0.04666666666666667, 0.06, 0.07333333333333333, 0.08666666666666667, 0.1, 0.1, 0.1, 0.1),
    ),
    "LinearLR(start_factor=0.5, end_factor=0.25, total_iters=6)": Course(
        partial(nn.LinearLR, start_factor=0.5, end_factor=0.25, total_iters=6),
        (
            0.05,
            0.04583333333333333,
            0.041666666666666664,
            0.0375,
            0.03333333333333333,
            0.029166666666666667,
            0.025,
            0.025,
            0.025,
        ),
    ),
    "PolynomialLR()": Course(nn.PolynomialLR, (0.1, 0.08, 0.06, 0.04, 0.02, 0.0, 0.0, 0.0, 0.0)),
    "PolynomialLR(total_iters=7, power=2.0)": Course(
        partial(nn.PolynomialLR, total_iters=7, power=2.0),
        (
            0.1,
            0.07346938775510205,
            0.05102040816326531,
            0.0326530612244898,
            0.018367346938775512,
            0.00816326530612245,
            0.0020408163265306124,
            0.0,
            0.0,
        ),
    ),
    "WarmupCosine(warmup=3, total=7, eta_min=0.02)": Course(
        partial(nn.WarmupCosine, warmup=3, total=7, eta_min=0.02),
        (0.025, 0.05, 0.075, 0.1, 0.0882842712474619, 0.06, 0.0317157287525381, 0.02, 0.02),
    ),
    "WarmupCosine(warmup=0, total=4)": Course(
        partial(nn.WarmupCosine, warmup=0, total=4),
        (0.1, 0.08535533905932738, 0.05, 0.014644660940672624, 0.0, 0.0, 0.0, 0.0, 0.0),
    ),
    "WarmupCosine(warmup=1, total=2)": Course(
        partial(nn.WarmupCosine, warmup=1, total=2), (0.05, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    ),
    "CyclicLR(step_size_up=2, step_size_down=3)": Course(
        partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6, step_size_up=2, step_size_down=3),
        (0.2, 0.4, 0.6, 0.4666666666666667, 0.3333333333333333, 0.2, 0.4, 0.6, 0.4666666666666667),
        (0.9, 0.85, 0.8, 0.8333333333333334, 0.8666666666666667, 0.9, 0.85, 0.8, 0.8333333333333334),
    ),
    "CyclicLR(mode=triangular2)": Course(
        partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6, step_size_up=2, mode="triangular2", base_momentum=0.5),
        (0.2, 0.4, 0.6, 0.4, 0.2, 0.3, 0.4, 0.3, 0.2),
        (0.9, 0.7, 0.5, 0.7, 0.9, 0.8, 0.7, 0.8, 0.9),
    ),
    "CyclicLR(mode=exp_range, gamma=0.9)": Course(
        partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6, step_size_up=3, mode="exp_range", gamma=0.9, max_momentum=1.0),
        (0.2, 0.32, 0.416, 0.4916, 0.37496, 0.278732, 0.2, 0.26377292, 0.314791256),
        (1.0, 0.94, 0.892, 0.8542, 0.91252, 0.960634, 1.0, 0.96811354, 0.942604372),
    ),
    "CyclicLR(gamma=0.5) of triangles, where gamma has no say": Course(
        partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6, step_size_up=2, gamma=0.5, cycle_momentum=False),
        (0.2, 0.4, 0.6, 0.4, 0.2, 0.4, 0.6, 0.4, 0.2),
    ),
    "CyclicLR(scale_mode=cycle, cycle_momentum=False)": Course(
        partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6, step_size_up=2, scale_fn=_hyperbola, cycle_momentum=False),
        (0.2, 0.3, 0.4, 0.3, 0.2, 0.26666666666666666, 0.3333333333333333, 0.26666666666666666, 0.2),
    ),
    "CyclicLR(scale_mode=iterations, cycle_momentum=False)": Course(
        partial(
            nn.CyclicLR,
            base_lr=0.2,
            max_lr=0.6,
            step_size_up=2,
            scale_fn=_hyperbola,
            scale_mode="iterations",
            cycle_momentum=False,
        ),
        (0.2, 0.3, 0.3333333333333333, 0.25, 0.2, 0.23333333333333334, 0.2571428571428571, 0.225, 0.2),
        (0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9),
    ),
    "OneCycleLR(total_steps=9)": Course(
        partial(nn.OneCycleLR, max_lr=0.5, total_steps=9),
        _ONE_CYCLE,
        (
            0.95,
            0.8863168504963959,
            0.8505584586887436,
            0.8601433746388539,
            0.8794356448434695,
            0.9037365046793212,
            0.927127313193288,
            0.9439110786685114,
            0.95,
        ),
    ),
    "OneCycleLR(anneal_strategy=linear, three_phase=True)": Course(
        partial(
            nn.OneCycleLR,
            max_lr=0.5,
            total_steps=10,
            pct_start=0.4,
            anneal_strategy="linear",
            base_momentum=0.6,
            max_momentum=0.9,
            div_factor=10.0,
            final_div_factor=20.0,
            three_phase=True,
        ),
        (0.05, 0.2, 0.35, 0.5, 0.35, 0.2, 0.05, 0.034166666666666665, 0.018333333333333333),
        (0.9, 0.8, 0.7, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9),
    ),
    "OneCycleLR(epochs=3, steps_per_epoch=3, cycle_momentum=False)": Course(
        partial(nn.OneCycleLR, max_lr=0.5, epochs=3, steps_per_epoch=3, cycle_momentum=False),
        _ONE_CYCLE,
        (0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9),
    ),
    "ReduceLROnPlateau(patience=0)": Course(
        partial(nn.ReduceLROnPlateau, factor=0.5, patience=0),
        (0.1, 0.1, 0.1, 0.05, 0.025, 0.025, 0.0125, 0.00625, 0.003125),
    ),
    "ReduceLROnPlateau(threshold=0.75, threshold_mode=abs, cooldown=2, min_lr=0.04)": Course(
        partial(
            nn.ReduceLROnPlateau,
            factor=0.5,
            patience=0,
            threshold=0.75,
            threshold_mode="abs",
            cooldown=2,
            min_lr=0.04,
        ),
        (0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.04, 0.04, 0.04),
    ),
    "ReduceLROnPlateau(mode=max, patience=1, threshold=0.25)": Course(
        partial(nn.ReduceLROnPlateau, mode="max", factor=0.5, patience=1, threshold=0.25),
        (0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125),
    ),
    "ReduceLROnPlateau(mode=max, patience=0, threshold=-1, threshold_mode=abs)": Course(
        partial(nn.ReduceLROnPlateau, mode="max", factor=0.5, patience=0, threshold=-1.0, threshold_mode="abs"),
        (0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025),
    ),
}
