"""Faults of riscv.operations: what operators and builtins do."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-negative-index",
        title="a[-1] is the last element",
        why="Python's indices count from the end when they are negative.",
        symptom="a mistake in an index is not noticed in the interpreter",
        pattern="range",
        source=review("an index from 0 to length - 1"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.operations:position",
                correct="if not 0 <= index < len(container):",
                faulty="if not -len(container) <= index < len(container):",
            )
        ],
    ),
    Fault(
        id="riscv-index-at-the-end",
        title="The length of an array is an index of it",
        why="The upper bound is taken to be inside.",
        symptom="an index one too large crashes the interpreter, or is an empty string",
        pattern="off-by-one",
        source=review("an index from 0 to length - 1"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.operations:position",
                correct="if not 0 <= index < len(container):",
                faulty="if not 0 <= index <= len(container):",
            )
        ],
    ),
    Fault(
        id="riscv-for-over-live-array",
        title="for goes through the array itself",
        why="No copy is made, so what the block changes shows in later rounds.",
        symptom="for in the interpreter sees elements that were set meanwhile",
        pattern="aliasing",
        source=review("as they are when the loop starts"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.operations:elements",
                correct="return list(container)",
                faulty="return container",
            )
        ],
    ),
    Fault(
        id="riscv-push-changes-its-argument",
        title="push appends to the array that it is given",
        why="A new array with one more element is promised.",
        symptom="an array grows for all who hold it",
        pattern="mutated-input",
        source=review("push(a, x) is a new array"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.operations:push",
                correct='return [*array("push", value), element]',
                faulty='array("push", value).append(element)\nreturn value',
            )
        ],
    ),
]
