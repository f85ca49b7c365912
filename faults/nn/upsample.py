"""Faults of nnlab.nn.upsample."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="upsample-corners-not-centres",
        title="Upsample measures between the corners of pixels instead of their centres",
        why="t / scale instead of (t + 1/2) / scale - 1/2: the asymmetric mode of older frameworks.",
        symptom="pictures shifted by a fraction of a pixel",
        pattern="wrong-formula",
        source=public("burn-flex issue #5", "https://github.com/antimora/burn-flex/issues/5"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.upsample:Upsample._taps",
                correct="at = np.maximum((t + 0.5) * unit / scale - 0.5, 0)",
                faulty="at = t * unit / scale",
            )
        ],
    ),
    Fault(
        id="upsample-extrapolates-at-the-border",
        title="Upsample extrapolates in front of the first pixel",
        why="Negative places are not moved to 0, so the shares are 1.25 and -0.25.",
        symptom="overshoots at two of the four borders",
        pattern="range",
        source=public("burn-flex PR #7", "https://github.com/antimora/burn-flex/pull/7"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.upsample:Upsample._taps",
                correct="at = np.maximum((t + 0.5) * unit / scale - 0.5, 0)",
                faulty="at = (t + 0.5) * unit / scale - 0.5",
            )
        ],
    ),
    Fault(
        id="upsample-backward-loses-border-share",
        title="Upsample's backward loses a share where both neighbours are the border",
        why="Two taps name one pixel there, and the larger share stands for their sum.",
        symptom="the last row and column learn too little",
        pattern="assigned-not-accumulated",
        source=public("torch-xpu-ops PR #1627", "https://github.com/intel/torch-xpu-ops/pull/1627"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.upsample:Upsample.backward",
                correct="(shares[..., None] * np.eye(sizes[axis - 2])[index]).sum(1)",
                faulty="(shares[..., None] * np.eye(sizes[axis - 2])[index]).max(1)",
            )
        ],
    ),
    Fault(
        id="upsample-align-corners-off-by-one",
        title="Upsample with align_corners spaces its entries by (n - 1) / out",
        why="The last entries of x and y do not fall together.",
        symptom="the right and lower border never reach the last pixel",
        pattern="off-by-one",
        source=review("with align_corners the last entries fall together"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.upsample:Upsample._taps",
                correct="at = t * (size - 1) / max(out - 1, 1)",
                faulty="at = t * (size - 1) / out",
            )
        ],
    ),
    Fault(
        id="upsample-nearest-rounds",
        title="Upsample's nearest neighbour rounds instead of rounding down",
        why="torch takes ⌊t / scale⌋; rounding takes another pixel for half of the entries.",
        symptom="pictures shifted by half a pixel",
        pattern="wrong-formula",
        source=review("y[t] = x[⌊t / scale⌋]"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.upsample:Upsample._taps",
                correct="(t * unit / scale).astype(np.int64)[:, None]",
                faulty="np.minimum(np.rint(t * unit / scale), size - 1).astype(np.int64)[:, None]",
            )
        ],
    ),
]
