"""What windows, initialisers, optimizers, schedules and training refuse, and how the refusal begins."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from nnlab import gradcheck, nn
from nnlab.detectors.refused_calls import ARRAYS, ATTENTION, CONTAINERS, LOSSES, Call, Rng, zeros
from nnlab.detectors.refused_checks import CHECKS, UNDEFINED
from nnlab.detectors.refused_settings import refusal
from nnlab.detectors.refused_words import CALLS, sentence_checks
from nnlab.detectors.subjects import require
from nnlab.errors import InputError
from nnlab.lab import Detected
from nnlab.nn import init

NAN, INF = float("nan"), float("inf")


def sgd(*parameters: nn.Parameter, **options: Any) -> nn.SGD:
    return nn.SGD(list(parameters) or [one()], 0.1, **options)


def one() -> nn.Parameter:
    return nn.Parameter(np.ones(1))


def trainer(rng: Rng, loss: nn.Module | None = None, **settings: Any) -> nn.Trainer:
    model = nn.Linear(2, 1, rng=rng)
    return nn.Trainer(model, loss or nn.MSELoss(), nn.SGD(model.parameters(), 0.1), rng=rng, **settings)


def loaded(content: bytes | None = None, arrays: Mapping[str, Any] | None = None) -> Any:
    """What loading a file of another kind gives."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x.npz"
        if content is not None:
            path.write_bytes(content)
        elif arrays:
            np.savez(path, **arrays)
        return nn.load(path)


def saved(state: Any) -> None:
    with tempfile.TemporaryDirectory() as place:
        nn.save(Path(place) / "x", state)


