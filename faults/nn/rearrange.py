"""Faults of nnlab.nn.rearrange."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="pixel-shuffle-depth-first",
        title="PixelShuffle takes the pixels of a block from channels that lie far apart",
        why="Channels are split as (r, r, C) instead of (C, r, r); forward and backward agree.",
        symptom="weights of another framework give scrambled pictures; training from scratch works",
        pattern="transposed",
        source=public("torch-mlir PR #4351", "https://github.com/llvm/torch-mlir/pull/4351"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:PixelShuffle.forward",
                correct="pixels = x.reshape(prod(lead), channels // r**2, r, r, height, width)",
                faulty="""
                    pixels = x.reshape(prod(lead), r, r, channels // r**2, height, width)
                    pixels = pixels.transpose(0, 3, 1, 2, 4, 5)
                """,
            ),
            Edit(
                target="nnlab.nn.rearrange:PixelShuffle.backward",
                correct="dpixels = dy.reshape(n, channels, height, r, width, r).transpose(0, 1, 3, 5, 2, 4)",
                faulty="dpixels = dy.reshape(n, channels, height, r, width, r).transpose(0, 3, 5, 1, 2, 4)",
            ),
        ],
    ),
    Fault(
        id="pixel-shuffle-backward-exchanges-rows-and-columns",
        title="PixelShuffle's backward exchanges the rows and columns of each block",
        why="The two axes of length r are in the wrong order, which no shape shows.",
        symptom="half of the pixels of each block get a neighbour's gradient",
        pattern="transposed",
        source=review("backward is the inverse permutation"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:PixelShuffle.backward",
                correct=".transpose(0, 1, 3, 5, 2, 4)",
                faulty=".transpose(0, 1, 5, 3, 2, 4)",
            )
        ],
    ),
    Fault(
        id="reflection-pad-replicates",
        title="ReflectionPad2d repeats the border instead of mirroring",
        why="The mode of the neighbouring layer; forward and backward agree.",
        symptom="other values in the margin, most visible with wide ones",
        pattern="wrong-formula",
        source=public("ParallelWaveGAN PR #186", "https://github.com/kan-bayashi/ParallelWaveGAN/pull/186"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:ReflectionPad2d._source",
                correct="source: Integers = (size - 1) - np.abs((size - 1) - np.abs(at))",
                faulty="source: Integers = np.clip(at, 0, size - 1)",
            )
        ],
    ),
    Fault(
        id="reflection-pad-repeats-the-border",
        title="ReflectionPad2d mirrors so that the border row appears twice",
        why="The mirror stands beside the border instead of on it.",
        symptom="margins shifted by one entry",
        pattern="off-by-one",
        source=review("the first and last row are not repeated"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:ReflectionPad2d._source",
                correct="source: Integers = (size - 1) - np.abs((size - 1) - np.abs(at))",
                faulty="""
                    at = np.where(at < 0, -1 - at, at)
                    source: Integers = np.where(at >= size, 2 * size - 1 - at, at)
                """,
            )
        ],
    ),
    Fault(
        id="pad-sizes-in-the-order-of-axes",
        title="Padding layers read (left, right, top, bottom) as (top, bottom, left, right)",
        why="The sizes begin with the last axis, not with the first; equal numbers hide it.",
        symptom="pictures padded at the wrong sides",
        pattern="wrong-operand",
        source=public("kymatio PR #412", "https://github.com/kymatio/kymatio/pull/412"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:_Pad2d.forward",
                correct="left, right, top, bottom = self.padding",
                faulty="top, bottom, left, right = self.padding",
            )
        ],
    ),
    Fault(
        id="zero-pad-drops-first-row",
        title="ZeroPad2d zeroes the first row and column of x",
        why="The comparison with 0 excludes 0; forward and backward agree.",
        symptom="the border of each picture is black",
        pattern="off-by-one",
        source=review("entries from 0 on lie in x"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:ZeroPad2d._source",
                correct="np.where((at >= 0) & (at < size), at, -1)",
                faulty="np.where((at > 0) & (at < size), at, -1)",
            )
        ],
    ),
    Fault(
        id="replication-pad-clips-to-size",
        title="ReplicationPad2d repeats the last row but one",
        why="The upper limit is one too small; forward and backward agree.",
        symptom="the last row and column of each picture are lost",
        pattern="off-by-one",
        source=review("the nearest entry is at most size - 1"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:ReplicationPad2d._source",
                correct="np.clip(at, 0, size - 1)",
                faulty="np.clip(at, 0, max(size - 2, 0))",
            )
        ],
    ),
    Fault(
        id="unfold-wrong-memory-layout",
        title="Unfold reads its patches in the wrong memory layout",
        why="Positions and taps are reshaped without being exchanged first.",
        symptom="each column holds pieces of several patches",
        pattern="transposed",
        source=public("PyDeepFlow issue #84", "https://github.com/ravin-d-27/PyDeepFlow/issues/84"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:_Blocks._columns",
                correct="gather(x, index, 2).swapaxes(1, 2).reshape",
                faulty="gather(x, index, 2).reshape",
            )
        ],
    ),
    Fault(
        id="fold-averages-overlaps",
        title="Fold averages overlapping patches instead of adding them",
        why="Natural for putting pictures together, and not the transpose of Unfold.",
        symptom="Unfold's gradient is too small where windows overlap",
        pattern="wrong-formula",
        source=review("overlapping windows add up"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.rearrange:_Blocks._sums",
                correct="""
                    return scatter(
                        columns.reshape(prod(shape[:-2]), *index.T.shape).swapaxes(1, 2), index, shape, 2
                    )
                """,
                faulty="""
                    taps = columns.reshape(prod(shape[:-2]), *index.T.shape).swapaxes(1, 2)
                    return scatter(taps, index, shape, 2) / np.maximum(scatter(np.ones_like(taps), index, shape, 2), 1)
                """,
            )
        ],
    ),
]
