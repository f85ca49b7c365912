"""What the detector `optimizer` expects: the paths of all optimizers, written out; see courses.py for schedules.

Computed with 50 decimal digits from the formula of each paper or of torch's documentation, not by nnlab; where torch
2.13.0 has the optimizer, a test compares the two.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nnlab import nn

Vectors = tuple[tuple[float, ...], ...]

GRADIENTS: Vectors = ((0.5, -1.0), (-0.25, 0.75), (2.0, 0.125))
TURNING: Vectors = ((0.5, -1.0), (0.25, 0.75), (2.0, 0.125))
SEVEN: Vectors = (*GRADIENTS, (-0.5, 1.0), (1.0, 0.25), (0.25, -0.5), (-1.0, 2.0))


class Path(NamedTuple):
    """One parameter θ = (1, -2), in this shape, after each step under these gradients."""

    make: Callable[[list[nn.Parameter]], nn.Optimizer]
    steps: Vectors
    shape: tuple[int, ...] = (2,)
    gradients: Vectors = GRADIENTS


PATHS: dict[str, Path] = {
    "SGD(lr=0.1)": Path(
        partial(nn.SGD, lr=0.1),
        ((0.95, -1.9), (0.975, -1.975), (0.775, -1.9875)),
    ),
    "SGD(dampening=0.3), which takes a momentum to matter": Path(
        partial(nn.SGD, lr=0.1, dampening=0.3),
        ((0.95, -1.9), (0.975, -1.975), (0.775, -1.9875)),
    ),
    "SGD(momentum=0.9, weight_decay=0.01)": Path(
        partial(nn.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        ((0.949, -1.898), (0.927151, -1.879302), (0.706559749, -1.873094498)),
    ),
    "SGD(momentum=0.8, dampening=0.3)": Path(
        partial(nn.SGD, lr=0.1, momentum=0.8, dampening=0.3),
        ((0.95, -1.9), (0.9275, -1.8725), (0.7695, -1.85925)),
    ),
    "SGD(momentum=0.9, nesterov=True)": Path(
        partial(nn.SGD, lr=0.1, momentum=0.9, nesterov=True),
        ((0.905, -1.81), (0.912, -1.8715), (0.5158, -1.8831)),
    ),
    "Adam(lr=0.1)": Path(
        partial(nn.Adam, lr=0.1),
        (
            (0.900000002, -1.900000001),
            (0.8733662987078462, -1.8910675003605355),
            (0.8063015345291529, -1.8905585725409244),
        ),
    ),
    "Adam(betas=(0.5, 0.75), eps=0.1, weight_decay=0.2)": Path(
        partial(nn.Adam, lr=0.1, betas=(0.5, 0.75), eps=0.1, weight_decay=0.2),
        (
            (0.9125, -1.9066666666666667),
            (0.8789343536698032, -1.8857876881583282),
            (0.7947279973288215, -1.8573810130710717),
        ),
    ),
    "Adam(betas=(0.5, 0.5), amsgrad=True)": Path(
        partial(nn.Adam, lr=0.1, betas=(0.5, 0.5), amsgrad=True),
        ((0.900000002, -1.900000001), (0.900000002, -1.9198029516242394), (0.8252776884894609, -1.9381369213295094)),
    ),
    "AdamW(weight_decay=0.5)": Path(
        partial(nn.AdamW, lr=0.1, weight_decay=0.5),
        (
            (0.8500000019999999, -1.800000001),
            (0.7808662986078462, -1.7010675003105356),
            (0.6747582194987606, -1.6155051974753976),
        ),
    ),
    "AdamW(betas=(0.5, 0.5), amsgrad=True)": Path(
        partial(nn.AdamW, lr=0.1, betas=(0.5, 0.5), amsgrad=True),
        (
            (0.899000002, -1.898000001),
            (0.8981010019979999, -1.9159049516232394),
            (0.8224805874854628, -1.9323230163768863),
        ),
    ),
    "Adamax(lr=0.1)": Path(
        partial(nn.Adamax, lr=0.1),
        (
            (0.900000002, -1.900000001),
            (0.8789262971372425, -1.8920973615974395),
            (0.8387048951243273, -1.891727618795231),
        ),
    ),
    "Adamax(betas=(0.5, 0.25), eps=0.1, weight_decay=0.2)": Path(
        partial(nn.Adamax, lr=0.1, betas=(0.5, 0.25), eps=0.1, weight_decay=0.2),
        (
            (0.9125, -1.9066666666666667),
            (0.8183333333333334, -1.8595353247984827),
            (0.7601491820406561, -1.7915757927262266),
        ),
    ),
    "NAdam(lr=0.1)": Path(
        partial(nn.NAdam, lr=0.1),
        (
            (0.8943548242773647, -1.8943548232209129),
            (0.9354657961611366, -1.9520289513146116),
            (0.8260608337300479, -1.9623936665297816),
        ),
    ),
    "NAdam(betas=(0.5, 0.75), eps=0.1, weight_decay=0.2, momentum_decay=0.5)": Path(
        partial(nn.NAdam, lr=0.1, betas=(0.5, 0.75), eps=0.1, weight_decay=0.2, momentum_decay=0.5),
        (
            (0.9003171129628823, -1.8936715871604077),
            (0.9034666866344498, -1.9172836137624107),
            (0.7799446918390804, -1.8875077583394988),
        ),
    ),
    "NAdam(weight_decay=0.5, decoupled_weight_decay=True)": Path(
        partial(nn.NAdam, lr=0.1, weight_decay=0.5, decoupled_weight_decay=True),
        (
            (0.8443548242773647, -1.794354823220913),
            (0.8432480549472684, -1.762311210153566),
            (0.6916806897688162, -1.6845603648610579),
        ),
    ),
    "RAdam(lr=0.1)": Path(
        partial(nn.RAdam, lr=0.1),
        (
            (0.95, -1.9),
            (0.9394736842105263, -1.8921052631578947),
            (0.859030879782482, -1.8917362594678577),
            (0.8165185215388066, -1.9205527758970524),
            (0.7599680099517879, -1.9484373208410097),
            (0.7586393826106672, -1.9488564481716932),
            (0.7579292688247536, -1.9504208848523583),
        ),
        gradients=SEVEN,
    ),
    "RAdam(betas=(0.5, 0.9), eps=0.1, weight_decay=0.2)": Path(
        partial(nn.RAdam, lr=0.1, betas=(0.5, 0.9), eps=0.1, weight_decay=0.2),
        (
            (0.93, -1.86),
            (0.9109333333333334, -1.8385333333333334),
            (0.7780655238095238, -1.815464380952381),
            (0.7344278471111111, -1.8386672497777778),
            (0.6541187483513774, -1.8438178792117152),
            (0.6415852327494959, -1.8314802078316488),
            (0.645781746133815, -1.8500011010187325),
        ),
        gradients=SEVEN,
    ),
    "RAdam(weight_decay=0.5, decoupled_weight_decay=True)": Path(
        partial(nn.RAdam, lr=0.1, weight_decay=0.5, decoupled_weight_decay=True),
        ((0.9, -1.8), (0.8444736842105263, -1.7021052631578948), (0.7218071955719557, -1.6166309963099632)),
    ),
    "Adagrad(lr=0.1)": Path(
        partial(nn.Adagrad, lr=0.1),
        (
            (0.90000000002, -1.90000000001),
            (0.9447213595619958, -1.9600000000052),
            (0.8484126770980182, -1.969950371906508),
        ),
    ),
    "Adagrad(lr_decay=0.5, weight_decay=0.2, initial_accumulator_value=0.5, eps=0.1)": Path(
        partial(nn.Adagrad, lr=0.1, lr_decay=0.5, weight_decay=0.2, initial_accumulator_value=0.5, eps=0.1),
        (
            (0.9360723259209557, -1.9160892163350964),
            (0.939888032839172, -1.9303824114219674),
            (0.8962055387425689, -1.9228445828228358),
        ),
    ),
    "Adadelta()": Path(
        nn.Adadelta,
        (
            (0.9968377855834876, -1.9968377381511013),
            (0.9989228726112789, -1.9996112227165534),
            (0.9942400676040739, -2.000170810516379),
        ),
    ),
    "Adadelta(lr=0.5, rho=0.75, eps=0.1, weight_decay=0.2)": Path(
        partial(nn.Adadelta, lr=0.5, rho=0.75, eps=0.1, weight_decay=0.2),
        (
            (0.7653594668961032, -1.7118145606425836),
            (0.8086619788131386, -1.8340375098254007),
            (0.45522394839169633, -1.7556300566145215),
        ),
    ),
    "RMSprop(lr=0.1)": Path(
        partial(nn.RMSprop, lr=0.1),
        (
            (1.99999960000008e-07, -1.00000009999999),
            (0.44901337442175043, -1.6019293171196611),
            (-0.5146993220302456, -1.7022476224952603),
        ),
    ),
    "RMSprop(alpha=0.75, eps=0.1, weight_decay=0.2, momentum=0.5)": Path(
        partial(nn.RMSprop, lr=0.1, alpha=0.75, eps=0.1, weight_decay=0.2, momentum=0.5),
        (
            (0.8444444444444444, -1.825),
            (0.7866541268317526, -1.7898064164784058),
            (0.5795705400026577, -1.7370729258883253),
        ),
    ),
    "RMSprop(alpha=0.75, eps=0.1, centered=True)": Path(
        partial(nn.RMSprop, lr=0.1, alpha=0.75, eps=0.1, centered=True),
        (
            (0.8420252868527327, -1.8123872102015666),
            (0.9138562790163987, -1.9238580067130353),
            (0.7095955208832683, -1.944725337032812),
        ),
    ),
    "Rprop(lr=0.1)": Path(partial(nn.Rprop, lr=0.1), ((0.9, -1.9), (0.78, -1.9), (0.636, -1.95)), gradients=TURNING),
    "Rprop(lr=0.1) the other way": Path(
        partial(nn.Rprop, lr=0.1),
        ((1.1, -2.1), (1.22, -2.1), (1.364, -2.05)),
        gradients=((-0.5, 1.0), (-0.25, -0.75), (-2.0, -0.125)),
    ),
    "Rprop(lr=0.1, step_sizes=(1e-6, 0.05)), which the first step keeps": Path(
        partial(nn.Rprop, lr=0.1, step_sizes=(1e-6, 0.05)),
        ((0.95, -1.95), (0.95, -1.95), (0.975, -1.925)),
        gradients=((1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)),
    ),
    "Rprop(etas=(0.25, 1.5), step_sizes=(0.05, 0.2))": Path(
        partial(nn.Rprop, lr=0.1, etas=(0.25, 1.5), step_sizes=(0.05, 0.2)),
        ((0.9, -1.9), (0.75, -1.9), (0.55, -1.95)),
        gradients=TURNING,
    ),
    "Lion(lr=0.1)": Path(partial(nn.Lion, lr=0.1), ((0.9, -1.9), (1.0, -2.0), (0.9, -2.1))),
    "Lion(betas=(0.75, 0.5), weight_decay=0.5)": Path(
        partial(nn.Lion, lr=0.1, betas=(0.75, 0.5), weight_decay=0.5),
        ((0.85, -1.8), (0.7075, -1.61), (0.572125, -1.6295)),
    ),
    "Lion(betas=(0.5, 0.5)) turning": Path(
        partial(nn.Lion, lr=0.1, betas=(0.5, 0.5)),
        ((0.9, -1.9), (1.0, -2.0), (0.9, -1.9)),
        gradients=((1.0, -1.0), (-0.75, 0.75), (1.0, -1.0)),
    ),
    "LAMB(lr=0.1)": Path(
        partial(nn.LAMB, lr=0.1),
        (
            (0.8426669914943651, -1.8411090800751477),
            (0.654161252678896, -1.7671950119519049),
            (0.46582914854677326, -1.7608649170941295),
        ),
    ),
    "LAMB(betas=(0.5, 0.75), eps=0.1, weight_decay=0.5)": Path(
        partial(nn.LAMB, lr=0.1, betas=(0.5, 0.75), eps=0.1, weight_decay=0.5),
        (
            (0.8719652883645485, -1.8166775719765125),
            (0.7692441286058801, -1.64331445022282),
            (0.6095049082789737, -1.5572588251515351),
        ),
    ),
    "Adafactor(lr=0.1)": Path(
        partial(nn.Adafactor, lr=0.1),
        (
            (0.841886116991581, -1.841886116991581),
            (0.9367868732215816, -1.9660077708130876),
            (0.720658975972022, -1.9927714409250317),
        ),
    ),
    "Adafactor(lr=0.8, beta2_decay=-0.5, eps=(0.5, 3.0), d=1.25, weight_decay=0.5)": Path(
        partial(nn.Adafactor, lr=0.8, beta2_decay=-0.5, eps=(0.5, 3.0), d=1.25, weight_decay=0.5),
        ((-1.8, 1.2), (-0.019339828220178712, -1.1944384584221823), (-2.267006707524669, -1.111342913057725)),
    ),
    "Adafactor(lr=0.1) of a row": Path(
        partial(nn.Adafactor, lr=0.1),
        (
            (0.841886116991581, -1.841886116991581),
            (0.9367868732215816, -1.9660077708130876),
            (0.720658975972022, -1.9927714409250317),
        ),
        (1, 2),
    ),
    "Adafactor(lr=0.1, eps=(2.0, 0.5)) of a column": Path(
        partial(nn.Adafactor, lr=0.1, eps=(2.0, 0.5)),
        (
            (0.9604715292478953, -1.9209430584957905),
            (0.9794545146239476, -1.9778920146239476),
            (0.8233874141874621, -1.987646208401228),
        ),
        (2, 1),
    ),
    "Muon(lr=0.1) of a column": Path(
        partial(nn.Muon, lr=0.1),
        (
            (0.9459534940121185, -1.891906988024237),
            (0.9428561756549162, -1.9712731950111553),
            (0.8349483325539016, -1.9530785521822887),
        ),
        (2, 1),
    ),
    "Muon(weight_decay=0.5, momentum=0.5, nesterov=False, ns_steps=2) of a row": Path(
        partial(nn.Muon, lr=0.1, weight_decay=0.5, momentum=0.5, nesterov=False, ns_steps=2),
        (
            (0.9001973898965884, -1.8003947797931767),
            (0.8551875204017589, -1.8217370624516642),
            (0.701926073994107, -1.7444629681275263),
        ),
        (1, 2),
    ),
    "Muon(ns_coefficients=(2.0, -1.5, 0.5), eps=2.0, adjust_lr_fn=match_rms_adamw) of a row": Path(
        partial(nn.Muon, lr=0.1, ns_coefficients=(2.0, -1.5, 0.5), eps=2.0, adjust_lr_fn="match_rms_adamw"),
        (
            (0.9775991783085588, -1.9551983566171176),
            (0.9686038811801745, -1.947706759440814),
            (0.9306269820682339, -1.928665804363333),
        ),
        (1, 2),
    ),
}
