"""Faults of nnlab.nn.recurrent; those of a single step stand in cell.py."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

PASS = "nnlab.nn.recurrent:_Pass"
LAYER = "nnlab.nn.recurrent:_Layer"
SHARED = "nnlab.nn.recurrent:_Recurrent"

FAULTS = [
    Fault(
        id="birnn-outputs-not-turned-back",
        title="The reverse direction's outputs stay in reverse order",
        why="Step t of one direction is put beside step T - t of the other, forward and backward alike.",
        symptom="tagging gets worse, classification by the last state does not",
        pattern="order-of-operations",
        source=public("d2l-en issue #2306", "https://github.com/d2l-ai/d2l-en/issues/2306"),
        killed_by="reference",
        edits=[
            Edit(f"{PASS}.forward", "return y[self.order], state", "return y, state"),
            Edit(f"{PASS}.backward", "dy = np.where(used, dy[self.order], 0)", "dy = np.where(used, dy, 0)"),
        ],
    ),
    Fault(
        id="birnn-both-directions-forward",
        title="Both directions read the sequence from its start",
        why="The reversal of the input was lost in a refactoring; the second pass has its own weights and learns.",
        symptom="as good as a wider RNN of one direction",
        pattern="dropped-statement",
        source=public("nlc issue #8", "https://github.com/stanfordmlgroup/nlc/issues/8"),
        killed_by="reference",
        edits=[Edit(f"{PASS}.__init__", "-1 if is_reversed else 1", "1")],
    ),
    Fault(
        id="birnn-output-twice",
        title="The output is the first direction's, twice",
        why="A typo in the concatenation; shapes are right.",
        symptom="the reverse direction learns nothing, and nobody notices",
        pattern="wrong-operand",
        source=public(
            "tensorflow-seq2seq-tutorials issue #1", "https://github.com/ematvey/tensorflow-seq2seq-tutorials/issues/1"
        ),
        killed_by="reference",
        edits=[Edit(f"{LAYER}.forward", "np.concatenate(ys, axis=2)", "np.concatenate([ys[0]] * len(ys), axis=2)")],
    ),
    Fault(
        id="birnn-gradient-overwrites-dy",
        title="The gradient of the input is written over dy before the second direction has read it",
        why="From the second layer on both have the same width, so one buffer seems enough.",
        symptom="wrong gradients with two directions and two layers, and only then",
        pattern="aliasing",
        source=public("mxnet PR #18203", "https://github.com/apache/mxnet/pull/18203"),
        killed_by="contract",
        edits=[
            Edit(
                f"{LAYER}.backward",
                """
                dx, dstart[:, i] = one.backward(parts[i], tuple(dlast[:, i]))
                dxs.append(dx)
                """,
                """
                dx, dstart[:, i] = one.backward(parts[i], tuple(dlast[:, i]))
                if dx.shape == dy.shape:
                    dy[...] = dx
                dxs.append(dx)
                """,
            )
        ],
    ),
    Fault(
        id="birnn-gradient-of-last-direction",
        title="The input gets the gradient of one direction alone",
        why="Both directions read x; the loop keeps the last dx in place of the sum.",
        symptom="the layers below learn from half of the signal",
        pattern="lost-residual-path",
        source=review("dx is the sum over the directions"),
        killed_by="gradient",
        edits=[Edit(f"{LAYER}.backward", "np.sum(dxs, axis=0)", "dxs[-1]")],
    ),
    Fault(
        id="rnn-runs-on-through-padding",
        title="The state runs on through padding",
        why="Past its end a sequence is fed zeros, and biases move the state; the reverse direction begins in there.",
        symptom="results depend on what a sequence is batched with",
        pattern="mask",
        source=public("dynet issue #1121", "https://github.com/clab/dynet/issues/1121"),
        killed_by="reference",
        edits=[
            Edit(f"{PASS}.forward", "state = _chosen(used[t], new, state)", "state = new"),
            Edit(
                f"{PASS}.backward",
                "_chosen(used[t], (dh + dz_h[t] @ weight_hh.data, *others), dstate)",
                "dh + dz_h[t] @ weight_hh.data, *others",
            ),
            Edit(
                f"{PASS}.backward",
                "dz_x, dz_h = np.where(used, dz_x, 0), np.where(used, dz_h, 0)",
                "dz_x = np.where(used, dz_x, dz_x)",
            ),
        ],
    ),
    Fault(
        id="rnn-backward-mask-of-first-step",
        title="Backward uses the first step's mask for all steps",
        why="mask[0] in place of mask[t]: all sequences are in use at step 0, so none is ever seen to end.",
        symptom="none with equal lengths",
        pattern="mask",
        source=public("haste issue #43", "https://github.com/lmnt-com/haste/issues/43"),
        killed_by="gradient",
        edits=[Edit(f"{PASS}.backward", "_chosen(used[t],", "_chosen(used[0],")],
    ),
    Fault(
        id="rnn-padding-gradient",
        title="Cotangents of padded outputs flow into the states",
        why="Outputs past the end are set to 0 forward; backward does not cut their gradient off.",
        symptom="wrong gradients unless the loss masks padding itself",
        pattern="mask",
        source=review("y is 0 past the end, whatever the state"),
        killed_by="gradient",
        edits=[Edit(f"{PASS}.backward", "np.where(used, dy[self.order], 0)", "dy[self.order]")],
    ),
    Fault(
        id="rnn-one-step-too-many",
        title="One padded step counts for each shorter sequence",
        why="<= in place of <: step `length` is the first that does not count.",
        symptom="results depend on the padding value",
        pattern="off-by-one",
        source=review("steps 0 to length - 1 count"),
        killed_by="reference",
        edits=[
            Edit(f"{SHARED}._used", "np.arange(steps)[:, None, None] < ends", "np.arange(steps)[:, None, None] <= ends")
        ],
    ),
    Fault(
        id="rnn-truncated-to-last-step",
        title="Only the last output sends its gradient back in time",
        why="The window of truncated backpropagation is applied to the last step alone.",
        symptom="sequence labels are learned from the end of each sequence",
        pattern="simplified-backward",
        source=public("MyGrad PR #4", "https://github.com/rsokl/MyGrad/pull/4"),
        killed_by="gradient",
        edits=[Edit(f"{PASS}.backward", "dh + dy[t], *others", "dh + dy[t] * (t == len(x) - 1), *others")],
    ),
    Fault(
        id="rnn-recurrent-gradient-one-step-late",
        title="W_hh gets its gradient from the state after the step",
        why="The list of outputs is at hand; what the step read is one step earlier.",
        symptom="it learns a little worse",
        pattern="off-by-one",
        source=review("dW_hh = Σ dz_t h_{t-1}ᵀ"),
        killed_by="gradient",
        edits=[Edit(f"{PASS}.forward", "np.stack(before)", "np.stack(after)")],
    ),
    Fault(
        id="rnn-dropout-on-the-input",
        title="Dropout between layers is applied to the input as well",
        why="The rate is meant for what goes from one layer to the next.",
        symptom="a little worse training loss; torch differs",
        pattern="train-eval-confusion",
        source=review("layer k + 1 reads the output of layer k after dropout; the input is read as it is"),
        killed_by="reference",
        edits=[Edit(f"{SHARED}._layer", "self.training and number > 0", "self.training")],
    ),
    Fault(
        id="rnn-dropout-in-evaluation",
        title="Dropout between layers stays on in evaluation",
        why="It is a new Dropout for every forward, and starts in training mode.",
        symptom="predictions differ from call to call",
        pattern="train-eval-confusion",
        source=pattern_of("DME issue #3", "https://github.com/facebookresearch/DME/issues/3"),
        killed_by="reference",
        edits=[Edit(f"{SHARED}._layer", "self.training and number > 0", "number > 0")],
    ),
    Fault(
        id="rnn-dropout-from-global-randomness",
        title="Dropout between layers draws from a generator of its own",
        why="The layer's Generator is not handed on, so its seed decides nothing.",
        symptom="runs cannot be repeated",
        pattern="seed",
        source=pattern_of("cs249r_book PR #1869", "https://github.com/harvard-edge/cs249r_book/pull/1869"),
        killed_by="contract",
        edits=[Edit(f"{SHARED}._layer", "rng=self.rng", "rng=np.random.default_rng()")],
    ),
    Fault(
        id="rnn-dropout-same-mask",
        title="Dropout between layers drops the same entries in every forward",
        why="Its generator is seeded anew each time.",
        symptom="the dropped units are never trained; a smaller network",
        pattern="seed",
        source=review("each forward draws anew from the layer's Generator"),
        killed_by="reference",
        edits=[Edit(f"{SHARED}._layer", "rng=self.rng", "rng=np.random.default_rng(0)")],
    ),
    Fault(
        id="rnn-last-states-by-direction",
        title="The last states are ordered by direction, then layer",
        why="The axes (layers, directions) are flattened the other way round than the first states are read.",
        symptom="states passed on to a next call go to other layers",
        pattern="transposed",
        source=review("h_n is ordered by layer, and by direction within it"),
        killed_by="reference",
        edits=[
            Edit(
                f"{SHARED}._forward",
                "tuple(last.reshape(len(last), *outside))",
                "tuple(last.swapaxes(1, 2).reshape(len(last), *outside))",
            )
        ],
    ),
    Fault(
        id="rnn-state-left-from-last-call",
        title="Without hx the layer starts from where its last call ended",
        why="The state is kept on the layer and not reset between batches of the same size.",
        symptom="results depend on the order of the batches",
        pattern="stale-cache",
        source=review("hx is zero if it is not given"),
        killed_by="contract",
        edits=[
            Edit(
                f"{SHARED}._forward",
                """
                start = self._states(states, outside, inside)
                last = np.zeros_like(start)
                """,
                """
                start = self._states(states, outside, inside)
                kept = vars(self).get("kept", start)
                if kept.shape == start.shape and not any(h is not None for h in states.values()):
                    start = kept
                self.kept = last = np.zeros_like(start)
                """,
            )
        ],
    ),
    Fault(
        id="lstm-ignores-last-cell-gradient",
        title="LSTM's backward ignores the gradient of the last cell state",
        why="Gradients of y and h_n are taken in; that of c_n was forgotten.",
        symptom="none unless the loss, or a decoder, reads c_n",
        pattern="simplified-backward",
        source=public("deeplearning4j issue #8838", "https://github.com/deeplearning4j/deeplearning4j/issues/8838"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.recurrent:LSTM.backward", "dc_n=dc_n", "dc_n=None")],
    ),
    Fault(
        id="gru-ignores-last-state-gradient",
        title="GRU's backward ignores the gradient of the last state",
        why="Only the outputs' gradients are taken in.",
        symptom="an encoder whose last state feeds a decoder learns nothing",
        pattern="simplified-backward",
        source=pattern_of("deeplearning4j issue #8838", "https://github.com/deeplearning4j/deeplearning4j/issues/8838"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.recurrent:GRU.backward", "dh_n=dh_n", "dh_n=None")],
    ),
]