WINDOWS: Sequence[tuple[Call, str]] = [
    (lambda r: nn.Conv3d(2, 2, (2, 2), rng=r), "Conv3d: (2, 2) must be one number or 3; "),
    (lambda r: nn.Conv2d(2, 2, 2, (1, 2, 3), rng=r), "Conv2d: (1, 2, 3) must be one number or 2; "),
    (lambda r: nn.Conv1d(2, 2, 2, padding=(0, 1), rng=r), "Conv1d: (0, 1) must be one number or 1; "),
    (lambda r: nn.Conv1d(2, 2, 2, dilation=(2, 1), rng=r), "Conv1d: (2, 1) must be one number or 1; "),
    (
        lambda r: nn.ConvTranspose1d(2, 2, 2, output_padding=(0, 0), rng=r),
        "ConvTranspose1d: (0, 0) must be one number or",
    ),
    (lambda r: nn.CausalConv1d(2, 2, (2, 3), rng=r), "CausalConv1d: (2, 3) must be one number or 1; "),
    (lambda r: nn.MaxPool1d((2, 3)), "MaxPool1d: (2, 3) must be one number or 1; "),  # type: ignore[arg-type]
    (lambda r: nn.MaxPool2d(2, (1, 2, 3)), "MaxPool2d: (1, 2, 3) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.AvgPool2d(2, 1, (1, 0, 1)), "AvgPool2d: (1, 0, 1) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.MaxPool1d(2, dilation=(1, 2)), "MaxPool1d: (1, 2) must be one number or 1; "),  # type: ignore[arg-type]
    (lambda r: nn.AdaptiveMaxPool2d((1, 2, 3)), "AdaptiveMaxPool2d: (1, 2, 3) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.Unfold((1, 2, 3)), "Unfold: (1, 2, 3) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.Unfold(2, (1, 2, 1)), "Unfold: (1, 2, 1) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.Unfold(2, 1, (0, 1, 0)), "Unfold: (0, 1, 0) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.Fold(9, 2, stride=(2, 1, 2)), "Fold: (2, 1, 2) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.Fold((4, 5, 6), 2), "Fold: (4, 5, 6) must be one number or 2; "),  # type: ignore[arg-type]
    (lambda r: nn.ZeroPad2d((1, 2)), "ZeroPad2d: (1, 2) must be one number or 4; "),
    (
        lambda r: nn.Conv2d(1, 1, (2, 3), padding=(0, 1), dilation=(1, 3), rng=r)(zeros(1, 1, 2, 4)),
        "Conv2d: the dilated kernel spans (2, 7) but the padded input only (2, 6); ",
    ),
    (lambda r: nn.MaxPool2d(3, dilation=2)(zeros(5, 4)), "MaxPool2d: the dilated kernel spans (5, 5) but the padded "),
    (
        lambda r: nn.AvgPool1d(5, padding=1)(zeros(2)),
        "AvgPool1d: the dilated kernel spans (5,) but the padded input only",
    ),
    (
        lambda r: nn.Unfold(3)(zeros(1, 2, 5)),
        "Unfold: the dilated kernel spans (3, 3) but the padded input only (2, 5)",
    ),
    (
        lambda r: nn.Conv2d(1, 1, 2, padding=(1, 3), padding_mode="reflect", rng=r)(zeros(1, 1, 4, 3)),
        "Conv2d: margins of (3, 3) are more than the 2 entries that padding_mode='reflect' can take from 3 of x; ",
    ),
    (
        lambda r: nn.Conv1d(1, 1, 6, padding="same", padding_mode="circular", rng=r)(zeros(1, 1, 2)),
        "Conv1d: margins of (2, 3) are more than the 2 entries that padding_mode='circular' can take from 2 of x; ",
    ),
    (
        lambda r: nn.Conv2d(1, 1, 1, padding=1, rng=r)(zeros(2, 1, 3, 0)),
        "Conv2d: x has shape (2, 1, 3, 0), without ent",
    ),
    (
        lambda r: nn.ConvTranspose1d(1, 1, 1, rng=r)(zeros(2, 1, 0)),
        "ConvTranspose1d: x has shape (2, 1, 0), without en",
    ),
    (
        lambda r: nn.ConvTranspose2d(1, 1, 2, padding=(1, 2), rng=r)(zeros(1, 1, 2, 3)),
        "ConvTranspose2d: padding (1, 2) leaves sizes of (1, 0) from (2, 3) entries of x; ",
    ),
    (
        lambda r: nn.ConvTranspose2d(1, 1, 2, 3, rng=r)(zeros(1, 1, 2, 2), (1, 5, 6)),
        "ConvTranspose2d: output_size (1, 5, 6) must have 2 sizes, or 4 with batch and channels; ",
    ),
    (
        lambda r: nn.ConvTranspose2d(1, 1, 2, (3, 2), (0, 1), rng=r)(zeros(1, 1, 2, 3), (1, 1, 7, 6)),
        "ConvTranspose2d: output_size (1, 1, 7, 6) must lie between (5, 4) and (7, 5), ",
    ),
    (
        lambda r: nn.ConvTranspose1d(1, 1, 2, 3, rng=r)(zeros(1, 1, 2), [4]),
        "ConvTranspose1d: output_size (4,) must lie between (5,) and (7,), ",
    ),
    (lambda r: nn.Fold(3, 2)(zeros(6, 4)), "Fold: x has 6 rows, which do not divide into 4 taps; "),
    (lambda r: nn.PixelShuffle(3)(zeros(12, 2, 2)), "PixelShuffle: 12 channels do not divide into 3×3 pixels; "),
    (lambda r: nn.ZeroPad2d((0, 0, -1, -2))(zeros(3, 4)), "ZeroPad2d: padding (0, 0, -1, -2) leaves nothing of 3×4; "),
    (
        lambda r: nn.ReflectionPad2d((0, 0, 3, 0))(zeros(3, 4)),
        "ReflectionPad2d: padding (0, 0, 3, 0) reaches beyond the",
    ),
    (
        lambda r: nn.ReflectionPad2d((0, 4, 0, 0))(zeros(3, 4)),
        "ReflectionPad2d: padding (0, 4, 0, 0) reaches beyond the",
    ),
    (lambda r: nn.Upsample(), "Upsample: size is None and scale_factor is None but one must be given; "),
    (
        lambda r: nn.Upsample(3, align_corners=False),
        "Upsample: align_corners is for the modes 'linear' and 'bilinear'; ",
    ),
    (lambda r: nn.Upsample(0)(zeros(1, 2, 3)), "Upsample: (3,) entries would become (0,); "),
    (lambda r: nn.Upsample((3, 4))(zeros(1, 2, 3)), "Upsample: (3, 4) must be one number or 1; "),
    (
        lambda r: nn.Flatten(2, 1)(zeros(2, 3, 4)),
        "Flatten: start_dim 2 comes after end_dim 1 in x of shape (2, 3, 4); ",
    ),
    (
        lambda r: nn.Flatten(0, 3)(zeros(2, 3, 4)),
        "Flatten: x has shape (2, 3, 4) and no dimension 3; name one in [-3, 3)",
    ),
    (lambda r: nn.Flatten(-3)(zeros(2, 3)), "Flatten: x has shape (2, 3) and no dimension -3; name one in [-2, 2)"),
    (
        lambda r: nn.Unflatten(1, (2, 2))(zeros(2, 6)),
        "Unflatten: dimension 1 of x has 6 entries, which do not split into",
    ),
    (lambda r: nn.Unflatten(2, (2, 2))(zeros(2, 4)), "Unflatten: x has shape (2, 4) and no dimension 2; "),
]

INITIALISERS: Sequence[tuple[Call, str]] = [
    *(
        (lambda r, f=f: f(np.ones((2, 3, 1), int)), f"{f.__name__}: tensor is ndarray, no floating-point array; ")
        for f in (init.zeros_, init.ones_, init.eye_, init.dirac_)
    ),
    (lambda r: init.constant_([1.0], 3), "constant_: tensor is list, no floating-point array; "),  # type: ignore[arg-type]
    *(
        (lambda r, f=f: f(3, rng=r), f"{f.__name__}: tensor is int, no floating-point array; ")
        for f in (init.uniform_, init.normal_, init.trunc_normal_, init.xavier_normal_, init.orthogonal_)
    ),
    (lambda r: init.eye_(zeros(2, 2, 2)), "eye_: tensor has shape (2, 2, 2) but must have 2 dimensions; "),
    (lambda r: init.dirac_(zeros(2, 2)), "dirac_: tensor has shape (2, 2) but must have 3 or 4 or 5 dimensions; "),
    (lambda r: init.sparse_(zeros(2), 0.5, rng=r), "sparse_: tensor has shape (2,) but must have 2 dimensions; "),
    *(
        (lambda r, n=n: init.dirac_(zeros(4, 2, 2), n), f"dirac_: groups={n} must divide the 4 output channels; ")
        for n in (0, 3)
    ),
    *(
        (lambda r, f=f: f(zeros(3), rng=r), f"{f.__name__}: tensor has shape (3,), no fans; ")
        for f in (
            init.xavier_uniform_,
            init.xavier_normal_,
            init.kaiming_uniform_,
            init.kaiming_normal_,
            init.orthogonal_,
        )
    ),
    *(
        (lambda r, f=f: f(zeros(3, 3), mode="fan", rng=r), f"{f.__name__}: mode is 'fan'; choose 'fan_in' or 'fan_out'")
        for f in (init.kaiming_uniform_, init.kaiming_normal_)
    ),
    (
        lambda r: init.calculate_gain("swish"),
        "calculate_gain: nonlinearity is 'swish'; choose one of linear, sigmoid, tan",
    ),
    (lambda r: init.trunc_normal_(zeros(3), std=0.0, rng=r), "trunc_normal_: std is 0.0 but must be above 0; "),
    *(
        (
            lambda r, std=std, a=a, b=b: init.trunc_normal_(zeros(3), 0.0, std, a, b, rng=r),
            f"trunc_normal_: [a, b] is [{a}, {b}] but must reach within 2 std = {2 * std} of the mean 0.0; ",
        )
        for std, a, b in ((1.0, 2.1, 3.0), (1.0, -3.0, -2.1), (1.0, 1.0, 1.0), (0.5, 1.5, 2.0), (0.5, -2.0, -1.5))
    ),
]


def twice(make: Callable[[nn.Parameter], Any]) -> Any:
    """What is made of the same parameter twice."""
    return make(one())


def grown(schedule: nn.LRScheduler) -> None:
    """A step of a schedule whose optimizer got a group after it."""
    schedule.optimizer.add_param_group({"params": [one()]})
    schedule.step()


def steps(schedule: Any, count: int) -> None:
    for _ in range(count):
        schedule.step()


OPTIMIZERS: Sequence[tuple[Call, str]] = [
    (lambda r: nn.SGD([], 0.1), "SGD: there are no parameters to move; "),
    (lambda r: nn.Adam([{"params": []}]), "Adam: there are no parameters to move; "),
    (
        lambda r: nn.SGD([{"params": [one()], "b": 1, "a": 2}]),
        "SGD: a group has unknown ['a', 'b']; its options are ['da",
    ),
    (lambda r: nn.SGD([{"lr": 0.1}]), "SGD: a group has no 'params'; "),
    (lambda r: nn.SGD(["weight"]), "SGD: params holds 'weight', no Parameter; "),  # type: ignore[arg-type]
    (lambda r: twice(lambda p: nn.SGD([p, p])), "SGD: Parameter(shape=(1,), dtype=float64) is given twice; "),
    (lambda r: sgd().update(one()), "SGD: Parameter(shape=(1,), dtype=float64) was not given to the constructor; "),
    (lambda r: nn.Muon([one()]), "Muon: a parameter has shape (1,) but must be a matrix; "),
    (lambda r: sgd().load_state_dict({"state": []}), "SGD: state lacks ['kind', 'param_groups']; "),
    (lambda r: nn.Adam([one()]).load_state_dict(sgd().state_dict()), "Adam: state is one of SGD; "),
    (
        lambda r: sgd().load_state_dict(sgd(one(), one()).state_dict()),
        "SGD: state has groups of [2] parameters but the optimizer of [1]; ",
    ),
    (
        lambda r: sgd().load_state_dict(sgd().state_dict() | {"state": []}),
        "SGD: state has groups of [1] parameters but",
    ),
    (
        lambda r: sgd().load_state_dict(sgd().state_dict() | {"param_groups": [{"params": [0]}]}),
        "SGD: a group of state lacks ['dampening', 'lr', ",
    ),
    (lambda r: nn.StepLR(one(), 2), "StepLR: Parameter(shape=(1,), dtype=float64) is no optimizer; "),  # type: ignore[arg-type]
    (lambda r: grown(nn.StepLR(sgd(), 2)), "StepLR: the optimizer has 2 groups but had 1; "),
    (
        lambda r: nn.StepLR(sgd(), 2).load_state_dict({"gamma": 3}),
        "StepLR: state lacks or adds ['base_lrs', 'groups', 'k",
    ),
    (
        lambda r: nn.StepLR(sgd(), 2).load_state_dict(nn.StepLR(sgd(), 2).state_dict() | {"kind": "X"}),
        "StepLR: state has kind X but needs StepLR; ",
    ),
    (lambda r: nn.CyclicLR(nn.Adagrad([one()]), 0.2, 0.3), "CyclicLR: Adagrad has neither momentum nor betas; "),
    (lambda r: nn.OneCycleLR(sgd(momentum=0.5), 0.1, epochs=3), "OneCycleLR: the number of steps is unknown; "),
    (
        lambda r: nn.OneCycleLR(sgd(momentum=0.5), 0.1, steps_per_epoch=3),
        "OneCycleLR: the number of steps is unknown; ",
    ),
    (lambda r: steps(nn.OneCycleLR(sgd(momentum=0.5), 0.1, 5), 6), "OneCycleLR: step 6 comes after the last of 5; "),
    (
        lambda r: nn.clip_grad_norm_(spoilt(), 1.0, error_if_nonfinite=True),
        "clip_grad_norm_: the gradients have norm inf, so they cannot be clipped; ",
    ),
]


def spoilt() -> nn.Parameter:
    parameter = one()
    parameter.grad[...] = INF
    return parameter


TRAINING: Sequence[tuple[Call, str]] = [
    (lambda r: trainer(r, accumulate=0), "Trainer: accumulate is 0 but must be at least 1; "),
    (
        lambda r: trainer(r, schedule_every="batch"),
        "Trainer: schedule_every is 'batch' but must be 'epoch' or 'step'; ",
    ),
    (lambda r: trainer(r).fit(zeros(5, 2), zeros(3, 1), 1), "Trainer: x has 5 examples and target 3; "),
    (lambda r: trainer(r).fit(zeros(0, 2), zeros(0, 1), 1), "Trainer: x has 0 examples and target 0; "),
    (lambda r: trainer(r).fit(zeros(5, 2), zeros(5, 1), 1, 0), "Trainer: batch_size is 0 but must be at least 1; "),
    (
        lambda r: trainer(r, nn.MSELoss("none")).step(zeros(5, 2), zeros(5, 1)),
        "Trainer: the loss has shape (5, 1) but must be one number; ",
    ),
    (lambda r: saved({"a": [1, {2}]}), "save: state['a'][1] is {2}, which a checkpoint cannot hold; "),
    (lambda r: saved({"a": ({"b": 1j},)}), "save: state['a'][0]['b'] is 1j, which a checkpoint cannot hold; "),
    (lambda r: saved({3: 4}), "save: state is {3: 4}, which a checkpoint cannot hold; "),
    (lambda r: loaded(), "load: there is no file {path}; "),
    (lambda r: loaded(b"text"), "load: {path} is no .npz file, or a damaged one; "),
    (
        lambda r: loaded(arrays={"nnlab.json": np.frombuffer(b'{"set": []}', np.uint8)}),
        "load: {path} is damaged or holds pickled objects (set is unknown); ",
    ),
    (lambda r: loaded(arrays={"a": np.ones(2)}), "load: {path} was not written by nnlab.nn.save; "),
    (
        lambda r: loaded(arrays={"nnlab.json": np.array([{2}], object)}),
        "load: {path} is damaged or holds pickled objects (",
    ),
]


#: What stands just within a rule.
TAKEN: Mapping[str, Call] = {
    "the least output_size": lambda r: nn.ConvTranspose1d(1, 1, 2, 3, rng=r)(zeros(1, 1, 2), [5]),
    "the largest output_size": lambda r: nn.ConvTranspose1d(1, 1, 2, 3, rng=r)(zeros(1, 1, 2), [7]),
    "an output_size with batch and channels": lambda r: nn.ConvTranspose1d(1, 1, 2, 3, rng=r)(
        zeros(1, 1, 2), (1, 1, 6)
    ),
    "the least length": lambda r: nn.GRU(2, 3, rng=r)(zeros(4, 2, 2), lengths=[4, 1]),
    "numbers from two std on": lambda r: init.trunc_normal_(zeros(3), 0.0, 1.0, 2.0, 3.0, rng=r),
    "numbers up to two std": lambda r: init.trunc_normal_(zeros(3), 0.0, 1.0, -3.0, -2.0, rng=r),
    "a tensor in single precision": lambda r: init.zeros_(zeros(3, d=np.float32)),
    "one group of output channels": lambda r: init.dirac_(zeros(4, 2, 2), 4),
    "a step at the last of OneCycleLR": lambda r: steps(nn.OneCycleLR(sgd(momentum=0.5), 0.1, 5), 5),
    "one example": lambda r: trainer(r).fit(zeros(1, 2), zeros(1, 1), 1, 1),
    "margins of all entries": lambda r: nn.Conv1d(1, 1, 2, padding=2, padding_mode="circular", rng=r)(zeros(1, 1, 2)),
    "one explained tensor": lambda r: gradcheck.check(nn.Tanh(), np.ones(2), explain=1),
    "a mirror image of all but one": lambda r: nn.ReflectionPad2d((3, 3, 2, 2))(zeros(3, 4)),
    "a kernel as long as x": lambda r: nn.MaxPool1d(3)(zeros(3)),
    "targets of 0 and 1": lambda r: nn.BCELoss()(np.array([0.0, 1.0]), np.array([1.0, 0.0])),
    "a variance of 0": lambda r: nn.GaussianNLLLoss()(*2 * [zeros(2)], zeros(2)),
    "all positions": lambda r: nn.SinusoidalPositionalEncoding(4, max_len=3, rng=r)(zeros(3, 4)),
    "empty targets": lambda r: nn.CTCLoss()(zeros(4, 2, 3), [[1, 2]] * 2, [4, 3], [0, 1]),
    "an explicit triangle": lambda r: nn.TransformerEncoderLayer(4, 2, 3, rng=r)(
        zeros(2, 3, 4), np.triu(np.ones((2, 2), bool), 1), None, True
    ),
}


def call_checks() -> Iterator[tuple[str, Callable[[int], None]]]:
    """A check for each layer or function: the calls that it refuses."""
    calls = [
        *ARRAYS,
        *ATTENTION,
        *CONTAINERS,
        *LOSSES,
        *WINDOWS,
        *INITIALISERS,
        *OPTIMIZERS,
        *TRAINING,
        *CHECKS,
        *CALLS,
    ]
    for who, mine in groupby(sorted(calls, key=_speaker), key=_speaker):
        yield f"{who} calls", partial(_refused, list(mine))
    yield from sentence_checks()
    yield "undefined methods", _undefined
    for what, call in TAKEN.items():
        yield f"{what} is taken", partial(_taken, call)


def _speaker(row: tuple[Call, str]) -> str:
    return row[1].partition(":")[0]


def _refused(calls: Sequence[tuple[Call, str]], seed: int) -> None:
    for call, words in calls:
        said = refusal(f"expected a refusal with {words!r}", partial(call, np.random.default_rng(0)))
        beginning, *others = words.split("{path}")
        fits = said.startswith(beginning) and all(other in said for other in others) and "; " in said
        require(fits, f"expected a refusal with {words!r}, got: {said}")


def _taken(call: Call, seed: int) -> None:
    try:
        call(np.random.default_rng(0))
    except InputError as error:
        raise Detected(f"expected it to be taken, got: {error}") from error


def _undefined(seed: int) -> None:
    for call, beginning in UNDEFINED:
        said = "an answer"
        try:
            call(np.random.default_rng(0))
        except NotImplementedError as error:
            said = str(error)
        require(said.startswith(beginning), f"expected NotImplementedError with {beginning!r}, got: {said}")
