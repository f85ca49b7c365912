"""Faults of nnlab.nn.cell, and so of the recurrent layers too."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

LSTM_STEP = "nnlab.nn.cell:LSTMStep"
GRU_STEP = "nnlab.nn.cell:GRUStep"
SWAPPED_GATES = ("xlstm issue #98", "https://github.com/NX-AI/xlstm/issues/98")

FAULTS = [
    Fault(
        id="rnn-relu-gradient-of-tanh",
        title="RNN's backward is that of tanh, whichever nonlinearity was chosen",
        why="The option came later, and only forward knows it.",
        symptom="none with tanh; with relu gradients of large states are large and negative",
        pattern="wrong-formula",
        source=review("relu's slope is 1 where h > 0"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.cell:RNNStep.backward",
                'dz = dh * (1 - h**2) if self.nonlinearity == "tanh" else dh * (h > 0)',
                "dz = dh * (1 - h**2)",
            )
        ],
    ),
    Fault(
        id="rnn-tanh-derivative-not-squared",
        title="RNN's tanh derivative is 1 - h",
        why="The square of 1 - h² is lost.",
        symptom="gradients explode for negative states, up to a factor of 2 a step",
        pattern="wrong-formula",
        source=review("tanh' = 1 - tanh²"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.cell:RNNStep.backward", "dh * (1 - h**2)", "dh * (1 - h)")],
    ),
    Fault(
        id="lstm-input-and-forget-gate-swapped",
        title="LSTM takes the input gate's block for the forget gate's",
        why="Two gates of the same kind change names, forward and backward.",
        symptom="none in training from scratch; pretrained weights give nonsense",
        pattern="wrong-operand",
        source=public(*SWAPPED_GATES),
        killed_by="reference",
        edits=[
            Edit(f"{LSTM_STEP}.forward", "z_i, z_f, z_g, z_o = _blocks", "z_f, z_i, z_g, z_o = _blocks"),
            Edit(
                f"{LSTM_STEP}.backward",
                "[di * i * (1 - i), df * f * (1 - f), dg",
                "[df * f * (1 - f), di * i * (1 - i), dg",
            ),
        ],
    ),
    Fault(
        id="lstm-gate-order-of-onnx",
        title="LSTM reads its blocks in ONNX's order i, o, f, g",
        why="Every format has an order of its own, and shapes do not tell them apart.",
        symptom="none in training from scratch; pretrained weights give nonsense",
        pattern="wrong-operand",
        source=public("CrispASR PR #106", "https://github.com/CrispStrobe/CrispASR/pull/106"),
        killed_by="reference",
        edits=[
            Edit(f"{LSTM_STEP}.forward", "z_i, z_f, z_g, z_o = _blocks", "z_i, z_o, z_f, z_g = _blocks"),
            Edit(
                f"{LSTM_STEP}.backward",
                "df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)]",
                "do * o * (1 - o), df * f * (1 - f), dg * (1 - g**2)]",
            ),
        ],
    ),
    Fault(
        id="lstm-backward-reads-gates-in-other-order",
        title="LSTM's backward unpacks the saved gates as f, i, where forward saved i, f",
        why="Two arrays of one shape in the other order: the gradients land in each other's rows.",
        symptom="it learns, worse than a plain RNN",
        pattern="wrong-operand",
        source=public("AiDotNet.Tensors PR #907", "https://github.com/ooples/AiDotNet.Tensors/pull/907"),
        killed_by="gradient",
        edits=[Edit(f"{LSTM_STEP}.backward", "c, i, f, g, o, tanh_c = kept", "c, f, i, g, o, tanh_c = kept")],
    ),
    Fault(
        id="lstm-gates-read-wrong-delta",
        title="LSTM's input, forget and cell gates get the gradient before the output was added",
        why="Two deltas with nearly the same name: only the output gate uses the right one.",
        symptom="gates learn from later steps, never from the output of their own",
        pattern="wrong-operand",
        source=public("cuTAGI issue #77", "https://github.com/lhnguyen102/cuTAGI/issues/77"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{LSTM_STEP}.backward",
                "dc_after * g, dc_after * c, dc_after * i,",
                "dstate[1] * g, dstate[1] * c, dstate[1] * i,",
            )
        ],
    ),
    Fault(
        id="lstm-without-last-tanh",
        title="LSTM's output is o c, without the tanh",
        why="The last function of the formula is forgotten, forward and backward.",
        symptom="states beyond ±1; training still works",
        pattern="dropped-statement",
        source=public("nicodjimenez/lstm issue #47", "https://github.com/nicodjimenez/lstm/issues/47"),
        killed_by="reference",
        edits=[
            Edit(f"{LSTM_STEP}.forward", "tanh_c = np.tanh(c_after)", "tanh_c = c_after"),
            Edit(f"{LSTM_STEP}.backward", "dh * o * (1 - tanh_c**2)", "dh * o"),
        ],
    ),
    Fault(
        id="lstm-forget-gate-without-derivative",
        title="LSTM's forget gate is differentiated as the identity, times itself",
        why="sigmoid is called where its derivative was meant: one `derivative=True` is missing.",
        symptom="the forget gate learns too fast once it is open",
        pattern="identity-derivative",
        source=public("RNN-LSTM-in-numpy issue #1", "https://github.com/CaptainE/RNN-LSTM-in-numpy/issues/1"),
        killed_by="gradient",
        edits=[Edit(f"{LSTM_STEP}.backward", "df * f * (1 - f)", "df * f")],
    ),
    Fault(
        id="lstm-bias-gradient-of-one-gate",
        title="LSTM gives every gate's bias the gradient of one",
        why="A copied line: each bias adds delta_f.",
        symptom="slower learning; the weights are right and make up for it",
        pattern="wrong-operand",
        source=public("learn_dl issue #53", "https://github.com/hanbt/learn_dl/issues/53"),
        killed_by="gradient",
        edits=[
            Edit(
                "nnlab.nn.cell:add_gradients",
                "bias.grad += dz.sum(rows)",
                """
                blocks = len(weight.data) // weight.data.shape[1] if len(weight.data) % weight.data.shape[1] == 0 else 1
                total = dz.sum(rows).reshape(blocks, -1)
                bias.grad += np.broadcast_to(total[min(1, blocks - 1)], total.shape).ravel()
                """,
            )
        ],
    ),
    Fault(
        id="lstm-cell-gradient-not-forgotten",
        title="LSTM passes the cell's gradient on without the forget gate",
        why="c' = f c + i g, so that the gradient of c is f times that of c'.",
        symptom="gradients do not vanish where they should; early steps get too much",
        pattern="identity-derivative",
        source=review("dc = dc' f"),
        killed_by="gradient",
        edits=[Edit(f"{LSTM_STEP}.backward", "np.zeros_like(dh), dc_after * f", "np.zeros_like(dh), dc_after")],
    ),
    Fault(
        id="lstm-cell-gradient-lost",
        title="LSTM passes no gradient through its cell state",
        why="Only h is sent back in time; the path that makes it a long memory is missing.",
        symptom="it learns like a plain RNN",
        pattern="simplified-backward",
        source=public(
            "RNN-LSTM-in-numpy issue #1", "https://github.com/CaptainE/RNN-LSTM-in-numpy/issues/1", "issue 2"
        ),
        killed_by="gradient",
        edits=[
            Edit(f"{LSTM_STEP}.backward", "np.zeros_like(dh), dc_after * f", "np.zeros_like(dh), np.zeros_like(dh)"),
        ],
    ),
    Fault(
        id="lstm-tanh-derivative-of-old-cell",
        title="LSTM's tanh derivative is taken at the cell state before the step",
        why="c and c' are one letter apart, and c is what is saved.",
        symptom="it learns a little worse",
        pattern="wrong-operand",
        source=review("dc' += dh o (1 - tanh²(c'))"),
        killed_by="gradient",
        edits=[Edit(f"{LSTM_STEP}.backward", "1 - tanh_c**2", "1 - np.tanh(c) ** 2")],
    ),
    Fault(
        id="lstmcell-ignores-cell-gradient",
        title="LSTMCell's backward ignores the gradient of the cell state",
        why="A loss that reads c', as the next step does, sends nothing back.",
        symptom="hand-written loops over the cell learn from the last step alone",
        pattern="simplified-backward",
        source=public("deeplearning4j issue #8838", "https://github.com/deeplearning4j/deeplearning4j/issues/8838"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.cell:LSTMCell.backward", "dc=dc", "dc=None")],
    ),
    Fault(
        id="gru-update-gate-reversed",
        title="GRU's update gate keeps what it should replace",
        why="h' = u n + (1 - u) h stands in one version of the paper; torch and cuDNN have it the other way round.",
        symptom="none in training from scratch; pretrained weights give nonsense",
        pattern="sign",
        source=public("keras issue #14649", "https://github.com/keras-team/keras/issues/14649"),
        killed_by="reference",
        edits=[
            Edit(f"{GRU_STEP}.forward", "(1 - u) * n + u * h", "u * n + (1 - u) * h"),
            Edit(f"{GRU_STEP}.backward", "dh_after * (1 - u) * (1 - n**2)", "dh_after * u * (1 - n**2)"),
            Edit(f"{GRU_STEP}.backward", "dh_after * (h - n)", "dh_after * (n - h)"),
            Edit(f"{GRU_STEP}.backward", "(dh_after * u,)", "(dh_after * (1 - u),)"),
        ],
    ),
    Fault(
        id="gru-reset-and-update-gate-swapped",
        title="GRU reads its blocks in Keras' order z, r, n",
        why="Reset and update gate change places, forward and backward.",
        symptom="none in training from scratch; pretrained weights give nonsense",
        pattern="wrong-operand",
        source=pattern_of(*SWAPPED_GATES),
        killed_by="reference",
        edits=[
            Edit(f"{GRU_STEP}.forward", "r_x, u_x, n_x = _blocks", "u_x, r_x, n_x = _blocks"),
            Edit(f"{GRU_STEP}.forward", "r_h, u_h, n_h = _blocks", "u_h, r_h, n_h = _blocks"),
            Edit(f"{GRU_STEP}.backward", "[dr, du, dn], axis=1", "[du, dr, dn], axis=1"),
            Edit(f"{GRU_STEP}.backward", "[dr, du, dn * r]", "[du, dr, dn * r]"),
        ],
    ),
    Fault(
        id="gru-resets-the-input-too",
        title="GRU's reset gate also scales the input's part",
        why="n = tanh(r (z_x + z_h)): a bracket too far to the left, forward and backward.",
        symptom="it learns; pretrained weights are off",
        pattern="order-of-operations",
        source=public("burn PR #2704", "https://github.com/tracel-ai/burn/pull/2704"),
        killed_by="reference",
        edits=[
            Edit(f"{GRU_STEP}.forward", "n = np.tanh(n_x + r * n_h)", "n = np.tanh(r * (n_x + n_h))"),
            Edit(f"{GRU_STEP}.forward", "(h, r, u, n, n_h)", "(h, r, u, n, n_x + n_h)"),
            Edit(f"{GRU_STEP}.backward", "[dr, du, dn], axis=1", "[dr, du, dn * r], axis=1"),
        ],
    ),
    Fault(
        id="gru-hidden-candidate-gradient-not-reset",
        title="GRU's hidden weights of n get a gradient without the reset gate",
        why="One dz for both projections, as in the LSTM; in a GRU that of the hidden state has a factor r.",
        symptom="it learns a little worse",
        pattern="simplified-backward",
        source=review("dz_h = dn r in the third block"),
        killed_by="gradient",
        edits=[Edit(f"{GRU_STEP}.backward", "[dr, du, dn * r]", "[dr, du, dn]")],
    ),
    Fault(
        id="gru-lost-carry",
        title="GRU passes no gradient along u h",
        why="The direct path from state to state, which is what makes it a GRU, is missing in backward.",
        symptom="long dependencies are not learned; the loss falls",
        pattern="lost-residual-path",
        source=review("dh includes dh' u"),
        killed_by="gradient",
        edits=[Edit(f"{GRU_STEP}.backward", "(dh_after * u,)", "(np.zeros_like(dh_after),)")],
    ),
    Fault(
        id="gru-reset-gradient-from-state",
        title="GRU's reset gate gets its gradient from the state in place of the projection",
        why="n = tanh(z_x + r z_h) was derived as if r h stood there, as in the paper.",
        symptom="it learns a little worse",
        pattern="wrong-operand",
        source=review("dr = dn z_h r (1 - r)"),
        killed_by="gradient",
        edits=[Edit(f"{GRU_STEP}.backward", "dn * n_h * r", "dn * h * r")],
    ),
    Fault(
        id="cell-returns-its-cache",
        title="Recurrent cells return the state that they keep for backward",
        why="A caller that resets the states of finished sequences in place changes the derivative of the step before.",
        symptom="wrong gradients where h[done] = 0",
        pattern="aliasing",
        source=pattern_of("Liger-Kernel issue #254", "https://github.com/linkedin/Liger-Kernel/issues/254"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.cell:_Cell._forward", "tuple(h.reshape(shape).copy() for", "tuple(h.reshape(shape) for")],
    ),
    Fault(
        id="cell-keeps-given-state",
        title="Recurrent cells and layers keep the caller's state",
        why="The state is not copied, and the gradient of W_hh is computed from what the caller has made of it since.",
        symptom="wrong gradients where the state is updated in place",
        pattern="aliasing",
        source=review("forward keeps no alias that a caller could change"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.cell:own_or_zero",
                "own(owner, given, shape, dtype, name)",
                "np.asarray(given, dtype).reshape(shape)",
            )
        ],
    ),
    Fault(
        id="cell-weight-gradient-assigned",
        title="Recurrent weights' gradients are assigned, not added",
        why="One backward fills them rightly; a second, as in a loop over the cell, wipes the first away.",
        symptom="a hand-written loop over time learns from its first step alone",
        pattern="assigned-not-accumulated",
        source=public("mxnet issue #9497", "https://github.com/apache/mxnet/issues/9497"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.cell:add_gradients", "weight.grad += np.tensordot", "weight.grad[...] = np.tensordot")],
    ),
    Fault(
        id="cell-bias-gradient-of-one-row",
        title="Recurrent biases get the gradient of the first row",
        why="The sum over the batch, and over time, is missing.",
        symptom="none with batches of one step and one sample",
        pattern="missing-batch-sum",
        source=pattern_of("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[Edit("nnlab.nn.cell:add_gradients", "dz.sum(rows)", "dz[(0,) * len(rows)]")],
    ),
    Fault(
        id="cell-one-bias-object",
        title="b_ih and b_hh are one Parameter",
        why="Their sum is all that an RNN or LSTM sees, so one object seems enough; in a GRU they are not alike.",
        symptom="loading a state whose biases differ keeps the second only, twice",
        pattern="aliasing",
        source=review("b_ih and b_hh are loaded and learned each by itself"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.cell:draw_parameters",
                "weight_ih, weight_hh, bias_ih, bias_hh",
                "weight_ih, weight_hh, bias_ih, bias_ih",
            ),
        ],
    ),
]
