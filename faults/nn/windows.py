"""Faults of nnlab.nn.windows."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="windows-width-from-kernel-height",
        title="The number of windows is computed from the first kernel size in every direction",
        why="A copied line keeps its index; square kernels hide it.",
        symptom="outputs have a row or column too many or too few where the kernel is not square",
        pattern="wrong-operand",
        source=public("tt-metal PR #19542", "https://github.com/tenstorrent/tt-metal/pull/19542"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.windows:positions",
                correct="spans = tuple(map(span, kernel, dilation))",
                faulty="spans = tuple(span(kernel[0], n) for n in dilation)",
            )
        ],
    ),
    Fault(
        id="windows-ceil-mode-keeps-window-in-padding",
        title="ceil_mode keeps a last window that lies in the padding",
        why="The window holds no entry of x: its maximum is -inf, its mean 0/0.",
        symptom="infinities at the border for some sizes",
        pattern="off-by-one",
        source=public("burn issue #5791", "https://github.com/tracel-ai/burn/issues/5791"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.windows:positions",
                correct="""
                    out = -((spans[i] - n) // stride[i]) + 1
                    out -= (out - 1) * stride[i] >= sizes[i] + padding[i]
                """,
                faulty="out = -((spans[i] - n) // stride[i]) + 1",
            )
        ],
    ),
    Fault(
        id="windows-overlaps-counted-once",
        title="Overlapping windows give one gradient to an entry instead of their sum",
        why="scatter assigns where it must add, so the last window wins.",
        symptom="right where stride ≥ kernel_size",
        pattern="assigned-not-accumulated",
        source=pattern_of("Flux.jl issue #1197", "https://github.com/FluxML/Flux.jl/issues/1197"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.windows:scatter",
                correct="sums = np.bincount(place.ravel(), dtaps.ravel(), len(dtaps) * room)",
                faulty="""
                    sums = np.zeros(len(dtaps) * room)
                    sums[place.ravel()] = dtaps.ravel()
                """,
            )
        ],
    ),
    Fault(
        id="windows-scatter-in-double",
        title="scatter returns float64 for float32 gradients",
        why="np.bincount sums in float64, and the cast back is missing.",
        symptom="everything below a pooling layer runs in double precision",
        pattern="shape",
        source=review("a gradient has the dtype of its tensor"),
        killed_by="contract",
        edits=[
            Edit(
                target="nnlab.nn.windows:scatter",
                correct="reshape(shape).astype(dtaps.dtype)",
                faulty="reshape(shape)",
            )
        ],
    ),
]
