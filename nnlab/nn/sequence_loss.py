"""Losses of a sequence against one of another length."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, check_shape, indices, own
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.loss import Loss

__all__ = ["CTCLoss"]


class CTCLoss(Loss):
    """loss = -log Σ exp(Σ_t log_probs[t, path_t]), over all paths that spell the target without blanks and repeats.

    log_probs has shape (T, N, C), targets (N, S) or all labels in one row, both lengths (N,); or (T, C), (S,) and
    single lengths. The mean divides each loss by its target's length (at least 1). A target that no path can spell
    has loss inf, or 0 if zero_infinity, and gradient 0, where torch's is NaN without zero_infinity. backward is the
    derivative by log_probs themselves; torch's has exp(log_probs) added, which makes no difference before a
    LogSoftmax. Source: Graves, Fernández, Gomez and Schmidhuber, 2006, section 4.1.
    """

    cases = (
        Case(x=[Normal((5, 2, 4)), Fixed([[1, 1, 3], [2, 3, 0]]), Fixed([5, 4]), Fixed([3, 1])]),
        Case(2, "sum", x=[Normal((6, 3, 4)), Fixed([0, 3, 3, 1, 0, 1]), Fixed([6, 4, 5]), Fixed([2, 1, 3])]),
        Case(
            reduction="none", x=[Normal((4, 3, 3)), Fixed([[1, 2], [2, 1], [2, 2]]), Fixed([4, 2, 3]), Fixed([2, 0, 2])]
        ),
        Case(zero_infinity=True, x=[Normal((3, 2, 4)), Fixed([[1, 1], [3, 2]]), Fixed([2, 3]), Fixed([2, 2])]),
        Case(x=[Normal((5, 3)), Fixed([1, 2]), Fixed(5), Fixed(2)]),
    )

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: ArrayLike, targets: ArrayLike, input_lengths: ArrayLike, target_lengths: ArrayLike
    ) -> Array:
        batch = (None,) if np.ndim(log_probs) > 2 else ()
        log_probs = own(self, log_probs, (None, *batch, None), name="log_probs")
        shape = log_probs.shape
        frames = log_probs if batch else log_probs[:, None]
        steps = self.lengths("input_lengths", input_lengths, frames.shape[1], shape[0])
        states, ends, labels = self.lattice(targets, target_lengths, frames.shape[1], shape[-1])
        emitted = frames[:, np.arange(len(states))[:, None], states]
        alpha = np.full((shape[0] + 1, *states.shape), -np.inf, frames.dtype)
        alpha[0, :, 0] = 0
        for t in range(shape[0]):
            alpha[t + 1] = np.where(t < steps, _step(alpha[t], states) + emitted[t], alpha[t])
        log_p = np.logaddexp.reduce(np.where(ends, alpha[-1], -np.inf), 1).astype(frames.dtype)
        impossible = np.isneginf(log_p)
        losses = np.where(impossible & self.zero_infinity, 0, -log_p)
        if self.reduction == "mean":
            losses /= np.maximum(labels, 1)
        self.cache = alpha, emitted, states, ends, steps, labels, np.where(impossible, np.inf, log_p), shape
        return self.reduce(losses.reshape(shape[1:-1]))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None, None, None]:
        alpha, emitted, states, ends, steps, labels, log_p, shape = self.cache
        dlosses = self.reduce_backward(dy).ravel()
        if self.reduction == "mean":
            dlosses /= np.maximum(labels, 1)
        occupied = np.zeros_like(emitted)
        beta = np.where(ends, 0, -np.inf)
        for t in reversed(range(shape[0])):
            occupied[t] = np.where(t < steps, np.exp(alpha[t + 1] + beta - log_p[:, None]), 0)
            beta = np.where(t < steps, _step((beta + emitted[t])[:, ::-1], states[:, ::-1])[:, ::-1], beta)
        demitted = -occupied * dlosses[:, None]
        is_label = (states[..., None] == np.arange(shape[-1])).astype(alpha.dtype)
        dlog_probs: Array = (demitted.swapaxes(0, 1) @ is_label).swapaxes(0, 1)
        return dlog_probs.reshape(shape), None, None, None

    def lattice(
        self, targets: ArrayLike, target_lengths: ArrayLike, samples: int, classes: int
    ) -> tuple[Integers, NDArray[np.bool_], Integers]:
        """For each sample: its labels with a blank before, between and after, the last two of them, their number."""
        if not 0 <= self.blank < classes:
            raise InputError(f"CTCLoss: blank is {self.blank} but must lie in [0, {classes}); name one of the classes")
        given = np.atleast_1d(targets)
        lengths = self.lengths("target_lengths", target_lengths, samples, given.shape[-1])
        used = np.arange(lengths.max()) < lengths
        if given.ndim > 1:
            check_shape("CTCLoss", "targets", given.shape, (samples, None))
            given = given[:, : used.shape[1]][used]
        labels = indices(self, given, (int(lengths.sum()),), classes, "targets")
        states = np.full((samples, 2 * used.shape[1] + 1), self.blank)
        states[:, 1::2][used] = labels
        last = 2 * lengths - np.arange(states.shape[1])
        return states, (last == 0) | (last == 1), lengths[:, 0]

    def lengths(self, name: str, given: ArrayLike, samples: int, most: int) -> Integers:
        """One length for each sample, in a column."""
        lengths = np.array(given).ravel()[:, None]
        if (
            not np.issubdtype(lengths.dtype, np.integer)
            or len(lengths) != samples
            or (lengths < 0).any()
            or (lengths > most).any()
        ):
            raise InputError(
                f"CTCLoss: {name} must be {samples} integers in [0, {most}] but is {np.asarray(given).tolist()}; "
                f"give the length of each sample"
            )
        return lengths


def _step(alpha: Array, states: Integers) -> Array:
    """log Σ exp(alpha) over the states from which each state is reached: itself, the one before, and the one before
    that if it holds another label."""
    stay = alpha.copy()
    stay[:, 1:] = np.logaddexp(stay[:, 1:], alpha[:, :-1])
    skip = states[:, 2:] != states[:, :-2]
    stay[:, 2:] = np.where(skip, np.logaddexp(stay[:, 2:], alpha[:, :-2]), stay[:, 2:])
    return stay
