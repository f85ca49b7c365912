"""Faults of nnlab.nn.sequence_loss."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="ctc-ignores-upstream",
        title="CTCLoss ignores the gradient that arrives",
        why="Backward starts from 1; right for a loss that stands alone, wrong when it is weighed or added.",
        symptom="the weight of an auxiliary CTC loss has no effect",
        pattern="wrong-operand",
        source=public("sherjilozair/ctc issue #2", "https://github.com/sherjilozair/ctc/issues/2"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.backward",
                "dlosses = self.reduce_backward(dy).ravel()",
                "dlosses = self.reduce_backward(np.ones_like(dy)).ravel()",
            )
        ],
    ),
    Fault(
        id="ctc-gradient-of-the-logits",
        title="CTCLoss returns the gradient of the logits",
        why="It adds exp(log_probs), as if a log_softmax were part of the loss.",
        symptom="hidden behind a LogSoftmax, wrong before anything else",
        pattern="wrong-formula",
        source=public("pytorch issue #52241", "https://github.com/pytorch/pytorch/issues/52241"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.forward",
                "shape = log_probs.shape",
                """
                    self._log_probs = log_probs
                    shape = self._log_probs.shape
                """,
            ),
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.backward",
                "dlog_probs: Array = (demitted.swapaxes(0, 1) @ is_label).swapaxes(0, 1)",
                "dlog_probs: Array = (demitted.swapaxes(0, 1) @ is_label).swapaxes(0, 1) + "
                "np.exp(self._log_probs).reshape(shape[0], -1, shape[-1]) * dlosses[:, None]",
            ),
        ],
    ),
    Fault(
        id="ctc-one-term-without-upstream",
        title="Half of CTCLoss's gradient is not multiplied by dy",
        why="Occupied states of blanks are; those of labels are not.",
        symptom="wrong as soon as the loss is scaled",
        pattern="scale",
        source=public("pytorch issue #11750", "https://github.com/pytorch/pytorch/issues/11750"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.backward",
                "demitted = -occupied * dlosses[:, None]",
                "demitted = -occupied * np.where(states == self.blank, dlosses[:, None], 1)",
            )
        ],
    ),
    Fault(
        id="ctc-stride-of-long-targets",
        title="CTCLoss reads concatenated targets with the stride of the longest",
        why="Rows of a common width are assumed; with targets of unequal lengths later samples read their "
        "neighbours' labels.",
        symptom="samples after a short target are scored against wrong labels",
        pattern="wrong-address",
        source=public("pytorch PR #27460", "https://github.com/pytorch/pytorch/pull/27460"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.lattice",
                "states[:, 1::2][used] = labels",
                """
                    rows = np.arange(samples)[:, None] * used.shape[1] + np.arange(used.shape[1])
                    read = labels[np.minimum(rows, len(labels) - 1)]
                    states[:, 1::2][used] = read[used]
                """,
            )
        ],
    ),
    Fault(
        id="ctc-skips-between-equal-labels",
        title="CTCLoss lets paths skip the blank between equal labels",
        why="Without the blank a repeated label collapses into one.",
        symptom="double letters are lost",
        pattern="dropped-statement",
        source=review("a skip needs another label"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:_step",
                "skip = states[:, 2:] != states[:, :-2]",
                "skip = np.ones_like(states[:, 2:], bool)",
            )
        ],
    ),
    Fault(
        id="ctc-ends-in-a-blank-only",
        title="CTCLoss counts only paths that end in a blank",
        why="A path may also end in the last label itself.",
        symptom="short inputs are impossible, long ones slightly too unlikely",
        pattern="off-by-one",
        source=review("α(T, 2S) + α(T, 2S - 1)"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.sequence_loss:CTCLoss.lattice", "(last == 0) | (last == 1)", "last == 0")],
    ),
    Fault(
        id="ctc-starts-in-a-blank-only",
        title="CTCLoss counts only paths that begin with a blank",
        why="The virtual state before the first frame may lead to the first label as well.",
        symptom="models learn to begin with a blank",
        pattern="off-by-one",
        source=review("α(1, 1) and α(1, 2)"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:_step",
                "stay[:, 1:] = np.logaddexp(stay[:, 1:], alpha[:, :-1])",
                "stay[:, 2:] = np.logaddexp(stay[:, 2:], alpha[:, 1:-1])",
            )
        ],
    ),
    Fault(
        id="ctc-frames-beyond-the-input-count",
        title="CTCLoss runs on over padded frames",
        why="input_lengths bound nothing in forward; the padding must be spelled as well.",
        symptom="the loss of a sample depends on its neighbours in the batch",
        pattern="mask",
        source=review("frames t < input_lengths"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.forward",
                "np.where(t < steps, _step(alpha[t], states) + emitted[t], alpha[t])",
                "_step(alpha[t], states) + emitted[t]",
            )
        ],
    ),
    Fault(
        id="ctc-mean-not-divided-by-target-length",
        title="CTCLoss's mean does not divide by the targets' lengths",
        why="torch divides each loss by its target's length before averaging.",
        symptom="long transcripts dominate",
        pattern="missing-mean",
        source=review("mean of loss / target_length, as in torch"),
        killed_by="reference",
        edits=[
            Edit("nnlab.nn.sequence_loss:CTCLoss.forward", "losses /= np.maximum(labels, 1)", "pass"),
            Edit("nnlab.nn.sequence_loss:CTCLoss.backward", "dlosses /= np.maximum(labels, 1)", "pass"),
        ],
    ),
    Fault(
        id="ctc-mean-by-input-length-backward",
        title="CTCLoss divides its gradient by the input's length",
        why="The two lengths have the same shape; forward takes the target's.",
        symptom="the learning rate falls with the length of the audio",
        pattern="wrong-operand",
        source=review("d = 1 / target_length"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.backward",
                "dlosses /= np.maximum(labels, 1)",
                "dlosses /= np.maximum(steps[:, 0], 1)",
            )
        ],
    ),
    Fault(
        id="ctc-infinite-loss-nan-gradient",
        title="An impossible target makes CTCLoss's gradient NaN",
        why="exp(-∞ + ∞) where the sample cannot be spelled; zero_infinity zeroes the loss and not the gradient.",
        symptom="NaN after the first utterance that is too short",
        pattern="domain",
        source=review("gradient 0 where no path exists"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.sequence_loss:CTCLoss.forward", "np.where(impossible, np.inf, log_p)", "log_p")],
    ),
    Fault(
        id="ctc-zero-infinity-always",
        title="CTCLoss zeroes impossible losses without being asked",
        why="The option is not read; data errors pass unseen.",
        symptom="no infinite loss ever, whatever the data",
        pattern="dropped-statement",
        source=review("inf unless zero_infinity"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.forward",
                "np.where(impossible & self.zero_infinity, 0, -log_p)",
                "np.where(impossible, 0, -log_p)",
            )
        ],
    ),
    Fault(
        id="ctc-blank-is-class-zero",
        title="CTCLoss puts class 0 between the labels whatever blank is",
        why="The argument is kept and not used.",
        symptom="with blank = C - 1 the model learns two blanks",
        pattern="wrong-operand",
        source=review("states alternate with blank"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.sequence_loss:CTCLoss.lattice",
                "np.full((samples, 2 * used.shape[1] + 1), self.blank)",
                "np.full((samples, 2 * used.shape[1] + 1), 0)",
            )
        ],
    ),
]
