"""Faults of nnlab.nn.capsule."""

from faults.sources import post, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="capsule-squash-identity",
        title="Squash backward is the identity",
        why="The squashing nonlinearity is differentiated as y = x; gradients point roughly the right way.",
        symptom="training converges, somewhat slower",
        pattern="identity-derivative",
        source=post("bug 4"),
        groups=frozenset({"seven"}),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.capsule:Squash.backward",
                correct="dx: Array = dy * (length / (1 + length**2)) + unit * dlength",
                faulty="dx: Array = dy.copy()",
            )
        ],
    ),
    Fault(
        id="capsule-softmax-over-inputs",
        title="CapsuleLayer's routing softmax runs over the input capsules",
        why="Each input capsule must share itself out among the outputs; forward and backward agree on the other axis.",
        symptom="it trains, to a lower accuracy",
        pattern="wrong-axis",
        source=public("capsnet_pytorch PR #1", "https://github.com/motokimura/capsnet_pytorch/pull/1"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.capsule:CapsuleLayer.forward",
                correct="c = softmax(b, 2)",
                faulty="c = softmax(b, 1)",
            ),
            Edit(
                target="nnlab.nn.capsule:CapsuleLayer.backward",
                correct='softmax_backward(np.einsum("nioO,noO->nio", u, ds), c, 2)',
                faulty='softmax_backward(np.einsum("nioO,noO->nio", u, ds), c, 1)',
            ),
        ],
    ),
    Fault(
        id="capsule-squash-over-wrong-axis",
        title="Squash takes the length over the capsules instead of along them",
        why="The default axis is that of another layout.",
        symptom="lengths are no probabilities any more",
        pattern="wrong-axis",
        source=public("capsule-net-pytorch issue #3", "https://github.com/cedrickchee/capsule-net-pytorch/issues/3"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.capsule:Squash.forward",
                correct="np.sqrt((x**2).sum(-1, keepdims=True))",
                faulty="np.sqrt((x**2).sum(-2, keepdims=True))",
            )
        ],
    ),
    Fault(
        id="capsule-squash-nan-at-zero",
        title="Squash's gradient is NaN for a capsule of length 0",
        why="The unit vector is 0 / 0.",
        symptom="NaN after the first capsule that receives nothing",
        pattern="domain",
        source=review("at x = 0 the derivative is 0"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.capsule:Squash.backward",
                correct="x / np.maximum(length, np.finfo(x.dtype).tiny)",
                faulty="x / length",
            )
        ],
    ),
    Fault(
        id="capsule-routing-logits-forgotten",
        title="CapsuleLayer's routing logits do not add up",
        why="b is the agreement with the last iteration instead of with all; with two iterations there is no "
        "difference.",
        symptom="couplings less sharp than with the paper's three iterations",
        pattern="assigned-not-accumulated",
        source=review("b += u·y"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.capsule:CapsuleLayer.forward",
                correct='b = b + np.einsum("nioO,noO->nio", u, y)',
                faulty='b = np.einsum("nioO,noO->nio", u, y)',
            )
        ],
    ),
    Fault(
        id="capsule-gradient-of-last-routing",
        title="CapsuleLayer's gradient passes through the last routing iteration alone",
        why="The couplings are taken as constants, as some implementations do; this one promises the whole gradient.",
        symptom="it trains nearly as well",
        pattern="simplified-backward",
        source=review("the gradient passes through every routing iteration"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.capsule:CapsuleLayer.backward",
                correct="for squash, c, y in reversed(routes):",
                faulty="for squash, c, y in routes[-1:]:",
            )
        ],
    ),
]
