"""Faults of nnlab.nn.shape."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="flatten-shares-memory",
        title="Flatten returns a view of its input",
        why="reshape does not copy; writing to the output changes the input.",
        symptom="an in-place step after it corrupts what other branches read",
        pattern="aliasing",
        source=review("outputs share no memory with inputs"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.shape:Flatten.forward",
                correct="prod(x.shape[start : end + 1]), *x.shape[end + 1 :]).copy()",
                faulty="prod(x.shape[start : end + 1]), *x.shape[end + 1 :])",
            )
        ],
    ),
    Fault(
        id="flatten-column-major",
        title="Flatten reads its input in column-major order",
        why="The order of another framework; forward and backward agree.",
        symptom="weights of the next layer do not fit those of torch",
        pattern="transposed",
        source=review("in row-major order"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.shape:Flatten.forward",
                correct="x.reshape(*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])",
                faulty='x.reshape(*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :], order="F")',
            ),
            Edit(
                target="nnlab.nn.shape:Flatten.backward",
                correct="dy.reshape(x_shape)",
                faulty='dy.reshape(x_shape, order="F")',
            ),
        ],
    ),
    Fault(
        id="unflatten-gradient-shares-memory",
        title="Unflatten's backward returns a view of the gradient from above",
        why="Whoever adds to the input gradient in place changes what others read.",
        symptom="gradients of a residual path are counted twice",
        pattern="aliasing",
        source=review("gradients share no memory with cotangents"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.shape:Unflatten.backward",
                correct="return dy.reshape(x_shape).copy()",
                faulty="return dy.reshape(x_shape)",
            )
        ],
    ),
    Fault(
        id="unflatten-sizes-in-reverse",
        title="Unflatten splits with the first size fastest",
        why="The two new axes are exchanged in memory, and put back by a transposition.",
        symptom="channels and positions are mixed up; the shapes are right",
        pattern="transposed",
        source=review("in row-major order"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.shape:Unflatten.forward",
                correct="y = x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :]).copy()",
                faulty="""
                    y = x.reshape(*x.shape[:axis], *sizes[::-1], *x.shape[axis + 1 :])
                    y = y.swapaxes(axis, axis + len(sizes) - 1).copy()
                """,
            )
        ],
    ),
    Fault(
        id="permute-backward-repeats-the-order",
        title="Permute's backward applies the order instead of its inverse",
        why="For exchanges of two axes, the usual case, the two are the same.",
        symptom="wrong gradients for cyclic permutations of equal sizes, an error for others",
        pattern="transposed",
        source=review("backward is the inverse permutation"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.shape:Permute.backward",
                correct="dy.transpose(np.argsort(self.order))",
                faulty="dy.transpose(self.order)",
            )
        ],
    ),
    Fault(
        id="permute-shares-memory",
        title="Permute returns a view of its input",
        why="transpose does not copy; writing to the output changes the input.",
        symptom="an in-place step after it corrupts what other branches read",
        pattern="aliasing",
        source=review("outputs share no memory with inputs"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.shape:Permute.forward",
                correct="y = x.transpose(self.order).copy()",
                faulty="y = x.transpose(self.order)",
            )
        ],
    ),
]
