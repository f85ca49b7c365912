"""Faults of nnlab.nn.module, and so of every layer."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="module-eval-stops-at-the-surface",
        title="train() and eval() reach the outermost layer alone",
        why="The mode is set on the module itself, not on the layers inside.",
        symptom="dropout and batch norm stay in training mode in evaluation",
        pattern="train-eval-confusion",
        source=public("TorchSharp issue #549", "https://github.com/dotnet/TorchSharp/issues/549"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.module:Module.train",
                """
                for module in self.modules():
                    module.training = mode
                """,
                "self.training = mode",
            )
        ],
    ),
    Fault(
        id="module-state-dict-aliases",
        title="state_dict() hands out the parameters themselves",
        why="A state that was saved to come back to goes on being trained.",
        symptom="early stopping restores the last weights, not the best",
        pattern="aliasing",
        source=review("state_dict() holds copies"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.module:Module.state_dict", "array.copy()", "array")],
    ),
    Fault(
        id="module-state-without-buffers",
        title="state_dict() leaves the buffers out",
        why="Running statistics are not learned, and so were not thought of as state.",
        symptom="a saved model is worse than before, in evaluation only",
        pattern="missing-save",
        source=review("state_dict() holds parameters and buffers"),
        killed_by="contract",
        edits=[Edit("nnlab.nn.module:Module._state", "yield from self.named_buffers()", "return")],
    ),
    Fault(
        id="module-inner-buffers-lost",
        title="Buffers of inner layers are not found",
        why="Parameters are collected from the layers inside, buffers only from the layer itself.",
        symptom="a saved model is worse than before, in evaluation only",
        pattern="missing-save",
        source=review("all state that is kept, under dotted names"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.module:Module.named_buffers",
                """
                for name, child in self.children():
                    yield from child.named_buffers(f"{prefix}{name}.")
                """,
                "",
            )
        ],
    ),
    Fault(
        id="module-load-shares-the-state",
        title="load_state_dict() keeps the loaded arrays",
        why="The arrays are bound, not copied: two models loaded from one state train together.",
        symptom="a target network follows its online network step by step",
        pattern="aliasing",
        source=review("load_state_dict() copies into the parameters"),
        killed_by="contract",
        edits=[
            Edit(
                "nnlab.nn.module:Module.load_state_dict",
                """
                for name, array in own.items():
                    array[...] = new[name]
                """,
                """
                for name, array in own.items():
                    np.copyto(array, new[name])
                for name, parameter in self.named_parameters():
                    parameter.data = new[name]
                """,
            )
        ],
    ),
]
