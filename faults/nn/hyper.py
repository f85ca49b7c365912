"""Faults of nnlab.nn.hyper."""

from faults.sources import pattern_of, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="hyper-bias-gradient-of-first-row",
        title="HyperLinear's bias map gets the gradient of the first row",
        why="An example's rows share one bias, so their gradients must be added.",
        symptom="right for x of rank 2, wrong for sequences",
        pattern="missing-batch-sum",
        source=pattern_of("mlpack PR #3679", "https://github.com/mlpack/mlpack/pull/3679"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.hyper:HyperLinear.backward",
                correct="self.bias_map.backward(dy.sum(1))",
                faulty="self.bias_map.backward(dy[:, 0])",
            )
        ],
    ),
    Fault(
        id="hyper-weight-column-by-column",
        title="HyperLinear reads the generated weight column by column",
        why="Rows and columns are exchanged; forward and backward agree.",
        symptom="a saved weight_map acts differently in another implementation",
        pattern="transposed",
        source=review("weight_map gives W(z) row by row"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.hyper:HyperLinear.forward",
                correct="self.weight_map(z).reshape(len(z), self.out_features, self.in_features)",
                faulty="self.weight_map(z).reshape(len(z), self.in_features, self.out_features).swapaxes(1, 2)",
            ),
            Edit(
                target="nnlab.nn.hyper:HyperLinear.backward",
                correct="dweight = dy.swapaxes(1, 2) @ rows",
                faulty="dweight = rows.swapaxes(1, 2) @ dy",
            ),
        ],
    ),
    Fault(
        id="hyper-one-weight-for-the-batch",
        title="HyperLinear uses the first example's weights for all",
        why="Broadcasting hides that the batch axis was lost.",
        symptom="right with batch 1 or equal conditions",
        pattern="missing-batch-sum",
        source=review("every example has weights of its own"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.hyper:HyperLinear.forward",
                correct="y: Array = rows @ weight.swapaxes(1, 2)",
                faulty="y: Array = rows @ weight[0].T",
            )
        ],
    ),
]
