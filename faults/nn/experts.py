"""Faults of nnlab.nn.experts."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

MIXTURE = "nnlab.nn.experts:MixtureOfExperts"

FAULTS = [
    Fault(
        id="moe-loss-counts-each-choice-as-a-whole",
        title="The load-balancing loss is top_k times too large",
        why="The parts of the experts sum to top_k in place of 1.",
        symptom="balance is weighted top_k times as much as asked for",
        pattern="scale",
        source=public("transformers PR #43775", "https://github.com/huggingface/transformers/pull/43775"),
        killed_by="reference",
        edits=[Edit(f"{MIXTURE}.forward", "/ chosen.size", "/ len(rows)")],
    ),
    Fault(
        id="moe-loss-of-chosen-probabilities",
        title="The load-balancing loss averages the chosen probabilities alone",
        why="P is the mean of the router's whole softmax; here experts that were not chosen count as 0.",
        symptom="the loss is too small, and says less about experts that are never chosen",
        pattern="mask",
        source=public("aprender PR #2162", "https://github.com/paiml/aprender/pull/2162"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MIXTURE}.forward",
                "p.mean(0)",
                "(p * (np.argsort(np.argsort(-p, 1), 1) < self.top_k)).mean(0)",
            )
        ],
    ),
    Fault(
        id="moe-loss-of-double-softmax",
        title="The load-balancing loss takes a softmax of the softmax",
        why="The router hands out probabilities under the name of logits.",
        symptom="the loss is 1 whatever the router does, and experts collapse",
        pattern="wrong-operand",
        source=public("transformers issue #45120", "https://github.com/huggingface/transformers/issues/45120"),
        killed_by="reference",
        edits=[Edit(f"{MIXTURE}.forward", "p.mean(0)", "softmax(p, 1).mean(0)")],
    ),
    Fault(
        id="moe-single-expert-renormalised",
        title="Weights are renormalised even where they should not be",
        why="With one expert the weight is then always 1, and the output teaches the router nothing.",
        symptom="the router stays where it began; the mixture is no better than one expert",
        pattern="simplified-backward",
        source=public("minimind PR #859", "https://github.com/jingyaogong/minimind/pull/859"),
        killed_by="reference",
        edits=[
            Edit(
                f"{MIXTURE}.forward",
                "p[each, chosen].sum(1, keepdims=True) if self.renormalize else 1.0",
                "p[each, chosen].sum(1, keepdims=True)",
            ),
        ],
    ),
    Fault(
        id="moe-renormalisation-constant",
        title="The sum that weights are divided by gets no gradient",
        why="The division is differentiated in its numerator alone.",
        symptom="the router learns, with some common drift",
        pattern="simplified-backward",
        source=review("d (p / Σ p) has two terms"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{MIXTURE}.backward", "(dw - (dw * w).sum(1, keepdims=True) * self.renormalize) / total", "dw / total"
            )
        ],
    ),
    Fault(
        id="moe-last-expert-wins",
        title="The output of an earlier expert is overwritten by that of a later one",
        why="y[at] = … in place of +=: with one expert for each position it is the same.",
        symptom="top_k = 2 is as good as 1",
        pattern="assigned-not-accumulated",
        source=review("y is the sum over the chosen experts"),
        killed_by="reference",
        edits=[Edit(f"{MIXTURE}.forward", "y[at] += w", "y[at] = w")],
    ),
    Fault(
        id="moe-experts-in-a-plain-list",
        title="The experts are kept in a plain list",
        why="They are not found as layers: not saved, not trained, and never switched to evaluation.",
        symptom="the loss falls a little, by the router alone",
        pattern="missing-save",
        source=pattern_of("mt-dnn issue #45", "https://github.com/namisan/mt-dnn/issues/45"),
        killed_by="reference",
        edits=[Edit(f"{MIXTURE}.__init__", "self.experts = ModuleList(experts)", "self.experts = list(experts)")],
    ),
]
