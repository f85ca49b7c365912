"""Faults of nnlab.nn.container."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="residual-gradient-not-added",
        title="Residual's backward forgets the skip path",
        why="The value went two ways, and its gradient comes back one.",
        symptom="deep stacks learn slowly, shallow ones as before",
        pattern="lost-residual-path",
        source=review("dx = dy + module.backward(dy)"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.container:Residual.backward",
                correct="dx: Array = dy + self.module.backward(dy)",
                faulty="dx: Array = self.module.backward(dy)",
            )
        ],
    ),
    Fault(
        id="residual-sums-before-the-module",
        title="Residual sends the gradient of the skip path through the module",
        why="(dy + dy) is added up before the module's backward instead of after it.",
        symptom="gradients of the right shape, and wrong from the first block on",
        pattern="order-of-operations",
        source=public("quack PR #53", "https://github.com/Dao-AILab/quack/pull/53"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.container:Residual.backward",
                correct="dx: Array = dy + self.module.backward(dy)",
                faulty="dx: Array = self.module.backward(dy + dy)",
            )
        ],
    ),
    Fault(
        id="sequential-names-from-one",
        title="Sequential names its layers from 1 on",
        why="Names count from 0, as in torch.",
        symptom="a saved state fits no other framework, nor an older version",
        pattern="off-by-one",
        source=review('the modules are named "0", "1", …'),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.container:_List.children",
                correct="for i, module in enumerate(self._layers):",
                faulty="for i, module in enumerate(self._layers, 1):",
            )
        ],
    ),
    Fault(
        id="sequential-backward-stops-before-first-layer",
        title="Sequential's backward leaves out its first layer",
        why="Below the first layer nothing learns, so its backward seems not to be needed; its parameters do need it.",
        symptom="the first layer stays as it was initialised",
        pattern="off-by-one",
        source=review("every module's backward runs"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.container:Sequential.backward",
                correct="for module in reversed(self):",
                faulty="for module in reversed(self._layers[1:]):",
            )
        ],
    ),
    Fault(
        id="parallel-branches-not-registered",
        title="Parallel keeps its branches in a plain list",
        why="Neither parameters nor modes nor states are found in there.",
        symptom="the branches stay as they were initialised; everything else trains",
        pattern="dropped-statement",
        source=public("texar-pytorch issue #72", "https://github.com/asyml/texar-pytorch/issues/72"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.container:Parallel.__init__",
                correct="self.branches = ModuleList(modules)",
                faulty="self.branches = list(modules)",
            )
        ],
    ),
    Fault(
        id="parallel-gradient-of-last-branch",
        title="Parallel's input gradient is that of its last branch",
        why="Each branch overwrites what the one before gave.",
        symptom="the layers below learn for one of the branches",
        pattern="assigned-not-accumulated",
        source=pattern_of("mxnet issue #9497", "https://github.com/apache/mxnet/issues/9497"),
        killed_by="gradient",
        edits=[
            Edit(
                target="nnlab.nn.container:Parallel.backward",
                correct="dx += self.branches[i].backward(dbranch)",
                faulty="dx = self.branches[i].backward(dbranch)",
            )
        ],
    ),
]
