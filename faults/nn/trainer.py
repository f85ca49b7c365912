"""Faults of nnlab.nn.trainer."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="trainer-never-clears-gradients",
        title="Trainer does not clear the gradients",
        why="Each step moves along the sum of all gradients so far.",
        symptom="the loss falls at first, then oscillates",
        pattern="dropped-statement",
        source=public("Taxonomy of Real Faults in DL Systems, arXiv:1910.11015", "https://arxiv.org/abs/1910.11015"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.step", "self.optimizer.zero_grad()", "pass")],
    ),
    Fault(
        id="trainer-clears-gradients-between-parts",
        title="Trainer clears the gradients before each part of a batch",
        why="Only the last part of an accumulated batch counts.",
        symptom="accumulation behaves like a smaller batch",
        pattern="order-of-operations",
        source=review("gradients of the parts add up"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                "*doutputs, _ = self.loss.backward(share)",
                """
                    doutputs = self.loss.backward(share)[:-1]
                    self.model.zero_grad()
                """,
            )
        ],
    ),
    Fault(
        id="trainer-mean-of-part-means",
        title="Trainer averages over the parts, whatever their size",
        why="1 / k for each part is right only if all have the same number of examples.",
        symptom="examples in the smaller part weigh more",
        pattern="missing-mean",
        source=public("transformers PR #34191", "https://github.com/huggingface/transformers/pull/34191"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                "share = 1.0 if summed else len(rows) / len(x)",
                "share = 1.0 if summed else 1 / min(self.accumulate, len(x))",
            )
        ],
    ),
    Fault(
        id="trainer-parts-not-averaged",
        title="Trainer adds the gradients of the parts without dividing",
        why="With k parts gradient and loss are k times too large.",
        symptom="learning rate and clipping act as if multiplied by k",
        pattern="scale",
        source=public("nanoGPT issue #206", "https://github.com/karpathy/nanoGPT/issues/206"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.step", "share = 1.0 if summed else len(rows) / len(x)", "share = 1.0")],
    ),
    Fault(
        id="trainer-sum-is-averaged",
        title="Trainer divides a summed loss by the parts too",
        why="It does not look at the loss's reduction.",
        symptom="accumulation changes training with reduction='sum'",
        pattern="scale",
        source=pattern_of("transformers issue #37197", "https://github.com/huggingface/transformers/issues/37197"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                "share = 1.0 if summed else len(rows) / len(x)",
                "share = len(rows) / len(x)",
            )
        ],
    ),
    Fault(
        id="trainer-loss-scaled-gradient-not",
        title="Trainer scales the reported loss but not the gradient",
        why="backward starts from 1 for each part.",
        symptom="the loss looks right, the steps are k times too long",
        pattern="wrong-operand",
        source=public("transformers issue #37197", "https://github.com/huggingface/transformers/issues/37197"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.step", "self.loss.backward(share)", "self.loss.backward(1.0)")],
    ),
    Fault(
        id="trainer-drops-the-remainder",
        title="Trainer leaves the last examples of a batch out",
        why="Parts of len // k rows do not reach the end.",
        symptom="some examples are never seen",
        pattern="off-by-one",
        source=review("every row is in one part"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                "np.array_split(np.arange(len(x)), min(self.accumulate, len(x)))",
                "np.arange(len(x))[: len(x) // self.accumulate * self.accumulate or "
                "None].reshape(min(self.accumulate, len(x)), -1)",
            )
        ],
    ),
    Fault(
        id="trainer-steps-after-each-part",
        title="Trainer moves after every part",
        why="The optimizer's step is inside the loop: smaller batches, more steps, an older counter.",
        symptom="accumulation only divides the learning rate",
        pattern="order-of-operations",
        source=public("keras issue #19990", "https://github.com/keras-team/keras/issues/19990"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                """
                    *doutputs, _ = self.loss.backward(share)
                    self.model.backward(*doutputs)
                """,
                """
                    doutputs = self.loss.backward(share)[:-1]
                    self.model.backward(*doutputs)
                    self.optimizer.step()
                """,
            )
        ],
    ),
    Fault(
        id="trainer-clips-after-the-step",
        title="Trainer clips when the step has been taken",
        why="The clipped gradients are cleared at the next step.",
        symptom="max_norm has no effect",
        pattern="order-of-operations",
        source=pattern_of(
            "pytorch-lightning issue #9330", "https://github.com/Lightning-AI/pytorch-lightning/issues/9330"
        ),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.step",
                """
                    if self.max_norm is not None:
                        clip_grad_norm_(self.model.parameters(), self.max_norm)
                    self.optimizer.step()
                """,
                """
                    self.optimizer.step()
                    if self.max_norm is not None:
                        clip_grad_norm_(self.model.parameters(), self.max_norm)
                """,
            )
        ],
    ),
    Fault(
        id="trainer-stays-in-evaluation",
        title="Trainer leaves the model in evaluation mode",
        why="After the first validation dropout is off and statistics stand still.",
        symptom="the training loss jumps after the first epoch",
        pattern="train-eval-confusion",
        source=public("pytorch-fcn issue #57", "https://github.com/wkentaro/pytorch-fcn/issues/57"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.evaluate", "module.training = mode", "module.training = False")],
    ),
    Fault(
        id="trainer-thaws-frozen-layers",
        title="Trainer puts every layer into training mode after validation",
        why="train() reaches the layers that were frozen in evaluation mode as well.",
        symptom="statistics of frozen BatchNorms drift",
        pattern="state-not-restored",
        source=review("every layer's mode is as before"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.evaluate", "module.training = mode", "module.training = True")],
    ),
    Fault(
        id="trainer-validates-in-training-mode",
        title="Trainer evaluates in training mode",
        why="Dropout is on and the statistics of the held-out data enter the model.",
        symptom="validation losses are noisy and too large",
        pattern="train-eval-confusion",
        source=pattern_of("DME issue #3", "https://github.com/facebookresearch/DME/issues/3"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.evaluate", "self.model.eval()", "self.model.train()")],
    ),
    Fault(
        id="trainer-epoch-loss-of-equal-batches",
        title="Trainer averages the losses of batches without their sizes",
        why="A small last batch weighs as much as a full one.",
        symptom="the epoch's loss depends on the batch size",
        pattern="missing-mean",
        source=public("tensorflow issue #38596", "https://github.com/tensorflow/tensorflow/issues/38596"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "float(np.average(losses, weights=[len(batch) for batch in batches]))",
                "float(np.average(losses))",
            )
        ],
    ),
    Fault(
        id="trainer-epoch-loss-of-the-last-batch",
        title="Trainer reports the last batch for the epoch",
        why="The list is overwritten by its last entry.",
        symptom="a noisy loss curve",
        pattern="wrong-operand",
        source=public("numalogic issue #53", "https://github.com/numaproj/numalogic/issues/53"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "float(np.average(losses, weights=[len(batch) for batch in batches]))",
                "losses[-1]",
            )
        ],
    ),
    Fault(
        id="trainer-same-order-every-epoch",
        title="Trainer draws its order once",
        why="A generator is built anew for every epoch.",
        symptom="batches repeat; the loss curve has a period",
        pattern="seed",
        source=review("drawn anew from rng"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "self.rng.permutation(len(x))",
                "np.random.default_rng(len(x)).permutation(len(x))",
            )
        ],
    ),
    Fault(
        id="trainer-shuffles-the-inputs-alone",
        title="Trainer shuffles inputs and leaves the targets",
        why="Two index arrays where one belongs.",
        symptom="nothing is learned but the mean",
        pattern="wrong-operand",
        source=review("one target for each example"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "self.step(x[batch], target[batch])",
                "self.step(x[batch], target[np.sort(batch)])",
            )
        ],
    ),
    Fault(
        id="trainer-last-batch-dropped",
        title="Trainer leaves the last, smaller batch out",
        why="range stops where no full batch fits.",
        symptom="some examples are missing in every epoch",
        pattern="off-by-one",
        source=review("each epoch takes all data"),
        killed_by="training",
        edits=[Edit("nnlab.nn.trainer:Trainer.fit", "range(0, len(x), size)", "range(0, len(x) - size + 1, size)")],
    ),
    Fault(
        id="trainer-schedule-moves-first",
        title="Trainer moves its schedule before the epoch",
        why="The first rate is skipped.",
        symptom="warm-ups start one step ahead",
        pattern="order-of-operations",
        source=review("schedule moves after each epoch"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                """
                    if self.schedule_every == "epoch":
                        self._move_schedule(metric)
                """,
                """
                    if self.schedule_every == "epoch" and isinstance(self.schedule, ReduceLROnPlateau):
                        self._move_schedule(metric)
                """,
            ),
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                'self.history.lr.append(self.optimizer.param_groups[0]["lr"])',
                """
                    if self.schedule_every == "epoch" and not isinstance(self.schedule, ReduceLROnPlateau):
                        self._move_schedule(0.0)
                    self.history.lr.append(self.optimizer.param_groups[0]["lr"])
                """,
            ),
        ],
    ),
    Fault(
        id="trainer-plateau-judged-by-training-loss",
        title="Trainer shows the plateau schedule the training loss",
        why="The validation loss is measured and written down, but not used.",
        symptom="the rate stays while the model overfits",
        pattern="wrong-operand",
        source=review("metric = validation loss if there is one"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "metric = self.evaluate(*validation)",
                "value = self.evaluate(*validation)",
            ),
            Edit(
                "nnlab.nn.trainer:Trainer.fit",
                "self.history.validation.append(metric)",
                "self.history.validation.append(value)",
            ),
        ],
    ),
]
